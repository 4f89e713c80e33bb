"""The commands about keys, killed at every point: a brief opens with the old keys or the new ones.

A point is before and after each SQL statement, commit, sync, rename, removal and message; a key in
the test's key store takes its place by a rename. At no point is a brief without a device that opens
it, or open to more devices than were approved; and what was recalled opens at none.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assigncli.client import open as opening
from assigncli.crypto.identity import Identity
from assigncli.errors import AssignError
from tests.acting import acting, identity_of
from tests.attacker import enrol, value
from tests.devices import device, given, joins
from tests.every_point import left_at_every_point
from tests.forked_server import STEPS, forked
from tests.must_hold import require_nothing_left_in_vault, require_whole
from tests.office import Office
from tests.processes import Command

pytestmark = pytest.mark.slow  # processes of their own, started and killed

if os.name != "posix":
    pytest.skip("signals are POSIX only", allow_module_level=True)

OPEN = (1, 2)
RECALLED = 3
GONE = "valid_status_transition"


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where kari has read a brief, has another to read, and a third was recalled."""
    office = founded.copy_to(tmp_path_factory.mktemp("keys") / "office")
    for _each in (*OPEN, RECALLED):
        office.dispatch()
    office.read(1)
    office.ok(f"recall {RECALLED} --yes")
    return office


def opened(office: Office, keys: Identity | None = None) -> dict[int, str]:
    """Open each brief on kari's device with these keys, or with those that her machine keeps.

    Returns the code of the error for each that does not open, empty for those that do.
    """
    return {number: _opened(office, number, keys) for number in (*OPEN, RECALLED)}


def _opened(office: Office, number: int, keys: Identity | None) -> str:
    with acting(office, "kari", identity=keys) as session:
        try:
            opening.open_brief(session.client, str(number))
        except AssignError as error:
            return error.code
    return ""


ALL = {1: "", 2: "", RECALLED: GONE}


def shut(code: str) -> dict[int, str]:
    """Return what a device is told that opens nothing any more."""
    return dict.fromkeys((*OPEN, RECALLED), code)


def require_settled(office: Office) -> None:
    """Assert that all is whole, after what a sweep does, and that no shredded key is left."""
    office.ok("sweep", profile=None)
    require_whole(office)
    require_nothing_left_in_vault(office)


def in_force(office: Office, handle: str = "kari") -> object:
    return value(
        office,
        "SELECT count(*) FROM certificates WHERE revoked_at IS NULL AND suspended_at IS NULL AND"
        " member_id = (SELECT id FROM members WHERE handle = ?)",
        handle,
    )


# key rotate


def rotated(office: Office) -> None:
    """Let kari's exchange of keys come to its end, as the same command does."""
    found = office.ok("key rotate --json", profile="kari").json
    if found["state"] == "waiting":
        office.ok(f"member approve kari --fingerprint '{found['fingerprint']}'")
        found = office.ok("key rotate --json", profile="kari").json
    assert found["state"] == "done"


def require_rotated(office: Office, old: Identity) -> None:
    """Assert that the new keys alone open what is open, and that nothing else of them is left."""
    assert identity_of(office, "kari").public != old.public
    assert opened(office) == ALL
    assert set(opened(office, old).values()) == {"key_not_certified"}
    assert in_force(office) == 1
    kept = (office.folder / "keyring.json").read_text()
    assert not [kind for kind in ("_next", "_old") if kind in kept]
    require_settled(office)


def approved(office: Office) -> None:
    """Make new keys for kari, and have them approved."""
    digits = office.ok("key rotate --json", profile="kari").json["fingerprint"]
    office.ok(f"member approve kari --fingerprint '{digits}'")


def test_killed_while_new_keys_are_made_the_old_ones_open_all(
    office: Office, tmp_path: Path
) -> None:
    old = identity_of(office, "kari")
    for left in left_at_every_point(office, Command("key rotate", "kari"), tmp_path):
        assert identity_of(left, "kari").public == old.public
        assert opened(left) == ALL
        rotated(left)
        require_rotated(left, old)


def test_killed_while_new_keys_take_the_place_of_the_old_one_of_them_opens_all(
    office: Office, tmp_path: Path
) -> None:
    old = identity_of(office, "kari")
    approved(office)
    seen = set()
    for left in left_at_every_point(office, Command("key rotate", "kari"), tmp_path):
        seen.add(identity_of(left, "kari").public == old.public)
        assert opened(left) == ALL
        left.ok("inbox", profile="kari")
        rotated(left)
        require_rotated(left, old)
    assert seen == {True, False}


