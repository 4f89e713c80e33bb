"""The rows that the audit log is held against, as they lie, whatever stands in them.

Ids and moments are given as the database keeps them, so that a value that cannot even be read is
compared like any other. Everything is read in parts: memory is bounded whatever the history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    exists,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel, col

from assigncli.domain.audit import Action
from assigncli.store.evidence import StatementRow
from assigncli.store.tables import (
    ArchivedAssignment,
    Assignment,
    AssignmentStatusLog,
    AssignmentThresholdLog,
    AuditEntry,
    EncryptionKey,
    Organization,
    OrganizationSetting,
    ReportingCycle,
)

PART: Final = 200
_BOTH: Final = (
    *("status", "created_at", "dispatched_at", "completed_at"),
    *("dispatched_by_user_id", "reporting_cycle_id"),
)
_EVER_MADE: Final[Mapping[type[SQLModel], Sequence[str]]] = {
    Assignment: (
        *_BOTH,
        *("delivered_at", "first_read_at", "acknowledged_at", "contact_made_at"),
        *("recalled_at", "recalled_by_user_id", "cancelled_at", "cancelled_by_user_id"),
        *("reminder_sent_at", "consent_completed_at", "expires_at", "updated_at"),
        *("encryption_key_id", "manifest_body"),
    ),
    ArchivedAssignment: (*_BOTH, "closed_at", "archived_at"),
}
"""The columns of each that a signed entry speaks of."""


class Subject(NamedTuple):
    """An assignment, live or archived; `columns` are those that its entries speak of."""

    id: Any
    number: Any
    recipient_user_id: Any
    threshold_sequence_number: Any
    honorarium_tier: Any
    columns: Mapping[str, Any]


class Key(NamedTuple):
    """One row of the register of vault keys."""

    id: Any
    organization_id: Any
    assignment_id: Any
    retired_at: Any
    revoked_at: Any
    shredded_at: Any


class Said(NamedTuple):
    """What one audit entry says; `details` is its JSON text."""

    subject_id: Any
    sequence: Any
    action: Any
    actor_id: Any
    at: Any
    details: Any
    statement_hash: Any


class Step(NamedTuple):
    """One row of the status log."""

    assignment_id: Any
    organization_id: Any
    from_status: Any
    to_status: Any
    actor_id: Any
    at: Any
    reason: Any
    reason_salt: Any


class Line(NamedTuple):
    """One line of the honorarium ledger."""

    assignment_id: Any
    organization_id: Any
    kind: Any
    member_id: Any
    reporting_cycle_id: Any
    dispatched_change: Any
    completed_change: Any
    in_person: Any
    at: Any


class OrganizationRow(NamedTuple):
    """The organisation itself."""

    name: Any
    name_salt: Any
    name_key: Any
    time_zone: Any
    root_public_key: Any
    created_at: Any


class SettingRow(NamedTuple):
    """One setting as it was set."""

    name: Any
    value: Any
    value_salt: Any
    set_by: Any
    set_at: Any


class CycleRow(NamedTuple):
    """One reporting cycle."""

    id: Any
    name: Any
    name_salt: Any
    starts_on: Any
    ends_on: Any
    status: Any
    created_at: Any
    closed_at: Any


def subjects(tx: Session, organization_id: UUID) -> Iterator[list[Subject]]:
    """Yield the organisation's assignments by number, the live and then the archived, in parts."""
    own = Subject._fields[:-1]
    for table, columns in _EVER_MADE.items():
        query = _raw(table, *own, *columns).where(_of(table, organization_id))
        ordered = query.order_by(_raw_column(table, "number")).execution_options(yield_per=PART)
        for part in tx.connection().execute(ordered).partitions():
            yield [_subject(row, columns) for row in part]


def _subject(row: Sequence[Any], columns: Sequence[str]) -> Subject:
    id_, number, recipient, sequence, tier, *rest = row
    return Subject(id_, number, recipient, sequence, tier, dict(zip(columns, rest, strict=True)))


def keys(tx: Session, key_ids: Collection[str]) -> dict[str, Key]:
    """Return the register's rows of these keys (32 hex digits) by id, whosever they are."""
    wanted, found = list(key_ids), {}
    for start in range(0, len(wanted), PART):
        query = _raw(EncryptionKey, *Key._fields).where(
            _raw_column(EncryptionKey, "id").in_(wanted[start : start + PART])
        )
        found.update({row[0]: Key(*row) for row in tx.connection().execute(query)})
    return found


def entries(
    tx: Session, organization_id: UUID, subject_ids: Collection[Any], actions: Collection[Action]
) -> list[Said]:
    """Return the organisation's entries of these kinds about these subjects, first to last.

    The database is asked by the subject's index alone, as each has few entries.
    """
    query = _raw(AuditEntry, "organization_id", *Said._fields).where(
        _raw_column(AuditEntry, "subject_id").in_(subject_ids),
        col(AuditEntry.action).in_([action.value for action in actions]),
    )
    own = [
        Said(*rest)
        for organization, *rest in tx.connection().execute(query).all()
        if organization == organization_id.hex
    ]
    return sorted(
        (said for said in own if isinstance(said.sequence, int)), key=attrgetter("sequence")
    )


