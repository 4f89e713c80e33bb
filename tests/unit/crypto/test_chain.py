from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.chain import (
    GENESIS,
    Entry,
    Finding,
    Link,
    check_links,
    sign_entry,
    verify_entry,
)
from assigncli.crypto.identity import Identity, PublicIdentity
from assigncli.errors import Tampered

from .conftest import NOW, flips

ORG, ACTOR, CERTIFICATE = uuid4(), uuid4(), uuid4()
Stored = tuple[Entry, bytes, bytes]


def entry_after(previous: Entry | None, **changed: Any) -> Entry:
    facts: dict[str, Any] = {
        "organization_id": ORG,
        "sequence": 1 if previous is None else previous.sequence + 1,
        "at": NOW,
        "actor_id": ACTOR,
        "actor_certificate_id": CERTIFICATE,
        "action": "open",
        "subject_type": "assignment",
        "subject_id": uuid4(),
        "details": "{}",
        "previous_hash": GENESIS if previous is None else previous.hash(),
    }
    return Entry(**{**facts, **changed})


def stored(entry: Entry, identity: Identity) -> Stored:
    return entry, entry.hash(), sign_entry(entry, identity)


@dataclass
class Log:
    """A sound log of five entries by one actor, for tests to damage."""

    identity: Identity
    rows: list[Stored]

    def findings(self, **options: Any) -> list[Finding]:
        def public_key_of(certificate_id: UUID, actor_id: UUID) -> PublicIdentity | None:
            known = (certificate_id, actor_id) == (CERTIFICATE, ACTOR)
            return self.identity.public if known else None

        options.setdefault("organization_id", ORG)
        return list(check_links(self.rows, public_key_of=public_key_of, **options))


@pytest.fixture
def log(identity: Identity) -> Log:
    rows: list[Stored] = []
    for _number in range(5):
        previous = rows[-1][0] if rows else None
        rows.append(stored(entry_after(previous), identity))
    return Log(identity, rows)


def test_a_sound_log_has_no_findings(log: Log) -> None:
    assert log.findings() == []


def test_an_entry_verifies_for_its_actor_only(identity: Identity, stranger: Identity) -> None:
    entry = entry_after(None)
    signature = sign_entry(entry, identity)
    assert verify_entry(entry, signature, identity.public)
    assert not verify_entry(entry, signature, stranger.public)
    assert not any(verify_entry(entry, bad, identity.public) for bad in flips(signature))


CHANGES: dict[str, Any] = {
    "organization_id": uuid4(),
    "sequence": 7,
    "at": NOW + timedelta(microseconds=1),
    "actor_id": uuid4(),
    "actor_certificate_id": uuid4(),
    "action": "recall",
    "subject_type": "member",
    "subject_id": None,
    "details": '{"a":1}',
    "previous_hash": b"\x01" * 32,
}


def test_hash_and_signature_cover_every_field(identity: Identity) -> None:
    entry = entry_after(None)
    signature = sign_entry(entry, identity)
    assert {field.name for field in fields(Entry)} == CHANGES.keys()
    for name, value in CHANGES.items():
        changed = replace(entry, **{name: value})
        assert changed.hash() != entry.hash()
        assert not verify_entry(changed, signature, identity.public)


@pytest.mark.parametrize("details", ["", "[]", "{ }", '{"b":1,"a":1}', "nonsense", "1"])
def test_details_in_any_other_spelling_are_not_signed(identity: Identity, details: str) -> None:
    with pytest.raises(Tampered):
        sign_entry(entry_after(None, details=details), identity)


def test_an_altered_entry_is_named(log: Log) -> None:
    entry, digest, signature = log.rows[2]
    log.rows[2] = (replace(entry, action="recall"), digest, signature)
    assert log.findings() == [Finding(3, "audit_altered")]


def test_an_altered_hash_is_named(log: Log) -> None:
    entry, _digest, signature = log.rows[2]
    log.rows[2] = (entry, bytes(32), signature)
    assert log.findings() == [Finding(3, "audit_altered")]


