"""A store that was restored from a backup: what its log had lost, and what the lost part had ended.

Tables and queries. The rows are this machine's: no entry tells them, since the entries that would
are lost. They only ever refuse: a key, a certificate, a reminder, a number.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, text
from sqlmodel import Field, Session, col, select

from assigncli.protocol.seen import Seen
from assigncli.server.store import ready
from assigncli.server.store.column_types import Moment, WordColumn, one_of
from assigncli.server.store.tables import TableRow


class LostKind(StrEnum):
    """What the lost part of a log had ended, or had caused once."""

    KEY = "key"
    CERTIFICATE = "certificate"
    REMINDER = "reminder"


class LogRestore(TableRow, table=True):
    """An organisation's last restore: at which size its log was put back, and what is known lost.

    `lost_size` and `lost_root` are the newest head of which a list of deletions tells; both are
    None where the store was restored without one. `last_number` is the highest number known to be
    given. `listed_at` is that list's moment, else that of the backup.
    """

    __tablename__ = "log_restores"
    __table_args__ = (
        CheckConstraint(
            "(lost_size IS NULL) = (lost_root IS NULL)"
            " AND coalesce(length(CAST(lost_root AS BLOB)), 32) = 32",
            name="log_restores_whole",
        ),
    )
    organization_id: UUID = Field(foreign_key="organizations.id", primary_key=True)
    size: int
    lost_size: int | None = None
    lost_root: bytes | None = None
    last_number: int
    listed_at: datetime = Field(sa_type=Moment)
    restored_at: datetime = Field(sa_type=Moment)

    @property
    def lost(self) -> Seen | None:
        """The newest head that is known to be lost."""
        if self.lost_size is None or self.lost_root is None:
            return None
        return Seen(self.lost_size, self.lost_root)


class LostEnding(TableRow, table=True):
    """An id that the lost part of the log had ended; of a reminder, its assignment's id."""

    __tablename__ = "lost_endings"
    __table_args__ = (one_of("kind", LostKind),)
    organization_id: UUID = Field(foreign_key="organizations.id", primary_key=True)
    kind: LostKind = Field(sa_type=WordColumn(LostKind), primary_key=True)
    id: UUID = Field(primary_key=True)


@dataclass(frozen=True)
class Ended:
    """What an organisation has ended so far, for a list of deletions."""

    keys: frozenset[UUID]
    certificates: frozenset[UUID]
    suspended: frozenset[UUID]
    reminders: frozenset[UUID]
    last_number: int


_BATCH: Final = 500
_UNCONFIRMED: Final = """
SELECT 1 FROM log_restores AS r WHERE r.organization_id = ? AND NOT EXISTS (
  SELECT 1 FROM audit_log AS e WHERE e.organization_id = r.organization_id
    AND e.sequence = r.size + 1 AND e.action = 'log.restored')
"""
_ENDED: Final[Mapping[LostKind, str]] = {
    LostKind.KEY: "SELECT id FROM encryption_keys"
    " WHERE organization_id = ? AND revoked_at IS NOT NULL",
    LostKind.CERTIFICATE: "SELECT id FROM certificates"
    " WHERE organization_id = ? AND revoked_at IS NOT NULL",
    LostKind.REMINDER: "SELECT id FROM assignments"
    " WHERE organization_id = ? AND reminder_sent_at IS NOT NULL",
}
_SUSPENDED: Final = (
    "SELECT id FROM certificates WHERE organization_id = ? AND suspended_at IS NOT NULL"
)
_NUMBERS: Final = """
SELECT max(
  coalesce((SELECT max(number) FROM assignments WHERE organization_id = ?1), 0),
  coalesce((SELECT max(number) FROM archived_assignments WHERE organization_id = ?1), 0),
  coalesce((SELECT last_number FROM log_restores WHERE organization_id = ?1), 0))
"""
_UNSENT: Final = (
    "UPDATE notifications SET status = 'unknown', problem = 'interrupted'"
    " WHERE status IN ('queued', 'sending')"
)


