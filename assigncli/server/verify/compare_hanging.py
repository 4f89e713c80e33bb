"""Compare an assignment's status log and ledger lines with its steps, one for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from assigncli.domain.lifecycle import Status
from assigncli.domain.tiers import Counts, LedgerKind
from assigncli.protocol.statement import Statement
from assigncli.server.projection import ledger, steps
from assigncli.server.projection.happening import Happening
from assigncli.server.store import raw
from assigncli.server.store.comparing import Placed
from assigncli.server.store.raw import Raw
from assigncli.server.store.tables import AssignmentStatusLog, AssignmentThresholdLog
from assigncli.server.verify.compare_office import has_digest
from assigncli.server.verify.difference import Difference

STATUS_LOG_MISSING: Final = "status_log_missing"
STATUS_LOG_DOUBLED: Final = "status_log_doubled"
STATUS_LOG_DIFFERS: Final = "status_log_differs"
STATUS_LOG_UNRECORDED: Final = "status_log_unrecorded"
LINE_MISSING: Final = "ledger_line_missing"
LINE_DOUBLED: Final = "ledger_line_doubled"
LINE_DIFFERS: Final = "ledger_line_differs"
LINE_UNRECORDED: Final = "ledger_line_unrecorded"
LINES_REORDERED: Final = "ledger_lines_reordered"
LINES: Final = frozenset({LINE_MISSING, LINE_DOUBLED, LINE_DIFFERS, LINE_UNRECORDED})

Steps = dict[str, Happening]
"""For each status of one assignment, the entry of the step to it."""


def steps_differ(
    row: Raw,
    entries: Steps,
    stated: Mapping[int, Statement],
    logged: Iterable[Raw],
    *,
    is_archived: bool,
) -> Iterator[Difference]:
    """Yield each row of the status log that differs from its entry, or has none.

    Also entries without a row. `stated` are the statements of entries, by sequence. Where the
    assignment `is_archived`, no reason may be left.
    """
    seen: set[Any] = set()
    for step in logged:
        status = step["to_status"]
        entry = entries.get(status)
        if entry is None:
            yield about(row, STATUS_LOG_UNRECORDED, status)
        elif status in seen:
            yield about(row, STATUS_LOG_DOUBLED, status, entry)
        elif not _is_logged(step, entry, None if is_archived else stated.get(entry.sequence)):
            yield about(row, STATUS_LOG_DIFFERS, status, entry)
        seen.add(status)
    for status, entry in entries.items():
        if status not in seen:
            yield about(row, STATUS_LOG_MISSING, status, entry)


def _is_logged(step: Raw, entry: Happening, told: Statement | None) -> bool:
    """Say whether a row of the status log is what its entry makes it, with the signed reason."""
    values = raw.stored(AssignmentStatusLog, steps.row(entry) or {})
    reason = {"reason", "reason_salt"}
    same = all(step[name] == value for name, value in values.items() if name not in reason)
    digest = None if told is None else told.texts.get("reason")
    if digest is None:
        return same and step["reason"] is None and step["reason_salt"] is None
    return same and has_digest(step["reason"], step["reason_salt"], digest)


def lines_differ(row: Raw, entries: Steps, lines: Iterable[Raw]) -> Iterator[Difference]:
    """Yield each line of the ledger that differs from its entry, or has none; and missing lines."""
    due = {kind.value: entries[kind] for kind in LedgerKind if _counts(kind, entries)}
    seen: set[Any] = set()
    for line in lines:
        kind = line["kind"]
        entry = due.get(kind)
        if entry is None:
            yield about(row, LINE_UNRECORDED, kind)
        elif kind in seen:
            yield about(row, LINE_DOUBLED, kind, entry)
        elif not _is_counted(row, line, entry):
            yield about(row, LINE_DIFFERS, kind, entry)
        seen.add(kind)
    for kind, entry in due.items():
        if kind not in seen:
            yield about(row, LINE_MISSING, kind, entry)


def _is_counted(row: Raw, line: Raw, entry: Happening) -> bool:
    """Say whether a line is what its entry makes it, for the assignment's recipient.

    Its counts follow from the lines before it, which `ill_placed` checks.
    """
    values = raw.stored(AssignmentThresholdLog, ledger.line(entry, UUID(int=0), Counts()) or {})
    if values.get("member_id") == UUID(int=0).hex:
        values["member_id"] = row["recipient_user_id"]
    own = values.keys() - set(Counts._fields)
    return bool(own) and all(line[name] == values[name] for name in own)


def _counts(kind: LedgerKind, entries: Steps) -> bool:
    """Say whether the step has a line; the end of a draft has none."""
    if kind in (LedgerKind.DISPATCHED, LedgerKind.COMPLETED):
        return kind in entries
    return kind in entries and Status.DISPATCHED in entries


def ill_placed(lines: Iterable[Placed]) -> Iterator[Difference]:
    """Yield the lines of one mentor and cycle that do not follow from the lines before them.

    These are lines after one of a later entry. If there are none, it is the first line whose counts
    are not those before it plus its own; later lines may only follow from it.
    """
    last, counts, in_order = 0, Counts(), True
    differs: Difference | None = None
    for line in lines:
        if line.sequence < last:
            in_order = False
            yield Difference(line.sequence, LINES_REORDERED, name=known(line.kind))
        last = max(last, line.sequence)
        elsewhere = line.dispatched_in not in (None, line.reporting_cycle_id)
        counts = counts.after(
            LedgerKind(line.kind),
            in_person=None if line.in_person is None else bool(line.in_person),
            from_earlier=elsewhere and line.kind == LedgerKind.COMPLETED,
        )
        if differs is None and line.counts != counts:
            number, name = number_of(line.number), known(line.kind)
            differs = Difference(line.sequence, LINE_DIFFERS, number=number, name=name)
    if in_order and differs is not None:
        yield differs


def about(row: Raw, code: str, word: Any, entry: Happening | None = None) -> Difference:
    """Return a difference about an assignment; `word` is the status in question."""
    sequence = 0 if entry is None else entry.sequence
    return Difference(sequence, code, number=number_of(row["number"]), name=known(word))


def number_of(value: Any) -> int | None:
    """Return an integer, or None for any other stored value."""
    return value if isinstance(value, int) else None


def known(word: Any) -> str | None:
    """Return the status that a row names; any other stored value is not repeated."""
    return word if isinstance(word, str) and word in set(Status) else None
