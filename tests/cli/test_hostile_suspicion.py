"""A lost device: what it certified is suspended until somebody else has compared it again."""

from __future__ import annotations

from uuid import UUID

import pytest

from assigncli.domain.actions import Action
from tests.attacker import certificate_id, enrol, insert, remove_entries, value, write
from tests.devices import device, given, joins, member
from tests.hostile import Answer, Hostile
from tests.office import Office
from tests.quick import a_few

pytestmark = pytest.mark.slow  # each makes its own office, and verifies the whole log

REVOKE, CONFIRM = "device.revoked", "device.confirmed"


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where bo administers; eva, whom bo approved, coordinates and approved siri."""
    office = founded.copy_to(tmp_path_factory.mktemp("suspicion") / "office")
    enrol(office, "bo", "org_admin")
    enrol(office, "eva", "coordinator", by="bo")
    enrol(office, "siri", "peer_mentor", by="eva")
    office.dispatch(to="siri")
    return office


def lost(office: Office, handle: str, since: int | None, by: str = "anne") -> Answer:
    said = {"certificate": device(office, handle), "cause": "stolen", "suspects_from": since}
    return Hostile(office, by).does(REVOKE, member(office, handle), said)


def confirms(office: Office, profile: str, handle: str) -> Answer:
    said = {"certificate": device(office, handle)}
    return Hostile(office, profile).does(CONFIRM, member(office, handle), said)


def approved_at(office: Office, handle: str) -> int:
    query = "SELECT max(sequence) FROM audit_log WHERE action = 'member.approved'"
    found = value(office, f"{query} AND subject_id = ?", member(office, handle).hex)
    assert isinstance(found, int)
    return found


def test_what_it_certified_and_what_that_certified_is_suspended(office: Office) -> None:
    bo, eva = device(office, "bo"), device(office, "eva")
    revoked, first, second = lost(office, "bo", 1).entries
    assert (revoked.act, first.act, second.act) == (REVOKE, *["device.suspended"] * 2)
    assert (first.subject, dict(first.facts)) == (
        member(office, "eva"),
        {"certificate": eva, "because": bo},
    )
    assert dict(second.facts) == {"certificate": device(office, "siri"), "because": eva}
    for who in ("eva", "siri"):
        assert Hostile(office, who).asks("read.head").code == "certificate_suspended"
        assert Hostile(office, who).asks("read.head", signed=False).code == "certificate_suspended"
        assert Hostile(office, who).does("assignment.acknowledged", 1).code == (
            "certificate_suspended"
        )
    line = f"create --to siri --title Visit --payload {office.person()}"
    office.refused(line, "recipient_must_belong_to_same_organization", 6)
    office.ok("audit verify")
    office.ok("store check")
    assert confirms(office, "anne", "eva").code == ""
    assert Hostile(office, "eva").asks("read.head").code == ""
    assert Hostile(office, "siri").asks("read.head").code == "certificate_suspended"
    assert confirms(office, "eva", "siri").code == ""
    office.read(1, profile="siri")
    office.dispatch(to="siri")
    office.ok("audit verify")
    office.ok("store check")


def test_what_it_certified_before_it_was_lost_goes_on(office: Office) -> None:
    since = approved_at(office, "eva") + 1
    assert [each.act for each in lost(office, "bo", since).entries] == [REVOKE]
    assert Hostile(office, "eva").asks("read.head").code == ""
    assert Hostile(office, "siri").asks("read.head").code == ""


def test_one_of_two_devices_is_suspended_and_the_other_goes_on(office: Office) -> None:
    first = device(office, "siri")
    keys = joins(office, "siri")
    given(office, "anne", "siri", keys).send(office, "anne")
    assert [each.act for each in lost(office, "eva", 1).entries] == [REVOKE, "device.suspended"]
    old = Hostile(office, "siri", certificate=first)
    assert old.asks("read.head").code == "certificate_suspended"
    phone = Hostile(office, "siri", key=keys, certificate=certificate_id(office, "siri"))
    assert phone.asks("read.head").code == ""
    office.refused("open 1 --reveal", "certificate_suspended", 4, profile="siri")
    number = office.dispatch(to="siri")
    assert (
        value(
            office,
            "SELECT count(*) FROM key_wraps WHERE certificate_id = ? AND assignment_id ="
            " (SELECT id FROM assignments WHERE number = ?)",
            UUID(first).hex,
            number,
        )
        == 0
    )
    office.ok("audit verify")


@pytest.mark.parametrize(
    ("profile", "handle", "code"),
    a_few(
        2,
        of=[
            ("siri", "siri", "certificate_suspended"),
            ("eva", "siri", "certificate_suspended"),
            ("kari", "siri", "role_missing"),
            ("anne", "kari", "device_not_found"),
            ("anne", "anne", "device_not_found"),
        ],
    ),
)
def test_who_confirms_nothing(office: Office, profile: str, handle: str, code: str) -> None:
    lost(office, "bo", 1)
    assert confirms(office, profile, handle).code == code
    office.ok("audit verify")


def test_a_coordinator_confirms_no_coordinator(office: Office) -> None:
    enrol(office, "liv", "coordinator")
    lost(office, "bo", 1)
    assert confirms(office, "liv", "eva").code == "may_not_vouch"
    assert confirms(office, "liv", "siri").code == ""


def test_who_would_be_in_doubt_does_not_act(office: Office) -> None:
    """Bo's second device was approved by a coordinator's... by whom bo's first had approved."""
    enrol(office, "dag", "org_admin", by="bo")
    keys, first = joins(office, "bo"), device(office, "bo")
    given(office, "dag", "bo", keys).send(office, "dag")
    second = Hostile(office, "bo", key=keys, certificate=certificate_id(office, "bo"))
    said = {"certificate": first, "cause": "stolen", "suspects_from": 1}
    assert second.does(REVOKE, member(office, "bo"), said).code == "may_not_vouch"
    assert second.does(REVOKE, member(office, "bo"), {**said, "suspects_from": None}).code == ""
    office.ok("audit verify")


