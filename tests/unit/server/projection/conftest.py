"""Happenings to project."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from assigncli.protocol.context import Context
from assigncli.protocol.manifest import TEXTS, Manifest
from assigncli.protocol.texts import Text
from assigncli.server.projection.happening import Happening
from assigncli.server.projection.sealed import SealedColumns

ORGANIZATION, ASSIGNMENT, KEY, NEW_KEY = (UUID(int=number) for number in range(1, 5))
RECIPIENT, DISPATCHER, OTHER, SERVICE = (UUID(int=number) for number in range(5, 9))
CYCLE = UUID(int=9)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def happened(act: str, actor: UUID, minute: int = 0, **facts: Any) -> Happening:
    """Return an entry about the one assignment."""
    at = NOON + timedelta(minutes=minute)
    return Happening(ORGANIZATION, act, ASSIGNMENT, actor, at, facts)


def sealed(status: str = "pending", key: UUID = KEY, title: str = "Visit") -> SealedColumns:
    """Return what a manifest of this title vouches for."""
    said = {name: Text(bytes(16), title if name == "title" else "") for name in TEXTS}
    manifest = Manifest(
        context=Context(
            organization=ORGANIZATION,
            assignment=ASSIGNMENT,
            encryption_key=key,
            recipient=RECIPIENT,
            dispatcher=DISPATCHER,
        ),
        certificate=OTHER,
        status=status,
        payload_sha256=bytes(32),
        share_commitment=key.bytes * 2,
        texts={name: text.digest() for name, text in said.items()},
        priority="normal",
        contact_deadline_days=10,
        consent_required=False,
        expires_at=NOON + timedelta(days=30) if status == "dispatched" else None,
        readers=frozenset({OTHER}),
    )
    return SealedColumns(manifest, manifest.encode(), bytes(64), b"\x01" + bytes(284), said)


def created(said: SealedColumns) -> Happening:
    """Return the entry of a draft."""
    facts = {"number": 1, "from": None, "to": "pending", "encryption_key": str(KEY)}
    return happened("assignment.created", DISPATCHER, **facts, manifest=said.hash)


def edited(said: SealedColumns) -> Happening:
    """Return the entry of a draft that is sealed anew."""
    facts = {"number": 1, "encryption_key": str(NEW_KEY), "ended_key": str(KEY)}
    return happened("assignment.edited", DISPATCHER, 1, **facts, manifest=said.hash)


def dispatched(said: SealedColumns) -> Happening:
    """Return the entry of a dispatch, the mentor's third."""
    facts = {"recipient": str(RECIPIENT), "cycle": str(CYCLE), "count": 3, "tier": "standard"}
    return step("pending", "dispatched", DISPATCHER, 2, **facts, manifest=said.hash)


def step(source: str, target: str, actor: UUID, minute: int, **facts: Any) -> Happening:
    """Return the entry of a step."""
    said = {"number": 1, "from": source, "to": target, **facts}
    return happened(f"assignment.{target}", actor, minute, **said)
