"""A certificate counts where the log says so: after its approval, before its end, not suspended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from assigncli.errors import Tampered
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.signed import Signed
from assigncli.trust.people import People, Standing
from tests.unit.trust.test_evidence import refused, verify
from tests.unit.trust.world import (
    COORDINATOR,
    FOUNDER,
    MENTOR,
    NEW_SERVICE,
    ORGANIZATION,
    PHONE,
    ROOT,
    SERVICE,
    STRANGER,
    Device,
    World,
    approve,
    device,
    founded,
    question,
    uid,
)

LOG = question("read.log", None)


def standing(world: World) -> Standing:
    return Standing(People(ORGANIZATION, ROOT.public, world.people), world.log)


def where(world: World, who: Device) -> list[int]:
    """Return the sequences where a device counts, up to the head."""
    found = standing(world)
    return [at for at in range(1, len(world.log) + 2) if found.counts(who.id, at)]


def invalid(world: World) -> None:
    refused("certificate_invalid", world.answer(), LOG)


def revoke(world: World, who: Device, by: Device = FOUNDER, since: int | None = None) -> None:
    said = {"certificate": str(who.id), "cause": "stolen"}
    made = [("device.revoked", who.member, said)]
    if since is not None:
        later = {"certificate": str(MENTOR.id), "because": str(who.id)}
        made.append(("device.suspended", MENTOR.member, later))
    world.does(by, "device.revoked", who.member, {**said, "suspects_from": since}, *made)


def confirm(world: World, who: Device, by: Device = FOUNDER) -> None:
    said = {"certificate": str(who.id)}
    made = ("device.confirmed", who.member, said)
    world.does(by, "device.confirmed", who.member, said, made)


def test_from_the_entry_after_the_approval() -> None:
    world = founded()
    assert where(world, FOUNDER) == where(world, SERVICE) == [1, 2, 3, 4, 5]
    assert where(world, COORDINATOR) == [3, 4, 5]
    assert where(world, STRANGER) == [5]
    assert where(world, PHONE) == []
    verify(world.answer(), LOG)


def test_until_the_entry_that_revokes_it() -> None:
    world = founded()
    revoke(world, MENTOR)
    assert where(world, MENTOR) == [4, 5]
    confirm(world, MENTOR)
    assert where(world, MENTOR) == [4, 5]
    verify(world.answer(), LOG)
    world.does(MENTOR, "member.paused", MENTOR.member, {"until": None})
    invalid(world)


def test_a_device_revokes_itself_last() -> None:
    world = founded()
    revoke(world, MENTOR, by=MENTOR)
    verify(world.answer(), LOG)


@pytest.mark.parametrize(
    ("actor", "act", "code"),
    [
        (MENTOR, "member.paused", None),
        (COORDINATOR, "member.paused", None),
        (STRANGER, "member.paused", "entry_invalid"),
        (COORDINATOR, "member.certified", None),
        (MENTOR, "member.certified", "entry_invalid"),
    ],
)
def test_who_may_do_something_to_a_member(actor: Device, act: str, code: str | None) -> None:
    world = founded()
    world.does(actor, act, MENTOR.member, {"until": None})
    if code is None:
        verify(world.answer(), LOG)
    else:
        refused(code, world.answer(), LOG)


@pytest.mark.parametrize(
    ("actor", "whom", "code"),
    [
        (FOUNDER, COORDINATOR, None),
        (COORDINATOR, STRANGER, None),
        (COORDINATOR, COORDINATOR, None),
        (COORDINATOR, FOUNDER, "entry_invalid"),
        (STRANGER, MENTOR, "entry_invalid"),
    ],
    ids=lambda each: getattr(each, "name", each),
)
def test_who_may_revoke_whom(actor: Device, whom: Device, code: str | None) -> None:
    world = founded()
    revoke(world, whom, by=actor)
    if code is None:
        verify(world.answer(), LOG)
    else:
        refused(code, world.answer(), LOG)


def test_nobody_vouches_for_themselves() -> None:
    world = founded()
    world.does(FOUNDER, "member.certified", FOUNDER.member, {"until": None})
    refused("entry_invalid", world.answer(), LOG)


def test_roles_that_somebody_had_once_do_not_count() -> None:
    world = founded()
    former = device("former", "coordinator", issuer=FOUNDER, member="mentor")
    world.people.append(former.signed())
    revoke(world, MENTOR)
    approve(world, former, FOUNDER, "device.approved")
    revoke(world, former)
    world.people.append(PHONE.signed())
    approve(world, PHONE, COORDINATOR, "device.approved")
    world.does(COORDINATOR, "member.certified", MENTOR.member, {"until": None})
    verify(world.answer(), LOG)


def test_a_revoked_member() -> None:
    world = founded()
    facts = {"certificates": [str(MENTOR.id)]}
    made = ("member.revoked", MENTOR.member, facts)
    world.does(FOUNDER, "member.revoked", MENTOR.member, {"open": 0}, made)
    assert where(world, MENTOR) == [4, 5]
    verify(world.answer(), LOG)


def test_suspended_until_it_is_confirmed() -> None:
    world = founded()
    revoke(world, COORDINATOR, since=3)
    assert where(world, MENTOR) == [4, 5, 6]
    world.alone("cycle.opened", uid("cycle"), {"starts_on": "2026-01-01", "ends_on": "2026-12-31"})
    confirm(world, MENTOR)
    assert where(world, MENTOR) == [4, 5, 6, 9]
    verify(world.answer(), LOG)
    suspended = founded()
    revoke(suspended, COORDINATOR, since=3)
    suspended.does(MENTOR, "member.paused", MENTOR.member, {"until": None})
    invalid(suspended)


def test_an_issuer_counts_where_it_approves() -> None:
    world = founded()
    revoke(world, COORDINATOR)
    world.people.append(PHONE.signed())
    approve(world, PHONE, FOUNDER, "device.approved")
    invalid(world)


def test_another_device_and_the_one_it_replaces() -> None:
    world = founded()
    world.people.append(PHONE.signed())
    approve(world, PHONE, COORDINATOR, "device.approved")
    assert where(world, PHONE) == [6]
    assert standing(world).in_force(MENTOR.member, 6) == {MENTOR.id, PHONE.id}
    verify(world.answer(), LOG)


def test_a_device_that_another_replaces() -> None:
    world = founded()
    world.people.append(PHONE.signed())
    approve(world, PHONE, COORDINATOR, "device.approved", replaces=MENTOR)
    assert (where(world, MENTOR), where(world, PHONE)) == ([4, 5, 6], [6, 7])
    verify(world.answer(), LOG)
    for wrong in ({"cause": "lost"}, {"certificate": str(STRANGER.id)}):
        lie = world.copy()
        lie.change("device.revoked", facts={**world.log[-1].facts, **wrong})
        refused("statement_invalid", lie.answer(), LOG)


def test_the_root_vouches_where_no_administrator_can() -> None:
    other = device("other", "org_admin")
    world = founded()
    world.people.append(other.signed())
    approve(world, other, None)
    verify(world.answer(), LOG)
    world.told[world.log[-1].statement or b""] = replace(
        list(world.told.values())[-1], signature=bytes(64)
    )
    refused("statement_invalid", world.answer(), LOG)


@pytest.mark.parametrize("act", ["member.approved", "device.approved"])
@pytest.mark.parametrize("of_root", [False, True])
def test_who_states_the_approval_signed_the_certificate(act: str, of_root: bool) -> None:
    """A device states no approval of what the root signed, nor the root of what a device did."""
    other = device("other", "org_admin", issuer=None if of_root else FOUNDER)
    world = founded()
    world.people.append(other.signed())
    approve(world, other, FOUNDER if of_root else None, act)
    invalid(world)


def test_the_root_gives_no_service_after_the_founding() -> None:
    other = device("another service", "service")
    world = founded()
    world.people.append(other.signed())
    approve(world, other, None, "member.approved")
    invalid(world)


def replace_service(world: World, new: Device) -> None:
    world.people.append(new.signed())
    hashed = Certificate.digest(new.signed().body).hex()
    facts = {"certificate": str(new.id), "digest": hashed, "replaced": str(SERVICE.id)}
    made = ("service.replaced", ORGANIZATION, facts)
    arguments = {"certificate": str(new.id)}
    world.does(FOUNDER, "service.replaced", ORGANIZATION, arguments, made, attachments=1)
    world.service = new
    world.change("service.replaced", service=new.id)


def test_a_new_service_signs_from_its_own_entry_on() -> None:
    world = founded()
    replace_service(world, NEW_SERVICE)
    assert (where(world, NEW_SERVICE), where(world, SERVICE)) == ([5, 6], [1, 2, 3, 4, 5])
    world.alone("member.lapsed", MENTOR.member, {})
    verify(world.answer(), LOG)
    world.change("member.lapsed", service=SERVICE.id, actor=SERVICE.id)
    invalid(world)


def test_an_old_service_signs_no_head_and_not_its_own_end() -> None:
    world = founded()
    replace_service(world, NEW_SERVICE)
    world.service = SERVICE
    invalid(world)
    world.service = NEW_SERVICE
    world.change("service.replaced", service=SERVICE.id)
    refused("entry_invalid", world.answer(), LOG)


def vouched(*chain: Device) -> Iterable[Signed]:
    return [each.signed() for each in chain]


def test_four_certificates_lead_to_the_root_and_no_fifth() -> None:
    chain = [FOUNDER]
    for at in range(4):
        chain.append(device(f"admin {at}", "org_admin", issuer=chain[-1]))
    People(ORGANIZATION, ROOT.public, vouched(*chain[:4]))
    with pytest.raises(Tampered) as error:
        People(ORGANIZATION, ROOT.public, vouched(*chain))
    assert error.value.code == "certificate_invalid"


@pytest.mark.parametrize(
    "who",
    [
        device("a", "peer_mentor", issuer=MENTOR),
        device("a", "coordinator", issuer=COORDINATOR),
        device("a", "peer_mentor", "coordinator", issuer=COORDINATOR),
        device("a", "peer_mentor", issuer=SERVICE),
        device("a", "org_admin", issuer=FOUNDER, member="founder"),
    ],
    ids=["mentor", "coordinator of coordinators", "coordinator of more", "service", "oneself"],
)
def test_who_may_not_vouch(who: Device) -> None:
    assert who.issuer is not None
    chain = [FOUNDER, SERVICE, COORDINATOR, MENTOR, who]
    with pytest.raises(Tampered) as error:
        People(ORGANIZATION, ROOT.public, vouched(*chain))
    assert error.value.code == "certificate_invalid"


def by_entry(act: str) -> Callable[[World], None]:
    """Let an entry of this act approve a service that the root or an administrator issued."""

    def lie(world: World) -> None:
        world.people.append(NEW_SERVICE.signed())
        approve(world, NEW_SERVICE, FOUNDER, act)

    return lie


def roles_differ(world: World) -> None:
    other = device("other", "peer_mentor", "coordinator", issuer=FOUNDER, member="mentor")
    world.people.append(other.signed())
    approve(world, other, FOUNDER, "device.approved")


def nine_devices(world: World) -> None:
    for at in range(8):
        other = device(f"mentor {at}", "peer_mentor", issuer=COORDINATOR, member="mentor")
        world.people.append(other.signed())
        approve(world, other, COORDINATOR, "device.approved")


def service_as_founder(world: World) -> None:
    facts = world.log[0].facts
    exchanged = {
        "certificate": str(SERVICE.id),
        "digest": facts["service_digest"],
        "service_digest": facts["digest"],
    }
    world.log[0] = replace(world.log[0], facts=exchanged)


def person_as_service(world: World) -> None:
    world.people.append(PHONE.signed())
    facts = {
        "certificate": str(PHONE.id),
        "digest": Certificate.digest(PHONE.signed().body).hex(),
        "replaced": str(uid("nobody")),
    }
    made = ("service.replaced", PHONE.member, facts)
    said = {"certificate": str(PHONE.id)}
    world.does(FOUNDER, "service.replaced", ORGANIZATION, said, made, attachments=1)


@pytest.mark.parametrize(
    "lie",
    [
        by_entry("member.approved"),
        by_entry("device.approved"),
        roles_differ,
        nine_devices,
        service_as_founder,
        person_as_service,
    ],
)
def test_what_no_log_makes_good(lie: Callable[[World], None]) -> None:
    world = founded()
    lie(world)
    invalid(world)


def test_a_certificate_of_another_organization() -> None:
    with pytest.raises(Tampered) as error:
        People(ORGANIZATION, ROOT.public, [FOUNDER.signed(organization=uid("other"))])
    assert error.value.code == "certificate_invalid"


def test_an_approval_of_somebody_who_is_not_shown() -> None:
    world = founded()
    world.people.pop()
    verify(world.answer(), LOG)


def test_eight_devices_are_allowed() -> None:
    world = founded()
    nine_devices(world)
    world.people.pop()
    world.log.pop()
    verify(world.answer(), LOG)
