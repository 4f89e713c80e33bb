"""Append entries to the audit log, each with the statement it carries out; read some back.

What is read back is as the rows say. `certification` verifies the signatures of an entry and of its
statement, and `verify` verifies that the log is whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from string import printable
from typing import Any, Final
from urllib.parse import quote, unquote
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.access import AuditReceipt
from assigncli.domain.actions import ISSUING, STANDING, Action
from assigncli.lookups.about_log import Fact
from assigncli.protocol import statement
from assigncli.protocol.acts import OF_NEW_KEYS
from assigncli.protocol.canonical import decode
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.statement import Statement
from assigncli.server import log_end, service
from assigncli.server.log_end import Log
from assigncli.server.service import Service
from assigncli.server.store import audit_log
from assigncli.server.store.founding import founding
from assigncli.server.store.statement_rows import StatementRow
from assigncli.server.store.tables import AuditEntry
from assigncli.server.turn import Turn

Act = tuple[Action, UUID, Mapping[str, Fact]]
"""An action, the id of its subject, and facts about it."""

_CARRIED_OUT: Final = "assigncli_carried_out"
_STATEMENTS: Final = "assigncli_statements"
_STANDING: Final = "assigncli_standing"
# A signed body may hold printable ASCII except quote and backslash; a % begins an encoded byte.
_SIGNABLE: Final = "".join(set(printable) - set('"\\%\t\n\r\v\f'))


def record(
    turn: Turn,
    tx: Transaction,
    actor: Certificate,
    action: Action,
    subject: UUID,
    **details: Fact,
) -> AuditReceipt:
    """Append one entry in this transaction; the receipt is valid once that is committed.

    `details` are facts about the act: numbers, codes, ids. Never anything about a person visited.
    """
    (receipt,) = record_all(turn, tx, actor, [(action, subject, details)])
    return receipt


def record_all(
    turn: Turn, tx: Transaction, actor: Certificate, acts: Sequence[Act]
) -> list[AuditReceipt]:
    """Append several entries in order, as `record`.

    The service's own acts have no statement; an act of a member must carry out the statement that
    they sent in this transaction, else AssertionError. Raises as `service.own`.
    """
    ours, end = service.own(turn, tx), log_end.of(tx)
    sender, stated = tx.info.get(_CARRIED_OUT, (None, None))
    if actor.id != sender:
        if actor.id != ours.certificate.id:
            raise AssertionError("What a member does carries out a statement of theirs.")
        stated = None
    receipts = []
    for act in acts:
        entry = _entry(turn, ours, end, act, stated, actor.id)
        end.append(entry, actor.member, ours.identity)
        receipts.append(AuditReceipt(turn.organization_id, entry.sequence, act[1], actor.member))
    end.write(tx)
    tx.info.pop(_STANDING, None)
    return receipts


def record_new_key(
    turn: Turn,
    tx: Transaction,
    member_id: UUID,
    action: Action,
    subject: UUID,
    **facts: Fact,
) -> None:
    """Append the entry of the statement being carried out, signed by this member's new key.

    The entry names no certificate. Raises as `service.own`.
    """
    ours, end = service.own(turn, tx), log_end.of(tx)
    _no_certificate, stated = tx.info[_CARRIED_OUT]
    entry = _entry(turn, ours, end, (action, subject, facts), stated, None)
    end.append(entry, member_id, ours.identity)
    end.write(tx)
    tx.info.pop(_STANDING, None)


def record_root(turn: Turn, tx: Transaction, acts: Sequence[Act]) -> None:
    """Append the entries of the statement being carried out, which the root key signed.

    They name no certificate; the organisation's id stands for the actor. Raises as `service.own`.
    """
    ours, end = service.own(turn, tx), log_end.of(tx)
    _no_certificate, stated = tx.info[_CARRIED_OUT]
    for act in acts:
        end.append(_entry(turn, ours, end, act, stated, None), turn.organization_id, ours.identity)
    end.write(tx)
    tx.info.pop(_STANDING, None)


def carry_out(tx: Transaction, certificate_id: UUID | None, stated: Mapping[str, Any]) -> None:
    """Keep the statement that this transaction carries out; its signer's entries will name it.

    `stated` has hash, body and signature, verified before. `certificate_id` is None for a new key
    and for the root key.
    """
    log_end.of(tx).keep_statement(stated)
    tx.info[_CARRIED_OUT] = certificate_id, stated["hash"]


def _entry(
    turn: Turn, ours: Service, end: Log, act: Act, stated: bytes | None, actor: UUID | None
) -> Entry:
    action, subject, details = act
    return Entry(
        organization=turn.organization_id,
        sequence=end.size + 1,
        at=turn.now,
        act=action.value,
        subject=subject,
        facts={name: _signable(value) for name, value in details.items()},
        statement=stated,
        actor=actor,
        service=ours.certificate.id,
    )


def about(
    turn: Turn, tx: Transaction, subject_id: UUID, actions: Iterable[Action]
) -> list[AuditEntry]:
    """Return the organisation's entries of these actions about one subject, in log order.

    Uses only the index on the subject, so the cost does not grow with the log. Their statements are
    read with them and kept for `statement_of`.
    """
    rows = audit_log.about(tx, subject_id, [action.value for action in actions])
    found: list[AuditEntry] = []
    kept: dict[bytes | None, StatementRow | None] = tx.info.setdefault(_STATEMENTS, {})
    for row, stated in rows:
        if row.organization_id == turn.organization_id:
            found.append(row)
            kept[row.statement_hash] = stated
    return sorted(found, key=lambda row: row.sequence)


def about_standing(turn: Turn, tx: Transaction, member_id: UUID) -> list[AuditEntry]:
    """Return the entries that decide which certificates a member holds, and until when, in order.

    The founding counts for the founder and for the service, and what replaces the service for it,
    though their subject is the organization. Kept for the transaction, until it appends to the log.
    """
    kept: dict[UUID, list[AuditEntry]] = tx.info.setdefault(_STANDING, {})
    if member_id not in kept:
        found = about(turn, tx, member_id, (*STANDING, Action.MEMBER_CERTIFIED))
        founded = founding(tx, turn.organization_id)
        if founded is not None and member_id in founded.given:
            found.insert(0, founded.entry)
        if founded is not None and member_id == founded.service:
            found += audit_log.replacements(tx, turn.organization_id)
            found.sort(key=lambda row: row.sequence)
        kept[member_id] = found
    return kept[member_id]


def certificate_given(tx: Transaction, row: AuditEntry, member_id: UUID) -> UUID | None:
    """Return the certificate that an entry gives this member; None if it gives none."""
    if row.action == Action.ORGANIZATION_FOUNDED:
        founded = founding(tx, row.organization_id)
        return None if founded is None else founded.given.get(member_id)
    gives = row.action in (*ISSUING, Action.SERVICE_REPLACED)
    return id_in(row.details, "certificate") if gives else None


def statement_of(tx: Transaction, row: AuditEntry) -> StatementRow | None:
    """Return the statement that an entry names, as kept; None if there is none."""
    kept: dict[bytes | None, StatementRow | None] = tx.info.setdefault(_STATEMENTS, {})
    if row.statement_hash is None:
        return None
    if row.statement_hash not in kept:
        kept[row.statement_hash] = audit_log.statement(tx, row.statement_hash)
    return kept[row.statement_hash]


def is_of_root(row: AuditEntry) -> bool:
    """Return whether the root key signed the statement that an entry names, as its row says."""
    names_device = row.actor_certificate_id is not None
    return row.statement_hash is not None and not names_device and row.action not in OF_NEW_KEYS


def told_by(tx: Transaction, row: AuditEntry) -> Statement:
    """Return the decoded statement that an entry names; ValueError if none has that hash.

    Its signature is not checked here: `certification` does that.
    """
    kept = statement_of(tx, row)
    if kept is None or statement.Statement.digest(kept.body) != row.statement_hash:
        raise ValueError("no such statement")
    return Statement.decode(kept.body)


def entry_of(row: AuditEntry) -> Entry:
    """Return what the row's signature covers; ValueError if the columns do not form an entry."""
    return Entry(
        organization=row.organization_id,
        sequence=row.sequence,
        at=row.at,
        act=row.action,
        subject=row.subject_id,
        facts=decode(row.details.encode()),
        statement=row.statement_hash,
        actor=row.actor_certificate_id,
        service=row.service_certificate_id,
    )


def details_of(text: str) -> dict[str, Fact]:
    """Return an entry's details; empty if they are malformed."""
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        name: unquote(value) if isinstance(value, str) else value for name, value in found.items()
    }


def id_in(text: str, name: str) -> UUID | None:
    """Return the id that an entry's details have under `name`; None if there is none."""
    try:
        return UUID(str(details_of(text)[name]))
    except (KeyError, ValueError):
        return None


def _signable(value: Fact) -> Fact:
    """Return a fact as a signed body may hold it: everything but plain ASCII percent-encoded."""
    return quote(value, safe=_SIGNABLE) if isinstance(value, str) else value
