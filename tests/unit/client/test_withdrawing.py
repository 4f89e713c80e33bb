"""Who may recall and cancel, asked of the actions themselves, at every status; and what is said."""

from __future__ import annotations

import pytest

from assigncli.client import cancel, recall
from assigncli.errors import RuleRefused
from tests.acting import acting
from tests.office import Office
from tests.quick import a_few
from tests.refusals import everything, rows, shares


@pytest.mark.slow
@pytest.mark.parametrize(
    "status", a_few(2, of=["pending", "dispatched", "delivered", "read", "contact_made"])
)
def test_only_a_coordinator_withdraws(office: Office, status: str) -> None:
    """Not the mentor it is for, not another, not an administrator; a coordinator may."""
    office.ok("member invite bo --name Bo --role org_admin --here --keys keyring")
    number = office.create()
    if status != "pending":
        office.ok(f"dispatch {number}")
    if status not in ("pending", "dispatched"):
        office.to_status(number, status)
    before = everything(office)
    for profile in ("kari", "ola", "bo"):
        with acting(office, profile) as session:
            for act in (
                lambda: recall.recall(session.client, str(number)),
                lambda: cancel.cancel(session.client, str(number), "Moved"),
            ):
                with pytest.raises(RuleRefused) as caught:
                    act()
                assert caught.value.code == "only_coordinator_can_dispatch", profile
    assert everything(office) == before
    assert shares(office) == 1
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    with acting(office, "eva") as session:
        done = cancel.cancel(session.client, str(number), "Moved")
    assert (done.ending.was_dispatched, done.ending.disclosed) == (
        status != "pending",
        status in ("read", "contact_made"),
    )
    assert rows(office, "SELECT status FROM assignments") == [("cancelled",)]
    assert shares(office) == 0
