"""The tables of the sweep: notifications, their channels, and the last run.

Separate from `tables`, so that commands that only look at assignments do not pay for them.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, col

from assigncli.domain.actions import ENDING_A_KEY, Action
from assigncli.domain.notification import NotificationStatus
from assigncli.server.store.column_types import Moment, WordColumn, one_of
from assigncli.server.store.tables import AuditEntry, TableRow


class Notification(TableRow, table=True):
    """The outbox: one notification tells one recipient about one event. Never holds content.

    It is not tried before `due_at`; `problem` is the code of the last failure.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("assignment_id", "kind", "recipient_id", name="notification_once"),
        one_of("status", NotificationStatus),
        Index("ix_notifications_due", "organization_id", "status", "due_at", "id"),
    )
    id: UUID = Field(primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    assignment_id: UUID
    recipient_id: UUID = Field(foreign_key="members.id")
    kind: str
    status: NotificationStatus = Field(sa_type=WordColumn(NotificationStatus))
    attempts: int = 0
    created_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    attempted_at: datetime | None = Field(default=None, sa_type=Moment)
    problem: str | None = None


class NotificationChannel(TableRow, table=True):
    """One channel of a member: its address, sealed with the organisation key."""

    __tablename__ = "notification_channels"
    __table_args__ = (
        ForeignKeyConstraint(
            ["member_id", "organization_id"], ["members.id", "members.organization_id"]
        ),
        CheckConstraint(
            "typeof(sealed) = 'blob' AND substr(sealed, 1, 1) = x'01'",
            name="payload_must_be_encrypted_before_storage",
        ),
        Index("ix_notification_channels_member", "member_id"),
    )
    id: UUID = Field(primary_key=True)
    organization_id: UUID
    member_id: UUID
    sealed: bytes
    created_at: datetime = Field(sa_type=Moment)


class SweepRun(TableRow, table=True):
    """An organisation's last sweep: when, and how many things it did and could not do.

    `ended_to` and `completed_to` are the last entries that it has checked against the register of
    keys: entries that end a key, and completions whose retention is over.
    """

    __tablename__ = "sweep_runs"
    organization_id: UUID = Field(foreign_key="organizations.id", primary_key=True)
    at: datetime = Field(sa_type=Moment)
    done: int
    failed: int
    ended_to: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    completed_to: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


ENDINGS = "action IN ({})".format(", ".join(f"'{each}'" for each in ENDING_A_KEY))
COMPLETIONS = f"action = '{Action.ASSIGNMENT_COMPLETED}'"
"""Which entries the sweep walks; each condition has an index with no other entries."""

for _name, _which in (("endings", ENDINGS), ("completions", COMPLETIONS)):
    Index(
        f"ix_audit_log_{_name}",
        col(AuditEntry.organization_id),
        col(AuditEntry.sequence),
        sqlite_where=text(_which),
        postgresql_where=text(_which),
    )
