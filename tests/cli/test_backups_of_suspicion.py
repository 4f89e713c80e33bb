"""A restore does not put back a device that was suspended since, nor refuse one confirmed since."""

from __future__ import annotations

import pytest

from tests.attacker import enrol
from tests.backing_up import backed_up, confirmed, list_of_deletions, lose_store, restored
from tests.cli.test_hostile_suspicion import confirms, lost
from tests.hostile import Hostile
from tests.office import Office

pytestmark = pytest.mark.slow  # each makes its own office, and signs several times


@pytest.fixture
def suspicious(office: Office) -> Office:
    """An office where bo administers, and eva, whom bo approved, coordinates."""
    enrol(office, "bo", "org_admin")
    enrol(office, "eva", "coordinator", by="bo")
    return office


def fares(office: Office, profile: str) -> str:
    """Return the code with which a member's device is refused, empty where it is not."""
    return Hostile(office, profile).asks("read.head").code


def test_who_was_suspended_since_the_backup_is_refused_after_the_restore(
    suspicious: Office,
) -> None:
    backup = backed_up(suspicious)
    assert lost(suspicious, "bo", 1).code == ""
    assert fares(suspicious, "eva") == "certificate_suspended"
    deletions = list_of_deletions(suspicious)
    lose_store(suspicious)
    said = restored(suspicious, backup, f"--deletions {deletions}").stdout
    assert "revoked since" in said
    confirmed(suspicious)
    assert fares(suspicious, "bo") == "certificate_revoked"
    assert fares(suspicious, "eva") == "certificate_revoked"


def test_who_was_confirmed_since_the_backup_can_be_confirmed_again(suspicious: Office) -> None:
    assert lost(suspicious, "bo", 1).code == ""
    backup = backed_up(suspicious)
    assert confirms(suspicious, "anne", "eva").code == ""
    deletions = list_of_deletions(suspicious)
    lose_store(suspicious)
    restored(suspicious, backup, f"--deletions {deletions}")
    confirmed(suspicious)
    assert fares(suspicious, "eva") == "certificate_suspended"
    assert confirms(suspicious, "anne", "eva").code == ""
    assert fares(suspicious, "eva") == ""
