"""Decide from the log who may be sent an assignment: a mentor who is active and certified.

Pauses and certifications are taken from the signed statements, so that no column of the store can
keep a mentor active, or stop one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from assigncli.client import directory
from assigncli.domain.actions import CERTIFYING, Action
from assigncli.domain.availability import profile_on
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, RuleRefused, Tampered
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.trust.tampering import certificate_invalid, require, statement_invalid
from assigncli.trust.verification import Verified

_UNTIL: Final[Mapping[str, str]] = {
    Action.MEMBER_APPROVED: "certified_until",
    Action.MEMBER_CERTIFIED: "until",
}
_PAUSES: Final = (Action.MEMBER_PAUSED, Action.MEMBER_RESUMED, Action.MEMBER_LAPSED)
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
    """A mentor's profile on a day; both days are the last one included, None for open-ended."""

    profile: ProfileStatus
    paused_until: date | None
    certified_until: date | None


def named(found: Verified, handle: str, today: date) -> Recipient:
    """Return the mentor with this handle, if an assignment may be sent to them today.

    `today` is the organisation's local day. Raises NotFound `member_not_found`, and as `fit`.
    """
    member = directory.by_handle(found, handle)
    if member is None:
        raise _no_member(found, handle)
    return fit(found, member, today)


def fit(found: Verified, member: UUID, today: date) -> Recipient:
    """Return a member, if an assignment may be sent to them today.

    Raises RuleRefused `recipient_must_belong_to_same_organization` or
    `recipient_is_active_peer_mentor`, Tampered `member_status_differs`.
    """
    devices = directory.devices(found, member)
    handle, name = (directory.name(found, member, field) for field in ("handle", "display_name"))
    row = _row(found, member)
    if not devices and found.standing.held(member, found.head.size + 1):
        raise in_doubt(name, handle)
    if not devices:
        raise has_left(name)
    require_row(found, member)
    recipient = Recipient(member, handle, name, devices)
    if Role.PEER_MENTOR.value not in devices[-1].roles:
        raise no_mentor(name)
    stands = _availability(found, member, today)
    until = stands.certified_until
    says = None if until is None else until.isoformat()
    require(row.get("certified_until") == says, certificate_invalid)
    _require_active(recipient, stands, today)
    return recipient


def require_row(found: Verified, member: UUID) -> None:
    """Refuse a member whose row contradicts the log, because the server uses the row.

    Raises Tampered `member_status_differs`.
    """
    if _row(found, member).get("status") != _ACTIVE:
        raise status_differs(directory.name(found, member, "handle"))


def _row(found: Verified, member: UUID) -> Mapping[str, Any]:
    """Return the server's row of the member; empty where there is none."""
    rows = found.word.rows.get("members", [])
    return next((row for row in rows if row.get("id") == str(member)), {})


def _no_member(found: Verified, handle: str) -> AssignError:
    """Return the refusal of a handle without a certificate: invited, waiting, or unknown."""
    for row in found.word.rows.get("waiting", []):
        if row.get("handle") == handle:
            return _waiting(str(row.get("display_name")), handle, row.get("status"))
    return directory.nobody(found, handle)


def _waiting(name: str, handle: str, status: object) -> RuleRefused:
    if status == MemberStatus.INVITED.value:
        return RuleRefused(Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION, "invited", name=name)
    return RuleRefused(
        Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION, "waiting", name=name, handle=handle
    )


def _availability(found: Verified, member: UUID, today: date) -> Availability:
    until = certified_until(found, member)
    status, paused_until = ProfileStatus.ACTIVE, None
    pause = _last(_about(found, member), _PAUSES)
    if has_lapsed(found, member):
        status = ProfileStatus.EXPIRED
    elif pause is not None and pause.act == Action.MEMBER_PAUSED:
        status, paused_until = ProfileStatus.PAUSED, _day(found, pause, "until")
    return Availability(profile_on(today, status, paused_until, until), paused_until, until)


def certified_until(found: Verified, member: UUID) -> date | None:
    """Return the last day of a certification from the statement that set it; None for no end.

    Raises Tampered `statement_invalid`, also for a reader who is not sent the statement.
    """
    certified = _last(_about(found, member), CERTIFYING)
    return None if certified is None else _day(found, certified, _UNTIL[certified.act])


def has_lapsed(found: Verified, member: UUID) -> bool:
    """Say whether the log says that a certification lapsed and was not renewed since."""
    told = _about(found, member)
    certified, lapsed = _last(told, CERTIFYING), _last(told, {Action.MEMBER_LAPSED})
    return lapsed is not None and (certified is None or certified.sequence < lapsed.sequence)


def _about(found: Verified, member: UUID) -> list[Entry]:
    return [entry for entry in found.entries if entry.subject == member]


def _last(entries: Collection[Entry], acts: Collection[str]) -> Entry | None:
    found = [entry for entry in entries if entry.act in acts]
    return found[-1] if found else None


def _day(found: Verified, entry: Entry, argument: str) -> date | None:
    """Return a day from the statement of an entry; raises Tampered `statement_invalid`."""
    told = None if entry.statement is None else found.statements.get(entry.statement)
    if told is None:
        raise statement_invalid()
    said = told.statement.arguments.get(argument)
    return None if said is None else date.fromisoformat(said)


def _require_active(found: Recipient, stands: Availability, today: date) -> None:
    name, handle = found.display_name, found.handle
    if stands.profile is ProfileStatus.EXPIRED:
        until = stands.certified_until
        raise RuleRefused(
            Rule.RECIPIENT_IS_ACTIVE_PEER_MENTOR,
            "lapsed",
            name=name,
            until=until,
            today=today,
            handle=handle,
        )
    if stands.profile is ProfileStatus.PAUSED:
        until = stands.paused_until
        raise RuleRefused(
            Rule.RECIPIENT_IS_ACTIVE_PEER_MENTOR,
            "paused",
            name=name,
            until=until,
            today=today,
            handle=handle,
        )


def no_mentor(name: str) -> RuleRefused:
    """Return the refusal of a member who is no mentor."""
    return RuleRefused(Rule.RECIPIENT_IS_ACTIVE_PEER_MENTOR, "no_mentor", name=name)


def has_left(name: str) -> RuleRefused:
    """Return the refusal of a former member."""
    return RuleRefused(Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION, "left", name=name)


def in_doubt(name: str, handle: str) -> RuleRefused:
    """Return the refusal of a member all of whose devices are suspended."""
    return RuleRefused(
        Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION, "suspended", name=name, handle=handle
    )


def status_differs(handle: str) -> Tampered:
    """Return the error for a member's row that contradicts the log."""
    return Tampered("member_status_differs", handle=handle)
