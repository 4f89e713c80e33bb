"""The tables beside the log's entries: statements, the tree's nodes, and refused statements.

What keeps the tables consistent is in `schema.sql`; what they prove is checked by `assign audit
verify`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from assigncli.server.store.column_types import Moment, partial
from assigncli.server.store.tables import TableRow


class StatementRow(TableRow, table=True):
    """The whole statement that a member signed, by its hash. Append-only."""

    __tablename__ = "statements"
    hash: bytes = Field(primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    body: bytes
    signature: bytes


class LogNode(TableRow, table=True):
    """One node of the tree over the entries: a complete subtree's hash. Append-only.

    Level 0 is the entries' leaves, the entry with sequence s at place s - 1; node (l, p) covers (l
    - 1, 2p) and (l - 1, 2p + 1).
    """

    __tablename__ = "log_nodes"
    organization_id: UUID = Field(foreign_key="organizations.id", primary_key=True)
    level: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    hash: bytes


class RefusedStatement(TableRow, table=True):
    """A refused statement, or one withdrawn before it came, by its hash (PROTOCOL.md 8.4).

    `sequence` is the entry that records it; only such a row has body and signature, until newer
    ones need the room. `counted` is set on the row that began its device's running hour: the number
    of attempts since then without an entry. The hash must be known up to `kept_until`.
    """

    __tablename__ = "refused_statements"
    __table_args__ = (
        CheckConstraint(
            "length(CAST(hash AS BLOB)) = 32"
            " AND (body IS NULL) = (signature IS NULL)"
            " AND (body IS NULL OR sequence IS NOT NULL)"
            " AND (counted IS NULL OR (counted >= 0 AND sequence IS NOT NULL))"
            " AND coalesce(length(CAST(body AS BLOB)), 0) <= 16384"
            " AND coalesce(length(CAST(signature AS BLOB)), 64) = 64"
            " AND length(CAST(facts AS BLOB)) <= 65536",
            name="refused_statements_shape",
        ),
        # With the code, because withdrawn ones are counted separately without reading their rows.
        Index(
            "ix_refused_statements_device",
            "organization_id",
            "certificate_id",
            "kept_until",
            "code",
        ),
        partial(
            "ix_refused_statements_recorded",
            "organization_id",
            "certificate_id",
            "sequence",
            where="sequence IS NOT NULL",
        ),
        partial(
            "ix_refused_statements_bodies",
            "organization_id",
            "sequence",
            where="body IS NOT NULL",
        ),
        partial(
            "ix_refused_statements_hours",
            "organization_id",
            "certificate_id",
            where="counted IS NOT NULL",
        ),
        partial(
            "ix_refused_statements_spent",
            "organization_id",
            "kept_until",
            where="body IS NULL AND counted IS NULL",
        ),
    )
    hash: bytes = Field(primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    certificate_id: UUID | None = Field(default=None, foreign_key="certificates.id")
    act: str
    subject_id: UUID
    code: str
    facts: str
    at: datetime = Field(sa_type=Moment)
    kept_until: datetime = Field(sa_type=Moment)
    sequence: int | None = None
    counted: int | None = None
    body: bytes | None = None
    signature: bytes | None = None
