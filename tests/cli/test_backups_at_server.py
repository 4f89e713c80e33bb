"""Backups beside a running server, and a restored store that is served again."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from tests.backing_up import agreed, confirmed, restored, with_passphrase
from tests.office import Office
from tests.serving import reached

if os.name != "posix":
    pytest.skip("the server needs POSIX", allow_module_level=True)

pytestmark = pytest.mark.slow


def test_a_served_store_is_backed_up_restored_and_gone_on_with_across_the_socket(
    office: Office,
) -> None:
    office.now = datetime.now(UTC)
    backup, deletions = office.folder / "backup", office.folder / "deletions"
    beside = f"--store {office.store} {with_passphrase(office)}"
    with reached(office) as served:
        assert office.dispatch() == 1
        office.ok(f"store backup {backup} {beside}", profile=None)
        office.refused(f"store backup {backup}-2", "needs_server_machine", 2)
        assert office.dispatch() == 2
        office.read(2)
        office.ok("recall 1 --yes")
        office.ok(f"store backup {deletions} --only-deletions --store {office.store}", profile=None)
        line = f"store restore {backup} {beside} --yes"
        office.refused(line, "store_served", 7, profile=None)
        assert served.stop() == 0
    office.store.unlink()
    restored(office, backup, f"--deletions {deletions}")
    with reached(office):
        office.refused("list", "log_behind", 1)
        office.refused("inbox", "log_behind", 1, profile="kari")
        office.refused("store restore --accept", "restore_unconfirmed", 7, profile="kari")
        assert "entries that this machine has seen are gone" in confirmed(office).stdout
        agreed(office, "kari")
        assert office.run("open 1 --reveal", profile="kari").error_code == "share_missing"
        assert office.dispatch() == 3
        office.read(3)
        assert "is whole" in office.ok("audit verify").stdout
