"""Who may be sent an assignment: a mentor in good standing, with a certificate that verifies."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Final

from sqlmodel import Session as Transaction

from assigncli.actions import find, trust
from assigncli.actions.session import Session
from assigncli.actions.standing import require_row, status_of
from assigncli.actions.unavailable import profile_today
from assigncli.client.recipient import Recipient, has_left, no_mentor
from assigncli.domain.availability import lapsed_in_words, paused_in_words
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, RuleRefused
from assigncli.locale import _
from assigncli.store import members
from assigncli.store.tables import Member, PeerMentorProfile

_MOST_VERIFIED: Final = 30


def fit_recipient(session: Session, tx: Transaction, handle: str) -> Recipient:
    """Return the mentor named `handle`, if an assignment may be sent to them now.

    Raises NotFound `member_not_found`, or as `require_recipient`.
    """
    return require_recipient(session, tx, find.member(session, tx, handle))


def choices(session: Session, at_most: int) -> list[Recipient] | None:
    """Return who may be sent an assignment now, by handle; None where they are too many to choose.

    Of many members not each is verified, only to ask a question.
    """
    with session.store.read() as tx:
        mentors = members.everyone(tx, session.organization_id, role=Role.PEER_MENTOR)
        if len(mentors) > _MOST_VERIFIED:
            return None
        found = []
        for mentor in mentors:
            with suppress(AssignError):
                found.append(require_recipient(session, tx, mentor))
    return found if len(found) <= at_most else None


def nobody_fit() -> AssignError:
    """Return the refusal of an assignment where nobody could be sent one."""
    return _not_active(
        _("There is no mentor who can be sent an assignment now."),
        _("Run assign member list to see who is paused or not approved yet."),
    )


def require_recipient(session: Session, tx: Transaction, found: Member) -> Recipient:
    """Refuse who may not be sent an assignment.

    Raises RuleRefused `recipient_must_belong_to_same_organization` or
    `recipient_is_active_peer_mentor`, Tampered `certificate_invalid` or `member_status_differs`.
    """
    devices = trust.certificates_of(session, tx, found)
    if not devices:
        raise _no_member(tx, found)
    require_row(tx, found)
    profile = members.profile_of(tx, found.id)
    if profile is None or Role.PEER_MENTOR.value not in devices[-1].roles:
        raise no_mentor(found.display_name)
    _require_active(session, found, profile)
    return Recipient(found.id, found.handle, found.display_name, tuple(devices))


def _require_active(session: Session, found: Member, profile: PeerMentorProfile) -> None:
    standing = profile_today(session, profile)
    if standing is ProfileStatus.EXPIRED:
        raise _lapsed(session, found, profile.certified_until)
    if standing is ProfileStatus.PAUSED:
        raise _not_active(
            paused_in_words(
                found.display_name, profile.paused_until, local_day(session.now, session.zone)
            ),
            _("Run assign member resume {handle} first, or choose another mentor.").format(
                handle=found.handle
            ),
        )


def _no_member(tx: Transaction, found: Member) -> AssignError:
    """Say whether somebody without a certificate has left, or how far they have come."""
    hint = _("Choose another mentor. Run assign member list --role peer_mentor to see them.")
    match status_of(tx, found):
        case MemberStatus.REVOKED:
            return has_left(found.display_name, found.handle)
        case MemberStatus.INVITED:
            message = _("{name} is invited, and has not joined yet.")
        case _other:
            message = _("{name} is not approved as a member yet.")
            hint = _("Run assign member approve {handle} first, or choose another mentor.")
    return RuleRefused(
        Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION,
        message.format(name=found.display_name),
        hint.format(handle=found.handle),
    )


def _lapsed(session: Session, found: Member, until: date | None) -> AssignError:
    return _not_active(
        lapsed_in_words(found.display_name, until, local_day(session.now, session.zone)),
        _("Renew it with assign member certify {handle}, or choose another mentor.").format(
            handle=found.handle
        ),
    )


def _not_active(message: str, hint: str) -> AssignError:
    return RuleRefused(Rule.RECIPIENT_IS_ACTIVE_PEER_MENTOR, message, hint)
