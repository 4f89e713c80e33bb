"""The table of a mentor's attempts to reach the person that got no answer, and its queries."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint, func
from sqlmodel import Field, Session, col, select

from assigncli.server.store.column_types import Moment
from assigncli.server.store.tables import TableRow


class ContactAttempt(TableRow, table=True):
    """One attempt without an answer; `attempt` counts from 1 for the assignment. Append-only."""

    __tablename__ = "contact_attempts"
    __table_args__ = (UniqueConstraint("assignment_id", "attempt", name="contact_attempt_once"),)
    id: int | None = Field(default=None, primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    assignment_id: UUID
    member_id: UUID = Field(foreign_key="members.id")
    attempt: int
    at: datetime = Field(sa_type=Moment)


def count(tx: Session, assignment_id: UUID) -> int:
    """Return how many attempts got no answer."""
    own = ContactAttempt.assignment_id == assignment_id
    return int(tx.exec(select(func.count(col(ContactAttempt.id))).where(own)).one())


def of_assignment(tx: Session, assignment_id: UUID) -> list[ContactAttempt]:
    """Return the attempts for an assignment, oldest first."""
    own = ContactAttempt.assignment_id == assignment_id
    return list(tx.exec(select(ContactAttempt).where(own).order_by(col(ContactAttempt.id))))
