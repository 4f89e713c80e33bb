"""What is kept of refused statements: entries, counts, and hashes to be known (PROTOCOL.md 8.4).

Nothing is checked or refused here, but a flood. The caller has rolled back what the attempt did,
and records it in a write transaction of its own. `now` is always the moment that the transaction's
entries have (aware UTC): the server's clock, but never before the last entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.attempts import (
    HOUR,
    MAX_BODIES_OF_DEVICE,
    MAX_BODIES_OF_ORGANIZATION,
    MAX_HASHES,
    AttemptKind,
    Hour,
    is_over,
    kept_until,
    makes_entry,
)
from assigncli.errors import Tampered
from assigncli.protocol.acts import NEW_KEY, act_of
from assigncli.protocol.canonical import Malformed, decode, encode
from assigncli.protocol.statement import Statement
from assigncli.server.store import audit_log, refused_statements
from assigncli.server.store.refused_statements import WITHDRAWN
from assigncli.server.store.statement_rows import RefusedStatement

Append = Callable[[str, UUID, Mapping[str, Any]], int]
"""Appends an entry of the service with this act, subject and facts; returns its sequence."""

_MAX_FACTS = 65_536


class TooMany(Exception):
    """So many hashes of the device are kept that its statement is not looked at: `store_busy`."""


@dataclass(frozen=True)
class Attempt:
    """A statement that was refused, as it came, with the code of its refusal and that one's facts.

    `subject` is what the entry is about: the organization where `about` names nothing of it.
    """

    statement: Statement
    hash: bytes
    body: bytes
    signature: bytes
    code: str
    facts: Mapping[str, Any]
    subject: UUID


@dataclass(frozen=True)
class Known:
    """The answer that a statement had before; `sequence` is the entry that records it, if any."""

    code: str
    facts: Mapping[str, Any]
    sequence: int | None
    withdrawn: bool


def known(tx: Transaction, organization_id: UUID, hash: bytes) -> Known | None:
    """Return how a statement was refused or that it was withdrawn; None where it was neither.

    Raises Tampered `refused_statement_altered` where what is kept cannot be read.
    """
    row = refused_statements.by_hash(tx, organization_id, hash)
    if row is None:
        return None
    try:
        facts = decode(row.facts.encode(), _MAX_FACTS)
    except Malformed:
        raise Tampered("refused_statement_altered") from None
    return Known(row.code, facts, row.sequence, row.code == WITHDRAWN)


def is_flooded(
    tx: Transaction, organization_id: UUID, certificate_id: UUID | None, now: datetime
) -> bool:
    """Say whether the device may not be answered: one more refusal would be one too many to keep.

    To be asked before a statement is checked. What was only withdrawn does not count: a new key can
    withdraw without a token, and must not close the way for those with one.
    """
    return _is_full(tx, organization_id, certificate_id, now, withdrawn=False)


def record(
    tx: Transaction, organization_id: UUID, attempt: Attempt, now: datetime, append: Append
) -> int | None:
    """Record or count a refused attempt; return the sequence of the entry that records it, if any.

    An hour of the device that is over is told of first. A statement that was refused, withdrawn or
    carried out meanwhile is no further attempt. Raises TooMany.
    """
    before = refused_statements.by_hash(tx, organization_id, attempt.hash)
    if before is not None or audit_log.statement(tx, attempt.hash) is not None:
        return before.sequence if before is not None else None
    device = attempt.statement.certificate
    if is_flooded(tx, organization_id, device, now):
        raise TooMany
    hour = _running_hour(tx, organization_id, device, now, append)
    kind = AttemptKind(attempt.statement.act, attempt.subject, attempt.code)
    sequence = None
    if hour is None or makes_entry(hour, kind):
        sequence = append(Action.ATTEMPT_REFUSED, attempt.subject, _facts(attempt))
    else:
        refused_statements.count(tx, organization_id, device, hour.first)
    begins = hour is None
    refused_statements.keep(tx, _row(organization_id, attempt, now, sequence, begins=begins))
    _tidy(tx, organization_id, device, now)
    return sequence


def withdraw(
    tx: Transaction,
    organization_id: UUID,
    hash: bytes,
    statement: Statement,
    now: datetime,
) -> None:
    """Remember that the owner of an unknown statement was told that nothing had happened.

    Once is enough: one that is refused or withdrawn already stays as it is. Raises TooMany, and
    RuleRefused `already_exists` for a statement that was carried out.
    """
    if refused_statements.by_hash(tx, organization_id, hash) is not None:
        return
    device = statement.certificate
    if _is_full(tx, organization_id, device, now, withdrawn=True):
        raise TooMany
    refused_statements.keep(
        tx,
        RefusedStatement(
            hash=hash,
            organization_id=organization_id,
            certificate_id=device,
            act=statement.act,
            subject_id=organization_id,
            code=WITHDRAWN,
            facts="{}",
            at=now,
            kept_until=kept_until(now, _signed_at(statement, now), recorded=False),
        ),
    )
    _tidy(tx, organization_id, device, now)


def count_due(tx: Transaction, organization_id: UUID, now: datetime, append: Append) -> int:
    """Tell of every device's hour that is over, and forget what is kept too long; for the sweep.

    Returns how many entries that made: none for an hour in which nothing was counted.
    """
    told = 0
    for found in refused_statements.begun_before(tx, organization_id, now - HOUR):
        told += _tell(tx, organization_id, found, append)
    refused_statements.forget(tx, organization_id, now)
    return told


class Counters:
    """How often each code was given to what does not authenticate, since the process began.

    In memory only, never logged: anybody can send such bytes. Safe for several threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def note(self, code: str) -> None:
        """Count one refusal with this code."""
        with self._lock:
            self._counts[code] += 1

    def snapshot(self) -> dict[str, int]:
        """Return the counts by code, sorted; a copy."""
        with self._lock:
            return dict(sorted(self._counts.items()))


