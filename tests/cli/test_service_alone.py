"""What the service states by itself has exactly the facts of its act, else it is forged."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from assigncli.domain.actions import Action
from assigncli.server import service
from assigncli.server.record import Fact, record
from tests.acting import acting
from tests.attacker import column, found, hex_id, write
from tests.office import Office
from tests.quick import a_few
from tests.sweeping import held_shares, key_id, outcomes, settled, stored

KEY = str(UUID(int=7, version=4))


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = founded.copy_to(tmp_path_factory.mktemp("alone") / "office")
    office.dispatch()
    return office


def states(office: Office, action: Action, subject: UUID, facts: dict[str, Fact]) -> int:
    """Append an entry by the service, with its own good signature; return its sequence."""
    with acting(office, "anne") as session, session.turn.write() as tx:
        ours = service.own(session.turn, tx).certificate
        return record(session.turn, tx, ours, action, subject, **facts).sequence


@pytest.mark.parametrize(
    ("action", "facts"),
    a_few(
        3,
        of=[
            (Action.ASSIGNMENT_DELIVERED, {"number": 1}),
            (Action.ASSIGNMENT_DELIVERED, {"number": 1, "from": None, "to": "sent"}),
            (Action.ASSIGNMENT_EXPIRED, {"number": 1, "from": "dispatched", "to": "expired"}),
            (Action.ASSIGNMENT_REMINDED, {}),
            (Action.ASSIGNMENT_REMINDED, {"number": "1"}),
            (Action.ASSIGNMENT_ARCHIVED, {"number": 1}),
            (Action.PAYLOAD_SHREDDED, {"number": 1}),
            (Action.PAYLOAD_SHREDDED, {"number": 1, "encryption_key": "the key"}),
            (Action.PAYLOAD_SHREDDED, {"encryption_key": KEY}),
            (Action.MEMBER_LAPSED, {"number": 1}),
            (Action.CYCLE_OPENED, {}),
            (Action.CYCLE_OPENED, {"starts_on": "2027-01-01", "ends_on": "2027-12-32"}),
            (
                Action.CYCLE_OPENED,
                {"starts_on": "2027-01-01", "ends_on": "2027-12-31", "name": "x"},
            ),
            (Action.CYCLE_CLOSED, {"name": "2026"}),
            (Action.NOTIFICATION_RETRIED, {"number": 1}),
            # What a member alone may do:
            (Action.CYCLE_REOPENED, {}),
            (Action.SETTING_CHANGED, {}),
            (Action.HONORARIUM_EXPORTED, {}),
        ],
    ),
)
def test_with_other_facts_it_is_forged(
    office: Office, action: Action, facts: dict[str, Fact]
) -> None:
    sequence = states(office, action, uuid4(), facts)
    assert found(office) == [(sequence, "audit_forged")]


@pytest.mark.parametrize(
    ("action", "facts"),
    [
        (Action.NOTIFICATION_RETRIED, {"number": 1, "kind": "dispatched", "recipient": KEY}),
        (Action.MEMBER_LAPSED, {}),
    ],
)
def test_with_its_own_facts_it_counts(
    office: Office, action: Action, facts: dict[str, Fact]
) -> None:
    subject = uuid4()
    if action is Action.MEMBER_LAPSED:  # of a mentor that there is, whose profile follows it
        subject = UUID(hex_id(office, "kari"))
        lapsed = "UPDATE peer_mentor_profiles SET status = 'expired', updated_at = ?"
        write(office, f"{lapsed} WHERE member_id = ?", stored(office.now), subject.hex)
    states(office, action, subject, facts)
    office.ok("audit verify")


@pytest.mark.slow
@pytest.mark.parametrize("names_its_own", [False, True])
def test_the_end_of_a_key_is_that_of_the_key_it_names(office: Office, names_its_own: bool) -> None:
    """A key marked as dead goes on the word of an entry that names it, and of no other."""
    office.to_status(1, "completed")
    settled(office)
    own = key_id(office, 1)
    facts: dict[str, Fact] = {"number": 1, "encryption_key": str(own) if names_its_own else KEY}
    states(office, Action.PAYLOAD_SHREDDED, UUID(str(column(office, 1, "id"))), facts)
    write(office, "UPDATE encryption_keys SET revoked_at = ?", stored(office.now))
    said = outcomes(office, code=0 if names_its_own else 5)
    assert (("share_deleted", 1, None, "ending_unsigned") in said) is not names_its_own
    assert held_shares(office) == (0 if names_its_own else 1)
