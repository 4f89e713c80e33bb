"""Thousands of acts by members who do whatever they like, against a plain model of the rules.

Each act is signed with the key of one of somebody's own devices and sent to the server directly;
kari has three, eva two. The model knows statuses, who may do what and in which order; the server
has to agree about each act, by its code.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from assigncli.crypto.identity import Identity
from assigncli.domain.declining import DeclineReason
from assigncli.protocol.texts import Text
from tests.acting import identity_of
from tests.attacker import certificate_id, certify_as, column, value
from tests.hostile import Hostile
from tests.office import Office
from tests.quick import a_few
from tests.refusals import shares

REASON = {"reason": Text(bytes(16), "Moved to another town.")}
REASONS = tuple(each.value for each in DeclineReason)
MENTORS, COORDINATORS = ("kari", "ola"), ("anne", "eva")
UNREAD, ENDED = ("dispatched", "delivered"), ("completed", "recalled", "cancelled")
STEPS = {
    "assignment.acknowledged": ("read", "acknowledged"),
    "assignment.contact_made": ("acknowledged", "contact_made"),
    "assignment.completed": ("contact_made", "completed"),
}
OPEN, DECLINE, ATTEMPT = "payload_decrypted", "assignment.declined", "contact.unanswered"
OF_MENTORS = {
    OPEN: (*UNREAD, "read", "acknowledged", "contact_made", "completed"),
    DECLINE: (*UNREAD, "read", "acknowledged"),
    ATTEMPT: ("acknowledged",),
    **{act: (before,) for act, (before, _after) in STEPS.items()},
}
"""What a mentor does, and in which statuses."""


@dataclass
class Model:
    """What stands, by the rules of SPEC.md section 3 alone."""

    recipient: dict[int, str] = field(default_factory=dict)
    status: dict[int, str] = field(default_factory=dict)
    declined: set[int] = field(default_factory=set)
    carried_out: int = 0

    def expected(self, who: str, act: str, number: int, *, claimed: int, read: bool) -> str:
        """Return the code with which the act is refused; empty where it is carried out."""
        is_mentor_s = act in OF_MENTORS
        if who not in (MENTORS if is_mentor_s else COORDINATORS):
            return "role_missing"
        if is_mentor_s:
            return self._of_mentor(who, act, number)
        if claimed != number:
            return "number_differs"
        return self._of_coordinator(act, number, read=read)

    def _of_mentor(self, who: str, act: str, number: int) -> str:
        status = self.status[number]
        if self.recipient[number] != who:
            return "not_your_assignment"
        if number in self.declined and status not in ENDED:
            return "assignment_declined"
        return "" if status in OF_MENTORS[act] else "valid_status_transition"

    def _of_coordinator(self, act: str, number: int, *, read: bool) -> str:
        was_read = self.status[number] not in UNREAD
        if self.status[number] in ENDED:
            return "valid_status_transition"
        if act == "assignment.recalled":
            return "recall_only_before_read" if was_read else ""
        return "" if read == was_read else "changed_meanwhile"

    def carry_out(self, act: str, number: int) -> None:
        """Take the step."""
        self.carried_out += 1
        if act in STEPS:
            self.status[number] = STEPS[act][1]
        elif act == OPEN:
            if self.status[number] in UNREAD:
                self.status[number] = "read"
        elif act == DECLINE:
            self.declined.add(number)
        elif act != ATTEMPT:
            self.status[number] = act.removeprefix("assignment.")


Device = tuple[str, Identity, str]
"""Whose it is, its key, and the id of its certificate."""


@pytest.fixture(scope="module")
def office(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = founded.copy_to(tmp_path_factory.mktemp("machine") / "office")
    made.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    return made


@pytest.fixture(scope="module")
def devices(office: Office) -> list[Device]:
    """The device that each has, and further ones; each was vouched for by an entry of its own."""
    held = [
        (who, identity_of(office, who), certificate_id(office, who))
        for who in (*MENTORS, *COORDINATORS)
    ]
    for who in ("kari", "kari", "eva"):
        key = Identity.generate()
        certify_as(office, "anne", who, key.public)
        held.append((who, key, certificate_id(office, who)))
    office.ok("audit verify")
    return held


@pytest.mark.slow
@pytest.mark.parametrize("acts", a_few(1, of=[57, 155, 2000]))
def test_the_server_agrees_with_the_model(
    office: Office, devices: list[Device], tmp_path: Path, acts: int
) -> None:
    office = office.copy_to(tmp_path / "office")
    chance = random.Random(acts)  # noqa: S311 - a course that can be run again
    model = Model()
    for place in range({57: 2, 155: 12, 2000: 60}[acts]):
        mentor = chance.choice(MENTORS)
        number = office.dispatch(to=mentor)
        model.recipient[number], model.status[number] = mentor, "dispatched"
        assert number == place + 1
        assert readers(office, number) == {
            certificate for who, _key, certificate in devices if who in ("anne", mentor)
        }
    clients = [Hostile(office, *device) for device in devices]
    for _turn in range(acts):
        office.later(seconds=1)
        _one(office, clients, model, chance)
    for number, status in model.status.items():
        assert column(office, number, "status") == status
        assert (column(office, number, "declined_at") is not None) is (number in model.declined)
    live = [status for status in model.status.values() if status not in ("recalled", "cancelled")]
    assert shares(office) == len(live)
    assert model.carried_out > len(model.status)
    office.ok("audit verify")


def readers(office: Office, number: int) -> set[str]:
    """Return the devices that the brief is sealed to."""
    query = "SELECT certificate_id FROM key_wraps WHERE assignment_id = ?"
    with closing(sqlite3.connect(office.store)) as db:
        return {each for (each,) in db.execute(query, (column(office, number, "id"),))}


def _one(office: Office, clients: list[Hostile], model: Model, chance: random.Random) -> None:
    client = chance.choice(clients)
    who = client.profile
    number = chance.choice(list(model.status))
    act = chance.choice(
        [*STEPS, OPEN, DECLINE, ATTEMPT, "assignment.recalled", "assignment.cancelled"]
    )
    claimed = number if chance.random() < 0.9 else number + 1
    read = chance.random() < 0.5
    arguments: dict[str, object] = {}
    texts: dict[str, Text] = {}
    if act == "assignment.completed":
        arguments = {"in_person": chance.choice([None, True, False])}
    elif act == DECLINE:
        arguments = {"reason": chance.choice(REASONS)}
    elif act == OPEN:
        arguments = {"encryption_key": _key(office, number), "as": "recipient"}
    elif act == "assignment.recalled":
        arguments = {"number": claimed}
    elif act == "assignment.cancelled":
        arguments, texts = {"number": claimed, "read": read}, REASON
    expected = model.expected(who, act, number, claimed=claimed, read=read)
    answer = client.does(act, number, arguments, texts=texts)
    assert answer.code == expected, (who, act, number, model.status[number])
    if not expected:
        model.carry_out(act, number)
    if chance.random() < 0.1:  # the same again changes nothing
        again = client.raw(client.sent[-1])
        assert again.code == expected
        if again.reply is not None:
            assert (again.reply.known, again.reply.share) == (True, None)
    if chance.random() < 0.02:
        office.now += timedelta(minutes=20)


def _key(office: Office, number: int) -> str:
    found_key = value(
        office,
        "SELECT substr(encryption_key_id, 1, 8) || '-' || substr(encryption_key_id, 9, 4) || '-'"
        " || substr(encryption_key_id, 13, 4) || '-' || substr(encryption_key_id, 17, 4) || '-'"
        " || substr(encryption_key_id, 21) FROM assignments WHERE number = ?",
        number,
    )
    return str(found_key)
