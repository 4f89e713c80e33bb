"""The tables beside the log's entries: what members signed, and the tree over the entries.

What holds them together is in `guards`, and what they prove is for `assign audit verify`.
"""

from uuid import UUID

from sqlmodel import Field

from assigncli.store.tables import Row


class StatementRow(Row, table=True):
    """What a member signed to act, whole, by its hash. Append-only."""

    __tablename__ = "statements"
    hash: bytes = Field(primary_key=True)
    organization_id: UUID = Field(foreign_key="organizations.id")
    body: bytes
    signature: bytes


class LogNode(Row, table=True):
    """One node of the tree over the entries: a complete subtree's hash. Append-only.

    Level 0 is the entries' own, the entry with sequence s at place s - 1; node (l, p) is over (l -
    1, 2p) and (l - 1, 2p + 1).
    """

    __tablename__ = "log_nodes"
    organization_id: UUID = Field(foreign_key="organizations.id", primary_key=True)
    level: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    hash: bytes
