"""The life of an assignment: drafts, edits, added wraps, ends, and what may be gone afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assigncli.domain.lifecycle import Status
from assigncli.errors import Tampered
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.sealed_keys import Envelope
from assigncli.trust.verification import Verified
from tests.unit.trust import world as made
from tests.unit.trust.test_evidence import ACT, refused, verify
from tests.unit.trust.world import (
    ASSIGNMENT,
    CIPHERTEXT,
    COORDINATOR,
    CYCLE,
    FOUNDER,
    KEY,
    MENTOR,
    ORGANIZATION,
    PHONE,
    REASON,
    STRANGER,
    Device,
    World,
    approve,
    founded,
    manifest,
    question,
    read_it,
    send,
    signed_manifest,
    step,
    uid,
    whole,
    wrap,
)

ASKED = question(ACT, ASSIGNMENT)
DRAFT = manifest(status="pending", expires_at=None, readers=frozenset({COORDINATOR.id}))
EDITED = replace(DRAFT, priority="urgent")
SENT = {
    "recipient": str(MENTOR.member),
    "cycle": str(CYCLE),
    "count": 1,
    "tier": "none",
}


def hashed(each: Manifest) -> str:
    return Manifest.digest(each.encode()).hex()


def believed(world: World, **more: Any) -> Verified:
    return verify(world.answer(ACT, ASSIGNMENT), ASKED, **more)


def tampered(code: str, world: World, **more: Any) -> None:
    refused(code, world.answer(ACT, ASSIGNMENT), ASKED, **more)


def draft(world: World) -> None:
    facts = {**step(None, "pending"), "manifest": hashed(DRAFT), "encryption_key": str(KEY)}
    row = ("assignment.created", ASSIGNMENT, facts)
    world.does(COORDINATOR, "batch.created", ORGANIZATION, {"rows": 1}, row, attachments=2)
    world.manifests.append(signed_manifest(DRAFT))


def edit(world: World, replaces: Manifest = DRAFT, to: Manifest = EDITED) -> None:
    key = str(to.context.encryption_key)
    facts = {"number": 7, "manifest": hashed(to), "encryption_key": key, "ended_key": str(KEY)}
    row = ("assignment.edited", ASSIGNMENT, facts)
    said = {"replaces": hashed(replaces)}
    world.does(COORDINATOR, "assignment.edited", ASSIGNMENT, said, row, attachments=2)
    world.manifests = [signed_manifest(to)]


def dispatch(world: World, replaces: Manifest = EDITED) -> None:
    facts = {**step("pending", "dispatched"), "manifest": hashed(manifest()), **SENT}
    row = ("assignment.dispatched", ASSIGNMENT, facts)
    said = {"replaces": hashed(replaces)}
    world.does(COORDINATOR, "assignment.dispatched", ASSIGNMENT, said, row, attachments=1)
    world.manifests = [signed_manifest(manifest())]


def test_a_draft_is_edited_and_sent() -> None:
    world = founded()
    draft(world)
    world.envelopes = [Envelope(KEY, CIPHERTEXT, (wrap(COORDINATOR),))]
    assert believed(world).assignment(ASSIGNMENT).status == Status.PENDING
    edit(world)
    vouched = believed(world).assignment(ASSIGNMENT).vouched
    assert vouched is not None
    assert vouched.manifest == EDITED
    dispatch(world)
    assert believed(world).assignment(ASSIGNMENT).status == Status.DISPATCHED


def test_an_old_manifest_is_not_in_force_again() -> None:
    world = founded()
    draft(world)
    edit(world)
    world.manifests = [signed_manifest(DRAFT)]
    tampered("manifest_invalid", world)
    dispatch(world)
    world.manifests = [signed_manifest(EDITED)]
    tampered("manifest_invalid", world)


def test_a_draft_replaces_nothing_once_it_is_sent() -> None:
    world = founded()
    draft(world)
    dispatch(world, replaces=DRAFT)
    edit(world, replaces=manifest())
    tampered("manifest_invalid", world)


def test_an_envelope_of_a_key_that_is_no_longer_in_force() -> None:
    world = founded()
    draft(world)
    other = replace(EDITED, context=replace(made.CONTEXT, encryption_key=uid("other")))
    edit(world, to=other)
    world.manifests.append(signed_manifest(DRAFT))
    world.envelopes = [Envelope(KEY, CIPHERTEXT, (wrap(COORDINATOR),))]
    tampered("manifest_invalid", world)
    world.envelopes = []
    assert len(believed(world).manifests) == 2


def test_what_comes_before_the_creation() -> None:
    world = founded()
    world.alone("assignment.reminded", ASSIGNMENT, {"number": 7})
    send(world)
    tampered("entry_missing", world)


def test_another_manifest_was_to_be_replaced() -> None:
    world = founded()
    draft(world)
    edit(world, replaces=manifest())
    tampered("statement_invalid", world)


def test_a_draft_is_sealed_to_its_dispatcher_alone() -> None:
    world = founded()
    draft(world)
    world.envelopes = [Envelope(KEY, CIPHERTEXT, (wrap(MENTOR),))]
    tampered("wrap_altered", world)


def add(world: World, reader: Device, by: Device) -> None:
    facts = {"number": 7, "certificates": [str(reader.id)]}
    row = ("wrap.added", ASSIGNMENT, facts)
    said = {"encryption_key": str(KEY)}
    world.does(by, "wrap.added", ASSIGNMENT, said, row, attachments=1)


def with_phone(*, approved: bool = True) -> World:
    world = whole()
    if approved:
        world.people.append(PHONE.signed())
        approve(world, PHONE, COORDINATOR, "device.approved")
    return world


def wrapped(world: World, *wraps: Any) -> World:
    world.envelopes = [Envelope(KEY, CIPHERTEXT, wraps)]
    return world


@pytest.mark.parametrize("maker", [MENTOR, COORDINATOR], ids=lambda each: each.name)
def test_a_wrap_for_another_device(maker: Device) -> None:
    world = with_phone()
    tampered("wrap_altered", wrapped(world.copy(), wrap(PHONE, maker)))
    add(world, PHONE, by=maker)
    sealed = believed(wrapped(world, wrap(PHONE, maker))).envelopes[ASSIGNMENT]
    assert set(sealed.wraps) == {PHONE.id}


def test_a_wrap_by_neither_recipient_nor_dispatcher() -> None:
    world = with_phone()
    add(world, PHONE, by=MENTOR)
    tampered("wrap_altered", wrapped(world, wrap(PHONE, maker=STRANGER)))


def test_a_wrap_for_neither_recipient_nor_dispatcher() -> None:
    world = whole()
    add(world, STRANGER, by=MENTOR)
    tampered("wrap_altered", wrapped(world, wrap(STRANGER, maker=MENTOR)))


def test_a_wrap_that_was_added_for_another_device() -> None:
    world = with_phone()
    add(world, MENTOR, by=MENTOR)
    tampered("wrap_altered", wrapped(world, wrap(PHONE, maker=MENTOR)))


def test_who_may_add_a_wrap() -> None:
    world = whole()
    add(world, MENTOR, by=FOUNDER)
    tampered("entry_invalid", world)


def test_a_wrap_made_before_its_maker_was_approved() -> None:
    world = whole()
    add(world, MENTOR, by=MENTOR)
    world.people.append(PHONE.signed())
    approve(world, PHONE, COORDINATOR, "device.approved")
    tampered("wrap_altered", wrapped(world, wrap(MENTOR, maker=PHONE)))


def test_a_revoked_device_is_given_no_wrap() -> None:
    world = whole()
    said = {"certificate": str(MENTOR.id), "cause": "lost"}
    row = ("device.revoked", MENTOR.member, said)
    arguments = {**said, "suspects_from": None}
    world.does(FOUNDER, "device.revoked", MENTOR.member, arguments, row)
    tampered("wrap_altered", world)
    believed(wrapped(world, wrap(COORDINATOR)))


def cancel(world: World) -> None:
    facts = {**step("read", "cancelled"), "cycle": str(CYCLE), "count": 0}
    row = ("assignment.cancelled", ASSIGNMENT, facts)
    said = {"number": 7, "read": True}
    world.does(FOUNDER, "assignment.cancelled", ASSIGNMENT, said, row, texts={"reason": REASON})


def erase(world: World) -> None:
    row = ("assignment.erased", ASSIGNMENT, {"number": 7, "encryption_key": str(KEY)})
    world.does(FOUNDER, "assignment.erased", ASSIGNMENT, {"number": 7}, row)


def emptied(world: World) -> World:
    world.manifests = [replace(each, texts={}) for each in world.manifests]
    world.told = {
        key: replace(each, texts={}) if b"cancelled" in each.body else each
        for key, each in world.told.items()
    }
    world.envelopes = []
    return world


def test_texts_are_gone_once_they_were_erased() -> None:
    world = whole()
    cancel(world)
    assert believed(world).assignment(ASSIGNMENT).status == Status.CANCELLED
    tampered("text_altered", emptied(world.copy()))
    erase(world)
    believed(world)
    gone = emptied(world)
    vouched = believed(gone).assignment(ASSIGNMENT).vouched
    assert vouched is not None
    assert vouched.texts == {}
    gone.manifests = []
    assert believed(gone).assignment(ASSIGNMENT).vouched is None


def test_nothing_follows_the_end() -> None:
    world = whole()
    cancel(world)
    row = ("assignment.acknowledged", ASSIGNMENT, step("cancelled", "acknowledged"))
    world.does(MENTOR, "assignment.acknowledged", ASSIGNMENT, {}, row)
    tampered("entry_missing", world)


def by(actor: Device, act: str, **facts: Any) -> Callable[[World], None]:
    def does(world: World) -> None:
        made = (act, ASSIGNMENT, {"number": 7, **facts})
        arguments = {"reason": "ill"} if act == "assignment.declined" else {}
        world.does(actor, act, ASSIGNMENT, arguments, made)

    return does


@pytest.mark.parametrize(
    "does",
    [
        by(STRANGER, "assignment.declined"),
        by(COORDINATOR, "assignment.declined"),
        by(STRANGER, "assignment.acknowledged", **{"from": "read", "to": "acknowledged"}),
        by(STRANGER, "contact.unanswered", attempt=1),
    ],
)
def test_acts_of_the_recipient_by_another(does: Callable[[World], None]) -> None:
    world = whole()
    does(world)
    tampered("entry_invalid", world)


def test_acts_of_the_recipient() -> None:
    world = whole()
    by(MENTOR, "assignment.acknowledged", **{"from": "read", "to": "acknowledged"})(world)
    by(MENTOR, "assignment.declined")(world)
    assert believed(world).assignment(ASSIGNMENT).status == Status.ACKNOWLEDGED


@pytest.mark.parametrize(
    "does",
    [
        by(MENTOR, "assignment.declined"),
        by(MENTOR, "assignment.acknowledged", **{"from": "read", "to": "acknowledged"}),
        by(MENTOR, "contact.unanswered", attempt=1),
        lambda world: _opens(world, "recipient", MENTOR),
    ],
)
def test_a_decline_is_the_mentor_s_last_act(does: Callable[[World], None]) -> None:
    world = whole()
    by(MENTOR, "assignment.declined")(world)
    _opens(world, "dispatcher", COORDINATOR)
    believed(world)
    does(world)
    tampered("entry_invalid", world)


def test_nothing_is_declined_after_contact() -> None:
    world = whole()
    for source, target in (("read", "acknowledged"), ("acknowledged", "contact_made")):
        by(MENTOR, f"assignment.{target}", **{"from": source, "to": target})(world)
    believed(world)
    by(MENTOR, "assignment.declined")(world)
    tampered("entry_invalid", world)


def _opens(world: World, as_who: str, actor: Device) -> None:
    said = {"encryption_key": str(KEY), "as": as_who}
    row = (ACT, ASSIGNMENT, {"number": 7, "as": as_who})
    world.does(actor, ACT, ASSIGNMENT, said, row)


def opened(as_who: str, actor: Device) -> World:
    world = founded()
    send(world)
    _opens(world, as_who, actor)
    return world


def test_opened_as_dispatcher_and_as_recipient() -> None:
    believed(opened("dispatcher", COORDINATOR))
    tampered("entry_invalid", opened("dispatcher", MENTOR))
    tampered("entry_invalid", opened("recipient", COORDINATOR))
    tampered("entry_invalid", opened("dispatcher", FOUNDER))


def test_read_as_dispatcher_is_no_step() -> None:
    world = opened("dispatcher", COORDINATOR)
    last = world.log[-1]
    read = step("delivered", "read")
    world.log[-1] = replace(last, act="assignment.read", facts=read)
    tampered("statement_invalid", world)
    world.told.pop(last.statement or b"")
    tampered("entry_invalid", world, reader=None)


def test_an_assignment_that_is_not_there() -> None:
    verified = believed(whole())
    with pytest.raises(Tampered) as error:
        verified.assignment(uid("other"))
    assert error.value.code == "entry_missing"
    read = verify(founded().answer("read.log"), question("read.log", None))
    assert read.manifests == {}


def test_reassigned_to_another() -> None:
    world = founded()
    send(world)
    read_it(world)
    new, other = uid("new assignment"), uid("new key")
    context = replace(made.CONTEXT, assignment=new, encryption_key=other, recipient=STRANGER.member)
    sent = manifest(context=context, readers=frozenset({COORDINATOR.id, STRANGER.id}))
    named = {"number": 8, "manifest": hashed(sent)}
    key = {"encryption_key": str(other)}
    old = {**step("read", "cancelled"), "cycle": str(CYCLE), "count": 0, "replaced_by": str(new)}
    rows = (
        ("assignment.created", new, {**named, "from": None, "to": "pending", **key}),
        ("assignment.dispatched", new, {**named, "from": "pending", "to": "dispatched", **SENT}),
        ("assignment.cancelled", ASSIGNMENT, old),
    )
    arguments = {"number": 7, "new": str(new), "read": True}
    act = "assignment.reassigned"
    world.does(COORDINATOR, act, ASSIGNMENT, arguments, *rows, attachments=2)
    world.manifests.append(signed_manifest(sent))
    verified = believed(world)
    assert verified.assignment(ASSIGNMENT).status == Status.CANCELLED
    assert verified.assignment(new).number == 8
    for wrong in ({"replaced_by": str(uid("third"))}, {"number": 9}):
        lie = world.copy()
        lie.change("assignment.cancelled", facts={**old, **wrong})
        tampered("statement_invalid", lie)
    lie = world.copy()
    lie.change("assignment.dispatched", subject=ASSIGNMENT)
    tampered("statement_invalid", lie)