def test_an_entry_that_cannot_be_spelled_is_altered(log: Log) -> None:
    entry, digest, signature = log.rows[2]
    log.rows[2] = (replace(entry, action="\ud800"), digest, signature)
    assert log.findings() == [Finding(3, "audit_altered")]


def test_an_entry_rewritten_with_its_hash_is_forged(log: Log) -> None:
    entry, _digest, signature = log.rows[2]
    changed = replace(entry, action="recall")
    log.rows[2] = (changed, changed.hash(), signature)
    assert log.findings() == [Finding(3, "audit_forged")]


def test_an_entry_by_a_stranger_is_forged(log: Log, stranger: Identity) -> None:
    last = log.rows[-1][0]
    log.rows.append(stored(entry_after(last), stranger))
    unknown = entry_after(log.rows[-1][0], actor_certificate_id=uuid4())
    log.rows.append(stored(unknown, log.identity))
    assert log.findings() == [Finding(6, "audit_forged"), Finding(7, "audit_forged")]


def test_an_entry_of_another_organization_is_forged(log: Log) -> None:
    foreign = entry_after(log.rows[-1][0], organization_id=uuid4())
    log.rows.append(stored(foreign, log.identity))
    assert log.findings() == [Finding(6, "audit_forged")]


def test_removed_entries_are_named(log: Log) -> None:
    del log.rows[1:3]
    assert log.findings() == [Finding(2, "audit_missing", 3)]


def test_a_removed_beginning_is_named(log: Log) -> None:
    del log.rows[0]
    assert log.findings() == [Finding(1, "audit_missing", 1)]


def test_a_huge_gap_is_one_finding(log: Log) -> None:
    far = entry_after(log.rows[-1][0], sequence=10**18)
    log.rows.append(stored(far, log.identity))
    assert log.findings() == [Finding(6, "audit_missing", 10**18 - 1)]


def test_a_removed_entry_that_was_numbered_over_is_reordered(log: Log) -> None:
    (first, *_), (_second, *_), (third, *_) = log.rows[:3]
    moved = replace(third, sequence=2)
    log.rows = [log.rows[0], stored(moved, log.identity)]
    assert first.hash() != moved.previous_hash
    assert log.findings() == [Finding(2, "audit_reordered")]


def test_entries_that_changed_places_are_named(log: Log) -> None:
    log.rows[2], log.rows[3] = (
        (replace(log.rows[3][0], sequence=3), *log.rows[3][1:]),
        (replace(log.rows[2][0], sequence=4), *log.rows[2][1:]),
    )
    found = log.findings()
    assert Finding(3, "audit_reordered") in found
    assert Finding(3, "audit_altered") in found
    assert Finding(4, "audit_altered") in found


def test_an_entry_that_stands_twice_is_reordered(log: Log) -> None:
    log.rows.insert(2, log.rows[1])
    assert Finding(2, "audit_reordered") in log.findings()


def test_a_checkpoint_finds_a_cut_tail(log: Log) -> None:
    checkpoint = Link(5, log.rows[4][1])
    assert log.findings(checkpoint=checkpoint) == []
    del log.rows[3:]
    assert log.findings() == []
    assert log.findings(checkpoint=checkpoint) == [Finding(4, "audit_missing", 5)]


def test_a_checkpoint_finds_a_tail_that_was_written_anew(log: Log) -> None:
    checkpoint = Link(5, log.rows[4][1])
    log.rows[4] = stored(entry_after(log.rows[3][0]), log.identity)
    assert log.findings() == []
    assert log.findings(checkpoint=checkpoint) == [Finding(5, "audit_altered")]


def test_checking_may_go_on_from_a_known_place(log: Log) -> None:
    place = Link(2, log.rows[1][1])
    log.rows = log.rows[2:]
    assert log.findings(after=place) == []
    wrong = Link(2, bytes(32))
    assert log.findings(after=wrong) == [Finding(3, "audit_reordered")]
