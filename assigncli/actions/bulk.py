"""Dispatch a sheet: every row checked first, then sent in batches, each row once and only once.

A row is known by its import key, a keyed hash that tells nothing without the organisation's key and
is unique in the database: a run that was killed is finished by running it again, and two runs at
once share the rows between them. A batch is one transaction of the same action as a single
assignment. Nothing here reads a file or shows progress.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from assigncli.actions import draft, settings, trust, vouch
from assigncli.actions.coverage import coverage
from assigncli.actions.dispatch import Dispatched
from assigncli.actions.draft import Created, Draft, Order
from assigncli.actions.roll import Roll
from assigncli.actions.session import Session
from assigncli.crypto.organization_key import keyed_digest
from assigncli.domain.deadlines import end_of_day, local_day, require_expiry_in_future
from assigncli.domain.lifecycle import Status
from assigncli.domain.roster import BadRow, Column, Layout, Problem, Row, row_identity, rows
from assigncli.errors import AssignError, NotAllowed, NotFound, RuleRefused, Tampered
from assigncli.locale import _
from assigncli.store import assignments

BATCH: Final = 100
_TAKEN: Final = "import_key_exists"
_PURPOSE: Final = "import"

Chunks = Callable[[], Iterable[bytes]]
"""Opens the sheet anew: it is read twice."""


@dataclass(frozen=True)
class Outcome:
    """What became of one row: `new` is false where an earlier run had already made it."""

    line: int
    number: int
    id: UUID
    status: Status
    new: bool


@dataclass
class Checked:
    """What checking a sheet found, counted; each problem was told as it was found."""

    rows: int = 0
    good: int = 0
    problems: int = 0


@dataclass(frozen=True)
class Sheet:
    """A sheet and the way to read it, with what an assignment gets that the sheet does not say."""

    chunks: Chunks
    layout: Layout
    import_key: bytes = field(repr=False)
    default_days: int = 10
    roll: Roll = field(default_factory=Roll)


def prepare(session: Session, chunks: Chunks, layout: Layout) -> Sheet:
    """Return the sheet ready to be checked and sent; coordinators only.

    Raises RuleRefused `only_coordinator_can_dispatch`, NotAllowed `organization_key_missing`.
    """
    with session.store.read() as tx:
        trust.require_sender(session, tx, trust.acting(session, tx))
        held = vouch.organization_key(session, tx)
        if held is None:
            raise NotAllowed(
                _("The organisation's key is not sealed to you, and a sheet needs it."),
                _("Ask an administrator to approve you as a coordinator again."),
                code="organization_key_missing",
            )
        days = settings.in_force(session, tx).contact_deadline_days
    return Sheet(chunks, layout, held[0], days)


def stopped(session: Session) -> AssignError | None:
    """Return why no row can be dispatched today, as a dispatch would say it; None if one can."""
    with session.store.read() as tx:
        return coverage(session, tx).refusal


def check(session: Session, sheet: Sheet, tell: Callable[[Problem], None]) -> Checked:
    """Check every row and tell each problem, by line and column, never with a value.

    Raises InvalidInput where the sheet as a whole cannot be read.
    """
    found, mentors = Checked(), _Mentors(session, sheet.roll)
    for each in rows(sheet.chunks(), sheet.layout, today=local_day(session.now, session.zone)):
        problems = each.problems if isinstance(each, BadRow) else _problems(session, mentors, each)
        found.rows += 1
        found.good += not problems
        found.problems += len(problems)
        for problem in problems:
            tell(problem)
    return found


def send(
    session: Session,
    sheet: Sheet,
    *,
    dispatch: bool,
    batch: int = BATCH,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[list[Outcome]]:
    """Send the good rows batch by batch and yield what became of each; `stop` is asked between.

    A row that another run has made, or makes at the same moment, is not made again; one that has
    become bad since the check is left out. Raises what else `draft.create` raises, with the batch
    in hand not made.
    """
    waiting: list[tuple[int, Order]] = []
    for row in _good(session, sheet):
        waiting.append((row.line, _order(session, sheet, row)))
        if len(waiting) == batch:
            yield _send_batch(session, sheet, waiting, dispatch=dispatch)
            waiting = []
            if stop():
                return
    if waiting:
        yield _send_batch(session, sheet, waiting, dispatch=dispatch)


def _good(session: Session, sheet: Sheet) -> Iterator[Row]:
    mentors = _Mentors(session, sheet.roll)
    for each in rows(sheet.chunks(), sheet.layout, today=local_day(session.now, session.zone)):
        if isinstance(each, Row) and not _problems(session, mentors, each):
            yield each


class _Mentors:
    """Whether a mentor may be sent assignments, asked once for each."""

    def __init__(self, session: Session, roll: Roll) -> None:
        self._session, self._roll = session, roll
        self._refusals: dict[str, AssignError | None] = {}

    def refusal(self, handle: str) -> AssignError | None:
        """Return why not, None where nothing speaks against it."""
        if handle not in self._refusals:
            try:
                self._roll.call(self._session, [handle])
                self._refusals[handle] = None
            except (NotFound, RuleRefused, Tampered) as error:
                self._refusals[handle] = error
        return self._refusals[handle]


def _problems(session: Session, mentors: _Mentors, row: Row) -> tuple[Problem, ...]:
    """Return what the store, and today, have against a row that is good in itself."""
    found: list[Problem] = []
    refusal = mentors.refusal(row.mentor)
    if refusal is not None:
        # The refusal's own words may name the handle, which here is a cell.
        sentence = _("This mentor cannot be sent assignments now; see assign member list.")
        found.append(Problem(row.line, Column.MENTOR, refusal.code, sentence))
    if row.expires is not None:
        try:
            require_expiry_in_future(end_of_day(row.expires, session.zone), session.now)
        except AssignError as error:
            sentence = f"{error.message} {error.hint}"
            found.append(Problem(row.line, Column.EXPIRES, error.code, sentence))
    return tuple(found)


def _order(session: Session, sheet: Sheet, row: Row) -> Order:
    said = Draft(
        recipient=row.mentor,
        title=row.title,
        subject_reference=row.reference,
        priority=row.priority,
        contact_deadline_days=sheet.default_days
        if row.deadline_days is None
        else row.deadline_days,
        expires_at=None if row.expires is None else end_of_day(row.expires, session.zone),
        consent_required=row.consent,
        coordinator_notes=row.coordinator_notes,
    )
    key = keyed_digest(sheet.import_key, row_identity(row), purpose=_PURPOSE)
    return Order(said, row.payload, key)


def _send_batch(
    session: Session, sheet: Sheet, waiting: Sequence[tuple[int, Order]], *, dispatch: bool
) -> list[Outcome]:
    while True:
        known = _known(session, waiting)
        fresh = [(line, order) for line, order in waiting if order.import_key not in known]
        try:
            made = _make(session, sheet.roll, fresh, dispatch=dispatch)
        except (NotFound, RuleRefused, Tampered) as refused:
            if refused.code != _TAKEN:
                # The refusal may name the handle, which is a cell: leave out whom it is about.
                waiting = _still_fit(session, sheet, waiting, refused)
            continue  # or another run was faster with one of them: look again
        return sorted([*made, *_earlier(waiting, known)], key=lambda outcome: outcome.line)


def _still_fit(
    session: Session,
    sheet: Sheet,
    waiting: Sequence[tuple[int, Order]],
    refused: AssignError,
) -> Sequence[tuple[int, Order]]:
    """Return the rows whose mentors may still be sent to; raises `refused` where it is no mentor's.

    A mentor may be paused, or leave, while a sheet is being sent.
    """
    mentors = _Mentors(session, sheet.roll)
    fit = [each for each in waiting if mentors.refusal(each[1].draft.recipient) is None]
    if len(fit) == len(waiting):
        raise refused
    return fit


def _known(
    session: Session, waiting: Sequence[tuple[int, Order]]
) -> dict[bytes, tuple[int, UUID, Status]]:
    keys = [order.import_key for _line, order in waiting if order.import_key is not None]
    with session.store.read() as tx:
        return assignments.numbers_by_import_key(tx, session.organization_id, keys)


def _make(
    session: Session, roll: Roll, fresh: Sequence[tuple[int, Order]], *, dispatch: bool
) -> list[Outcome]:
    if not fresh:
        return []
    orders = [order for _line, order in fresh]
    made: Sequence[Created | Dispatched] = (
        draft.create_and_dispatch_all(session, orders, roll)
        if dispatch
        else draft.create_all(session, orders, roll)
    )
    return [
        Outcome(line, each.number, each.id, each.status, new=True)
        for (line, _order), each in zip(fresh, made, strict=True)
    ]


def _earlier(
    waiting: Sequence[tuple[int, Order]], known: dict[bytes, tuple[int, UUID, Status]]
) -> Iterator[Outcome]:
    for line, order in waiting:
        if order.import_key in known:
            number, id_, status = known[order.import_key]
            yield Outcome(line, number, id_, status, new=False)
