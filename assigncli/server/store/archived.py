"""The table of what is kept of assignments that ended long ago, or that were erased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from assigncli.domain.lifecycle import Status
from assigncli.domain.tiers import Tier
from assigncli.server.store.column_types import Moment, WordColumn, partial
from assigncli.server.store.conditions import ARCHIVED_TEXTS, HAS_REFERENCE
from assigncli.server.store.tables import TableRow


class ArchivedAssignment(TableRow, table=True):
    """What is kept of an ended assignment after a year: no payload, no keys, no notes.

    The manifest is kept, which has only digests, so that the rest can be checked against it. An
    erased assignment is kept here too, without title and reference.
    """

    __tablename__ = "archived_assignments"
    __table_args__ = (
        UniqueConstraint("organization_id", "number", name="archived_number_unique"),
        UniqueConstraint("organization_id", "import_key", name="archived_import_key_unique"),
        CheckConstraint(ARCHIVED_TEXTS, name="archived_texts"),
        partial(
            "ix_archived_assignments_reference",
            *("organization_id", "subject_reference"),
            where=HAS_REFERENCE,
        ),
    )
    id: UUID = Field(primary_key=True)
    number: int
    organization_id: UUID = Field(foreign_key="organizations.id")
    recipient_user_id: UUID
    dispatched_by_user_id: UUID
    title: str
    title_salt: bytes
    subject_reference: str | None = None
    subject_reference_salt: bytes
    status: Status = Field(sa_type=WordColumn(Status))
    honorarium_tier: Tier = Field(sa_type=WordColumn(Tier))
    threshold_sequence_number: int | None = None
    reporting_cycle_id: UUID | None = None
    import_key: bytes | None = None
    import_digest: bytes | None = None
    manifest_body: bytes
    created_at: datetime = Field(sa_type=Moment)
    dispatched_at: datetime | None = Field(default=None, sa_type=Moment)
    completed_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_at: datetime = Field(sa_type=Moment)
    archived_at: datetime = Field(sa_type=Moment)
    erased_at: datetime | None = Field(default=None, sa_type=Moment)
