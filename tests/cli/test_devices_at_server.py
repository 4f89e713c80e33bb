"""Devices at a served store: one joins, what is open is resealed to it, and one is lost."""

from __future__ import annotations

import os

import pytest

from tests.attacker import enrol, value
from tests.cli.test_devices import asks
from tests.office import Office
from tests.refusals import refused
from tests.serving import reached

pytestmark = pytest.mark.slow  # a real server

if os.name != "posix":
    pytest.skip("sockets are POSIX only", allow_module_level=True)


def test_a_second_device_joins_is_resealed_to_and_outlives_the_first(
    office: Office, machine: Office
) -> None:
    enrol(office, "eva", "coordinator")
    office.dispatch()
    with reached(office):
        machine.now = office.now
        digits = asks(office, machine)
        office.ok(f"member approve kari --fingerprint '{digits}'", profile="eva")
        assert office.ok("key reseal", profile="kari").stdout.startswith("1 of 1 open")
        machine.ok("open 1 --reveal", profile=None)
        keys = machine.ok("key list --json", profile=None).json["keys"]
        assert [each["is_this_device"] for each in keys] == [False, True]
        said = machine.ok("key lost --cause stolen --yes", profile=None).stdout
        assert "It could open: assignment 1, Home visit, read before\n" in said
        refused(office, "open 1 --reveal", "key_not_certified", 4, profile="kari")
        machine.ok("ack 1", profile=None)
        digits = machine.ok("key rotate --json", profile=None).json["fingerprint"]
        office.ok(f"member approve kari --fingerprint '{digits}'", profile="eva")
        machine.ok("key rotate", profile=None)
        machine.ok("open 1 --reveal", profile=None)
        assert "whole" in office.ok("audit verify").stdout
    ended = "SELECT count(*) FROM audit_log WHERE action = 'device.revoked'"
    assert value(office, ended) == 2
