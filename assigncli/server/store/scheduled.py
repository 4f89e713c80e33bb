"""The tables of the sweep: notifications, the channels they go to, and the last run.

Apart from `tables`, since no command that only looks at assignments has to pay for them.
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
    """The outbox: one notification tells one recipient of one event. Never holds content.

    It is not tried before `due_at`; `problem` is the code of what stopped it last.
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
    """One channel of a member, as they chose it: its address, sealed under the organisation key."""

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

    Up to which entry it has held the log's endings, and the completions whose retention is over,
    against the register of keys.
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
"""Which entries the sweep walks, each in an index that holds no other entry."""

for _name, _which in (("endings", ENDINGS), ("completions", COMPLETIONS)):
    Index(
        f"ix_audit_log_{_name}",
        col(AuditEntry.organization_id),
        col(AuditEntry.sequence),
        sqlite_where=text(_which),
        postgresql_where=text(_which),
    )
