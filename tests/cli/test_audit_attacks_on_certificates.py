"""Attacks on certificates and revocations: `assign audit verify` holds them against the log.

What is wrong is said with the entry that gave the certificate, or that took it back.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.identity import Identity, RootKey
from assigncli.domain.actions import Action
from tests.acting import identity_of
from tests.attacker import (
    alter_member,
    certificate_id,
    certify_as,
    enrol,
    forge_certificate,
    found,
    guards_down,
    hex_id,
    insert,
    value,
    write,
)
from tests.office import Office
from tests.quick import a_few

APPROVED_KARI = 5
"""The entry that gave kari her certificate, in the founded office."""
TAIL = 12
"""The first free place of the founded office's log."""


def test_a_certificate_without_an_entry(office: Office) -> None:
    enrol(office, "bob", "coordinator")
    certify_as(office, "bob", "kari", Identity.generate().public, log=False)
    assert (None, "certificate_unrecorded") in found(office)


def test_a_certificate_mentioned_in_an_entry_about_something_else(office: Office) -> None:
    enrol(office, "bob", "coordinator")
    certify_as(office, "bob", "kari", Identity.generate().public, log=False)
    forged = str(UUID(certificate_id(office, "kari")))
    insert(office, "ola", Action.PAYLOAD_DECRYPTED, uuid4(), certificate=forged)
    assert (None, "certificate_unrecorded") in found(office)


def test_a_certificate_that_a_mentor_issued(office: Office) -> None:
    certify_as(office, "ola", "kari", Identity.generate().public)
    assert {(TAIL, "audit_forged"), (None, "certificate_unrecorded")} <= set(found(office))


def test_a_certificate_by_an_administrator_who_has_left(office: Office) -> None:
    enrol(office, "bob", "org_admin")
    office.ok("member revoke --yes bob")
    after = int(str(value(office, "SELECT max(sequence) FROM audit_log"))) + 1
    certify_as(office, "bob", "kari", Identity.generate().public)
    assert (after, "audit_forged") in found(office)


def self_made(office: Office) -> None:
    """Put a certificate in kari's place that its own root signed."""
    forge_certificate(office, "kari", RootKey.generate(), None)


def deleted(office: Office) -> None:
    """Take kari's certificate away."""
    write(office, "DELETE FROM certificates WHERE id = ?", certificate_id(office, "kari"))


def renamed(office: Office) -> None:
    """Let kari's row say another name than her certificate."""
    alter_member(office, "kari", display_name="Ola Dunk")


def promoted(office: Office) -> None:
    """Give kari a role that her certificate does not."""
    statement = "INSERT INTO member_roles (member_id, role) VALUES (?, 'org_admin')"
    write(office, statement, hex_id(office, "kari"))


@pytest.mark.slow
@pytest.mark.parametrize("attack", a_few(2, of=[self_made, deleted, renamed, promoted]))
def test_a_certificate_that_is_not_what_the_entry_gave(
    office: Office, attack: Callable[[Office], None]
) -> None:
    attack(office)
    assert (APPROVED_KARI, "certificate_invalid") in found(office)


def test_a_revocation_undone(office: Office) -> None:
    office.ok("member revoke --yes kari")
    with guards_down(office) as db:
        db.execute("UPDATE certificates SET revoked_at = NULL")
        db.execute("UPDATE members SET status = 'active'")
    assert found(office) == [(TAIL, "revocation_invalid")]


def test_a_revocation_forged(office: Office) -> None:
    statement = "UPDATE certificates SET revoked_at = '2026-11-21T11:00:00.000000Z' WHERE id = ?"
    write(office, statement, certificate_id(office, "kari"))
    assert (APPROVED_KARI, "revocation_invalid") in found(office)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("by", "whom", "code"),
    [("ola", "kari", "audit_forged"), ("eva", "anne", "revocation_invalid")],
    ids=["mentor", "coordinator"],
)
def test_a_revocation_signed_by_who_may_not(office: Office, by: str, whom: str, code: str) -> None:
    enrol(office, "eva", "coordinator")
    at = int(str(value(office, "SELECT max(sequence) FROM audit_log"))) + 1
    ended = [str(UUID(certificate_id(office, whom)))]
    about = UUID(hex_id(office, whom))
    insert(office, by, Action.MEMBER_REVOKED, about, {"open": 0}, certificates=ended)
    revoked = "UPDATE certificates SET revoked_at = '2026-11-21T11:00:00.000000Z' WHERE id = ?"
    write(office, revoked, certificate_id(office, whom))
    alter_member(office, whom, status="revoked")
    assert (at, code) in found(office, "eva")


def test_a_revocation_that_leaves_a_certificate_out(office: Office) -> None:
    at = int(str(value(office, "SELECT max(sequence) FROM audit_log"))) + 1
    about = UUID(hex_id(office, "kari"))
    insert(office, "anne", Action.MEMBER_REVOKED, about, {"open": 0}, certificates=[])
    alter_member(office, "kari", status="revoked")
    assert (at, "revocation_invalid") in found(office)


def test_a_certification_of_oneself(office: Office) -> None:
    enrol(office, "both", "org_admin", "peer_mentor")
    at = int(str(value(office, "SELECT max(sequence) FROM audit_log"))) + 1
    insert(office, "both", Action.MEMBER_CERTIFIED, UUID(hex_id(office, "both")), {"until": None})
    assert (at, "certificate_invalid") in found(office)


def test_a_certification_by_who_may_not_vouch(office: Office) -> None:
    enrol(office, "eva", "coordinator")
    at = int(str(value(office, "SELECT max(sequence) FROM audit_log"))) + 1
    insert(office, "eva", Action.MEMBER_CERTIFIED, UUID(hex_id(office, "anne")), {"until": None})
    assert (at, "certificate_invalid") in found(office)


def test_another_certificate_with_the_id_that_the_entry_names(office: Office) -> None:
    enrol(office, "eva", "coordinator")
    forge_certificate(
        office, "kari", identity_of(office, "eva"), UUID(certificate_id(office, "eva"))
    )
    assert (APPROVED_KARI, "certificate_invalid") in found(office)


@pytest.mark.parametrize("column", ["device", "device_salt"])
def test_a_device_s_name_altered(office: Office, column: str) -> None:
    statement = f"UPDATE certificates SET {column} = 'another' WHERE id = ?"
    write(office, statement, certificate_id(office, "kari"))
    assert (APPROVED_KARI, "certificate_invalid") in found(office)


@pytest.mark.slow
@pytest.mark.parametrize("column", ["handle_salt", "display_name_salt"])
@pytest.mark.parametrize("altered", a_few(2, of=[bytes(16), b"", 7, "x" * 16]))
def test_the_salt_of_a_name_altered(
    office: Office, column: str, altered: bytes | int | str
) -> None:
    alter_member(office, "kari", **{column: altered})
    assert (APPROVED_KARI, "certificate_invalid") in found(office)
