"""Verify statements beside the entries that carry them out (PROTOCOL.md sections 3.1 and 3.2).

A statement proves that a person's device signed what an entry says they did. A reader who may not
see a statement trusts the service that there was one; a reader who may see it must be shown it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import is_staff
from assigncli.protocol.acts import ACTS, NEW_KEY, check_statement
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.signed import Signed
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text
from assigncli.trust.foreseen import fits
from assigncli.trust.people import People
from assigncli.trust.tampering import read_or, require, statement_invalid, text_altered

EMPTIED_BY: Final = frozenset({"assignment.erased", "assignment.archived"})
"""Entries after which an assignment's texts may be gone."""

SHOWN_TO_ALL: Final = frozenset({"log.restored", "service.replaced"})
"""Acts whose statements every member is shown, since each device decides by them whether to go on,
or which service it takes answers from."""

_REPLACEABLE: Final = frozenset({"value"})


@dataclass(frozen=True)
class ToldStatement:
    """A verified statement, and those of its texts that are kept."""

    statement: Statement
    texts: Mapping[str, Text]


def verified_statements(
    signed: Iterable[Signed],
    entries: Sequence[Entry],
    people: People,
    *,
    organization: UUID,
    root_key: bytes,
) -> dict[bytes, ToldStatement]:
    """Return the statements by hash, each signed by its device and carried out by its entries.

    Raises Tampered (`statement_invalid`, `text_altered`).
    """
    carried_out: dict[bytes, list[Entry]] = {}
    emptied = {entry.subject for entry in entries if entry.act in EMPTIED_BY}
    for entry in entries:
        if entry.statement is not None:
            carried_out.setdefault(entry.statement, []).append(entry)
    found: dict[bytes, ToldStatement] = {}
    for each in signed:
        hashed = Statement.digest(each.body)
        require(hashed in carried_out and hashed not in found, statement_invalid)
        statement = _verified(each, carried_out[hashed][0], people, organization, root_key)
        require(all(_is_of(statement, one) for one in carried_out[hashed]), statement_invalid)
        _require_texts(statement, each.texts, emptied)
        found[hashed] = ToldStatement(statement, each.texts)
    return found


def require_shown(
    entries: Iterable[Entry], shown: Collection[bytes], people: People, reader: Certificate | None
) -> None:
    """Raise Tampered (`statement_invalid`) where a statement that the reader may see is missing.

    Coordinators and administrators see all statements, others those of their own devices, and
    everybody those in `SHOWN_TO_ALL`. `reader` is None for a key that has no certificate yet.
    """
    if reader is None:
        return
    sees_all = is_staff(reader.roles)
    for entry in entries:
        if entry.statement is not None and entry.statement not in shown:
            is_own = entry.actor is not None and people.member(entry.actor) == reader.member
            is_for_all = entry.act in SHOWN_TO_ALL
            require(not (sees_all or is_own or is_for_all), statement_invalid)


def _verified(
    signed: Signed, entry: Entry, people: People, organization: UUID, root_key: bytes
) -> Statement:
    with read_or(statement_invalid):
        statement = Statement.decode(signed.body)
        check_statement(statement)
    require(statement.organization == organization, statement_invalid)
    key = _signing_key(statement, entry, people, root_key)
    require(Statement.is_signed(signed.body, signed.signature, key), statement_invalid)
    return statement


def _signing_key(statement: Statement, entry: Entry, people: People, root_key: bytes) -> bytes:
    """Return the signing key: of the device, the founder, the joining device, or the root."""
    if statement.act == entry.act == Action.ORGANIZATION_FOUNDED:
        founder = people.person(UUID(entry.facts["certificate"])).certificate
        return founder.keys.signing_key
    if statement.certificate is not None:
        return people.person(statement.certificate).certificate.keys.signing_key
    if ACTS[statement.act].signers == (NEW_KEY,):
        return bytes.fromhex(statement.arguments["signing_key"])
    return root_key


def _is_of(statement: Statement, entry: Entry) -> bool:
    """Say whether the entry carries out the statement, at the service to which it was sent."""
    is_there = entry.service == statement.service or entry.act == Action.SERVICE_REPLACED
    return is_there and fits(statement, entry)


def _require_texts(
    statement: Statement, given: Mapping[str, Text], emptied: Collection[UUID]
) -> None:
    """Require that texts match; one may be missing only if erased, or replaced by a later one."""
    fit = all(
        field in statement.texts and text.digest() == statement.texts[field]
        for field, text in given.items()
    )
    missing = statement.texts.keys() - given.keys() - _REPLACEABLE
    require(fit and (not missing or statement.about in emptied), text_altered)
