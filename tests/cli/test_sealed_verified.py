"""`audit verify` finds an assignment that is not as it was signed, though nobody opens it."""

from __future__ import annotations

import json

import pytest

from tests.attacker import Value, alter, certificate_id, column, write
from tests.office import Office
from tests.quick import a_few

Finding = tuple[str, int | None]
NAMES = {
    "title": "Another visit",
    "title_salt": bytes(16),
    "subject_reference": "X-1",
    "coordinator_notes": "Come at night.",
    "internal_notes": "Mine.",
    "internal_notes_salt": b"",
    "priority": "urgent",
    "contact_deadline_days": 99,
    "consent_required": 1,
    "encrypted_payload": b"\x01" + bytes(540),
    "manifest_signature": bytes(64),
    "dispatcher_certificate_id": "f" * 32,
}
"""What somebody may write in the store, by column, that no entry speaks of."""


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A draft, one that was sent, one that was opened, and one that was cancelled."""
    office = founded.copy_to(tmp_path_factory.mktemp("sealed") / "office")
    office.create()
    for _ in range(3):
        office.dispatch()
    office.read(3)
    office.ok("cancel 4 --yes --reason Moved")
    return office


def found(office: Office) -> list[Finding]:
    """Return code and number of what is found; the whole exits with 0, all else with 1."""
    result = office.run("audit verify --json")
    findings = [(each["code"], each["number"]) for each in json.loads(result.stdout)["findings"]]
    assert result.code == 1
    return findings


@pytest.mark.slow
def test_as_it_was_signed_it_is_whole(office: Office) -> None:
    assert office.ok("audit verify").stderr


@pytest.mark.parametrize("number", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 4))])
@pytest.mark.parametrize("name", a_few(3, of=NAMES))
def test_a_column_that_was_signed(office: Office, number: int, name: str) -> None:
    before = column(office, 3, name)
    alter(office, number, **{name: NAMES[name]})
    assert found(office) == [("manifest_invalid", number)]
    assert column(office, 3, name) == before


def test_the_manifest_of_another(office: Office) -> None:
    """It is signed, but it is not the one that the entries name."""
    body, signature = column(office, 2, "manifest_body"), column(office, 2, "manifest_signature")
    alter(office, 3, manifest_body=body, manifest_signature=signature)
    assert ("assignment_column_differs", 3) in found(office)


def test_import_hashes_that_were_not_signed(office: Office) -> None:
    write(
        office,
        "UPDATE assignments SET import_key = ?, import_digest = ? WHERE number = 1",
        bytes(32),
        bytes(32),
    )
    assert found(office) == [("manifest_invalid", 1)]


def test_the_commitment_to_the_share(office: Office) -> None:
    write(
        office,
        "UPDATE encryption_keys SET share_commitment = ? WHERE id = ?",
        bytes(32),
        column(office, 2, "encryption_key_id"),
    )
    assert found(office) == [("manifest_invalid", 2)]


WRAPS: dict[str, Value] = {
    "signature": bytes(64),
    "wrap": bytes(80),
    "encryption_key_id": "f" * 32,
    "maker_certificate_id": "rubbish",
}


@pytest.mark.parametrize("name", a_few(2, of=WRAPS))
def test_a_wrap_that_its_maker_did_not_make(office: Office, name: str) -> None:
    write(
        office,
        f"UPDATE key_wraps SET {name} = ? WHERE assignment_id = ?",
        WRAPS[name],
        column(office, 2, "id"),
    )
    assert found(office) == [("wrap_altered", 2)]


def test_a_wrap_by_somebody_else(office: Office) -> None:
    """Who is neither recipient nor dispatcher makes none, whatever they sign."""
    ola = certificate_id(office, "ola").replace("-", "")
    write(
        office,
        "UPDATE key_wraps SET maker_certificate_id = ? WHERE assignment_id = ?",
        ola,
        column(office, 3, "id"),
    )
    assert found(office) == [("wrap_altered", 3)]


def test_it_is_said_in_plain_words(office: Office) -> None:
    alter(office, 2, title="Another visit")
    write(
        office,
        "UPDATE key_wraps SET signature = zeroblob(64) WHERE assignment_id = ?",
        column(office, 3, "id"),
    )
    said = office.run("audit verify").stdout
    assert "the assignment is not as its coordinator signed it" in said
    assert "a sealed key of the assignment is not as it was signed" in said
    assert said.startswith("The entries are whole, but the store differs from them in 2 places.")
