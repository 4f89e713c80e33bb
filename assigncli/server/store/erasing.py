"""Find the assignments about one person by their reference, and empty what is kept of them.

Archiving empties reasons; only erasing writes to the archive itself afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.tables import Assignment, AssignmentStatusLog

Kept = Assignment | ArchivedAssignment


def with_reference(tx: Session, organization_id: UUID, reference: str) -> list[Kept]:
    """Return the organisation's assignments with this reference, archived ones too, by number."""
    live = select(Assignment).where(
        Assignment.organization_id == organization_id, Assignment.subject_reference == reference
    )
    kept = select(ArchivedAssignment).where(
        ArchivedAssignment.organization_id == organization_id,
        ArchivedAssignment.subject_reference == reference,
    )
    return sorted((*tx.exec(live), *tx.exec(kept)), key=lambda row: row.number)


def empty(tx: Session, row: ArchivedAssignment, columns: Mapping[str, Any]) -> None:
    """Write the columns of an erased assignment that was archived before."""
    own = col(ArchivedAssignment.id) == row.id
    tx.connection().execute(update(ArchivedAssignment).where(own).values(dict(columns)))


def empty_reasons(tx: Session, assignment_id: UUID, columns: Mapping[str, Any]) -> None:
    """Write to the steps of an archived assignment, which the database allows only of such."""
    log = AssignmentStatusLog
    own = col(log.assignment_id) == assignment_id, col(log.reason).is_not(None)
    tx.connection().execute(update(log).where(*own).values(dict(columns)))
