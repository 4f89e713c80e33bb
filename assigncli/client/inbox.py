"""A mentor's inbox, a page at a time, each assignment verified.

The server alone says which assignments are on a page and how many there are in all. It marks those
that it hands over as delivered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assigncli.client import asking, references
from assigncli.client.case import Case, cases_of
from assigncli.client.client import Client
from assigncli.client.inquiry import Answer, Wanted
from assigncli.domain.deadlines import contact_due_at
from assigncli.domain.inbox_order import PAGE
from assigncli.domain.lifecycle import IN_INBOX, Priority, Status
from assigncli.domain.naming import INBOX, no_assignment
from assigncli.errors import InvalidInput, NotAllowed, NotFound, RuleRefused, Tampered
from assigncli.protocol.canonical import MAX_NUMBER, Malformed
from assigncli.protocol.evidence import Rows
from assigncli.protocol.forms import RecordForm
from assigncli.trust.tampering import answer_malformed, manifest_invalid, read_or

STEP: Final = 50
"""The number of assignments asked for at a time."""

_LINE: Final = RecordForm({"number": "number", "urgent": "bool", "new": "bool"})
_TOTALS: Final = RecordForm(
    {
        **dict.fromkeys(("total", "urgent", "new", "new_urgent"), "number"),
        "after": "number?",
        "contact_made": "bool",
    }
)

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Item:
    """One assignment in the inbox. Moments are aware UTC."""

    id: UUID
    number: int
    title: str
    status: Status
    priority: Priority
    dispatched_by_user_id: UUID
    coordinator: str
    coordinator_notes: str | None
    dispatched_at: datetime
    contact_due_at: datetime
    expires_at: datetime
    consent_required: bool
    consent_completed_at: datetime | None
    since: datetime


@dataclass(frozen=True)
class Unverified:
    """An assignment that does not verify, such as one its coordinator did not sign as it is now."""

    number: int
    code: str


@dataclass(frozen=True)
class Position:
    """Where a page begins: after this number, among all or only those with contact made.

    Without `contact_made` the number is sorted as it was before contact. So the next page continues
    from the same place even if that assignment's status has changed meanwhile.
    """

    after: int | None = None
    contact_made: bool = False


@dataclass(frozen=True)
class Inbox:
    """A page of the inbox, and what of it does not verify; `following` is None at the end.

    The counts cover all pages, less those found here that do not verify or have left the inbox;
    `new` counts those not read yet.
    """

    items: tuple[Item, ...]
    unverified: tuple[Unverified, ...]
    total: int
    urgent: int
    new: int
    new_urgent: int
    following: Position | None


def inbox(client: Client, start: Position = Position(), limit: int | None = PAGE) -> Inbox:
    """Return and deliver up to `limit` items of the acting mentor's inbox, None for all.

    Assignments past `expires_at` are left out, even before the sweep has expired them. Raises
    NotFound `assignment_not_found` for a start that is no assignment of theirs.
    """
    parts: list[_Part] = []
    at: Position | None = start
    while at is not None and (limit is None or sum(each.size for each in parts) < limit):
        left = None if limit is None else limit - sum(each.size for each in parts)
        parts.append(_part(client, at, STEP if left is None else min(left, STEP)))
        at = parts[-1].following
    found = [each for part in parts for each in part.found]
    wanting = [line for part in parts for line in part.wanting]
    totals = parts[0].totals
    return Inbox(
        items=tuple(each for each in found if isinstance(each, Item)),
        unverified=tuple(each for each in found if isinstance(each, Unverified)),
        total=totals["total"] - len(wanting),
        urgent=totals["urgent"] - sum(line["urgent"] for line in wanting),
        new=totals["new"] - sum(line["new"] for line in wanting),
        new_urgent=totals["new_urgent"] - sum(line["new"] and line["urgent"] for line in wanting),
        following=parts[-1].following,
    )


@dataclass(frozen=True)
class _Part:
    """One answer: what of it verifies and what does not, and the totals.

    `wanting` are the lines of which nothing is shown.
    """

    size: int
    found: Sequence[Item | Unverified]
    wanting: Sequence[Line]
    totals: Line
    following: Position | None


def _part(client: Client, start: Position, limit: int) -> _Part:
    if start.after is not None and start.after > MAX_NUMBER:
        raise no_assignment(str(start.after), INBOX)
    arguments = {"after": start.after, "limit": limit, "contact_made": start.contact_made}
    meaning = references.meaning(str(start.after))
    answer = asking.unproven(client, Wanted("read.inbox", None, arguments), meaning)
    rows = answer.rows
    with read_or(answer_malformed):
        lines, totals = _told(rows)
    found = _verified(client, answer, [line["number"] for line in lines])
    shown = {each.number for each in found if isinstance(each, Item)}
    following = None
    if totals["after"] is not None:
        following = Position(totals["after"], totals["contact_made"])
    wanting = [line for line in lines if line["number"] not in shown]
    return _Part(len(lines), found, wanting, totals, following)


def _told(rows: Rows) -> tuple[list[Line], Line]:
    """Return the lines of a page, and the totals of all pages; raises Malformed."""
    lines, totals = rows.get("inbox", []), rows.get("inbox_totals", [])
    for line in lines:
        _LINE.require(line)
    if len(totals) != 1:
        raise Malformed("inbox_totals")
    _TOTALS.require(totals[0])
    return lines, totals[0]


def _verified(client: Client, answer: Answer, numbers: Sequence[int]) -> list[Item | Unverified]:
    """Return what is shown of a page; if it does not verify as a whole, ask for each line alone."""
    items: dict[int, Item] = {}
    try:
        cases = cases_of(asking.proven(client, answer))
        items = {case.number: _item(client, case) for case in cases}
    except Tampered:
        asking.standing(client)
    found = (items.get(number) or _alone(client, number) for number in numbers)
    return [each for each in found if each is not None]


def _alone(client: Client, number: int) -> Item | Unverified | None:
    """Return one assignment, or what is wrong with it; None where it has left the inbox."""
    try:
        case = asking.case(client, str(number))
        is_open = case.recipient == client.member_id and case.status in IN_INBOX
        return _item(client, case) if is_open and case.declined is None else None
    except (NotFound, NotAllowed):
        return None
    except (Tampered, RuleRefused, InvalidInput) as fault:
        return Unverified(number, fault.code)


def _item(client: Client, case: Case) -> Item:
    dispatched_at, expires_at = case.at(Status.DISPATCHED), case.manifest.expires_at
    if case.recipient != client.member_id or dispatched_at is None or expires_at is None:
        raise manifest_invalid()
    days = case.manifest.contact_deadline_days
    return Item(
        id=case.id,
        number=case.number,
        title=case.title,
        status=case.status,
        priority=case.priority,
        dispatched_by_user_id=case.dispatcher,
        coordinator=case.display_name(case.dispatcher),
        coordinator_notes=case.text("coordinator_notes"),
        dispatched_at=dispatched_at,
        contact_due_at=contact_due_at(dispatched_at, days, client.zone),
        expires_at=expires_at,
        consent_required=case.manifest.consent_required,
        consent_completed_at=case.consent_given_at,
        since=case.since,
    )
