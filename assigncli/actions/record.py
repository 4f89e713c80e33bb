"""Write one audit entry: signed by the acting member, chained to the one before."""

from __future__ import annotations

import json
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions.session import Session
from assigncli.crypto.certificate import Certificate
from assigncli.crypto.chain import GENESIS, Entry, sign_entry
from assigncli.domain.access import AuditReceipt
from assigncli.domain.audit import Action
from assigncli.store import audit
from assigncli.store.tables import AuditEntry

ASSIGNMENT = "assignment"
MEMBER = "member"
ORGANIZATION = "organization"
CYCLE = "cycle"


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
    sequence, previous = audit.tail(tx, session.organization_id)
    entry = Entry(
        organization_id=session.organization_id,
        sequence=sequence + 1,
        at=session.now,
        actor_id=actor.member_id,
        actor_certificate_id=actor.id,
        action=action.value,
        subject_type=subject[0],
        subject_id=subject[1],
        details=json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        previous_hash=previous or GENESIS,
    )
    audit.append(
        tx,
        AuditEntry(
            organization_id=entry.organization_id,
            sequence=entry.sequence,
            at=entry.at,
            actor_id=entry.actor_id,
            actor_certificate_id=entry.actor_certificate_id,
            action=entry.action,
            subject_type=entry.subject_type,
            subject_id=entry.subject_id,
            details=entry.details,
            previous_hash=entry.previous_hash,
            entry_hash=entry.hash(),
            signature=sign_entry(entry, session.identity),
        ),
    )
    return AuditReceipt(entry.organization_id, entry.sequence, subject[1], entry.actor_id)
