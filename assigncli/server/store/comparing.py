"""The rows that are compared with the audit log, as stored, whatever their content.

Ids and moments are returned as the database keeps them, so that even an unreadable value is
compared like any other. Everything is read in parts, so memory is bounded whatever the history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel, col

from assigncli.domain.actions import Action
from assigncli.domain.tiers import CHANGES, Counts, LedgerKind
from assigncli.server.store import raw
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.column_types import unindexed
from assigncli.server.store.invitations import Invitation
from assigncli.server.store.raw import Raw
from assigncli.server.store.scheduled import NotificationChannel
from assigncli.server.store.statement_rows import StatementRow
from assigncli.server.store.tables import (
    Assignment,
    AssignmentThresholdLog,
    AuditEntry,
    CertificateRow,
    Member,
    MemberRole,
    Organization,
    OrganizationSetting,
    PeerMentorProfile,
    ReportingCycle,
)

PART: Final = 200
_OF_PEOPLE: Final = ("member.", "device.")
_UNREAD: Final = ("encrypted_payload", "subject_reference", "coordinator_notes", "internal_notes")
"""Long columns, which `compare_sealed` checks against the manifest."""

_MANY: Final = 2_000

Subject = tuple[type[Assignment] | type[ArchivedAssignment], Raw]
"""An assignment as stored: a live one without `_UNREAD`, or an archived one."""


class SaidEntry(NamedTuple):
    """What one audit entry says; `details` is its JSON text."""

    subject_id: Any
    sequence: Any
    action: Any
    actor_id: Any
    at: Any
    details: Any
    statement_hash: Any


class Placed(NamedTuple):
    """A line of the ledger: the sequence of the entry that made it, and the counts in it.

    `dispatched_in` is the cycle of the dispatch's line; `number` is the assignment's.
    """

    member_id: Any
    reporting_cycle_id: Any
    kind: Any
    in_person: Any
    sequence: Any
    dispatched_in: Any
    number: Any
    counts: Counts


def subjects(tx: Session, organization_id: UUID) -> Iterator[list[Subject]]:
    """Yield the organisation's assignments in parts, first the live and then the archived ones."""
    for table in (Assignment, ArchivedAssignment):
        own = _of(table, organization_id)
        unread = _UNREAD if table is Assignment else ()
        for part in raw.rows(tx, table, own, without=unread):
            yield [(table, row) for row in part]


def entries(
    tx: Session, organization_id: UUID, subject_ids: Collection[Any], actions: Collection[Action]
) -> list[SaidEntry]:
    """Return the organisation's entries of these kinds about these subjects, first to last.

    The query uses only the subject's index, because each subject has few entries.
    """
    query = _raw(AuditEntry, "organization_id", *SaidEntry._fields).where(
        _raw_column(AuditEntry, "subject_id").in_(subject_ids),
        col(AuditEntry.action).in_([action.value for action in actions]),
    )
    own = [
        SaidEntry(*rest)
        for organization, *rest in tx.connection().execute(query).all()
        if organization == organization_id.hex
    ]
    return sorted(
        (said for said in own if isinstance(said.sequence, int)), key=attrgetter("sequence")
    )


def people(tx: Session, organization_id: UUID, also: Collection[Any]) -> Iterator[list[Any]]:
    """Yield the ids of the organisation's members in parts, with or without a row in `members`.

    That includes members whom another table or an entry names, those in `also`, and members with
    roles but no row.
    """
    entry = AuditEntry
    wanted = select(_raw_column(Member, "id")).where(_of(Member, organization_id))
    about = select(_raw_column(entry, "subject_id")).where(
        _of(entry, organization_id),
        or_(*(col(entry.action).startswith(each) for each in _OF_PEOPLE)),
    )
    nobody = select(_raw_column(MemberRole, "member_id")).where(
        ~exists().where(col(Member.id) == col(MemberRole.member_id))
    )
    hanging = (
        select(_raw_column(table, "member_id")).where(_of(table, organization_id))
        for table in (PeerMentorProfile, CertificateRow, Invitation, NotificationChannel)
    )
    found = {row[0] for row in tx.connection().execute(wanted.union(about, nobody, *hanging))}
    ids = sorted(found | set(also), key=str)
    yield from (ids[place : place + PART] for place in range(0, len(ids), PART))


def statements(tx: Session, hashes: Collection[Any]) -> dict[Any, Any]:
    """Return the bodies of these statements by hash; those not kept are left out."""
    wanted = select(_raw_column(StatementRow, "hash"), _raw_column(StatementRow, "body")).where(
        _raw_column(StatementRow, "hash").in_(hashes)
    )
    return {row[0]: row[1] for row in tx.connection().execute(wanted)} if hashes else {}


