"""A served store's new key: the server says its digits, an administrator confirms them."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from tests.cli.test_new_key import confirm, suffixes
from tests.office import Office
from tests.serving import Served, reached

pytestmark = pytest.mark.slow  # a real server

if os.name != "posix":
    pytest.skip("sockets are POSIX only", allow_module_level=True)

_SAID = re.compile(r"^Fingerprint of the new key of .*: ((?:[0-9]{5} ?){8})$", re.MULTILINE)


def digits_of(served: Served) -> str:
    found = _SAID.search(served.output())
    assert found is not None, served.output()
    return found[1]


def checks(office: Office, profile: str) -> dict[str, Any]:
    found = office.run("doctor --json", profile=profile).json["findings"]
    return {each["name"]: each for each in found}


def said_by_doctor(office: Office) -> Any:
    """Return what an administrator's doctor says of the server's key, from afar."""
    return checks(office, "anne")["service_key"]


def test_a_new_key_is_confirmed_at_a_running_server(office: Office) -> None:
    number = office.dispatch()
    with reached(office, more="--new-key") as served:
        assert "assign member approve service" in served.output()
        office.refused("inbox", "service_uncertified", 7, profile="kari")  # would be a delivery
        office.refused("open 1 --reveal", "service_uncertified", 7, profile="kari")
        office.refused("recall 1 --yes", "service_uncertified", 7)
        assert office.ok("list").stdout
        assert "whole" in office.ok("audit verify").stdout
        assert said_by_doctor(office)["well"] is False
        assert "service_key" not in checks(office, "kari")
        confirm(office, digits_of(served))
        assert said_by_doctor(office)["well"] is True
        office.to_status(number, "completed")
        assert "whole" in office.ok("audit verify").stdout
        assert suffixes(office) == [".key", ".root"]
        assert "Fault" not in served.output()
    with reached(office) as served:
        assert _SAID.search(served.output()) is None
        office.dispatch()
        office.ok("inbox", profile="kari")
        assert "whole" in office.ok("audit verify").stdout
