"""Dispatch a sheet: check every row first, then send the rows in batches, each row exactly once.

Each row has an import key: a hash keyed with the organisation's key for imports, which reveals
nothing without that key and is unique in the database. So a run that was killed is completed by
running it again, and two runs at the same time share the rows between them. A row whose import key
exists but whose content differs is reported and not sent. A batch is one transaction of the same
action as a single assignment. This module reads no file and shows no progress.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from uuid import UUID

from assigncli.client import asking, create
from assigncli.client.client import Client
from assigncli.client.create import Created, Draft, Order
from assigncli.client.dispatch import Dispatched
from assigncli.client.import_lookup import imported
from assigncli.client.office import contact_deadline_days, not_covered
from assigncli.client.recipient import require_row
from assigncli.client.roll import Roll
from assigncli.crypto.organization_key import keyed_digest
from assigncli.domain.deadlines import end_of_day, local_day, require_expiry_in_future
from assigncli.domain.imported import Imported
from assigncli.domain.lifecycle import Status
from assigncli.domain.roster import (
    BadRow,
    Column,
    Layout,
    RowProblem,
    RowsRead,
    SheetRow,
    row_content,
    row_identity,
    rows,
)
from assigncli.errors import AssignError, Fact, NotAllowed, NotFound, RuleRefused, Tampered
from assigncli.protocol.message import MAX_BATCH
from assigncli.protocol.sealed_keys import IMPORTS

BATCH: Final = 100
_ROW_BYTES: Final = 12_288
"""An upper bound on a row's manifest and wraps, for as many devices as two members can have."""
_TAKEN: Final = "import_key_exists"
_KEY_PURPOSE: Final = "import"
_DIGEST_PURPOSE: Final = "import-digest"

Make = Callable[[Client, Sequence[Order], Roll], Sequence[Created | Dispatched]]
Chunks = Callable[[], Iterable[bytes]]
"""Opens the sheet. It is called more than once, because the sheet is read more than once."""


@dataclass(frozen=True)
class RowOutcome:
    """What happened to one row: `new` is false where an earlier run had already created it.

    Where it `differs`, nothing was created: `number` and `id` are those of the assignment that an
    earlier row with the same external id created.
    """

    row: int
    number: int
    id: UUID
    status: Status
    new: bool
    differs: bool = False


@dataclass
class Checked:
    """The counts from checking a sheet; each problem was reported when it was found.

    `differing` rows have no problem of their own: the others are sent without them.
    """

    rows: int = 0
    good: int = 0
    differing: int = 0

    @property
    def bad(self) -> int:
        """The number of rows that have problems."""
        return self.rows - self.good - self.differing


@dataclass(frozen=True)
class Sheet:
    """A sheet and how to read it, with the default deadline for rows that have none."""

    chunks: Chunks
    layout: Layout
    import_key: bytes = field(repr=False)
    default_days: int = 10
    roll: Roll = field(default_factory=Roll)
    read: RowsRead = field(default_factory=RowsRead, repr=False)


def prepare(client: Client, chunks: Chunks, layout: Layout) -> Sheet:
    """Return the sheet ready to be checked and sent; coordinators only.

    Raises RuleRefused `only_coordinator_can_dispatch`, NotAllowed `organization_key_missing`.
    """
    found = asking.recipients(client, [], is_signed=True)
    require_row(found, client.member_id)
    key = asking.organization_key(client, found, IMPORTS)
    if key is None:
        raise NotAllowed("organization_key_missing", "sheet")
    return Sheet(chunks, layout, key, contact_deadline_days(found))


def stopped(client: Client) -> AssignError | None:
    """Return the error with which any dispatch would be refused today, or None."""
    return not_covered(asking.recipients(client, []), local_day(client.now, client.zone))


