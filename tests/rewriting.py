"""What the service can do to the log with its own key, or who has the service's account.

It reads and writes every row, signs any entry and builds any tree over them. It has no member's
key, and does not reach what members' machines have seen.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from assigncli.cli.session.service_turns import service_key
from assigncli.crypto.identity import Identity
from assigncli.profiles import load_profile
from assigncli.protocol.canonical import decode, encode
from assigncli.protocol.entry import Entry
from assigncli.protocol.tree import appended, leaf
from tests.attacker import guards_down
from tests.office import Office
from tests.sweeping import stored

_ENTRIES = """
SELECT e.sequence, e.at, e.action, e.subject_id, e.details, e.statement_hash,
  e.actor_certificate_id, e.service_certificate_id, e.actor_id, s.body, s.signature
FROM audit_log AS e LEFT JOIN statements AS s ON s.hash = e.statement_hash ORDER BY e.sequence
"""


@dataclass(frozen=True)
class Item:
    """One entry, whose act it is said to be, and the statement beside it."""

    entry: Entry
    actor_id: str
    body: bytes | None
    signature: bytes | None

    def told(self, **facts: Any) -> Item:
        """Return it with other facts beside its own."""
        return self.with_(facts={**self.entry.facts, **facts})

    def with_(self, **changes: Any) -> Item:
        """Return it with another entry."""
        return replace(self, entry=replace(self.entry, **changes))


def keys_of_the_service(office: Office) -> Identity:
    """Return the service's private keys, from the file beside the store."""
    return service_key(office.store, load_profile("anne", office.env).organization_id).identity


def log(office: Office) -> list[Item]:
    """Return the log of an office that has one organisation, first entry first."""
    organization = load_profile("anne", office.env).organization_id
    with closing(sqlite3.connect(office.store)) as db:
        return [_item(organization, row) for row in db.execute(_ENTRIES)]


def _item(organization: UUID, row: tuple[Any, ...]) -> Item:
    sequence, at, act, subject, details, stated, actor, service, actor_id, body, signature = row
    entry = Entry(
        organization=organization,
        sequence=sequence,
        at=datetime.fromisoformat(at).astimezone(UTC),
        act=act,
        subject=UUID(subject),
        facts=decode(details.encode()),
        statement=stated,
        actor=None if actor is None else UUID(actor),
        service=UUID(service),
    )
    return Item(entry, actor_id, body, signature)


def rewrite(
    office: Office, items: Sequence[Item], earlier: Mapping[UUID, Identity] | None = None
) -> None:
    """Write the whole log again: numbered in this order, signed by the service, with its tree.

    `earlier` are keys that the service had before, by certificate.
    """
    service, before = keys_of_the_service(office), earlier or {}
    nodes: dict[tuple[int, int], bytes] = {}
    with guards_down(office) as db:
        for table in ("audit_log", "statements", "log_nodes"):
            db.execute(f"DELETE FROM {table}")
        for at, item in enumerate(items):
            entry = replace(item.entry, sequence=at + 1)
            body = entry.encode()
            for level, place, found in appended(at, leaf(body), lambda *each: nodes[each]):
                nodes[level, place] = found
            signer = before.get(entry.service, service)
            _put(db, entry, item, signer.sign(Entry.purpose, body))
        organization = items[0].entry.organization.hex
        rows = [(organization, *place, found) for place, found in nodes.items()]
        db.executemany("INSERT INTO log_nodes VALUES (?, ?, ?, ?)", rows)


def _put(db: sqlite3.Connection, entry: Entry, item: Item, signature: bytes) -> None:
    organization, actor = entry.organization.hex, entry.actor
    db.execute(
        "INSERT INTO audit_log (organization_id, sequence, at, actor_id, actor_certificate_id,"
        " action, subject_id, details, statement_hash, service_certificate_id, signature)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(organization, entry.sequence, stored(entry.at), item.actor_id, actor and actor.hex),
            *(entry.act, entry.subject.hex, encode(entry.facts).decode(), entry.statement),
            *(entry.service.hex, signature),
        ),
    )
    if item.body is not None:
        db.execute(
            "INSERT OR IGNORE INTO statements (hash, organization_id, body, signature)"
            " VALUES (?, ?, ?, ?)",
            (entry.statement, organization, item.body, item.signature),
        )
