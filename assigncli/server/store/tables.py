"""The tables, named as in SPEC section 2; no queries, and no rule beyond the shape of one row.

Other tables are in `scheduled` (outbox and sweep), `statement_rows` (beside the log's entries),
`wraps` and `invitations`. Rules that need more than one row (transitions, roles, immutability,
separation of organisations) are held by the triggers of `schema.sql`. A named CHECK constraint has
the rule's name, so that the user sees the database's refusal as the same rule.

Every command that opens the store pays for these classes at startup. So annotations are not
postponed here, because each would be evaluated again from its text, twice; and pydantic's
validators, which table classes never use, are not built.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from assigncli.domain.declining import DeclineReason
from assigncli.domain.lifecycle import (
    CycleStatus,
    MemberStatus,
    Priority,
    ProfileStatus,
    Role,
    Status,
)
from assigncli.domain.tiers import LedgerKind, Tier
from assigncli.server.store.column_types import Moment, WordColumn, one_of, partial
from assigncli.server.store.conditions import (
    AWAITS_REMINDER,
    HAS_ENDED,
    HAS_ENDED_EARLY,
    HAS_REFERENCE,
    IS_COMPLETED,
    IS_COMPLETION,
    IS_DECLINED,
    IS_OPEN,
    MAY_EXPIRE,
    NOT_SHREDDED,
    REPLACING,
    RETENTION_RUNS,
)

SEALED_OVERHEAD = 1 + 12 + 16
"""Bytes around the padded payload: suite, nonce, tag. The padding step is 256 bytes."""

_OF_RECIPIENT = ("recipient_user_id", "reporting_cycle_id")


class TableRow(SQLModel):
    """The base of all tables: no validators, see the module's docstring."""

    model_config = {"defer_build": True}


class StoreInfo(TableRow, table=True):
    """The one row with the file's own id, and the marks of its newest writes (`commit_outcome`)."""

    __tablename__ = "store_info"
    __table_args__ = (CheckConstraint("id = 1", name="store_info_single"),)
    id: int = Field(default=1, primary_key=True)
    store_id: UUID
    created_at: datetime = Field(sa_type=Moment)
    recent_writes: str = ""


class Organization(TableRow, table=True):
    """One organisation. Clients use their own pinned copy of `root_public_key`, not this one."""

    __tablename__ = "organizations"
    id: UUID = Field(primary_key=True)
    name: str
    name_salt: bytes
    name_key: str = Field(unique=True)  # domain.people.name_key of the name
    time_zone: str
    root_public_key: bytes
    created_at: datetime = Field(sa_type=Moment)


