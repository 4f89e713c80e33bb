"""One more device, one in the place of another, one that ends: by who may, and as was asked."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from assigncli.crypto.identity import Identity
from assigncli.domain.actions import Action
from assigncli.errors import Tampered
from tests.attacker import certificate_id, enrol, hex_id, insert, value, write
from tests.devices import APPROVE, device, given, joins, member
from tests.hostile import Hostile
from tests.office import Office
from tests.quick import a_few

REVOKE = "device.revoked"
TOKEN = bytes(range(16))


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where eva coordinates and a brief is open with kari; bo administers."""
    office = founded.copy_to(tmp_path_factory.mktemp("devices") / "office")
    enrol(office, "eva", "coordinator")
    enrol(office, "bo", "org_admin")
    office.dispatch()
    return office


def phone(office: Office, handle: str, keys: Identity) -> Hostile:
    """Return a member's client on the device that was certified last."""
    return Hostile(office, handle, key=keys, certificate=certificate_id(office, handle))


def live(office: Office, handle: str) -> object:
    count = "SELECT count(*) FROM certificates WHERE member_id = ? AND revoked_at IS NULL"
    return value(office, count, hex_id(office, handle))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "handle"), a_few(1, of=[("eva", "kari"), ("anne", "kari"), ("anne", "bo")])
)
def test_both_devices_count(office: Office, profile: str, handle: str) -> None:
    keys = joins(office, handle)
    sent = given(office, profile, handle, keys)
    (entry,) = sent.send(office, profile).entries
    assert (entry.act, entry.facts.keys()) == (APPROVE, {"certificate", "digest"})
    assert phone(office, handle, keys).asks("read.head").code == ""
    office.ok("member list", profile=handle)  # the first goes on
    assert live(office, handle) == 2
    assert value(office, "SELECT count(*) FROM invitations WHERE spent_at IS NOT NULL") == 0
    office.ok("audit verify")
    office.ok("store check")
    if handle == "kari":
        office.read(office.dispatch())


@pytest.mark.slow
def test_a_device_in_the_place_of_another(office: Office) -> None:
    keys, first = joins(office, "kari"), device(office, "kari")
    old = Hostile(office, "kari", certificate=certificate_id(office, "kari"))
    approved, ended = given(office, "eva", "kari", keys).send(office, "eva", replaces=first).entries
    assert (approved.act, ended.act) == (APPROVE, REVOKE)
    assert dict(ended.facts) == {"certificate": first, "cause": "replaced"}
    assert old.asks("read.head").code == "certificate_revoked"
    new = phone(office, "kari", keys)
    assert new.asks("read.head").code == ""
    assert live(office, "kari") == 1
    office.refused("open 1 --reveal", "key_not_certified", 4, profile="kari")
    office.ok("audit verify")
    office.ok("store check")
    office.ok("member certify kari")
    office.dispatch()


def test_another_invitation_stays(office: Office) -> None:
    first, second = joins(office, "kari"), joins(office, "kari")
    for keys in (first, second):
        given(office, "eva", "kari", keys).send(office, "eva")
    assert live(office, "kari") == 3
    office.ok("audit verify")


@pytest.mark.slow
def test_no_more_than_eight(office: Office) -> None:
    codes = [
        given(office, "eva", "kari", joins(office, "kari")).send(office, "eva").code
        for _each in range(8)
    ]
    assert codes == [""] * 7 + ["devices_too_many"]
    keys, first = joins(office, "kari"), device(office, "kari")
    assert given(office, "eva", "kari", keys).send(office, "eva", replaces=first).code == ""
    assert live(office, "kari") == 8
    office.ok("audit verify")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "handle", "changes", "code"),
    a_few(
        3,
        of=[
            ("kari", "kari", {}, "role_missing"),
            ("ola", "kari", {}, "role_missing"),
            ("eva", "bo", {}, "may_not_vouch"),
            ("bo", "bo", {}, "may_not_vouch"),
            ("anne", "kari", {"roles": frozenset({"coordinator"})}, "certificate_invalid"),
            ("anne", "kari", {"roles": frozenset({"service"})}, "may_not_vouch"),
            ("eva", "kari", {"keys": Identity.generate().public}, "certificate_invalid"),
            ("eva", "kari", {"organization": uuid4()}, "organization_scope_isolation"),
            ("eva", "kari", {"issuer": uuid4()}, "certificate_invalid"),
        ],
    ),
)
def test_what_is_not_certified(
    office: Office, profile: str, handle: str, changes: dict[str, Any], code: str
) -> None:
    sent = given(office, profile, handle, joins(office, handle), **changes)
    assert sent.send(office, profile).code == code
    assert live(office, handle) == 1
    assert value(office, "SELECT count(*) FROM audit_log WHERE action = 'attempt.refused'") == 1
    office.ok("audit verify")


def test_only_for_who_is_a_member_and_in_the_place_of_their_own(office: Office) -> None:
    keys, others = joins(office, "kari"), device(office, "ola")
    sent = given(office, "eva", "kari", keys)
    assert sent.send(office, "eva", replaces=others).code == "device_not_found"
    assert sent.send(office, "eva", replaces=str(uuid4())).code == "device_not_found"
    office.join("dag", "Dag Dal")
    waits = given(office, "eva", "dag", keys)
    assert waits.send(office, "eva").code == "member_not_waiting"
    office.ok("member revoke kari --yes")
    assert sent.send(office, "eva").code == "member_already_revoked"