def test_the_last_administrator_is_not_suspended_either(office: Office) -> None:
    """Anne, the founder, is lost; bo, whom she approved, would be suspended with her."""
    said = {"certificate": device(office, "anne"), "cause": "stolen", "suspects_from": 1}
    anne = Hostile(office, "anne")
    assert anne.does(REVOKE, member(office, "anne"), said).code == "last_administrator"
    office.ok("audit verify")


def lie(office: Office, case: str) -> str:
    """Write a lie into the store, and return the code with which it is found."""
    siri = UUID(device(office, "siri")).hex
    if case == "let in again":
        write(office, "UPDATE certificates SET suspended_at = NULL WHERE id = ?", siri)
    elif case == "suspended by a column":
        kari = UUID(device(office, "kari")).hex
        moment = "2026-11-21T11:00:00.000000Z"
        write(office, "UPDATE certificates SET suspended_at = ? WHERE id = ?", moment, kari)
    elif case == "left out":
        remove_entries(office, "sequence = (SELECT max(sequence) FROM audit_log)")
    return "revocation_invalid"


@pytest.mark.parametrize("case", ["let in again", "suspended by a column", "left out"])
def test_a_lie_about_suspicion_is_found(office: Office, case: str) -> None:
    lost(office, "bo", 1)
    code = lie(office, case)
    found = office.run("audit verify --json").json["findings"]
    assert code in {each["code"] for each in found} or case == "left out", found
    assert found != []


def test_a_column_alone_suspends_nobody(office: Office) -> None:
    kari = UUID(device(office, "kari")).hex
    moment = "2026-11-21T11:00:00.000000Z"
    write(office, "UPDATE certificates SET suspended_at = ? WHERE id = ?", moment, kari)
    office.refused("inbox", "certificate_invalid", 1, profile="kari")


@pytest.mark.parametrize("profile", ["eva", "kari"])
def test_a_suspension_that_nobody_asked_for_is_found(office: Office, profile: str) -> None:
    """As a service that lies could write it with a revocation that somebody signed."""
    own = device(office, profile)
    said = {"certificate": own, "cause": "lost", "suspects_from": None}
    facts = {"certificate": device(office, "ola"), "because": own}
    insert(office, profile, Action.DEVICE_SUSPENDED, member(office, "ola"), said, **facts)
    codes = {each["code"] for each in office.run("audit verify --json").json["findings"]}
    assert codes & {"revocation_invalid", "audit_forged"}
