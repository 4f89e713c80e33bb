"""Who may be sent an assignment: a mentor in good standing, with a certificate that verifies."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session as Transaction

from assigncli.actions import find, trust
from assigncli.actions.session import Session
from assigncli.actions.standing import require_row
from assigncli.actions.unavailable import profile_today
from assigncli.crypto.certificate import Certificate
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import ProfileStatus, Role
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, RuleRefused
from assigncli.locale import _
from assigncli.store import members
from assigncli.store.tables import Member, PeerMentorProfile

_MOST_VERIFIED: Final = 30


@dataclass(frozen=True)
class Recipient:
    """A mentor who may be sent an assignment, and the certificate that says so."""

    member: Member
    certificate: Certificate


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
    certificate = trust.certificate_of(session, tx, found)
    if certificate is None:
        raise RuleRefused(
            Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION,
            _("{handle} is not an active member of your organisation.").format(handle=found.handle),
            _("Approve the member first, or choose another mentor."),
        )
    require_row(tx, found)
    profile = members.profile_of(tx, found.id)
    if profile is None or Role.PEER_MENTOR.value not in certificate.roles:
        raise _not_active(
            _("{handle} is not a peer mentor with a certificate.").format(handle=found.handle)
        )
    _require_active(session, found, profile)
    until = certificate.certified_until
    if until is not None and until < local_day(session.now, session.zone):
        raise _lapsed(found)
    return Recipient(found, certificate)


def _require_active(session: Session, found: Member, profile: PeerMentorProfile) -> None:
    standing = profile_today(session, profile)
    if standing is ProfileStatus.EXPIRED:
        raise _lapsed(found)
    if standing is ProfileStatus.PAUSED:
        raise _not_active(
            _("{handle} is paused.").format(handle=found.handle),
            _("Run assign member resume {handle} first, or choose another mentor.").format(
                handle=found.handle
            ),
        )


def _lapsed(found: Member) -> AssignError:
    return _not_active(
        _("The certification of {handle} has lapsed.").format(handle=found.handle),
        _("Renew it with assign member certify {handle}, or choose another mentor.").format(
            handle=found.handle
        ),
    )


def _not_active(message: str, hint: str | None = None) -> AssignError:
    return RuleRefused(
        Rule.RECIPIENT_IS_ACTIVE_PEER_MENTOR,
        message,
        hint or _("Choose another mentor, or ask an administrator."),
    )