def test_what_was_carried_out_is_not_carried_out_again(office: Office) -> None:
    eva, said = Hostile(office, "eva"), ending(device(office, "ola"))
    first = eva.does(REVOKE, member(office, "ola"), said)
    again = eva.raw(eva.sent[-1])
    assert again.reply is not None
    assert (again.reply.known, again.entries) == (True, first.entries)
    assert eva.does(REVOKE, member(office, "ola"), said).code == "device_not_found"


def ending(certificate: str, cause: str = "lost", suspects: int | None = None) -> dict[str, object]:
    return {"certificate": certificate, "cause": cause, "suspects_from": suspects}


@pytest.mark.slow
@pytest.mark.parametrize("profile", a_few(2, of=["kari", "eva", "anne"]))
def test_a_device_that_was_lost_ends_and_the_other_goes_on(office: Office, profile: str) -> None:
    first, keys = device(office, "kari"), joins(office, "kari")
    old = Hostile(office, "kari", certificate=certificate_id(office, "kari"))
    given(office, "eva", "kari", keys).send(office, "eva")
    second = phone(office, "kari", keys)
    by = second if profile == "kari" else Hostile(office, profile)
    (entry,) = by.does(REVOKE, member(office, "kari"), ending(first)).entries
    assert dict(entry.facts) == {"certificate": first, "cause": "lost"}
    assert old.asks("read.head").code == "certificate_revoked"
    assert old.does("assignment.acknowledged", 1).code == "certificate_revoked"
    assert second.asks("read.head").code == ""
    office.ok("audit verify")
    office.ok("store check")


def test_the_newest_device_ends_and_the_first_goes_on(office: Office) -> None:
    keys = joins(office, "kari")
    given(office, "eva", "kari", keys).send(office, "eva")
    second = phone(office, "kari", keys)
    newest = device(office, "kari")
    assert second.does(REVOKE, member(office, "kari"), ending(newest, "stolen")).code == ""
    assert second.asks("read.head").code == "certificate_revoked"
    office.ok("inbox", profile="kari")
    office.read(1)
    office.ok("audit verify")


def test_who_has_no_device_left_is_a_member_still_and_is_sent_nothing(office: Office) -> None:
    said = ending(device(office, "kari"))
    assert Hostile(office, "kari").does(REVOKE, member(office, "kari"), said).code == ""
    line = f"create --to kari --title Visit --payload {office.person()}"
    office.refused(line, "recipient_must_belong_to_same_organization", 6)
    assert office.ok("member show kari --json").json["status"] == "active"
    office.ok("audit verify")
    office.ok("store check")
    office.ok("member revoke kari --yes")
    office.ok("audit verify")
    office.ok("store check")


@pytest.mark.parametrize(
    ("profile", "whom", "code"),
    a_few(
        2,
        of=[
            ("ola", "kari", "role_missing"),
            ("eva", "bo", "may_not_vouch"),
            ("anne", "service", "may_not_vouch"),
        ],
    ),
)
def test_who_may_not_end_a_device(office: Office, profile: str, whom: str, code: str) -> None:
    said = ending(device(office, whom))
    assert Hostile(office, profile).does(REVOKE, member(office, whom), said).code == code
    assert live(office, whom) == 1
    office.ok("audit verify")


def test_which_devices_cannot_be_ended(office: Office) -> None:
    eva, kari = Hostile(office, "eva"), member(office, "kari")
    for other in (str(uuid4()), device(office, "ola")):
        assert eva.does(REVOKE, kari, ending(other)).code == "device_not_found"
    assert eva.does(REVOKE, uuid4(), ending(device(office, "kari"))).code == "member_not_found"
    wrong = ending(device(office, "kari"), "bored")
    assert eva.does(REVOKE, kari, wrong).code == "statement_malformed"


@pytest.mark.parametrize(("profile", "whom"), [("ola", "kari"), ("eva", "bo")])
def test_an_end_by_who_may_not_is_found_in_the_log(office: Office, profile: str, whom: str) -> None:
    """As a service that lies could write it for a member who signs it."""
    said = ending(device(office, whom))
    facts = {"certificate": device(office, whom), "cause": "lost"}
    insert(office, profile, Action.DEVICE_REVOKED, member(office, whom), said, **facts)
    verdict = office.run("audit verify --json")
    assert "revocation_invalid" in {each["code"] for each in verdict.json["findings"]}


def test_a_column_alone_ends_no_device(office: Office) -> None:
    keys = joins(office, "kari")
    given(office, "eva", "kari", keys).send(office, "eva")
    ended = "UPDATE certificates SET revoked_at = '2026-11-21T11:00:00.000000Z' WHERE id = ?"
    write(office, ended, certificate_id(office, "kari"))
    with pytest.raises(Tampered) as fault:
        phone(office, "kari", keys).asks("read.head")
    assert fault.value.code == "certificate_invalid"
    assert office.run("audit verify").error_code == "revocation_invalid"


def test_the_last_administrator_s_last_device_stays(office: Office) -> None:
    bo = ending(device(office, "bo"))
    assert Hostile(office, "bo").does(REVOKE, member(office, "bo"), bo).code == ""
    anne = ending(device(office, "anne"))
    assert Hostile(office, "anne").does(REVOKE, member(office, "anne"), anne).code == (
        "last_administrator"
    )
    assert live(office, "anne") == 1
    office.ok("audit verify")
