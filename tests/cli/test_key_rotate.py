"""`key rotate`: the old keys or the new ones work at every point, and never neither."""

from __future__ import annotations

import contextlib
from uuid import UUID

import pytest

from assigncli.client import rotate as rotating
from assigncli.client.keys.place import Kind
from assigncli.crypto.identity import Identity
from tests.acting import identity_of
from tests.attacker import certificate_id, value
from tests.office import Office
from tests.refusals import refused


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where two briefs are open with kari."""
    office = founded.copy_to(tmp_path_factory.mktemp("rotate") / "office")
    for _each in range(2):
        office.dispatch()
    return office


def begun(office: Office) -> str:
    """Make new keys for kari, and return their digits."""
    found = office.ok("key rotate --json", profile="kari").json
    assert found["state"] == "waiting"
    digits: str = found["fingerprint"]
    return digits


def approved(office: Office) -> None:
    """Make new keys for kari, and have them approved."""
    office.ok(f"member approve kari --fingerprint '{begun(office)}'")


@pytest.mark.slow
def test_new_keys_take_the_place_of_the_old_once_somebody_else_has_compared(
    office: Office,
) -> None:
    before = identity_of(office, "kari").public
    digits = begun(office)
    assert begun(office) == digits  # asked again, it waits for the same
    office.read(office.dispatch())  # to the old keys alone
    office.ok(f"member approve kari --fingerprint '{digits}'")
    said = office.ok("key rotate", profile="kari").stdout
    assert said.startswith("This device uses its new keys, and the old ones are ended.")
    assert "3 of 3 open assignments can be read with the new key." in said
    assert identity_of(office, "kari").public != before
    for number in (1, 2, office.dispatch()):
        office.read(number)
    (key,) = (
        each
        for each in office.ok("key list --json", profile="kari").json["keys"]
        if each["status"] == "active"
    )
    assert (key["fingerprint"], key["is_this_device"]) == (digits, True)
    assert "next" not in (office.folder / "keyring.json").read_text()
    assert "whole" in office.ok("audit verify").stdout


def test_until_it_is_compared_only_the_old_key_gets_what_is_sent(office: Office) -> None:
    begun(office)
    number = office.dispatch()
    readers = "SELECT count(*) FROM key_wraps WHERE assignment_id = (SELECT id FROM assignments"
    assert value(office, f"{readers} WHERE number = ?)", number) == 2  # anne's, and the old one
    wrong = "1" * 40
    refused(office, f"member approve kari --fingerprint {wrong}", "fingerprint_mismatch", 1)
    office.read(number)


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.slow
@pytest.mark.parametrize("point", range(7))  # the last is before the old keys are deleted
def test_killed_at_any_write_of_a_key_the_next_command_reads_what_is_open(
    office: Office, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    """Before and after each key that is kept or deleted, and before each act that is sent."""
    approved(office)
    left = iter(range(100))

    def dying(name: str) -> None:
        kept = getattr(rotating._Places, name)

        def wrapped(self: rotating._Places, *args: object) -> None:
            if next(left) == point:
                raise Killed
            kept(self, *args)
            if next(left) == point:
                raise Killed

        monkeypatch.setattr(rotating._Places, name, wrapped)

    for name in ("keep", "forget"):
        dying(name)
    with contextlib.suppress(Killed):
        office.run("key rotate", profile="kari")
    monkeypatch.undo()
    office.read(1)
    office.ok("inbox", profile="kari")
    office.ok("key rotate", profile="kari")
    office.read(2)
    active = "SELECT count(*) FROM certificates WHERE revoked_at IS NULL AND member_id ="
    assert value(office, f"{active} (SELECT id FROM members WHERE handle = 'kari')") == 1
    text = (office.folder / "keyring.json").read_text()
    assert not {"_next", "_old"} & {text[at : at + 5] for at in range(len(text))}
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
@pytest.mark.parametrize("point", range(3))  # kept as old, in use, no longer kept as next
def test_new_keys_that_are_ended_while_they_are_taken_into_use_leave_the_old_ones(
    office: Office, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    """The run is killed after a key that it keeps or forgets; then the new keys are lost."""
    before = identity_of(office, "kari").public
    approved(office)
    new = certificate_id(office, "kari")
    left = iter(range(100))

    def dying(self: rotating._Places, kind: Kind, *identity: Identity) -> None:
        (kept if identity else forgotten)(self, kind, *identity)
        if next(left) == point:
            raise Killed

    kept, forgotten = rotating._Places.keep, rotating._Places.forget
    monkeypatch.setattr(rotating._Places, "keep", dying)
    monkeypatch.setattr(rotating._Places, "forget", dying)
    with contextlib.suppress(Killed):
        office.run("key rotate", profile="kari")
    monkeypatch.undo()
    office.ok(f"key lost kari --device {UUID(new)} --cause lost --yes")
    found = office.ok("key rotate --json", profile="kari").json
    assert found["state"] == "waiting"
    assert identity_of(office, "kari").public == before
    office.read(1)
    office.ok(f"member approve kari --fingerprint '{found['fingerprint']}'")
    office.ok("key rotate", profile="kari")
    office.read(2)


@pytest.mark.slow
def test_nobody_approves_their_own_new_keys(office: Office) -> None:
    office.ok("member invite eva --name 'Eva Ek' --role coordinator --here --keys keyring")
    digits = office.ok("key rotate --json", profile="eva").json["fingerprint"]
    line = f"member approve eva --fingerprint '{digits}'"
    refused(office, line, "may_not_vouch", 4, profile="eva")
