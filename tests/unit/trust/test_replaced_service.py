"""A service that got a new key: who believes which of its keys, and what a stolen old one is worth.

Whoever has the old key signs any entry and any head with it, and shows and hides what they like.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from assigncli.errors import Tampered
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.evidence import Evidence
from assigncli.trust.people import OneService
from assigncli.trust.replies import Grounds, Sent, verify_reply
from assigncli.trust.verification import Verified, verify_evidence
from tests.unit.trust.test_people import LOG, replace_service
from tests.unit.trust.world import (
    COORDINATOR,
    FOUNDER,
    MENTOR,
    NEW_SERVICE,
    ROOT,
    SERVICE,
    Device,
    World,
    device,
    founded,
)

NEWER = device("newer service", "service", issuer=FOUNDER)


def verify(evidence: Evidence, known: Device | None = None, reader: UUID | None = None) -> Verified:
    named = None if known is None else known.id
    body = evidence.encode()
    return verify_evidence(body, LOG, root_key=ROOT.public, reader=reader, known=named)


def refused(
    code: str, evidence: Evidence, known: Device | None, reader: UUID | None = None
) -> None:
    with pytest.raises(Tampered) as error:
        verify(evidence, known, reader)
    assert error.value.code == code


def replaced(new: Device = NEW_SERVICE) -> World:
    world = founded()
    replace_service(world, new)
    return world


def hidden(world: World, by: Device, *sequences: int) -> Evidence:
    """Return evidence of the whole log, signed by a service of before, without these entries."""
    world.service = by
    evidence = world.answer()
    kept = [entry.sequence not in sequences for entry in world.log]
    left = zip(evidence.entries, kept, strict=True)
    named = {entry.statement for entry, is_kept in zip(world.log, kept, strict=True) if is_kept}
    shown = [each for hashed, each in world.told.items() if hashed in named]
    return replace(
        evidence,
        entries=tuple(each for each, is_kept in left if is_kept),
        statements=tuple(shown),
        certificates=tuple(
            each
            for each in evidence.certificates
            if Certificate.decode(each.body).id not in (NEW_SERVICE.id, NEWER.id)
            or Certificate.decode(each.body).id == by.id
        ),
    )


@pytest.mark.parametrize("known", [None, SERVICE, NEW_SERVICE])
def test_who_knew_the_old_one_or_the_new_one_goes_on(known: Device | None) -> None:
    assert verify(replaced().answer(), known).head.service == NEW_SERVICE.id


def test_who_knew_a_third_one_does_not() -> None:
    refused("certificate_invalid", replaced().answer(), NEWER)


def test_an_old_key_convinces_nobody_who_has_seen_the_new_one() -> None:
    evidence = hidden(replaced(), SERVICE, 5)
    assert verify(evidence, SERVICE).head.size == 5  # who saw only the old one is not told better
    refused("certificate_invalid", evidence, NEW_SERVICE)


def test_an_old_statement_brings_no_old_service_back() -> None:
    world = replaced()
    (first,) = [entry.statement for entry in world.log if entry.act == "service.replaced"]
    replace_service(world, NEWER)
    world.change("service.replaced", facts={**world.log[-1].facts, "replaced": str(NEW_SERVICE.id)})
    verify(world.answer(), NEW_SERVICE)
    facts = {**world.log[4].facts, "replaced": str(NEWER.id)}
    again = replace(world.log[4], sequence=7, at=world.log[-1].at, facts=facts, statement=first)
    world.log.append(again)
    refused("statement_invalid", hidden(world, NEW_SERVICE, 5, 6), NEWER)
    bare = hidden(world, NEW_SERVICE, 5, 6)
    without = replace(bare, statements=bare.statements[:-1])
    refused("statement_invalid", without, NEWER, MENTOR.member)


def test_every_member_is_shown_who_replaced_the_service() -> None:
    evidence = replaced().answer()
    mentor = MENTOR.member
    hashed = replaced().log[-1].statement
    told = [each for key, each in replaced().told.items() if key == hashed]
    verify(replace(evidence, statements=tuple(told)), None, mentor)
    refused("statement_invalid", replace(evidence, statements=()), None, mentor)


def test_only_an_administrator_certifies_a_new_service_and_with_their_own_device() -> None:
    by_another = device("new service", "service", issuer=COORDINATOR)
    world = founded()
    world.people.append(by_another.signed())
    refused("certificate_invalid", world.answer(), None)
    for actor, code in ((COORDINATOR, "entry_invalid"), (MENTOR, "entry_invalid")):
        world = replaced()
        world.change("service.replaced", actor=actor.id)
        refused(code, replace(world.answer(), statements=()), None)


def test_a_new_service_that_somebody_else_certified() -> None:
    world = founded()
    issued_by_root = device("new service", "service")
    replace_service(world, issued_by_root)
    refused("entry_invalid", world.answer(), None)


def test_an_old_key_signs_no_head_but_what_it_signed_before_is_known() -> None:
    world = founded()
    hashed = world.does(MENTOR, "member.resumed", MENTOR.member, {})
    own = world.told[hashed].body
    old, new = SERVICE.identity.public.signing_key, NEW_SERVICE.identity.public.signing_key
    replace_service(world, NEW_SERVICE)
    reply = world.reply(hashed, 4, 4, known=True)
    reply = replace(reply, entries=reply.entries[:1])
    services = OneService(NEW_SERVICE.id, new, {SERVICE.id: old})
    assert verify_reply(reply.encode(), Sent(own, rows=None), Grounds(services)).head.size == 6
    world.service = SERVICE
    by_the_old = replace(reply, head=world.answer().head)
    with pytest.raises(Tampered) as error:
        verify_reply(by_the_old.encode(), Sent(own, rows=None), Grounds(services))
    assert error.value.code == "certificate_invalid"