def statements(tx: Session, hashes: Collection[Any]) -> dict[Any, Any]:
    """Return the bodies of these statements, by hash, as far as they are kept."""
    wanted = select(_raw_column(StatementRow, "hash"), _raw_column(StatementRow, "body")).where(
        _raw_column(StatementRow, "hash").in_(hashes)
    )
    return {row[0]: row[1] for row in tx.connection().execute(wanted)} if hashes else {}


def steps(tx: Session, assignment_ids: Collection[Any]) -> list[Step]:
    """Return these assignments' status logs, oldest first, whichever organisation they name."""
    query = _raw(AssignmentStatusLog, *Step._fields)
    wanted = query.where(_raw_column(AssignmentStatusLog, "assignment_id").in_(assignment_ids))
    ordered = wanted.order_by(col(AssignmentStatusLog.assignment_id), col(AssignmentStatusLog.id))
    return [Step(*row) for row in tx.connection().execute(ordered).all()]


def lines(tx: Session, assignment_ids: Collection[Any]) -> list[Line]:
    """Return the ledger's lines about these assignments, whichever organisation they name."""
    query = _raw(AssignmentThresholdLog, *Line._fields)
    wanted = query.where(_raw_column(AssignmentThresholdLog, "assignment_id").in_(assignment_ids))
    return [Line(*row) for row in tx.connection().execute(wanted).all()]


def stray_steps(tx: Session, organization_id: UUID) -> Iterator[Step]:
    """Yield rows of the status log that are about none of our assignments."""
    query = _raw(AssignmentStatusLog, *Step._fields).where(
        _of(AssignmentStatusLog, organization_id),
        *_about_none(col(AssignmentStatusLog.assignment_id), organization_id),
    )
    for row in _streamed(tx, query):
        yield Step(*row)


def stray_lines(tx: Session, organization_id: UUID) -> Iterator[Line]:
    """Yield lines in our name, or in a cycle of ours, that are about none of our assignments."""
    ours = select(col(ReportingCycle.id)).where(_of(ReportingCycle, organization_id))
    query = _raw(AssignmentThresholdLog, *Line._fields).where(
        or_(
            _of(AssignmentThresholdLog, organization_id),
            col(AssignmentThresholdLog.reporting_cycle_id).in_(ours),
        ),
        *_about_none(col(AssignmentThresholdLog.assignment_id), organization_id),
    )
    for row in _streamed(tx, query):
        yield Line(*row)


def stray_entries(
    tx: Session, organization_id: UUID, actions: Collection[Action]
) -> Iterator[Said]:
    """Yield entries of these kinds whose assignment or cycle the store does not hold."""
    subject = col(AuditEntry.subject_id)
    query = _raw(AuditEntry, *Said._fields).where(
        _of(AuditEntry, organization_id),
        col(AuditEntry.action).in_([action.value for action in actions]),
        *_about_none(subject, organization_id),
        ~_holds(ReportingCycle, subject, organization_id),
    )
    for row in _streamed(tx, query):
        said = Said(*row)
        if isinstance(said.sequence, int):
            yield said


def organization(tx: Session, organization_id: UUID) -> OrganizationRow:
    """Return the organisation's own row, which is there."""
    own = col(Organization.id) == organization_id
    query = _raw(Organization, *OrganizationRow._fields).where(own)
    return OrganizationRow(*tx.connection().execute(query).one())


def settings(tx: Session, organization_id: UUID) -> list[SettingRow]:
    """Return every setting that was ever made, in order."""
    query = _raw(OrganizationSetting, *SettingRow._fields)
    own = query.where(_of(OrganizationSetting, organization_id))
    rows = tx.connection().execute(own.order_by(col(OrganizationSetting.id)))
    return [SettingRow(*row) for row in rows]


def cycles(tx: Session, organization_id: UUID) -> list[CycleRow]:
    """Return every reporting cycle."""
    query = _raw(ReportingCycle, *CycleRow._fields).where(_of(ReportingCycle, organization_id))
    return [CycleRow(*row) for row in tx.connection().execute(query)]


def _raw_column(table: type[SQLModel], name: str) -> ColumnElement[Any]:
    return type_coerce(getattr(table, name), NullType())


def _text_column(table: type[SQLModel], name: str) -> ColumnElement[Any]:
    return type_coerce(getattr(table, name), Text())


def _raw(table: type[SQLModel], *names: str) -> Select[Any]:
    columns: list[Any] = [_raw_column(table, name) for name in names]
    return select(*columns)


def _of(table: Any, organization_id: UUID) -> ColumnElement[bool]:
    return col(table.organization_id) == organization_id


def _about_none(subject: Any, organization_id: UUID) -> Sequence[ColumnElement[bool]]:
    return [~_holds(table, subject, organization_id) for table in _EVER_MADE]


def _holds(table: Any, subject: Any, organization_id: UUID) -> ColumnElement[bool]:
    return exists().where(col(table.id) == subject, _of(table, organization_id))


def _streamed(tx: Session, query: Select[Any]) -> Iterator[Any]:
    yield from tx.connection().execute(query.execution_options(yield_per=PART))
