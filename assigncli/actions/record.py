"""Write one audit entry, signed by the acting member and chained to the one before; read some back.

What is read back is as the rows say: whether an entry is signed by who it names is for `trust`, and
whether the chain is whole for `verify`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlmodel import Session as Transaction
from sqlmodel import col, select

from assigncli.actions.session import Session
from assigncli.crypto.certificate import Certificate
from assigncli.crypto.chain import GENESIS, Entry, seal_entry
from assigncli.crypto.statement import canonical
from assigncli.domain.access import AuditReceipt
from assigncli.domain.audit import Action
from assigncli.store import audit
from assigncli.store.tables import AuditEntry

ASSIGNMENT = "assignment"
MEMBER = "member"
ORGANIZATION = "organization"
CYCLE = "cycle"

Act = tuple[Action, tuple[str, UUID], Mapping[str, str | int]]
"""What was done, to which thing of which kind, and facts about it."""


def record(
    session: Session,
    tx: Transaction,
    actor: Certificate,
    action: Action,
    subject: tuple[str, UUID],
    **details: str | int,
) -> AuditReceipt:
    """Append an entry in the transaction at hand; its receipt counts once that is committed.

    `details` are facts about the act: numbers, codes, ids. Never anything about a person visited.
    """
    (receipt,) = record_all(session, tx, actor, [(action, subject, details)])
    return receipt


def record_all(
    session: Session, tx: Transaction, actor: Certificate, acts: Sequence[Act]
) -> list[AuditReceipt]:
    """Append several entries at once, in order; as `record`."""
    sequence, last = audit.tail(tx, session.organization_id)
    previous = last or GENESIS
    rows: list[dict[str, object]] = []
    for action, subject, details in acts:
        sequence += 1
        entry = Entry(
            organization_id=session.organization_id,
            sequence=sequence,
            at=session.now,
            actor_id=actor.member_id,
            actor_certificate_id=actor.id,
            action=action.value,
            subject_type=subject[0],
            subject_id=subject[1],
            details=canonical(details).decode(),
            previous_hash=previous,
        )
        previous, signature = seal_entry(entry, session.identity)
        rows.append({**vars(entry), "entry_hash": previous, "signature": signature})
    audit.append_all(tx, rows)
    first = sequence - len(rows) + 1
    return [
        AuditReceipt(session.organization_id, first + place, subject[1], actor.member_id)
        for place, (_action, subject, _details) in enumerate(acts)
    ]


def about(
    session: Session, tx: Transaction, subject_id: UUID, actions: Iterable[Action]
) -> list[AuditEntry]:
    """Return the organisation's entries of these kinds about one subject, first to last.

    The database is asked by the subject's index alone, which is short whatever the log's length.
    """
    rows = tx.exec(
        select(AuditEntry).where(
            AuditEntry.subject_id == subject_id,
            col(AuditEntry.action).in_([action.value for action in actions]),
        )
    )
    own = (row for row in rows if row.organization_id == session.organization_id)
    return sorted(own, key=lambda row: row.sequence)


def entry_of(row: AuditEntry) -> Entry:
    """Return what the row's signature covers."""
    return Entry(
        organization_id=row.organization_id,
        sequence=row.sequence,
        at=row.at,
        actor_id=row.actor_id,
        actor_certificate_id=row.actor_certificate_id,
        action=row.action,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        details=row.details,
        previous_hash=row.previous_hash,
    )


def details_of(text: str) -> dict[str, str | int]:
    """Return an entry's details; empty where they are not in their proper form."""
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def id_in(text: str, name: str) -> UUID | None:
    """Return the id that an entry's details give under `name`, or None."""
    try:
        return UUID(str(details_of(text)[name]))
    except (KeyError, ValueError):
        return None
