"""The honorarium ledger's lines in their places, each with its entry, as `audit verify` reads them.

Values are given as they lie, whatever stands in them. Compares nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from assigncli.domain.honorarium import CHANGES, Counts
from assigncli.store.compare import PART

_LINES: Final = text("""
SELECT member_id, reporting_cycle_id, kind, in_person,
  (SELECT min(sequence) FROM audit_log
    WHERE subject_id = line.assignment_id
      AND action = 'assignment.' || line.kind
      AND organization_id = line.organization_id),
  (SELECT reporting_cycle_id FROM assignment_threshold_logs
    WHERE assignment_id = line.assignment_id
      AND kind = 'dispatched'),
  coalesce(
    (SELECT number FROM assignments WHERE id = line.assignment_id),
    (SELECT number FROM archived_assignments WHERE id = line.assignment_id)),
  dispatched_count, completed_count, from_earlier_count, in_person_count, not_in_person_count
FROM assignment_threshold_logs AS line
WHERE organization_id = :organization
ORDER BY member_id, reporting_cycle_id, id
""").execution_options(yield_per=PART)


class Placed(NamedTuple):
    """A line of the ledger in its place: by which entry, and the counts that stand in it.

    `dispatched_in` is the cycle of the dispatch's line; `number` is the assignment's.
    """

    member_id: Any
    reporting_cycle_id: Any
    kind: Any
    in_person: Any
    sequence: int
    dispatched_in: Any
    number: Any
    counts: Counts


def placed(tx: Session, organization_id: UUID) -> Iterator[Placed]:
    """Yield the lines that have an entry: one mentor's in one cycle in order, then the next's."""
    rows = tx.connection().execute(_LINES, {"organization": organization_id.hex})
    for member, cycle, kind, in_person, sequence, dispatched_in, number, *counts in rows:
        if isinstance(sequence, int) and kind in CHANGES:
            told = (kind, in_person, sequence, dispatched_in, number)
            yield Placed(member, cycle, *told, Counts(*counts))
