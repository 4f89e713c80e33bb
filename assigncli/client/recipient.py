"""Who may be sent an assignment, as the log tells it: a mentor in good standing, and their devices.

Pauses and certifications are taken from the statements of those who signed them, so that no column
of the store keeps a mentor active, or stops one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from assigncli.client.case import Case
from assigncli.domain.availability import lapsed_in_words, paused_in_words, profile_on
from assigncli.domain.lifecycle import ProfileStatus, Role
from assigncli.domain.rules import Rule
from assigncli.errors import RuleRefused, Tampered
from assigncli.locale import _
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.trust.tampering import statement_invalid

_CERTIFYING: Final = {"member.approved": "certified_until", "member.certified": "until"}
_PAUSED: Final = "member.paused"
_RESUMED: Final = "member.resumed"
_LAPSED: Final = "member.lapsed"
_REVOKED: Final = "member.revoked"
_ACTIVE: Final = "active"


@dataclass(frozen=True)
class Recipient:
    """A mentor who may be sent an assignment, and the certificates of their devices."""

    id: UUID
    handle: str
    display_name: str
    devices: tuple[Certificate, ...]


@dataclass(frozen=True)
class Availability:
    """Where a mentor's profile stands on a day; both days are the last of theirs, None: no end."""

    profile: ProfileStatus
    paused_until: date | None
    certified_until: date | None


def require_recipient(case: Case, today: date) -> Recipient:
    """Return the recipient of a draft, if it may be sent to them today.

    `today` is the organisation's local day. Raises RuleRefused
    `recipient_must_belong_to_same_organization` or `recipient_is_active_peer_mentor`, Tampered
    `member_status_differs`.
    """
    member = case.recipient
    devices = case.devices(member)
    if not devices:
        raise has_left(case.display_name(member), case.handle(member))
    require_row(case, member)
    found = Recipient(member, case.handle(member), case.display_name(member), devices)
    if Role.PEER_MENTOR.value not in devices[-1].roles:
        raise no_mentor(found.display_name)
    _require_active(found, _availability(case, member, today), today)
    return found


def require_row(case: Case, member: UUID) -> None:
    """Refuse a member whose row says otherwise than the log, since the server goes by it.

    Raises Tampered `member_status_differs`.
    """
    rows = case.verified.word.rows.get("members", [])
    said = next((row.get("status") for row in rows if row.get("id") == str(member)), None)
    if said != _ACTIVE:
        raise status_differs(case.handle(member))


def _availability(case: Case, member: UUID, today: date) -> Availability:
    told = [entry for entry in case.verified.entries if entry.subject == member]
    certified = _last(told, _CERTIFYING)
    until = None if certified is None else _day(case, certified, _CERTIFYING[certified.act])
    lapsed = _last(told, {_LAPSED})
    has_lapsed = lapsed is not None and (certified is None or certified.sequence < lapsed.sequence)
    status, paused_until = ProfileStatus.ACTIVE, None
    pause = _last(told, {_PAUSED, _RESUMED, _LAPSED})
    if has_lapsed:
        status = ProfileStatus.EXPIRED
    elif pause is not None and pause.act == _PAUSED:
        status, paused_until = ProfileStatus.PAUSED, _day(case, pause, "until")
    return Availability(profile_on(today, status, paused_until, until), paused_until, until)


def _last(entries: Collection[Entry], acts: Collection[str]) -> Entry | None:
    found = [entry for entry in entries if entry.act in acts]
    return found[-1] if found else None


def _day(case: Case, entry: Entry, argument: str) -> date | None:
    """Return a day that the statement of an entry gives; raises Tampered `statement_invalid`."""
    told = None if entry.statement is None else case.verified.statements.get(entry.statement)
    if told is None:
        raise statement_invalid()
    said = told.statement.arguments.get(argument)
    return None if said is None else date.fromisoformat(said)


def _require_active(found: Recipient, stands: Availability, today: date) -> None:
    if stands.profile is ProfileStatus.EXPIRED:
        raise _not_active(
            lapsed_in_words(found.display_name, stands.certified_until, today),
            _("Renew it with assign member certify {handle}, or choose another mentor.").format(
                handle=found.handle
            ),
        )
    if stands.profile is ProfileStatus.PAUSED:
        raise _not_active(
            paused_in_words(found.display_name, stands.paused_until, today),
            _("Run assign member resume {handle} first, or choose another mentor.").format(
                handle=found.handle
            ),
        )


def no_mentor(name: str) -> RuleRefused:
    """Return the refusal of who is a member, and no mentor."""
    return _not_active(
        _("{name} is not a peer mentor.").format(name=name),
        _("Run assign member list --role peer_mentor to see who is."),
    )


def has_left(name: str, handle: str) -> RuleRefused:
    """Return the refusal of who is no member any more."""
    return RuleRefused(
        Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION,
        _("{name} has left the organisation.").format(name=name),
        _("Choose another mentor. Run assign member list --role peer_mentor to see them.").format(
            handle=handle
        ),
    )


def status_differs(handle: str) -> Tampered:
    """Return the error for a member's row that says otherwise than the log."""
    return Tampered(
        _("The store says otherwise of the membership of {handle} than the audit log.").format(
            handle=handle
        ),
        _("Run assign member approve {handle} to put it right, then assign audit verify.").format(
            handle=handle
        ),
        code="member_status_differs",
    )


def _not_active(message: str, hint: str) -> RuleRefused:
    return RuleRefused(Rule.RECIPIENT_IS_ACTIVE_PEER_MENTOR, message, hint)
