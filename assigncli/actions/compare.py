"""Hold status log, ledger, organisation, settings and cycles against the signed entries.

Each entry of a step has one row of the status log and, where it counts, one line of the ledger,
and no row is without its entry. Whether the entries are whole is for `verify`: one that is not
counts as absent here, and so many rows without an entry are its fault, and are not told again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import compare_office as office
from assigncli.actions import rows as held
from assigncli.actions.compare_ledger import LINE_DIFFERS, ill_placed
from assigncli.actions.compare_office import CYCLE_UNRECORDED, SETTING_UNRECORDED
from assigncli.actions.difference import Difference
from assigncli.actions.finding import (
    ALTERED,
    FORGED,
    MISSING,
    STATEMENT_ALTERED,
    STATEMENT_MISSING,
    Finding,
)
from assigncli.actions.record import details_of, id_in
from assigncli.actions.session import Session
from assigncli.domain.audit import STEP_ACTION, Action
from assigncli.domain.honorarium import CHANGES, LedgerKind
from assigncli.domain.lifecycle import Status
from assigncli.protocol.statement import Statement
from assigncli.store import compare
from assigncli.store.compare import Line, Said, Step, Subject
from assigncli.store.placed import placed

STEP_RECORDED_TWICE: Final = "step_recorded_twice"
RECIPIENT_DIFFERS: Final = "recipient_differs"
ASSIGNMENT_UNRECORDED: Final = "assignment_unrecorded"
ASSIGNMENT_MISSING: Final = "assignment_missing"
STATUS_LOG_MISSING: Final = "status_log_missing"
STATUS_LOG_DOUBLED: Final = "status_log_doubled"
STATUS_LOG_DIFFERS: Final = "status_log_differs"
STATUS_LOG_UNRECORDED: Final = "status_log_unrecorded"
LINE_MISSING: Final = "ledger_line_missing"
LINE_DOUBLED: Final = "ledger_line_doubled"
LINE_UNRECORDED: Final = "ledger_line_unrecorded"
CYCLE_MISSING: Final = "cycle_missing"

_UNRECORDED: Final = frozenset(
    {
        ASSIGNMENT_UNRECORDED,
        STATUS_LOG_UNRECORDED,
        LINE_UNRECORDED,
        SETTING_UNRECORDED,
        CYCLE_UNRECORDED,
    }
)
_NOT_GOOD: Final = (ALTERED, FORGED, STATEMENT_ALTERED, STATEMENT_MISSING)
_LINES: Final = frozenset({LINE_MISSING, LINE_DOUBLED, LINE_DIFFERS, LINE_UNRECORDED})
_STATUS_OF: Final = {action.value: status.value for status, action in STEP_ACTION.items()}
_BY_MENTOR: Final = frozenset(
    {
        Status.READ,
        Status.ACKNOWLEDGED,
        Status.CONTACT_MADE,
        Status.COMPLETED,
    }
)
_STATED: Final = (
    Action.ORGANIZATION_FOUNDED.value,
    Action.ASSIGNMENT_COMPLETED.value,
    Action.ASSIGNMENT_CANCELLED.value,
    Action.SETTING_CHANGED.value,
    Action.CYCLE_OPENED.value,
)
_CYCLE_ACTIONS: Final = (Action.CYCLE_OPENED, Action.CYCLE_CLOSED, Action.CYCLE_REOPENED)

Row = TypeVar("Row", Said, Step, Line)
ToldBy = Mapping[Any, Statement | None]
Steps = dict[str, Said]
"""What the entries about one assignment say: for each status, the entry that it was entered by."""


def differences(session: Session, tx: Transaction, faults: Collection[Finding]) -> list[Difference]:
    """Return where the tables and the good entries differ; `faults` are those of the log.

    An entry that is missing or not good may have been about any row. As many rows of a table as
    there are such entries may be without one, therefore; where there are more, all are told.
    """
    comparison = _Comparison(session, tx, _not_good(faults))
    found = list(comparison.run())
    explained = len(comparison.bad) + sum(
        (fault.through or fault.sequence) - fault.sequence + 1
        for fault in faults
        if fault.code == MISSING
    )
    counts = Counter(each.code for each in found if each.code in _UNRECORDED)
    doubtful = {each.number for each in found if each.explainable}
    return [
        each
        for each in found
        if not 0 < counts[each.code] <= explained
        and not (each.explainable and len(doubtful) <= explained)
    ]


def _not_good(faults: Iterable[Finding]) -> frozenset[int]:
    return frozenset(fault.sequence for fault in faults if fault.code in _NOT_GOOD)


class _Comparison:
    """One comparison, in the transaction at hand; `bad` are the entries that count as absent."""

    def __init__(self, session: Session, tx: Transaction, bad: frozenset[int]) -> None:
        self.tx = tx
        self.organization_id = session.organization_id
        self.bad = bad

    def run(self) -> Iterator[Difference]:
        in_order = True
        for part in compare.subjects(self.tx, self.organization_id):
            for difference in self._part(part):
                in_order = in_order and difference.code not in _LINES
                yield difference
        yield from self._strays()
        if in_order:
            yield from self._order()
        yield from self._organization()
        changes = self._entries([self.organization_id.hex], [Action.SETTING_CHANGED])
        settings = compare.settings(self.tx, self.organization_id)
        yield from office.settings_differ(settings, changes, self._statements(changes))
        cycles = compare.cycles(self.tx, self.organization_id)
        said = self._entries([row.id for row in cycles], _CYCLE_ACTIONS)
        yield from office.cycles_differ(cycles, _by(said, "subject_id"), self._statements(said))

    def _organization(self) -> Iterator[Difference]:
        """Compare the organisation itself, where its founding is good."""
        founded = self._entries([self.organization_id.hex], [Action.ORGANIZATION_FOUNDED])
        told = self._statements(founded)
        for entry in founded:
            row = compare.organization(self.tx, self.organization_id)
            yield from office.organization_differs(row, entry, told[entry.sequence])

    def _order(self) -> Iterator[Difference]:
        """Compare order and running counts, once there is one line for each entry and no other."""
        found = ill_placed(placed(self.tx, self.organization_id))
        yield from (each for each in found if each.sequence not in self.bad)

    def _part(self, subjects: Sequence[Subject]) -> Iterator[Difference]:
        ids = [subject.id for subject in subjects]
        said = _by(self._entries(ids, STEP_ACTION.values()), "subject_id")
        steps = _by(compare.steps(self.tx, ids), "assignment_id")
        lines = _by(compare.lines(self.tx, ids), "assignment_id")
        others = _by(self._entries(ids, held.OTHERS), "subject_id")
        keys = held.keys_of(self.tx, others)
        stated = self._statements(chain.from_iterable(said.values()))
        for subject in subjects:
            entries: Steps = {}
            yield from _read(subject, said.get(subject.id, ()), entries)
            if not entries:
                yield Difference(0, ASSIGNMENT_UNRECORDED, number=_number(subject.number))
            told = held.Told(subject, entries, others.get(subject.id, ()), self.organization_id)
            yield from held.differences(told, keys)
            told_by = {status: stated.get(entry.sequence) for status, entry in entries.items()}
            yield from self._compare_steps(subject, entries, told_by, steps.get(subject.id, ()))
            yield from self._compare_lines(subject, entries, told_by, lines.get(subject.id, ()))

    def _statements(self, entries: Iterable[Said]) -> dict[int, Statement]:
        """Return the statements that good entries with arguments or texts carry out, by sequence.

        Each was verified with its entry.
        """
        wanted = {each.statement_hash: each for each in entries if each.action in _STATED}
        bodies = compare.statements(self.tx, wanted.keys())
        return {wanted[key].sequence: Statement.decode(body) for key, body in bodies.items()}

    def _compare_steps(
        self, subject: Subject, entries: Steps, told_by: ToldBy, rows: Iterable[Step]
    ) -> Iterator[Difference]:
        before = dict(zip(entries, (None, *entries), strict=False))
        seen: dict[Any, None] = {}
        for row in rows:
            entry = entries.get(row.to_status)
            last = next(reversed(seen), None)
            if entry is None:
                yield _about(subject, STATUS_LOG_UNRECORDED, row.to_status)
            elif row.to_status in seen:
                yield _about(subject, STATUS_LOG_DOUBLED, row.to_status, entry)
            elif (
                (row.organization_id, row.actor_id, row.at)
                != (self.organization_id.hex, entry.actor_id, entry.at)
                # Either may be gone, and is then found by itself.
                or row.from_status not in (before[row.to_status], last)
                or not _has_reason(row, told_by[row.to_status])
            ):
                yield _about(subject, STATUS_LOG_DIFFERS, row.to_status, entry)
            seen[row.to_status] = None
        for status, entry in entries.items():
            if status not in seen:
                yield _about(subject, STATUS_LOG_MISSING, status, entry)

    def _compare_lines(
        self, subject: Subject, entries: Steps, told_by: ToldBy, rows: Iterable[Line]
    ) -> Iterator[Difference]:
        due = {kind.value: entries[kind] for kind in LedgerKind if _counts(kind, entries)}
        seen: set[Any] = set()
        for row in rows:
            entry = due.get(row.kind)
            if entry is None:
                yield _about(subject, LINE_UNRECORDED, row.kind)
            elif row.kind in seen:
                yield _about(subject, LINE_DOUBLED, row.kind, entry)
            elif row != _line(
                subject, entry, told_by[row.kind], LedgerKind(row.kind), self.organization_id
            ):
                yield _about(subject, LINE_DIFFERS, row.kind, entry)
            seen.add(row.kind)
        for kind, entry in due.items():
            if kind not in seen:
                yield _about(subject, LINE_MISSING, kind, entry)

    def _strays(self) -> Iterator[Difference]:
        """Yield what is about no assignment or cycle of ours, each missing one named once."""
        gone: set[Any] = set()
        actions = (*STEP_ACTION.values(), *_CYCLE_ACTIONS)
        for said in compare.stray_entries(self.tx, self.organization_id, actions):
            if said.sequence not in self.bad and said.subject_id not in gone:
                gone.add(said.subject_id)
                yield self._gone(said)
        for step in compare.stray_steps(self.tx, self.organization_id):
            if step.assignment_id not in gone:
                yield Difference(0, STATUS_LOG_UNRECORDED, name=_known(step.to_status))
        for line in compare.stray_lines(self.tx, self.organization_id):
            if line.assignment_id not in gone:
                yield Difference(0, LINE_UNRECORDED, name=_known(line.kind))

    def _gone(self, said: Said) -> Difference:
        if said.action in _STATUS_OF:
            number = details_of(said.details).get("number")
            return Difference(said.sequence, ASSIGNMENT_MISSING, number=_number(number))
        name = office.days_of(said, self._statements([said]))
        return Difference(said.sequence, CYCLE_MISSING, name=name)

    def _entries(self, subject_ids: Collection[Any], actions: Collection[Action]) -> list[Said]:
        found = compare.entries(self.tx, self.organization_id, subject_ids, actions)
        return [said for said in found if said.sequence not in self.bad]


def _read(subject: Subject, said: Iterable[Said], entries: Steps) -> Iterator[Difference]:
    """Put the entries in `entries` by the status they speak of, and say what cannot be."""
    for entry in said:
        status = _STATUS_OF[entry.action]
        if status in entries:
            yield _about(subject, STEP_RECORDED_TWICE, status, entry)
            continue
        entries[status] = entry
        if status in _BY_MENTOR and entry.actor_id != subject.recipient_user_id:
            yield _about(subject, RECIPIENT_DIFFERS, status, entry)


def _counts(kind: LedgerKind, entries: Steps) -> bool:
    """Say whether the step has a line: a draft that is withdrawn has none."""
    if kind in (LedgerKind.DISPATCHED, LedgerKind.COMPLETED):
        return kind in entries
    return kind in entries and Status.DISPATCHED in entries


def _has_reason(row: Step, told: Statement | None) -> bool:
    """Say whether the row has the reason whose digest was signed, and none where none was."""
    digest = None if told is None else told.texts.get("reason")
    if digest is None:
        return row.reason is None and row.reason_salt is None
    return office.has_digest(row.reason, row.reason_salt, digest)


def _line(
    subject: Subject,
    entry: Said,
    told: Statement | None,
    kind: LedgerKind,
    organization_id: UUID,
) -> Line:
    """Return the one line that goes with the entry; a completion's is for who signed it."""
    completed = kind is LedgerKind.COMPLETED
    cycle_id = id_in(entry.details, "cycle")
    return Line(
        assignment_id=subject.id,
        organization_id=organization_id.hex,
        kind=kind.value,
        member_id=entry.actor_id if completed else subject.recipient_user_id,
        reporting_cycle_id=None if cycle_id is None else cycle_id.hex,
        dispatched_change=CHANGES[kind].dispatched_change,
        completed_change=CHANGES[kind].completed_change,
        in_person=told.arguments["in_person"] if completed and told is not None else None,
        at=entry.at,
    )


def _about(subject: Subject, code: str, word: Any, entry: Said | None = None) -> Difference:
    sequence = 0 if entry is None else entry.sequence
    return Difference(sequence, code, number=_number(subject.number), name=_known(word))


def _by(rows: Iterable[Row], column: str) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(getattr(row, column), []).append(row)
    return found


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _known(word: Any) -> str | None:
    """Return the status that a row names; anything else that may stand there is not repeated."""
    return word if isinstance(word, str) and word in set(Status) else None
