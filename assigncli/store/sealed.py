"""What coordinators signed for each live assignment, beside the row and the wraps, as they lie.

Ids and moments are given as the database keeps them, whatever stands in them. Everything is read in
parts: memory is bounded whatever the history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlmodel import Session

_PART: Final = 200


class SealedRow(NamedTuple):
    """One assignment; `share_commitment` is its key's, None where the register has none."""

    id: Any
    number: Any
    organization_id: Any
    encryption_key_id: Any
    recipient_user_id: Any
    dispatched_by_user_id: Any
    dispatcher_certificate_id: Any
    dispatched_at: Any
    encrypted_payload: Any
    share_commitment: Any
    title: Any
    title_salt: Any
    subject_reference: Any
    subject_reference_salt: Any
    coordinator_notes: Any
    coordinator_notes_salt: Any
    internal_notes: Any
    internal_notes_salt: Any
    priority: Any
    contact_deadline_days: Any
    consent_required: Any
    expires_at: Any
    import_key: Any
    import_digest: Any
    manifest_body: Any
    manifest_signature: Any


class WrapRow(NamedTuple):
    """One wrap of an assignment's secret."""

    assignment_id: Any
    certificate_id: Any
    encryption_key_id: Any
    wrap: Any
    maker_certificate_id: Any
    signature: Any


_COLUMNS: Final = ", ".join(
    f"{'k' if name == 'share_commitment' else 'a'}.{name}" for name in SealedRow._fields
)
_ASSIGNMENTS: Final = f"""
SELECT {_COLUMNS} FROM assignments AS a
LEFT JOIN encryption_keys AS k ON k.id = a.encryption_key_id
WHERE a.organization_id = ? ORDER BY a.number
"""  # noqa: S608 - the names of columns above
_WRAPS: Final = f"""
SELECT {", ".join(WrapRow._fields)} FROM key_wraps WHERE assignment_id IN (%s)
ORDER BY assignment_id
"""  # noqa: S608 - the names of columns above


def rows(tx: Session, organization_id: UUID) -> Iterator[list[SealedRow]]:
    """Yield the organisation's live assignments by number, in parts."""
    connection = tx.connection().execution_options(yield_per=_PART)
    found = connection.exec_driver_sql(_ASSIGNMENTS, (organization_id.hex,))
    for part in found.partitions():
        yield [SealedRow(*row) for row in part]


def wraps(tx: Session, assignment_ids: Collection[Any]) -> dict[Any, list[WrapRow]]:
    """Return the wraps of these assignments, by assignment."""
    query = _WRAPS % ", ".join("?" * len(assignment_ids))
    found = tx.connection().exec_driver_sql(query, tuple(assignment_ids))
    each = (WrapRow(*row) for row in found)
    return {key: list(group) for key, group in groupby(each, lambda row: row.assignment_id)}