def _is_full(
    tx: Transaction,
    organization_id: UUID,
    certificate_id: UUID | None,
    now: datetime,
    *,
    withdrawn: bool,
) -> bool:
    kept = refused_statements.count_kept(
        tx, organization_id, certificate_id, now, withdrawn=withdrawn, limit=MAX_HASHES
    )
    return kept >= MAX_HASHES


def _running_hour(
    tx: Transaction, organization_id: UUID, device: UUID | None, now: datetime, append: Append
) -> Hour | None:
    """Return the device's hour; one that is over is told of, and then there is none."""
    found = refused_statements.begun(tx, organization_id, device)
    if found is None:
        return None
    if is_over(found.at, now):
        _tell(tx, organization_id, found, append)
        return None
    kinds = refused_statements.recorded_since(tx, organization_id, device, found.sequence)
    return Hour(
        found.sequence, found.at, frozenset(AttemptKind(*kind) for kind in kinds), found.counted
    )


def _tell(
    tx: Transaction, organization_id: UUID, hour: refused_statements.Begun, append: Append
) -> bool:
    """End an hour, with an entry where anything was counted in it; say whether there was."""
    if hour.counted:
        facts = {
            "certificate": _text(hour.certificate_id),
            "from": hour.sequence,
            "count": hour.counted,
        }
        append(Action.ATTEMPTS_COUNTED, organization_id, facts)
    refused_statements.end(tx, organization_id, hour.certificate_id, hour.sequence)
    return hour.counted > 0


def _facts(attempt: Attempt) -> dict[str, Any]:
    return {
        "act": attempt.statement.act,
        "certificate": _text(attempt.statement.certificate),
        "code": attempt.code,
        "refused": attempt.hash.hex(),
    }


def _row(
    organization_id: UUID, attempt: Attempt, now: datetime, sequence: int | None, *, begins: bool
) -> RefusedStatement:
    """Return the row to keep; with the statement itself where an entry names its hash.

    A token that was not spent is no one's to read in the store, so its statement is not kept.
    """
    statement = attempt.statement
    has_body = sequence is not None and "token" not in statement.arguments
    signed_at = _signed_at(statement, now)
    return RefusedStatement(
        hash=attempt.hash,
        organization_id=organization_id,
        certificate_id=statement.certificate,
        act=statement.act,
        subject_id=attempt.subject,
        code=attempt.code,
        facts=encode(attempt.facts).decode(),
        at=now,
        kept_until=kept_until(now, signed_at, recorded=sequence is not None),
        sequence=sequence,
        counted=0 if begins else None,
        body=attempt.body if has_body else None,
        signature=attempt.signature if has_body else None,
    )


def _signed_at(statement: Statement, now: datetime) -> datetime:
    """Return the moment that a statement gives itself, and `now` for a new key's.

    Anybody can make a new key and moments far ahead, and would have the server keep them all; what
    such a key can do ends with its token.
    """
    return now if NEW_KEY in act_of(statement.act).signers else statement.at


def _tidy(tx: Transaction, organization_id: UUID, device: UUID | None, now: datetime) -> None:
    refused_statements.empty_bodies(
        tx,
        organization_id,
        device,
        newest=MAX_BODIES_OF_DEVICE,
        of_all=MAX_BODIES_OF_ORGANIZATION,
    )
    refused_statements.forget(tx, organization_id, now)


def _text(certificate_id: UUID | None) -> str | None:
    return None if certificate_id is None else str(certificate_id)