ACTS_OF_ROTATE = 3
"""The second run's: a wrap for each open brief, and the end of the old keys."""


@pytest.mark.parametrize("number", range(1, ACTS_OF_ROTATE + 1))
def test_a_server_killed_at_each_step_of_each_act_of_a_rotation(
    office: Office, tmp_path: Path, number: int
) -> None:
    old = identity_of(office, "kari")
    approved(office)
    for step in STEPS:
        left = office.copy_to(tmp_path / step.replace(" ", "-"))
        with forked(left, step, number_of_act=number) as served:
            lost = left.run("key rotate", profile="kari")
            assert os.WIFSIGNALED(served.status()), (step, lost.said)
        assert lost.error_code == "store_outcome_unknown", (step, lost.said)
        assert opened(left) == ALL, step
        with forked(left) as served:
            left.ok("inbox", profile="kari")
            left.ok("key rotate", profile="kari")
            assert os.WEXITSTATUS(served.stop()) == 0
        require_rotated(left, old)


# key reseal


def phone(office: Office) -> Identity:
    """Certify one more device of kari, and return its keys."""
    keys = joins(office, "kari")
    assert given(office, "anne", "kari", keys).send(office, "anne").code == ""
    return keys


@pytest.mark.parametrize("profile", ["anne", "kari"])
def test_killed_while_sealing_again_the_first_device_opens_all(
    office: Office, tmp_path: Path, profile: str
) -> None:
    keys = phone(office)
    seen = set()
    for left in left_at_every_point(office, Command("key reseal", profile), tmp_path):
        assert opened(left) == ALL
        new = opened(left, keys)
        assert new.pop(RECALLED) in (GONE, "key_not_certified"), new
        seen.add(tuple(new.values()))
        left.ok("key reseal", profile=profile)
        assert opened(left) == opened(left, keys) == ALL
        require_settled(left)
    assert len(seen) == 3  # none, one of the two, and both


# key lost


def two_devices(office: Office) -> tuple[Identity, str]:
    """Give kari a telephone that opens all; return its keys, and the first device's certificate."""
    first, keys = device(office, "kari"), phone(office)
    office.ok("key reseal")
    return keys, first


def test_killed_while_a_lost_key_ends_the_other_device_opens_all(
    office: Office, tmp_path: Path
) -> None:
    keys, first = two_devices(office)
    line = f"key lost kari --device {first} --cause stolen --yes"
    seen = set()
    for left in left_at_every_point(office, Command(line), tmp_path):
        assert opened(left, keys) == ALL
        theirs = opened(left)
        assert theirs in (ALL, shut("key_not_certified")), theirs
        is_done = theirs != ALL
        seen.add(is_done)
        again = left.run(line)
        assert (again.code, again.error_code) == (
            (2, "device_not_found") if is_done else (0, "")
        ), again.said
        assert (opened(left), opened(left, keys)) == (shut("key_not_certified"), ALL)
        require_settled(left)
    assert seen == {True, False}


def test_killed_while_a_lost_key_ends_what_it_certified_is_suspended_with_it_or_not_at_all(
    office: Office, tmp_path: Path
) -> None:
    """Eva, whose laptop is stolen, approved siri, who has a brief to read."""
    enrol(office, "eva", "coordinator")
    enrol(office, "siri", "peer_mentor", by="eva")
    number = office.dispatch(to="siri")
    line = "key lost eva --cause stolen --since 1.11.2026 --yes"
    seen = set()
    for left in left_at_every_point(office, Command(line), tmp_path):
        state = (in_force(left, "eva"), in_force(left, "siri"))
        seen.add(state)
        if state == (1, 1):
            left.ok(line)
        left.refused("inbox", "certificate_suspended", 4, profile="siri")
        left.refused("member pause ola", "membership_revoked", 4, profile="eva")
        digits = left.ok("key list siri --json").json["keys"][0]["fingerprint"]
        left.ok(f"member approve siri --fingerprint '{digits}'")
        left.read(number, profile="siri")
        require_settled(left)
    assert seen == {(1, 1), (0, 0)}
