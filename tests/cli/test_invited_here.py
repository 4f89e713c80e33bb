"""`member invite --here` is an invitation and an approval: the same line ends what was begun."""

from __future__ import annotations

import pytest

from assigncli.client import approve
from assigncli.crypto.identity import Identity
from assigncli.errors import StoreUnavailable
from tests.attacker import alter_member, value
from tests.office import Office

LINE = "member invite bo --name 'Bo Berg' --here --keys keyring --certified-until 2027-12-31"


@pytest.fixture
def cut_short(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office where bo was invited, and the approval could not be written."""

    def full(*_given: object) -> None:
        raise StoreUnavailable("disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(approve, "_approve", full)
        assert office.run(LINE).error_code == "disk_full"
    assert value(office, "SELECT status FROM members WHERE handle = 'bo'") == "requested"
    return office


def test_the_same_line_ends_it(cut_short: Office) -> None:
    cut_short.ok(LINE)
    shown = cut_short.ok("member show bo --json").json
    assert (shown["status"], shown["certified_until"]) == ("active", "2027-12-31")
    cut_short.ok("inbox", profile="bo")
    assert cut_short.ok("audit verify").code == 0


def test_keys_exchanged_in_between_are_not_approved(cut_short: Office) -> None:
    alter_member(cut_short, "bo", encryption_key=Identity.generate().public.encryption_key)
    assert cut_short.run(LINE).error_code == "fingerprint_mismatch"
    assert value(cut_short, "SELECT status FROM members WHERE handle = 'bo'") == "requested"