def check(client: Client, sheet: Sheet, tell: Callable[[RowProblem], None]) -> Checked:
    """Check every row and report each problem by row and column, never with a value.

    A row that differs from what was sent is reported like a problem, but counted separately. Raises
    InvalidInput where the sheet as a whole cannot be read.
    """
    found, mentors = Checked(), _Mentors(client, sheet.roll)
    read = _rows(client, sheet)
    while part := list(islice(read, BATCH)):
        good = [each for each in part if isinstance(each, SheetRow)]
        sheet.roll.look(client, [each.mentor for each in good])
        differing = _differing(client, sheet, good)
        for each in part:
            if isinstance(each, BadRow):
                problems, other = each.problems, None
            else:
                problems = _problems(client, sheet, mentors, each)
                other = differing.get(each.external_id)
            found.rows += 1
            found.differing += not problems and other is not None
            found.good += not problems and other is None
            for problem in problems:
                tell(problem)
            if other is not None:
                tell(difference(sheet, other))
    return found


def difference(sheet: Sheet, outcome: RowOutcome) -> RowProblem:
    """Return the problem of a row that differs from what was sent under its external id."""
    column = sheet.layout.headings.get(Column.EXTERNAL_ID)
    why = "draft" if outcome.status is Status.PENDING else "sent"
    facts: dict[str, Fact] = {"number": outcome.number, "column": column}
    return RowProblem(outcome.row, column, "row_differs", why, facts)


def _differing(
    client: Client, sheet: Sheet, read: Sequence[SheetRow]
) -> dict[str | None, RowOutcome]:
    """Return the rows that differ from what was sent, by their external id."""
    named = [row for row in read if row.external_id is not None]
    orders = [(row.row, _order(client, sheet, row)) for row in named]
    known = _known(client, orders)
    return {
        row.external_id: outcome
        for row, order in zip(named, orders, strict=True)
        for outcome in _earlier([order], known)
        if outcome.differs
    }


