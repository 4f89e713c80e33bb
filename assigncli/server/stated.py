"""Check that an entry carries out the statement it names: the same act, signed by its actor.

Pure: bodies and keys in, the fault out. `certification` and `verify` check who may do what, and
when.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.protocol.acts import check_entry, check_statement
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.entry import Entry
from assigncli.protocol.statement import Statement
from assigncli.server.finding import FORGED, STATEMENT_ALTERED, STATEMENT_MISSING
from assigncli.trust import foreseen
from assigncli.trust.foreseen import fits


@lru_cache(maxsize=8)
def read(body: bytes) -> Statement:
    """Return the statement in `body`; cached, as several checks ask for it.

    Raises as `Statement.decode`.
    """
    return Statement.decode(body)


def fault_of(entry: Entry, body: bytes | None, signature: bytes, key: bytes | None) -> str | None:
    """Return the code of what is wrong with the statement that an entry names; None if nothing.

    `body` is None if no such statement is kept. `key` is the signing key of `device_of`, or the
    root's where `was_of_root`; None if the certificate does not count. A joining device signs with
    the key that its statement names.
    """
    if body is None:
        return STATEMENT_MISSING
    try:
        if Statement.digest(body) != entry.statement:
            return STATEMENT_ALTERED
        said = read(body)
    except (ValueError, TypeError):
        return STATEMENT_ALTERED
    if said.act == Action.DEVICE_JOINED:
        is_signed = _is_signed_by_new_key(said, body, signature)
    else:
        is_signed = key is not None and Statement.is_signed(body, signature, key)
    if not is_signed:
        return FORGED
    return None if _carries_out(entry, said) else FORGED


def device_of(entry: Entry) -> UUID | None:
    """Return the certificate whose key signed the statement; None if it was none.

    A founder signs with the key of the certificate that the founding gives them.
    """
    if entry.act != Action.ORGANIZATION_FOUNDED:
        return entry.actor
    try:
        return UUID(str(entry.facts.get("certificate")))
    except ValueError:
        return None


def _is_signed_by_new_key(said: Statement, body: bytes, signature: bytes) -> bool:
    try:
        check_statement(said)
    except Malformed:
        return False
    key = bytes.fromhex(said.arguments["signing_key"])
    return Statement.is_signed(body, signature, key)


def stands_alone(entry: Entry) -> bool:
    """Return whether the service may state this entry by itself, with exactly these facts."""
    try:
        check_entry(entry)
    except Malformed:
        return False
    return entry.statement is None and entry.actor == entry.service


def is_whole(body: bytes, entries: Sequence[Entry]) -> bool:
    """Return whether these verified entries, in order, are all that their statement makes."""
    return foreseen.is_complete(read(body), entries)


def _carries_out(entry: Entry, said: Statement) -> bool:
    """Return whether statement and entry agree, each as PROTOCOL.md section 9 has the act."""
    try:
        check_statement(said)
        check_entry(entry)
    except Malformed:
        return False
    # A statement that replaces the service names the old one, and the new one signs the entry.
    is_there = entry.service == said.service or entry.act == Action.SERVICE_REPLACED
    return is_there and said.organization == entry.organization and fits(said, entry)
