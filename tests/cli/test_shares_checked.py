"""`store check` and `doctor` find a share that is missing, or is not the one committed to."""

from __future__ import annotations

from pathlib import Path

import pytest

from assigncli.server.reads import shares
from tests import slots
from tests.acting import acting
from tests.office import Office
from tests.sweeping import key_id, share, whole

OTHERS = "init --organization Others --handle berit --name Berit --keys keyring"


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with two sent assignments, one that was recalled, and a draft."""
    office = founded.copy_to(tmp_path_factory.mktemp("stage") / "office")
    for _number in (1, 2, 3):
        office.dispatch()
    office.create()
    office.ok("recall 3 --yes")
    whole(office)
    return office


def checked(office: Office) -> list[tuple[str, str]]:
    """Return code and sentence of each problem; nothing of it is a key."""
    said = office.run("store check --json")
    found = [(each["code"], each["problem"]) for each in said.json["problems"]]
    assert (said.code, said.error["code"]) == (7, found[0][0])
    return found


def lacks(number: int) -> tuple[str, str]:
    return "share_missing", f"The vault lacks the key of assignment {number}."


def altered(number: int) -> tuple[str, str]:
    return "share_mismatch", f"The vault holds another key for assignment {number}."


def counted(office: Office) -> str:
    """Return what doctor finds of the vault."""
    found = office.run("doctor --json").json["findings"]
    (vault,) = (each for each in found if each["name"] == "vault")
    assert vault["well"] is False
    return str(vault["finding"])


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 4])
def test_a_share_that_was_removed(office: Office, number: int) -> None:
    slots.delete(office.vault, key_id(office, number).bytes)
    assert checked(office) == [lacks(number)]
    assert "of 1 assignment," in counted(office)
    assert "store check" in counted(office)


@pytest.mark.parametrize("other", [bytes(32), b"\xff" * 32])
def test_a_share_that_was_altered(office: Office, other: bytes) -> None:
    key = key_id(office, 2).bytes
    slots.replace(office.vault, key, other)
    assert checked(office) == [altered(2)]
    assert "of 1 assignment," in counted(office)


def test_two_shares_that_were_swapped(office: Office) -> None:
    for number, found in ((1, share(office, 4)), (4, share(office, 1))):
        key = key_id(office, number).bytes
        slots.replace(office.vault, key, found)
    assert sorted(checked(office)) == [altered(1), altered(4)]
    assert "of 2 assignments," in counted(office)


@pytest.mark.slow
def test_an_older_vault_beside_a_newer_store(office: Office) -> None:
    old = office.vault.read_bytes()
    number = office.dispatch()
    office.ok("edit 4 --title Another")
    office.vault.write_bytes(old)
    assert sorted(checked(office)) == [lacks(4), lacks(number)]
    assert "of 2 assignments," in counted(office)


def test_a_draft_s_own_key_after_an_edit_is_well(office: Office) -> None:
    office.ok("edit 4 --title Another")
    whole(office)


def test_every_page_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "PAGE", 1)
    for key in slots.shares(office.vault):
        slots.delete(office.vault, key)
    assert sorted(checked(office)) == [lacks(1), lacks(2), lacks(4)]


def test_what_ended_meanwhile_is_no_fault(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading a page and asking the vault nothing is held; somebody may recall."""
    asked = shares._tested
    ending = iter(["recall 1 --yes"])

    def recalled_first(*arguments: object) -> object:
        for line in ending:
            office.ok(line)
        return asked(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(shares, "_tested", recalled_first)
    with acting(office, "anne") as session:
        assert list(shares.bad_shares(session.host.store, session.host.vault)) == []


def test_the_organisation_is_named_where_there_are_several(office: Office) -> None:
    office.ok(OTHERS, profile=None)
    slots.delete(office.vault, key_id(office, 1).bytes)
    ((_code, sentence),) = checked(office)
    assert sentence == "Testforeningen: The vault lacks the key of assignment 1."


@pytest.mark.parametrize("content", [None, b"hello"])
def test_a_vault_that_is_not_there_or_is_none(office: Office, content: bytes | None) -> None:
    office.vault.unlink()
    if content is not None:
        office.vault.write_bytes(content)
        Path(office.vault).chmod(0o600)
    code = "vault_missing" if content is None else "vault_not_ours"
    assert [each for each, _sentence in checked(office)] == [code]