def send(
    client: Client,
    sheet: Sheet,
    *,
    dispatch: bool,
    batch: int = BATCH,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[list[RowOutcome]]:
    """Send the good rows in batches and yield each batch's outcomes; `stop` is asked between them.

    A row that another run has created, or creates at the same time, is not created again; where its
    content is now another, it `differs`. A row that has become bad since the check is left out.
    Otherwise raises as `create.create`, and nothing of that batch is created.
    """
    waiting: list[tuple[int, Order]] = []
    room = MAX_BATCH
    for row in _good(client, sheet):
        order = _order(client, sheet, row)
        size = _size(order)
        if waiting and (len(waiting) == batch or size > room):
            yield _send_batch(client, sheet, waiting, dispatch=dispatch)
            waiting, room = [], MAX_BATCH
            if stop():
                return
        waiting.append((row.row, order))
        room -= size
    if waiting:
        yield _send_batch(client, sheet, waiting, dispatch=dispatch)


def _size(order: Order) -> int:
    """Return an upper bound on the bytes that a row takes in a batch."""
    texts = (order.draft.title, order.draft.coordinator_notes, order.draft.internal_notes)
    typed = sum(len((text or "").encode()) for text in texts)
    return _ROW_BYTES + 2 * typed + 2 * len(order.payload.to_bytes())


def _rows(client: Client, sheet: Sheet) -> Iterator[SheetRow | BadRow]:
    day = local_day(client.now, client.zone)
    return rows(sheet.chunks(), sheet.layout, today=day, read=sheet.read)


def _good(client: Client, sheet: Sheet) -> Iterator[SheetRow]:
    mentors = _Mentors(client, sheet.roll)
    for each in _rows(client, sheet):
        if isinstance(each, SheetRow) and not _problems(client, sheet, mentors, each):
            yield each


class _Mentors:
    """Whether each mentor may be sent assignments, asked once per mentor."""

    def __init__(self, client: Client, roll: Roll) -> None:
        self._session, self._roll = client, roll
        self._refusals: dict[str, AssignError | None] = {}

    def refusal(self, handle: str) -> AssignError | None:
        """Return the error that refuses this mentor, or None."""
        if handle not in self._refusals:
            try:
                self._roll.call(self._session, [handle])
                self._refusals[handle] = None
            except (NotFound, RuleRefused, Tampered) as error:
                self._refusals[handle] = error
        return self._refusals[handle]


def _problems(
    client: Client, sheet: Sheet, mentors: _Mentors, row: SheetRow
) -> tuple[RowProblem, ...]:
    """Return the problems of a well-formed row that depend on its mentor and on today."""
    found: list[RowProblem] = []
    headings = sheet.layout.headings
    refusal = mentors.refusal(row.mentor)
    if refusal is not None:
        # The words of the refusal may name the handle, which here is the content of a cell.
        found.append(RowProblem(row.row, headings.get(Column.MENTOR), refusal.code, "of_mentor"))
    if row.expires is not None:
        try:
            require_expiry_in_future(end_of_day(row.expires, client.zone), client.now)
        except AssignError as error:
            column = headings.get(Column.EXPIRES)
            found.append(RowProblem(row.row, column, error.code, error.why, error.facts))
    return tuple(found)


def _order(client: Client, sheet: Sheet, row: SheetRow) -> Order:
    said = Draft(
        recipient=row.mentor,
        title=row.title,
        subject_reference=row.reference,
        priority=row.priority,
        contact_deadline_days=sheet.default_days
        if row.deadline_days is None
        else row.deadline_days,
        expires_at=None if row.expires is None else end_of_day(row.expires, client.zone),
        consent_required=row.consent,
        coordinator_notes=row.coordinator_notes,
    )
    return Order(
        said,
        row.payload,
        keyed_digest(sheet.import_key, row_identity(row), purpose=_KEY_PURPOSE),
        keyed_digest(sheet.import_key, row_content(row), purpose=_DIGEST_PURPOSE),
        is_read=True,
    )


def _send_batch(
    client: Client, sheet: Sheet, waiting: Sequence[tuple[int, Order]], *, dispatch: bool
) -> list[RowOutcome]:
    while True:
        known = _known(client, waiting)
        fresh = [each for each in waiting if each[1].import_key not in known]
        try:
            made = _make(client, sheet.roll, fresh, dispatch=dispatch)
        except (NotFound, RuleRefused, Tampered) as refused:
            if refused.code != _TAKEN:
                # The refusal may name the handle, which is the content of a cell: find the row it
                # concerns and leave it out.
                sheet.roll.forget()
                waiting = _still_fit(client, sheet, waiting, refused)
            continue  # otherwise another run was faster with one of the rows: look again
        return sorted([*made, *_earlier(waiting, known)], key=lambda outcome: outcome.row)


def _still_fit(
    client: Client,
    sheet: Sheet,
    waiting: Sequence[tuple[int, Order]],
    refused: AssignError,
) -> Sequence[tuple[int, Order]]:
    """Return the rows whose mentors may still be sent to; raises `refused` where all of them may.

    A mentor may be paused, or leave, while a sheet is being sent. If all may, the refusal had
    another cause.
    """
    mentors = _Mentors(client, sheet.roll)
    sheet.roll.look(client, [order.draft.recipient for _row, order in waiting])
    fit = [each for each in waiting if mentors.refusal(each[1].draft.recipient) is None]
    if len(fit) == len(waiting):
        raise refused
    return fit


def _known(client: Client, waiting: Sequence[tuple[int, Order]]) -> dict[bytes, Imported]:
    keys = [order.import_key for _row, order in waiting if order.import_key is not None]
    return imported(asking.imported(client, keys))


def _make(
    client: Client, roll: Roll, fresh: Sequence[tuple[int, Order]], *, dispatch: bool
) -> list[RowOutcome]:
    if not fresh:
        return []
    orders = [order for _row, order in fresh]
    make: Make = create.create_and_dispatch_all if dispatch else create.create_all
    return [
        RowOutcome(row, each.number, each.id, each.status, new=True)
        for (row, _order), each in zip(fresh, make(client, orders, roll), strict=True)
    ]


def _earlier(
    waiting: Sequence[tuple[int, Order]], known: Mapping[bytes, Imported]
) -> Iterator[RowOutcome]:
    for row, order in waiting:
        made = known.get(order.import_key) if order.import_key is not None else None
        if made is not None:
            differs = made.digest != order.import_digest
            yield RowOutcome(row, made.number, made.id, made.status, new=False, differs=differs)
