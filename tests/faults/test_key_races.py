"""Keys that are sealed again, ended and exchanged while somebody else acts on the same.

Each race is run many times between processes, as near to each other as they can begin; afterwards
what must hold of the keys holds, and the whole store agrees with itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from assigncli.crypto.identity import Identity
from tests.acting import acting, identity_of
from tests.acts import VERBS, sent
from tests.attacker import enrol, value
from tests.devices import given, joins
from tests.must_hold import require_whole
from tests.office import Office, Result
from tests.processes import Command, Contender, at_once, race
from tests.refusals import rows

pytestmark = pytest.mark.slow  # processes of their own

if os.name != "posix":
    pytest.skip("fork is POSIX only", allow_module_level=True)


def phone(office: Office) -> Identity:
    """Certify one more device of kari, and return its keys."""
    keys = joins(office, "kari")
    assert given(office, "anne", "kari", keys).send(office, "anne").code == ""
    return keys


def test_two_devices_seal_the_same_again_at_once(office: Office) -> None:
    """Whoever comes second finds it sealed, and is told of no fault."""
    numbers = sent(office, 60)
    keys = phone(office)
    outcomes = race(
        office, Contender("anne", "reseal", numbers), Contender("kari", "reseal", numbers)
    )
    assert all(each.won for both in outcomes for each in both), outcomes
    wraps = "SELECT count(*) FROM key_wraps GROUP BY assignment_id"
    assert rows(office, wraps) == [(3,)] * len(numbers)
    entries = "SELECT count(*) FROM audit_log WHERE action = 'wrap.added'"
    assert rows(office, entries) == [(len(numbers),)]
    makers = "SELECT count(DISTINCT maker_certificate_id) FROM key_wraps"
    print(f"makers of wraps: {value(office, makers)}")
    with acting(office, "kari", identity=keys) as session:
        for number in numbers:
            VERBS["open"](session, number)
    require_whole(office)


@dataclass(frozen=True)
class Delayed:
    """A command that begins so many seconds after the others."""

    command: Command
    seconds: float

    def __call__(self, office: Office, together: Callable[[], object]) -> Result:
        together()
        time.sleep(self.seconds)
        return self.command(office, lambda: None)


REVOKED = ("membership_revoked", "certificate_revoked")
"""Before anything is signed, and for what was signed already."""
ROUNDS = 12
STEP = 0.05
"""Seconds by which one side begins later from round to round."""


def test_a_stolen_device_approves_somebody_while_its_key_is_ended(office: Office) -> None:
    """Whom it still approves is suspended and listed; whom it does not approve waits on."""
    became: list[str] = []
    for each in range(ROUNDS):
        eva, siri = f"eva{each}", f"siri{each}"
        enrol(office, eva, "coordinator")
        digits = office.join(siri, f"Siri {each}")
        lost = Command(f"key lost {eva} --cause stolen --since 1.11.2026 --yes")
        approve = Command(f"member approve {siri} --fingerprint '{digits}'", eva)
        later = (each - ROUNDS // 2) * STEP
        ended, approved = at_once(
            office, Delayed(lost, max(-later, 0)), Delayed(approve, max(later, 0))
        )
        assert ended.code == 0, ended.said
        known = "SELECT count(*) FROM certificates WHERE device <> '' AND member_id = "
        known += "(SELECT id FROM members WHERE handle = ?)"
        assert value(office, f"{known} AND suspended_at IS NULL", siri) == 0
        is_listed = f"Next: assign member approve {siri}\n" in ended.stdout
        assert is_listed is (approved.code == 0), (ended.said, approved.said)
        assert (value(office, known, siri) == 1) is is_listed
        if not is_listed:
            assert approved.error_code in REVOKED, approved.said
        became.append("suspended" if is_listed else "waits")
        office.ok(f"member approve {siri} --fingerprint '{digits}'")
        office.dispatch(to=siri)
    print(f"suspended {became.count('suspended')}, not approved {became.count('waits')}")
    require_whole(office)


def test_keys_are_exchanged_while_a_brief_is_sent(office: Office) -> None:
    """Sent to the old keys, to both, or to the new: kari opens it with the keys that she has."""
    refused = 0
    for each in range(ROUNDS):
        digits = office.ok("key rotate --json", profile="kari").json["fingerprint"]
        office.ok(f"member approve kari --fingerprint '{digits}'")
        before = identity_of(office, "kari").public
        line = f"create --to kari --title Visit --payload {office.person()} --dispatch --json"
        later = (each - ROUNDS // 2) * STEP
        rotated, made = at_once(
            office,
            Delayed(Command("key rotate", "kari"), max(-later, 0)),
            Delayed(Command(line), max(later, 0)),
        )
        assert rotated.code == 0, rotated.said
        assert identity_of(office, "kari").public != before
        if made.code:
            assert made.error_code == "devices_changed", made.said
            refused += 1
            made = office.ok(line)
        for number in range(1, made.json["number"] + 1):
            office.read(number)
    print(f"sent anew because the devices had changed: {refused}")
    require_whole(office)
