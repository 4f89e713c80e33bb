"""Keep a record of refused statements: entries, counts and hashes (PROTOCOL.md 8.4).

Nothing is checked or refused here except a flood. The caller has rolled back the attempt, and
records it in a write transaction of its own. `now` is always the time of the transaction's entries
(aware UTC): the server's clock, but never before the last entry.
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
"""Append an entry of the service with this act, subject and facts; return its sequence."""

_MAX_FACTS = 65_536


class TooMany(Exception):
    """The device has so many hashes kept that its statement is not checked: `store_busy`."""


@dataclass(frozen=True)
class Attempt:
    """A refused statement as it came, with the code of the refusal and the code's facts.

    `subject` is what the entry is about: the organization, if `about` names nothing in it.
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
    """The answer a statement got before; `sequence` is the entry that records it, if any."""

    code: str
    facts: Mapping[str, Any]
    sequence: int | None
    withdrawn: bool


def known(tx: Transaction, organization_id: UUID, hash: bytes) -> Known | None:
    """Return how a statement was refused or withdrawn before; None if it was neither.

    Raises Tampered `refused_statement_altered` if what is kept cannot be read.
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
    """Return whether one more refusal of this device would be one too many to keep.

    Call it before a statement is checked. Withdrawn statements do not count: withdrawing needs no
    token, and must not block statements of new keys that have one.
    """
    return _is_full(tx, organization_id, certificate_id, now, withdrawn=False)


def record(
    tx: Transaction, organization_id: UUID, attempt: Attempt, now: datetime, append: Append
) -> int | None:
    """Record or count a refused attempt; return the sequence of its entry, if it has one.

    An hour of the device that is over is ended first. A statement refused, withdrawn or carried out
    meanwhile is not another attempt. Raises TooMany.
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
    """Remember an unknown statement, because its owner is told that nothing happened.

    One that is refused or withdrawn already is left as it is. Raises TooMany, and RuleRefused
    `already_exists` for a statement that was carried out.
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
    """End every device's hour that is over, and forget what need not be kept; for the sweep.

    Return the number of entries this made: none for an hour in which nothing was counted.
    """
    told = 0
    for found in refused_statements.begun_before(tx, organization_id, now - HOUR):
        told += _tell(tx, organization_id, found, append)
    refused_statements.forget(tx, organization_id, now)
    return told


class Counters:
    """How often each code was answered to unauthenticated input, since the process began.

    In memory only and never logged, since anybody can send such input. Safe for several threads.
    `since` is when the process began (aware UTC); None where one person's own process is meant.
    """

    def __init__(self, since: datetime | None = None) -> None:
        self.since = since
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def note(self, code: str) -> None:
        """Count one refusal with this code."""
        with self._lock:
            self._counts[code] += 1

    def snapshot(self) -> dict[str, int]:
        """Return a copy of the counts by code, sorted."""
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
    """Return the device's running hour, after ending one that is over; None if none runs."""
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
    """End an hour, with an entry if anything was counted in it; return whether there was."""
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
    """Return the row to keep, with the statement's body only if an entry names its hash.

    A statement with a token is kept without its body: nobody may read an unspent token in the
    store.
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
    """Return the time that a statement gives itself, and `now` for a new key's.

    Anybody can make new keys and date statements far ahead, and the server would keep them all.
    What a new key can do ends with its token anyway.
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
