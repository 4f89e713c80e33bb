"""Answer with a mentor's inbox, a page at a time; what is handed over counts as delivered.

See PROTOCOL.md 3.3. The order is computed from a few columns of every open assignment, without
verifying them. An assignment handed over for the first time is recorded as delivered only if it is
as its coordinator signed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session as Transaction

from assigncli.domain.deadlines import local_day
from assigncli.domain.inbox_order import Place, place
from assigncli.domain.lifecycle import IN_INBOX, Role, Status
from assigncli.errors import InvalidInput, RuleRefused, Tampered
from assigncli.protocol.evidence import Evidence
from assigncli.server import gathering, intact, service, step
from assigncli.server.asked import Answering
from assigncli.server.refused import Refused
from assigncli.server.store import assignments
from assigncli.server.store import inbox_lines as lines_of
from assigncli.server.store.inbox_lines import InboxLine
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn

STEP: Final = 50
"""The most lines in one answer, and deliveries in one transaction."""


class Delivers(Exception):
    """Some assignments to hand over were never delivered: record that first, then answer."""

    def __init__(self, numbers: Sequence[int]) -> None:
        """Take the numbers of the assignments."""
        super().__init__("delivers")
        self.numbers = numbers


@dataclass(frozen=True)
class _Page:
    """The lines of one page in order, and all lines; `is_last` if none come after the page."""

    lines: Sequence[InboxLine]
    everything: Sequence[InboxLine]
    is_last: bool


def page(asked: Answering) -> Evidence:
    """Answer with a page of the asker's inbox.

    Raises Refused `assignment_not_found` if `after` is no assignment of theirs, and Delivers if
    something on the page is new to them.
    """
    if Role.PEER_MENTOR.value not in asked.asker.certificate.roles:
        return _answer(asked, _Page((), (), is_last=True))
    return _answer(asked, _page(asked))


def deliver(turn: Turn, tx: Transaction, numbers: Sequence[int]) -> None:
    """Record the delivery of those that are as they were signed; the service states it."""
    actor = service.own(turn, tx).certificate
    for number in numbers:
        try:
            row = assignments.by_number(tx, turn.organization_id, number)
            if row is None or row.status is not Status.DISPATCHED or row.declined_at is not None:
                continue  # meanwhile
            intact.require_intact(turn, tx, row)
        except (Tampered, RuleRefused, InvalidInput, ValueError, TypeError, LookupError):
            continue  # the client reports what is wrong with it
        step.step(turn, tx, actor, row, Status.DELIVERED)


def _page(asked: Answering) -> _Page:
    said = asked.question.arguments
    everything = _in_order(asked, contact_made=said["contact_made"])
    begin = _begin(asked, said["after"], contact_made=said["contact_made"])
    coming = [line for at, line in everything if begin is None or at > begin]
    lines = coming[: min(said["limit"], STEP)]
    return _Page(lines, [line for _at, line in everything], len(lines) == len(coming))


def _answer(asked: Answering, page: _Page) -> Evidence:
    rows = [row for row in (_row(asked, line.number) for line in page.lines) if row is not None]
    fresh = [row.number for row in rows if row.status is Status.DISPATCHED]
    if fresh and not asked.is_settled:
        raise Delivers(fresh)
    told: dict[str, list[Mapping[str, Any]]] = {
        "inbox": [_line(line) for line in page.lines],
        "inbox_totals": [_totals(page)],
    }
    return gathering.about_assignments(asked, rows, told)


def _row(asked: Answering, number: int) -> Assignment | None:
    """Return the assignment; None if it cannot be read, or is no longer in the asker's inbox."""
    try:
        row = assignments.by_number(asked.tx, asked.turn.organization_id, number)
    except (ValueError, TypeError, LookupError):
        return None
    if row is None or row.recipient_user_id != asked.asker.certificate.member:
        return None
    is_open = row.status in IN_INBOX and not step.is_due_to_expire(row, asked.turn)
    return row if is_open and row.declined_at is None else None


def _line(line: InboxLine) -> dict[str, Any]:
    return {"number": line.number, "urgent": line.urgent, "new": line.new}


def _totals(page: _Page) -> dict[str, Any]:
    """Return the counts over all pages, and where the next page begins."""
    last = None if page.is_last or not page.lines else page.lines[-1]
    return {
        "total": len(page.everything),
        "urgent": sum(line.urgent for line in page.everything),
        "new": sum(line.new for line in page.everything),
        "new_urgent": sum(line.new and line.urgent for line in page.everything),
        "after": None if last is None else last.number,
        "contact_made": last is not None and last.contact_made,
    }


def _in_order(asked: Answering, *, contact_made: bool) -> list[tuple[Place, InboxLine]]:
    turn, member = asked.turn, asked.asker.certificate.member
    days: dict[datetime, date | None] = {}
    found = [
        (_place(turn, line, days), line)
        for line in lines_of.lines(asked.tx, turn.organization_id, member)
        if line.expires_at is None or line.expires_at > turn.now
        if line.contact_made or not contact_made
    ]
    return sorted(found, key=lambda each: each[0])


def _place(turn: Turn, line: InboxLine, days: dict[datetime, date | None]) -> Place:
    at = line.dispatched_at
    if at is not None and at not in days:
        days[at] = _day(turn, at)
    return place(
        line.number,
        urgent=line.urgent,
        dispatched_on=None if at is None else days[at],
        days=line.days,
        contact_made=line.contact_made,
    )


def _day(turn: Turn, at: datetime) -> date | None:
    """Return the local day; None past the end of the calendar, when no dispatch can have been."""
    try:
        return local_day(at, turn.zone)
    except InvalidInput:
        return None


def _begin(asked: Answering, after: int | None, *, contact_made: bool) -> Place | None:
    """Return the place on the last page of the assignment after which this page begins."""
    if after is None:
        return None
    turn, member = asked.turn, asked.asker.certificate.member
    line = lines_of.line(asked.tx, turn.organization_id, member, after)
    if line is None:
        raise Refused("assignment_not_found")
    at = _place(turn, line, {})  # contact may have been made since that page was given
    return at._replace(contact_made=True) if contact_made else at.before_contact()