def by_organization(tx: Session, organization_id: UUID) -> LogRestore | None:
    """Return the organisation's last restore, or None."""
    return tx.get(LogRestore, organization_id)


def is_unconfirmed(tx: Session, organization_id: UUID) -> bool:
    """Say whether the log was restored, and no administrator's entry says so yet."""
    found = tx.connection().exec_driver_sql(_UNCONFIRMED, (organization_id.hex,))
    return found.first() is not None


def is_lost(tx: Session, organization_id: UUID, kind: LostKind, id_: UUID) -> bool:
    """Say whether the lost part of the log had ended this."""
    return tx.get(LostEnding, (organization_id, kind, id_)) is not None


def lost(tx: Session, organization_id: UUID, kind: LostKind) -> set[UUID]:
    """Return all of one kind that the lost part of the log had ended."""
    query = select(LostEnding.id).where(
        LostEnding.organization_id == organization_id, LostEnding.kind == kind
    )
    return set(tx.exec(query))


def lost_among(tx: Session, kind: LostKind, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of these ids that the lost part of any organisation's log had ended."""
    found: set[UUID] = set()
    for start in range(0, len(ids), _BATCH):
        part = col(LostEnding.id).in_(ids[start : start + _BATCH])
        found.update(tx.exec(select(LostEnding.id).where(LostEnding.kind == kind, part)))
    return found


def ended(tx: Session, organization_id: UUID) -> Ended:
    """Return what has ended so far, the endings of lost parts of the log included."""
    keys, certificates, reminders = (
        frozenset(_ended(tx, organization_id, kind)) | lost(tx, organization_id, kind)
        for kind in LostKind
    )
    suspended = frozenset(_suspended(tx, organization_id))
    return Ended(keys, certificates, suspended, reminders, last_number(tx, organization_id))


def last_number(tx: Session, organization_id: UUID) -> int:
    """Return the highest number ever given to an assignment, as far as this store knows."""
    found = tx.connection().exec_driver_sql(_NUMBERS, (organization_id.hex,))
    return int(found.scalar_one())


def restore(tx: Session, row: LogRestore, endings: Mapping[LostKind, Collection[UUID]]) -> None:
    """Write what a restore knows to be lost, in place of what an earlier one knew.

    Endings that this store has itself are left out; those of earlier restores are kept. A device
    that is suspended here too can be confirmed again, so it is not among the lost.
    """
    organization_id = row.organization_id
    suspended = set(_suspended(tx, organization_id))
    tx.merge(row)
    tx.flush()
    new = [
        {"organization_id": organization_id, "kind": kind, "id": each}
        for kind, ids in endings.items()
        for each in set(ids) - set(_of_store(tx, organization_id, kind))
        if kind is not LostKind.CERTIFICATE or each not in suspended
    ]
    ready.insert_all(tx, LostEnding, new)


def leave_unsent(tx: Session) -> None:
    """Send by itself nothing that was waiting when the backup was made: it may have been sent."""
    tx.connection().execute(text(_UNSENT))


def _of_store(tx: Session, organization_id: UUID, kind: LostKind) -> Iterable[UUID]:
    yield from _ended(tx, organization_id, kind)
    yield from tx.exec(
        select(LostEnding.id).where(
            col(LostEnding.organization_id) == organization_id, col(LostEnding.kind) == kind
        )
    )


def _suspended(tx: Session, organization_id: UUID) -> Iterable[UUID]:
    rows = tx.connection().exec_driver_sql(_SUSPENDED, (organization_id.hex,))
    return (UUID(row[0]) for row in rows)


def _ended(tx: Session, organization_id: UUID, kind: LostKind) -> Iterable[UUID]:
    rows = tx.connection().exec_driver_sql(_ENDED[kind], (organization_id.hex,))
    return (UUID(row[0]) for row in rows)