class OrganizationSetting(TableRow, table=True):
    """One setting, who set it and when; the newest row of a name is in force.

    Only a value of free text has a salt.
    """

    __tablename__ = "organization_settings"
    __table_args__ = (Index("ix_organization_settings_name", "organization_id", "name", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    name: str
    value: str
    value_salt: bytes | None = None
    set_by: UUID
    set_at: datetime = Field(sa_type=Moment)


class Member(TableRow, table=True):
    """A person or service of one organisation; their certificate decides over keys and names."""

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("organization_id", "handle", name="members_handle_unique"),
        UniqueConstraint("id", "organization_id", name="members_id_organization_unique"),
        one_of("status", MemberStatus),
    )
    id: UUID = Field(primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    handle: str
    handle_salt: bytes
    display_name: str
    display_name_salt: bytes
    status: MemberStatus = Field(sa_type=WordColumn(MemberStatus))
    signing_key: bytes | None = None
    encryption_key: bytes | None = None
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class MemberRole(TableRow, table=True):
    """One role a member holds."""

    __tablename__ = "member_roles"
    __table_args__ = (one_of("role", Role),)
    member_id: UUID = Field(foreign_key="members.id", primary_key=True)
    role: Role = Field(sa_type=WordColumn(Role), primary_key=True)


class PeerMentorProfile(TableRow, table=True):
    """Whether a mentor may be sent assignments; days are the organisation's local calendar days."""

    __tablename__ = "peer_mentor_profiles"
    __table_args__ = (
        ForeignKeyConstraint(
            ["member_id", "organization_id"], ["members.id", "members.organization_id"]
        ),
        one_of("status", ProfileStatus),
    )
    member_id: UUID = Field(primary_key=True)
    organization_id: UUID
    status: ProfileStatus = Field(sa_type=WordColumn(ProfileStatus))
    paused_until: date | None = None
    certified_until: date | None = None
    updated_at: datetime = Field(sa_type=Moment)


class CertificateRow(TableRow, table=True):
    """A signed certificate of one device, when revoked and since when suspended. Append-only."""

    __tablename__ = "certificates"
    __table_args__ = (
        ForeignKeyConstraint(
            ["member_id", "organization_id"], ["members.id", "members.organization_id"]
        ),
        Index("ix_certificates_member", "member_id", "issued_at"),
    )
    id: UUID = Field(primary_key=True)
    organization_id: UUID
    member_id: UUID
    body: bytes
    signature: bytes
    device: str
    device_salt: bytes
    issued_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    suspended_at: datetime | None = Field(default=None, sa_type=Moment)


class EncryptionKey(TableRow, table=True):
    """The register of vault keys: the assignment of each, and whether it is live; no shares.

    `retired_at` is when its assignment was completed; `shredded_at` when the share was known to be
    deleted.
    """

    __tablename__ = "encryption_keys"
    __table_args__ = (
        CheckConstraint("length(share_commitment) = 32", name="share_commitment_length"),
        partial(
            "ix_encryption_keys_retired",
            *("organization_id", "retired_at", "id"),
            where=RETENTION_RUNS,
        ),
        partial("ix_encryption_keys_unshredded", "organization_id", "id", where=NOT_SHREDDED),
    )
    id: UUID = Field(primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    assignment_id: UUID
    share_commitment: bytes
    created_at: datetime = Field(sa_type=Moment)
    retired_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    shredded_at: datetime | None = Field(default=None, sa_type=Moment)


class ReportingCycle(TableRow, table=True):
    """A range of local calendar days, first and last included.

    A typed name has a salt; a cycle that was opened automatically is named after its year.
    """

    __tablename__ = "reporting_cycles"
    __table_args__ = (
        UniqueConstraint("organization_id", "name", name="reporting_cycles_name_unique"),
        CheckConstraint("starts_on <= ends_on", name="reporting_cycles_in_order"),
        one_of("status", CycleStatus),
        Index("ix_reporting_cycles_days", "organization_id", "starts_on", "ends_on"),
    )
    id: UUID = Field(primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    name: str
    name_salt: bytes | None = None
    starts_on: date
    ends_on: date
    status: CycleStatus = Field(sa_type=WordColumn(CycleStatus))
    created_at: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)


class Assignment(TableRow, table=True):
    """One assignment: metadata in the clear, the person only in `encrypted_payload`."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("organization_id", "number", name="assignments_number_unique"),
        UniqueConstraint("organization_id", "import_key", name="assignments_import_key_unique"),
        CheckConstraint("(import_key IS NULL) = (import_digest IS NULL)", name="import_whole"),
        ForeignKeyConstraint(["encryption_key_id"], ["encryption_keys.id"]),
        one_of("status", Status),
        one_of("priority", Priority),
        one_of("honorarium_tier", Tier),
        one_of("decline_reason", DeclineReason),
        CheckConstraint("(declined_at IS NULL) = (decline_reason IS NULL)", name="decline_whole"),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("length(title) BETWEEN 1 AND 200", name="title_length"),
        CheckConstraint("length(encrypted_payload) > 0", name="encrypted_payload_non_empty"),
        CheckConstraint(
            "typeof(encrypted_payload) = 'blob' AND substr(encrypted_payload, 1, 1) = x'01' "
            f"AND length(encrypted_payload) > {SEALED_OVERHEAD} "
            f"AND (length(encrypted_payload) - {SEALED_OVERHEAD}) % 256 = 0",
            name="payload_must_be_encrypted_before_storage",
        ),
        CheckConstraint(
            "expires_at IS NULL OR expires_at > coalesce(dispatched_at, created_at)",
            name="expires_at_in_future",
        ),
        CheckConstraint("contact_deadline_days > 0", name="contact_deadline_days_positive"),
        CheckConstraint(
            "threshold_sequence_number IS NULL OR threshold_sequence_number >= 1",
            name="threshold_sequence_positive",
        ),
        CheckConstraint(
            "subject_reference IS NULL OR length(subject_reference) <= 40",
            name="subject_reference_max_length",
        ),
        Index("ix_assignments_recipient", "recipient_user_id", "number"),
        Index("ix_assignments_recipient_status", "recipient_user_id", "status", "number"),
        Index("ix_assignments_organization_status", "organization_id", "status", "number"),
        Index("ix_assignments_dispatcher", "dispatched_by_user_id"),
        Index("ix_assignments_dispatched_at", "dispatched_at"),
        Index("ix_assignments_expires_at", "expires_at"),
        Index("ix_assignments_recipient_cycle", *_OF_RECIPIENT, "threshold_sequence_number"),
        partial("ix_assignments_withdrawn", *_OF_RECIPIENT, where=HAS_ENDED_EARLY),
        Index("ix_assignments_sweep", "status", "reminder_sent_at", "dispatched_at"),
        partial(
            "ix_assignments_open_recipient",
            "organization_id",
            "recipient_user_id",
            "number",
            where=IS_OPEN,
        ),
        partial("ix_assignments_completed_key", "encryption_key_id", where=IS_COMPLETED),
        partial(
            "ix_assignments_expiry_due", "organization_id", "expires_at", "number", where=MAY_EXPIRE
        ),
        partial(
            "ix_assignments_reminder_due",
            *("organization_id", "contact_deadline_days", "dispatched_at", "number"),
            where=AWAITS_REMINDER,
        ),
        partial("ix_assignments_declined", "organization_id", "number", where=IS_DECLINED),
        partial(
            "ix_assignments_reference", "organization_id", "subject_reference", where=HAS_REFERENCE
        ),
        partial(
            "ix_assignments_archive_due", "organization_id", "updated_at", "number", where=HAS_ENDED
        ),
    )
    id: UUID = Field(primary_key=True)
    number: int
    organization_id: UUID = Field(foreign_key="organizations.id")
    recipient_user_id: UUID = Field(foreign_key="members.id")
    dispatched_by_user_id: UUID = Field(foreign_key="members.id")
    title: str
    title_salt: bytes
    subject_reference: str | None = None
    subject_reference_salt: bytes
    encrypted_payload: bytes
    encryption_key_id: UUID
    status: Status = Field(sa_type=WordColumn(Status))
    priority: Priority = Field(sa_type=WordColumn(Priority))
    contact_deadline_days: int
    dispatched_at: datetime | None = Field(default=None, sa_type=Moment)
    delivered_at: datetime | None = Field(default=None, sa_type=Moment)
    first_read_at: datetime | None = Field(default=None, sa_type=Moment)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Moment)
    contact_made_at: datetime | None = Field(default=None, sa_type=Moment)
    completed_at: datetime | None = Field(default=None, sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    reminder_sent_at: datetime | None = Field(default=None, sa_type=Moment)
    consent_required: bool
    consent_completed_at: datetime | None = Field(default=None, sa_type=Moment)
    threshold_sequence_number: int | None = None
    honorarium_tier: Tier = Field(sa_type=WordColumn(Tier))
    reporting_cycle_id: UUID | None = Field(default=None, foreign_key="reporting_cycles.id")
    recalled_at: datetime | None = Field(default=None, sa_type=Moment)
    recalled_by_user_id: UUID | None = Field(default=None, foreign_key="members.id")
    cancelled_at: datetime | None = Field(default=None, sa_type=Moment)
    cancelled_by_user_id: UUID | None = Field(default=None, foreign_key="members.id")
    declined_at: datetime | None = Field(default=None, sa_type=Moment)
    decline_reason: DeclineReason | None = Field(default=None, sa_type=WordColumn(DeclineReason))
    coordinator_notes: str | None = None
    coordinator_notes_salt: bytes
    internal_notes: str | None = None
    internal_notes_salt: bytes
    import_key: bytes | None = None
    import_digest: bytes | None = None
    manifest_body: bytes
    manifest_signature: bytes
    dispatcher_certificate_id: UUID = Field(foreign_key="certificates.id")
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class AssignmentStatusLog(TableRow, table=True):
    """One step an assignment took. Append-only."""

    __tablename__ = "assignment_status_logs"
    __table_args__ = (Index("ix_assignment_status_logs_assignment", "assignment_id", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    assignment_id: UUID
    from_status: Status | None = Field(default=None, sa_type=WordColumn(Status))
    to_status: Status = Field(sa_type=WordColumn(Status))
    actor_id: UUID
    at: datetime = Field(sa_type=Moment)
    reason: str | None = None
    reason_salt: bytes | None = None


class AssignmentThresholdLog(TableRow, table=True):
    """One line of the honorarium ledger, with the running counts after it. Append-only.

    The counts are those of `Counts`, for the line's member and cycle; the database checks them
    against the previous line. Only a completion has `in_person`, None where the mentor did not say.
    """

    __tablename__ = "assignment_threshold_logs"
    __table_args__ = (
        UniqueConstraint("assignment_id", "kind", name="threshold_line_once"),
        one_of("kind", LedgerKind),
        Index("ix_assignment_threshold_logs_member", "member_id", "reporting_cycle_id", "id"),
        partial(
            "ix_assignment_threshold_logs_completed",
            *("member_id", "reporting_cycle_id", "completed_count"),
            where=IS_COMPLETION,
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    assignment_id: UUID
    member_id: UUID = Field(foreign_key="members.id")
    reporting_cycle_id: UUID = Field(foreign_key="reporting_cycles.id")
    kind: LedgerKind = Field(sa_type=WordColumn(LedgerKind))
    dispatched_change: int
    completed_change: int
    dispatched_count: int
    completed_count: int
    from_earlier_count: int
    in_person_count: int
    not_in_person_count: int
    in_person: bool | None = None
    at: datetime = Field(sa_type=Moment)


class ConsentRecord(TableRow, table=True):
    """A mentor's acceptance of each step of one version of the consent text. Append-only.

    What they signed is in the statement: which steps, in which language, and the digest of the
    text.
    """

    __tablename__ = "consent_records"
    __table_args__ = (UniqueConstraint("assignment_id", "member_id", name="consent_once"),)
    id: UUID = Field(primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    assignment_id: UUID
    member_id: UUID = Field(foreign_key="members.id")
    text_version: str
    statement_hash: bytes
    completed_at: datetime = Field(sa_type=Moment)


class AuditEntry(TableRow, table=True):
    """One entry signed by the service; `sequence` counts from 1 in each organisation. Append-only.

    `statement_hash` is that of the act's statement, None where the service acts without one.
    `actor_id` is the member whose certificate it is; for a new key, which has none, the member
    whose key it is.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        UniqueConstraint("organization_id", "sequence", name="audit_sequence_unique"),
        Index("ix_audit_log_subject", "subject_id", "sequence"),
        partial("ix_audit_log_statement", "statement_hash", where="statement_hash IS NOT NULL"),
        partial("ix_audit_log_service", "organization_id", "sequence", where=REPLACING),
    )
    id: int | None = Field(default=None, primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    sequence: int
    at: datetime = Field(sa_type=Moment)
    actor_id: UUID
    actor_certificate_id: UUID | None = None
    action: str
    subject_id: UUID
    details: str
    statement_hash: bytes | None = None
    service_certificate_id: UUID
    signature: bytes
