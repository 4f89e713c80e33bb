"""A reply is believed for one's own statement, with exactly its entries, in a log that goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assigncli.errors import Tampered
from assigncli.protocol.reply import Reply
from assigncli.protocol.signed import Logged
from assigncli.trust.people import People
from assigncli.trust.replies import Done, Grounds, Sent, verify_reply
from tests.quick import all_in_one
from tests.unit.protocol.vectors import vectors
from tests.unit.trust.test_evidence import flip, of_the_vectors
from tests.unit.trust.test_people import replace_service
from tests.unit.trust.world import (
    ASSIGNMENT,
    COORDINATOR,
    CYCLE,
    FOUNDER,
    KEY,
    MENTOR,
    NEW_SERVICE,
    ORGANIZATION,
    ROOT,
    SERVICE,
    SHARE,
    STRANGER,
    World,
    approve,
    founded,
    manifest,
    read_it,
    send,
    step,
    uid,
)


def believe(reply: Reply | bytes, sent: Sent, world: World, known: int = 6) -> Done:
    """Verify a reply; `known` entries were in the evidence before it."""
    body = reply if isinstance(reply, bytes) else reply.encode()
    people = People(ORGANIZATION, ROOT.public, world.people)
    return verify_reply(body, sent, Grounds(people, world.log[:known]))


def refused(code: str, reply: Reply | bytes, sent: Sent, world: World, known: int = 6) -> None:
    with pytest.raises(Tampered) as error:
        believe(reply, sent, world, known)
    assert error.value.code == code


def opened() -> tuple[World, Sent, Reply]:
    """A mentor opens a brief that is handed over on the way; four entries and more are known."""
    world = founded()
    send(world)
    hashed = read_it(world)
    sent = Sent(world.told[hashed].body, manifest=manifest())
    return world, sent, world.reply(hashed, old=7, since=7, share=SHARE)


def test_what_is_proven() -> None:
    world, sent, reply = opened()
    done = believe(reply, sent, world)
    assert [entry.act for entry in done.own] == ["assignment.read", "payload_decrypted"]
    assert (done.added, done.share, done.known) == ((), SHARE, False)
    assert done.head.size == 9
    assert "hhhh" not in repr(done)


def test_the_vectors_are_believed() -> None:
    case, (said, verified) = vectors("answers"), of_the_vectors()
    vouched = verified.assignment(said.about).vouched
    assert vouched is not None
    sent = Sent(case["statement"]["body"].encode(), manifest=vouched.manifest)
    grounds = Grounds(verified.people, verified.entries)
    done = verify_reply(case["reply"].encode(), sent, grounds)
    assert done.share == bytes.fromhex(vectors("envelope")["share"])


def changed(at: int, **fields: Any) -> Callable[[Reply], Reply]:
    def change(reply: Reply) -> Reply:
        entries = list(reply.entries)
        values = {
            key: value(getattr(entries[at], key)) if callable(value) else value
            for key, value in fields.items()
        }
        entries[at] = replace(entries[at], **values)
        return replace(reply, entries=tuple(entries))

    return change


def of_head(**fields: Any) -> Callable[[Reply], Reply]:
    return lambda reply: replace(reply, head=replace(reply.head, **fields))


ALTERED: dict[str, tuple[str, Callable[[Reply], Reply]]] = {
    "another statement": (
        "statement_not_ours",
        lambda reply: replace(reply, statement=bytes(32)),
    ),
    "entry's body": ("entry_invalid", changed(0, body=lambda body: body.replace(b"read", b"raed"))),
    "entry's signature": ("entry_invalid", changed(0, signature=flip)),
    "entry's proof": ("entry_not_in_log", changed(0, proof=())),
    "entries exchanged": (
        "entry_invalid",
        lambda reply: replace(reply, entries=reply.entries[::-1]),
    ),
    "first entry left out": (
        "share_mismatch",
        lambda reply: replace(reply, entries=reply.entries[1:], share=None),
    ),
    "last entry left out": (
        "entry_invalid",
        lambda reply: replace(reply, entries=reply.entries[:1]),
    ),
    "head's size": ("head_invalid", of_head(size=10)),
    "head's root": ("head_invalid", of_head(root=bytes(32))),
    "head's signature": ("head_invalid", of_head(signature=bytes(64))),
    "head by another": ("certificate_invalid", of_head(service=FOUNDER.id)),
    "consistency": ("head_inconsistent", lambda reply: replace(reply, consistency=())),
    "no share": ("share_mismatch", lambda reply: replace(reply, share=None)),
    "another share": ("share_mismatch", lambda reply: replace(reply, share=bytes(32))),
}


@all_in_one(("code", "alter"), ALTERED.values(), ids=ALTERED)
def test_what_was_altered_is_refused(code: str, alter: Callable[[Reply], Reply]) -> None:
    world, sent, reply = opened()
    refused(code, alter(reply), sent, world)


def test_a_share_without_a_manifest_is_not_believed() -> None:
    world, sent, reply = opened()
    refused("share_mismatch", reply, replace(sent, manifest=None), world)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"v":2}'])
def test_what_has_no_form_is_refused(body: bytes) -> None:
    world, sent, _reply = opened()
    refused("answer_malformed", body, sent, world)


def lied(act: str, /, **fields: Any) -> tuple[World, Sent, Reply]:
    """The service signs another entry for the same statement."""
    world, sent, reply = opened()
    world.change(act, **fields)
    return world, sent, world.reply(reply.statement, old=7, since=7, share=SHARE)


@pytest.mark.parametrize(
    ("code", "act", "fields"),
    [
        ("statement_not_ours", "payload_decrypted", {"statement": bytes(32)}),
        ("entry_invalid", "payload_decrypted", {"subject": uid("other")}),
        ("entry_invalid", "payload_decrypted", {"facts": {"number": 7, "as": "dispatcher"}}),
        ("entry_invalid", "payload_decrypted", {"organization": uid("other")}),
        ("entry_invalid", "payload_decrypted", {"actor": STRANGER.id}),
        ("entry_invalid", "assignment.read", {"act": "assignment.acknowledged"}),
    ],
)
def test_lies_of_the_service(code: str, act: str, fields: dict[str, Any]) -> None:
    world, sent, reply = lied(act, **fields)
    refused(code, reply, sent, world)


def test_an_entry_of_the_service_stands_before() -> None:
    world = founded()
    send(world)
    delivered = world.log.pop()
    said = {"encryption_key": str(uid("key")), "as": "recipient"}
    rows = (
        ("assignment.read", ASSIGNMENT, step("delivered", "read")),
        ("payload_decrypted", ASSIGNMENT, {"number": 7, "as": "recipient"}),
    )
    hashed = world.does(MENTOR, "payload_decrypted", ASSIGNMENT, said, *rows)
    world.log.insert(6, delivered)
    world.log = [replace(each, sequence=at) for at, each in enumerate(world.log, 1)]
    world.log[6] = replace(world.log[6], at=world.log[7].at)
    sent = Sent(world.told[hashed].body, manifest=manifest())
    reply = world.reply(hashed, old=6, since=6, share=SHARE)
    done = believe(reply, sent, world)
    assert [entry.act for entry in done.added] == ["assignment.delivered"]
    world.log = [
        *world.log[:6],
        *(replace(world.log[at], sequence=on) for on, at in enumerate((7, 8, 6), 7)),
    ]
    refused("entry_invalid", world.reply(hashed, old=6, since=6, share=SHARE), sent, world)


def batch(
    count: int, *, named: list[tuple[UUID, bytes]] | None = None
) -> tuple[World, Sent, Reply]:
    world = founded()
    rows = [(uid(f"row {at}"), bytes([at]) * 32) for at in range(count)]
    made = [
        (act, assignment, facts)
        for assignment, hashed in named or rows
        for act, facts in (
            (
                "assignment.created",
                {**step(None, "pending"), "manifest": hashed.hex(), "encryption_key": str(KEY)},
            ),
            (
                "assignment.dispatched",
                {
                    **step("pending", "dispatched"),
                    "manifest": hashed.hex(),
                    "recipient": str(MENTOR.member),
                    "cycle": str(CYCLE),
                    "count": 1,
                    "tier": "none",
                },
            ),
        )
    ]
    said = {"rows": count}
    hashed = world.does(COORDINATOR, "batch.dispatched", ORGANIZATION, said, *made, attachments=2)
    sent = Sent(world.told[hashed].body, rows=rows)
    return world, sent, world.reply(hashed, old=4, since=4)


def test_a_batch_is_believed_in_its_order_alone() -> None:
    world, sent, reply = batch(3)
    assert len(believe(reply, sent, world, known=4).own) == 6
    rows = [(uid("row 1"), b"\1" * 32), (uid("row 0"), b"\0" * 32)]
    world, sent, reply = batch(2, named=rows)
    refused("entry_invalid", reply, sent, world, known=4)
    world, sent, reply = batch(2, named=rows[:1])
    refused("entry_invalid", reply, sent, world, known=4)
    world, sent, reply = batch(1)
    refused("share_mismatch", replace(reply, share=SHARE), sent, world, known=4)


def test_a_gap_between_the_entries() -> None:
    world, sent, reply = batch(2)
    fewer = tuple(each for at, each in enumerate(reply.entries) if at not in (2, 3))
    refused("entry_invalid", replace(reply, entries=fewer), sent, world, known=4)
    refused("entry_missing", replace(reply, entries=reply.entries[::2]), sent, world, known=4)


def test_a_statement_that_was_known_before_is_told_by_its_entry() -> None:
    world, sent, reply = opened()
    world.alone("payload.shredded", ASSIGNMENT, {"number": 7, "encryption_key": str(uid("key"))})
    entries: tuple[Logged, ...] = tuple(world.logged(entry) for entry in world.log[7:9])
    later = world.reply(reply.statement, old=7, since=7)
    known = replace(later, entries=entries, known=True)
    assert believe(known, sent, world).known
    refused("head_invalid", replace(known, known=False, share=SHARE), sent, world)


def test_facts_that_its_sender_foresees() -> None:
    world = founded()
    other = STRANGER
    world.log.pop()
    approve(world, other, FOUNDER)
    hashed = world.log[-1].statement or b""
    facts = world.log[-1].facts
    sent = Sent(world.told[hashed].body, facts={"digest": facts["digest"]})
    reply = world.reply(hashed, old=3, since=3)
    assert believe(reply, sent, world, known=3).own[0].facts == facts
    wrong = replace(sent, facts={"digest": "00" * 32})
    refused("entry_invalid", reply, wrong, world, known=3)


def test_the_founding_reply_is_the_beginning_of_the_log() -> None:
    world = founded()
    del world.log[1:]
    hashed = world.log[0].statement or b""
    reply = world.reply(hashed, old=0, since=0)
    assert believe(reply, Sent(world.told[hashed].body), world, known=0).head.size == 1
    world.people.pop(1)
    refused("certificate_invalid", reply, Sent(world.told[hashed].body), world, known=0)


def test_a_new_service() -> None:
    world = founded()
    replace_service(world, NEW_SERVICE)
    hashed = world.log[-1].statement or b""
    reply = world.reply(hashed, old=4, since=4)
    assert believe(reply, Sent(world.told[hashed].body), world, known=4).head.size == 5


def test_the_reply_to_another_statement() -> None:
    world, sent, _reply = opened()
    other = world.does(MENTOR, "member.paused", MENTOR.member, {"until": None})
    refused("statement_not_ours", world.reply(other, old=9, since=9), sent, world)


@pytest.mark.parametrize("lies", ["entry", "head"])
def test_a_service_that_was_replaced(lies: str) -> None:
    world = founded()
    replace_service(world, NEW_SERVICE)
    hashed = world.does(MENTOR, "member.paused", MENTOR.member, {"until": None})
    sent = Sent(world.told[hashed].body)
    believe(world.reply(hashed, old=5, since=5), sent, world, known=5)
    if lies == "entry":
        world.change("member.paused", service=SERVICE.id)
    else:
        world.service = SERVICE
    refused("certificate_invalid", world.reply(hashed, old=5, since=5), sent, world, known=5)


WORLD, SENT, REPLY = opened()
WHOLE = REPLY.encode()
TOLD = believe(WHOLE, SENT, WORLD)


@given(st.integers(0, len(WHOLE) * 8 - 1))
@settings(max_examples=300)
def test_a_flipped_bit_is_refused_or_changes_nothing(bit: int) -> None:
    body = bytearray(WHOLE)
    body[bit // 8] ^= 1 << bit % 8
    try:
        done = believe(bytes(body), SENT, WORLD)
    except Tampered:
        return
    assert done == TOLD
