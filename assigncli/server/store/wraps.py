"""The tables of wraps: each is sealed to one reader, and signed by its maker.

Which key is sealed, and who may read or make a wrap, is PROTOCOL.md 6.4 and 6.5; no key is here.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from assigncli.server.store.column_types import Moment
from assigncli.server.store.tables import TableRow


class OrganizationKeyWrap(TableRow, table=True):
    """An organisation key, by id and use, sealed to one device and signed by its maker."""

    __tablename__ = "organization_key_wraps"
    __table_args__ = (
        Index("ix_organization_key_wraps_certificate", "certificate_id", "use", "created_at"),
        CheckConstraint("use IN ('addresses', 'imports')", name="organization_key_use"),
    )
    organization_id: UUID = Field(foreign_key="organizations.id", primary_key=True)
    key_id: UUID = Field(primary_key=True)
    certificate_id: UUID = Field(foreign_key="certificates.id", primary_key=True)
    use: str
    wrap: bytes
    maker_certificate_id: UUID = Field(foreign_key="certificates.id")
    signature: bytes
    created_at: datetime = Field(sa_type=Moment)


class KeyWrap(TableRow, table=True):
    """The secret half of an assignment's key, sealed to one device and signed by its maker."""

    __tablename__ = "key_wraps"
    __table_args__ = (Index("ix_key_wraps_certificate", "certificate_id"),)
    assignment_id: UUID = Field(foreign_key="assignments.id", primary_key=True)
    certificate_id: UUID = Field(foreign_key="certificates.id", primary_key=True)
    encryption_key_id: UUID = Field(foreign_key="encryption_keys.id")
    wrap: bytes
    maker_certificate_id: UUID = Field(foreign_key="certificates.id")
    signature: bytes
    created_at: datetime = Field(sa_type=Moment)