def placed(tx: Session, organization_id: UUID) -> Iterator[Placed]:
    """Yield ledger lines that have an entry: mentor by mentor and cycle by cycle, each in order."""
    line, sent, entry = AssignmentThresholdLog, aliased(AssignmentThresholdLog), AuditEntry
    said = (
        select(func.min(_raw_column(entry, "sequence")))
        .where(
            col(entry.subject_id) == col(line.assignment_id),
            _raw_column(entry, "action") == literal("assignment.") + _text_column(line, "kind"),
            _of(entry, organization_id),
        )
        .scalar_subquery()
    )
    sent_in = (
        select(_raw_column(sent, "reporting_cycle_id"))
        .where(
            col(sent.assignment_id) == col(line.assignment_id),
            _raw_column(sent, "kind") == literal(LedgerKind.DISPATCHED.value),
        )
        .scalar_subquery()
    )
    numbers = (
        select(_raw_column(table, "number"))
        .where(col(table.id) == col(line.assignment_id))
        .scalar_subquery()
        for table in (Assignment, ArchivedAssignment)
    )
    query = (
        _raw(line, "member_id", "reporting_cycle_id", "kind", "in_person")
        .add_columns(said, sent_in, func.coalesce(*numbers))
        .add_columns(*(_raw_column(line, name) for name in Counts._fields))
        .where(_of(line, organization_id))
        .order_by(col(line.id))
    )
    places = len(Placed._fields) - 1
    ledger = _raw_column(line, "member_id"), _raw_column(line, "reporting_cycle_id")
    each = select(*ledger).where(_of(line, organization_id)).distinct()
    for member_id, cycle_id in tx.connection().execute(each).all():
        own = query.where(ledger[0] == member_id, ledger[1] == cycle_id)
        for row in tx.connection().execute(own).all():
            found = Placed._make((*row[:places], Counts(*row[places:])))
            if isinstance(found.sequence, int) and found.kind in CHANGES:
                yield found
        tx.commit()  # so that no writer waits for long


def strays(tx: Session, organization_id: UUID, table: Any) -> Iterator[Raw]:
    """Yield the organisation's rows that are about none of its assignments.

    For the ledger that includes the lines in its cycles.
    """
    ours = _of(table, organization_id)
    if table is AssignmentThresholdLog:
        cycles_ = select(col(ReportingCycle.id)).where(_of(ReportingCycle, organization_id))
        ours = or_(ours, col(table.reporting_cycle_id).in_(cycles_))
    none = _about_none(col(table.assignment_id), organization_id)
    for part in raw.rows(tx, table, ours, *none):
        yield from part


def stray_entries(
    tx: Session, organization_id: UUID, actions: Collection[Action]
) -> Iterator[SaidEntry]:
    """Yield entries of these kinds whose assignment or cycle is not in the store."""
    subject = col(AuditEntry.subject_id)
    query = _raw(AuditEntry, *SaidEntry._fields).where(
        _of(AuditEntry, organization_id),
        unindexed(col(AuditEntry.action)).in_([action.value for action in actions]),
        *_about_none(subject, organization_id),
        ~_holds(ReportingCycle, subject, organization_id),
    )
    for low, high in raw.bounds(tx, AuditEntry, _MANY):
        window = raw.between(AuditEntry, low, high)
        for row in tx.connection().execute(query.where(window)).all():
            said = SaidEntry(*row)
            if isinstance(said.sequence, int):
                yield said


def organization(tx: Session, organization_id: UUID) -> Raw:
    """Return the organisation's own row; if it is missing, one in which all columns are None."""
    own = col(Organization.id) == organization_id
    nothing = dict.fromkeys(Organization.model_fields)
    return next((row for part in raw.rows(tx, Organization, own) for row in part), nothing)


def settings(tx: Session, organization_id: UUID) -> list[Raw]:
    """Return every setting ever made, in order; in the transaction that reads their entries."""
    return raw.at_once(tx, OrganizationSetting, _of(OrganizationSetting, organization_id))


def cycles(tx: Session, organization_id: UUID) -> list[Raw]:
    """Return every reporting cycle; in the transaction that reads the entries about them."""
    return raw.at_once(tx, ReportingCycle, _of(ReportingCycle, organization_id))


def _raw_column(table: type[SQLModel], name: str) -> ColumnElement[Any]:
    return type_coerce(getattr(table, name), NullType())


def _text_column(table: type[SQLModel], name: str) -> ColumnElement[Any]:
    return type_coerce(getattr(table, name), Text())


def _raw(table: type[SQLModel], *names: str) -> Select[Any]:
    columns: list[Any] = [_raw_column(table, name) for name in names]
    return select(*columns)


def _of(table: Any, organization_id: UUID) -> ColumnElement[bool]:
    return unindexed(col(table.organization_id)) == organization_id


def _about_none(subject: Any, organization_id: UUID) -> Sequence[ColumnElement[bool]]:
    return [~_holds(table, subject, organization_id) for table in (Assignment, ArchivedAssignment)]


def _holds(table: Any, subject: Any, organization_id: UUID) -> ColumnElement[bool]:
    return exists().where(col(table.id) == subject, _of(table, organization_id))
