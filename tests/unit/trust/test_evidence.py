"""Evidence is believed as it is made, and refused with its code once anything in it is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assigncli.crypto.identity import Identity, RootKey
from assigncli.domain.lifecycle import Status
from assigncli.errors import Tampered
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.head import head_text
from assigncli.protocol.question import Question
from assigncli.protocol.sealed_keys import Envelope
from assigncli.protocol.seen import Seen
from assigncli.protocol.signed import Signed
from assigncli.protocol.statement import Statement
from assigncli.trust.verification import Verified, verify_evidence
from tests.quick import all_in_one
from tests.unit.protocol.vectors import vectors
from tests.unit.trust import world as made
from tests.unit.trust.world import (
    ASSIGNMENT,
    CIPHERTEXT,
    COORDINATOR,
    FOUNDER,
    KEY,
    MENTOR,
    NEW_SERVICE,
    ORGANIZATION,
    PHONE,
    ROOT,
    SERVICE,
    STRANGER,
    World,
    device,
    manifest,
    organization_wrap,
    question,
    signed_manifest,
    step,
    text,
    uid,
    whole,
    wrap,
)

ACT = "payload_decrypted"
ASKED = question(ACT, ASSIGNMENT, whole().seen(3))


def verify(
    evidence: Evidence | bytes,
    asked: Question = ASKED,
    *,
    reader: UUID | None = FOUNDER.member,
    root_key: bytes = ROOT.public,
    head_key: bytes | None = None,
) -> Verified:
    body = evidence if isinstance(evidence, bytes) else evidence.encode()
    return verify_evidence(body, asked, root_key=root_key, reader=reader, head_key=head_key)


def answer(world: World | None = None) -> Evidence:
    return (world or whole()).answer(ACT, ASSIGNMENT, old=3)


def refused(code: str, evidence: Evidence | bytes, asked: Question = ASKED, **more: Any) -> None:
    with pytest.raises(Tampered) as error:
        verify(evidence, asked, **more)
    assert error.value.code == code


def flip(data: bytes, at: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_what_is_verified() -> None:
    verified = verify(answer())
    assert [entry.sequence for entry in verified.entries] == list(range(1, 10))
    assert {person.certificate.id for person in verified.people} == {
        each.id for each in made.DEVICES
    }
    assignment = verified.assignment(ASSIGNMENT)
    assert (assignment.number, assignment.status) == (7, Status.READ)
    assert [each.status for each in assignment.steps] == [
        Status.PENDING,
        Status.DISPATCHED,
        Status.DELIVERED,
        Status.READ,
    ]
    assert assignment.vouched is not None
    assert assignment.vouched.texts["title"] == made.TEXTS["title"]
    sealed = verified.envelopes[ASSIGNMENT]
    assert (sealed.ciphertext, set(sealed.wraps)) == (CIPHERTEXT, {COORDINATOR.id, MENTOR.id})
    assert len(verified.statements) == 6
    assert verified.word.zone == "Europe/Oslo"


def test_a_mentor_is_shown_less() -> None:
    evidence = answer()
    own = evidence.statements[-1:]
    shown = {field: each for field, each in made.TEXTS.items() if field != "internal_notes"}
    less = replace(
        evidence,
        statements=own,
        manifests=tuple(replace(each, texts=shown) for each in evidence.manifests),
    )
    assert len(verify(less, reader=MENTOR.member).statements) == 1
    refused("statement_invalid", less)
    refused("statement_invalid", replace(less, statements=()), reader=MENTOR.member)
    refused("text_altered", replace(less, statements=evidence.statements))
    fewer = {field: each for field, each in shown.items() if field != "coordinator_notes"}
    less = replace(less, manifests=tuple(replace(each, texts=fewer) for each in less.manifests))
    refused("text_altered", less, reader=MENTOR.member)
    verify(replace(less, statements=()), reader=None)


def of_the_vectors() -> tuple[Statement, Verified]:
    """Return the statement that follows the evidence of the vectors, and that verified."""
    case = vectors("answers")
    said = Statement.decode(case["statement"]["body"].encode())
    seen = Seen(case["seen"]["size"], bytes.fromhex(case["seen"]["root"]))
    asked = Question(
        said.organization,
        said.service,
        said.certificate,
        said.act,
        said.about,
        said.at,
        said.nonce,
        seen,
        {},
    )
    body, root_key = case["evidence"].encode(), bytes.fromhex(case["root_key"])
    given = (Certificate.decode(each.body) for each in Evidence.decode(body).certificates)
    reader = next(each.member for each in given if each.id == said.certificate)
    return said, verify(body, asked, root_key=root_key, reader=reader)


def test_the_vectors_are_believed() -> None:
    said, verified = of_the_vectors()
    assert verified.assignment(said.about).status == Status.DELIVERED
    assert list(verified.envelopes) == [said.about]


def changed(name: str, at: int, **fields: Any) -> Callable[[Evidence], Evidence]:
    """Change the item at `at` of an array."""

    def change(evidence: Evidence) -> Evidence:
        items = list(getattr(evidence, name))
        values = {
            key: value(getattr(items[at], key)) if callable(value) else value
            for key, value in fields.items()
        }
        items[at] = replace(items[at], **values)
        array: Any = tuple(items)
        return replace(evidence, **{name: array})

    return change


def order(name: str, *places: int) -> Callable[[Evidence], Evidence]:
    """Put the items of an array in another order, or leave some out."""

    def change(evidence: Evidence) -> Evidence:
        items: Any = tuple(getattr(evidence, name)[at] for at in places)
        return replace(evidence, **{name: items})

    return change


def of_head(**fields: Any) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, head=replace(evidence.head, **fields))


def with_text(field: str, said: str) -> Callable[[Any], Any]:
    return lambda texts: {**texts, field: text(said)}


def without_text(field: str) -> Callable[[Any], Any]:
    return lambda texts: {key: each for key, each in texts.items() if key != field}


def wraps_of(*wraps: Any) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, envelopes=(Envelope(KEY, CIPHERTEXT, wraps),))


def unheard() -> Signed:
    """Return a statement that a mentor signed and no entry carries out."""
    world = whole()
    return world.told[world.does(MENTOR, "member.resumed", MENTOR.member, {})]


ALTERED: dict[str, tuple[str, Callable[[Evidence], Evidence]]] = {
    "another organization": (
        "statement_not_ours",
        lambda each: replace(each, organization=uid("other")),
    ),
    "another act": ("statement_not_ours", lambda each: replace(each, act="read.assignment")),
    "another subject": ("statement_not_ours", lambda each: replace(each, about=uid("other"))),
    "head's size": ("head_invalid", of_head(size=10)),
    "head's root": ("head_invalid", of_head(root=bytes(32))),
    "head's signature": ("head_invalid", of_head(signature=bytes(64))),
    "head's service": ("head_invalid", of_head(service=FOUNDER.id)),
    "service of the evidence": ("head_invalid", lambda each: replace(each, service=FOUNDER.id)),
    "consistency cut": (
        "head_inconsistent",
        lambda each: replace(each, consistency=each.consistency[1:]),
    ),
    "consistency altered": (
        "head_inconsistent",
        lambda each: replace(each, consistency=(bytes(32), *each.consistency[1:])),
    ),
    "entry's body": ("entry_invalid", changed("entries", 4, body=lambda body: body[:-1] + b" ")),
    "entry's signature": ("entry_invalid", changed("entries", 4, signature=flip)),
    "entry's proof": ("entry_not_in_log", changed("entries", 4, proof=lambda proof: proof[1:])),
    "proof of another entry": (
        "entry_not_in_log",
        lambda each: changed("entries", 4, proof=each.entries[5].proof)(each),
    ),
    "entries exchanged": ("entry_invalid", order("entries", 0, 1, 2, 3, 5, 4, 6, 7, 8)),
    "entry twice": ("entry_invalid", order("entries", 0, 1, 2, 3, 4, 4, 5, 6, 7, 8)),
    "founding left out": ("certificate_invalid", order("entries", 1, 2, 3, 4, 5, 6, 7, 8)),
    "approval left out": ("certificate_invalid", order("entries", 0, 1, 3, 4, 5, 6, 7, 8)),
    "creation left out": ("entry_missing", order("entries", 0, 1, 2, 3, 5, 6, 7, 8)),
    "delivery left out": ("entry_missing", order("entries", 0, 1, 2, 3, 4, 5, 7, 8)),
    "certificate's body": (
        "certificate_invalid",
        changed("certificates", 2, body=lambda body: body.replace(b"coordinator", b"org_admin")),
    ),
    "certificate's signature": ("certificate_invalid", changed("certificates", 2, signature=flip)),
    "certificate before its issuer": (
        "certificate_invalid",
        order("certificates", 2, 0, 1, 3, 4),
    ),
    "certificate twice": ("certificate_invalid", order("certificates", 0, 0, 1, 2, 3, 4)),
    "actor's certificate left out": ("certificate_invalid", order("certificates", 0, 1, 2, 4)),
    "service's left out": ("certificate_invalid", order("certificates", 0, 2, 3, 4)),
    "name altered": (
        "text_altered",
        changed("certificates", 3, texts=with_text("display_name", "Another")),
    ),
    "name left out": ("text_altered", changed("certificates", 3, texts=without_text("handle"))),
    "text where none belongs": (
        "text_altered",
        changed("certificates", 3, texts=with_text("title", "A title")),
    ),
    "statement's body": (
        "statement_invalid",
        changed("statements", 5, body=lambda body: body.replace(b'"recipient"', b'"dispatcher"')),
    ),
    "statement's signature": ("statement_invalid", changed("statements", 5, signature=flip)),
    "statement left out": ("statement_invalid", order("statements", 0, 1, 2, 3, 4)),
    "statement twice": ("statement_invalid", order("statements", 0, 0, 1, 2, 3, 4, 5)),
    "statement's signature exchanged": (
        "statement_invalid",
        lambda each: changed("statements", 1, signature=each.statements[2].signature)(each),
    ),
    "statement that no entry names": (
        "statement_invalid",
        lambda each: replace(each, statements=(*each.statements, unheard())),
    ),
    "statement's text where none belongs": (
        "text_altered",
        changed("statements", 0, texts=with_text("title", "A title")),
    ),
    "statement's text altered": (
        "text_altered",
        changed("statements", 0, texts=with_text("name", "Another")),
    ),
    "statement's text left out": (
        "text_altered",
        changed("statements", 0, texts=without_text("name")),
    ),
    "manifest's body": (
        "manifest_invalid",
        changed("manifests", 0, body=lambda body: body.replace(b"normal", b"urgent")),
    ),
    "manifest's signature": ("manifest_invalid", changed("manifests", 0, signature=flip)),
    "manifest left out": ("manifest_invalid", order("manifests")),
    "manifest twice": ("manifest_invalid", order("manifests", 0, 0)),
    "another manifest": (
        "manifest_invalid",
        lambda each: replace(
            each, manifests=(signed_manifest(manifest(contact_deadline_days=11)),)
        ),
    ),
    "title altered": ("text_altered", changed("manifests", 0, texts=with_text("title", "Other"))),
    "text that no manifest has": (
        "text_altered",
        changed("manifests", 0, texts=with_text("name", "A name")),
    ),
    "title left out": ("text_altered", changed("manifests", 0, texts=without_text("title"))),
    "ciphertext": ("manifest_invalid", changed("envelopes", 0, ciphertext=flip)),
    "another key": ("manifest_invalid", changed("envelopes", 0, encryption_key=uid("other"))),
    "envelope twice": ("manifest_invalid", order("envelopes", 0, 0)),
    "wrap twice": ("wrap_altered", wraps_of(wrap(MENTOR), wrap(MENTOR))),
    "wrap altered": ("wrap_altered", wraps_of(replace(wrap(MENTOR), wrap=bytes(80)))),
    "wrap's signature": ("wrap_altered", wraps_of(replace(wrap(MENTOR), signature=bytes(64)))),
    "wrap by another maker": ("wrap_altered", wraps_of(wrap(MENTOR, maker=FOUNDER))),
    "wrap in another's name": (
        "wrap_altered",
        wraps_of(replace(wrap(MENTOR, maker=FOUNDER), maker=COORDINATOR.id)),
    ),
    "wrap for another reader": ("wrap_altered", wraps_of(wrap(STRANGER))),
    "wrap for a device unknown": ("wrap_altered", wraps_of(wrap(PHONE))),
    "wrap of another key": (
        "wrap_altered",
        wraps_of(wrap(MENTOR, context=replace(made.CONTEXT, encryption_key=uid("other")))),
    ),
    "organization wrap's signature": (
        "organization_key_altered",
        lambda each: replace(
            each, organization_wraps=(replace(each.organization_wraps[0], key=uid("other")),)
        ),
    ),
    "organization wrap by a mentor": (
        "organization_key_altered",
        lambda each: replace(each, organization_wraps=(organization_wrap(FOUNDER, MENTOR),)),
    ),
    "organization wrap for a mentor": (
        "organization_key_altered",
        lambda each: replace(each, organization_wraps=(organization_wrap(MENTOR, FOUNDER),)),
    ),
    "organization wrap for nobody known": (
        "organization_key_altered",
        lambda each: replace(each, organization_wraps=(organization_wrap(PHONE, FOUNDER),)),
    ),
    "import key for the service": (
        "organization_key_altered",
        lambda each: replace(
            each, organization_wraps=(organization_wrap(SERVICE, FOUNDER, "imports"),)
        ),
    ),
    "organization wrap by nobody known": (
        "organization_key_altered",
        lambda each: replace(each, organization_wraps=(organization_wrap(SERVICE, PHONE),)),
    ),
}
"""What somebody without any key can do to an answer on its way."""


@all_in_one(("code", "alter"), ALTERED.values(), ids=ALTERED)
def test_what_was_altered_is_refused(code: str, alter: Callable[[Evidence], Evidence]) -> None:
    refused(code, alter(answer()))


def told(world: World, act: str) -> Entry:
    return next(entry for entry in reversed(world.log) if entry.act == act)


def factual(act: str, **facts: Any) -> Callable[[World], None]:
    return lambda world: world.change(act, facts={**told(world, act).facts, **facts})


def both(*acts: str, **fields: Any) -> Callable[[World], None]:
    """Change all entries of one statement alike."""

    def lie(world: World) -> None:
        for act in acts:
            world.change(act, **fields)

    return lie


def vouches(**changed: Any) -> Callable[[World], None]:
    """Begin again with another manifest, signed by the coordinator and named by the log."""

    def lie(world: World) -> None:
        kept = world.organization_wraps
        again = made.founded()
        vars(world).update(vars(again), organization_wraps=kept)
        made.send(world, manifest(**changed))
        made.read_it(world)

    return lie


def both_orders(world: World) -> None:
    """Exchange the statements that the two approvals by the founder carry out."""
    first, last = world.log[1], world.log[3]
    world.log[1] = replace(first, statement=last.statement)
    world.log[3] = replace(last, statement=first.statement)


def founded_by_another_key(world: World) -> None:
    """Put a founding in the place of the real one that names the same founder."""
    told = world.told.pop(world.log[0].statement or b"")
    said, key = Statement.decode(told.body), Identity.generate()
    arguments = {**said.arguments, "signing_key": key.public.signing_key.hex()}
    body = replace(said, arguments=arguments).encode()
    world.told[Statement.digest(body)] = Signed(body, key.sign(Statement.purpose, body), told.texts)
    world.log[0] = replace(world.log[0], statement=Statement.digest(body))


LIES: dict[str, tuple[str, Callable[[World], None]]] = {
    "entry of another organization": (
        "entry_invalid",
        lambda world: world.change(ACT, organization=uid("other")),
    ),
    "entry with another fact": ("entry_invalid", factual(ACT, more=1)),
    "entry of another act": ("entry_invalid", lambda world: world.change(ACT, act="unheard.of")),
    "entry earlier than the one before": (
        "entry_invalid",
        lambda world: world.change("assignment.delivered", at=made.START),
    ),
    "moments of one statement differ": (
        "entry_invalid",
        lambda world: world.change(ACT, at=told(world, ACT).at + timedelta(seconds=1)),
    ),
    "founded a second time": (
        "entry_invalid",
        lambda world: world.log.append(
            replace(world.log[0], sequence=10, at=world.log[-1].at, statement=bytes(32))
        ),
    ),
    "founded by another key": ("statement_invalid", founded_by_another_key),
    "entry signed by a coordinator": (
        "certificate_invalid",
        lambda world: world.change(ACT, service=COORDINATOR.id),
    ),
    "actor who is not there": (
        "entry_invalid",
        lambda world: world.change(ACT, actor=uid("other")),
    ),
    "dispatch by a mentor": (
        "entry_invalid",
        both("assignment.created", "assignment.dispatched", actor=MENTOR.id),
    ),
    "read by nobody": (
        "entry_invalid",
        both("assignment.read", ACT, actor=None, statement=bytes(32)),
    ),
    "read by another mentor": (
        "statement_invalid",
        both("assignment.read", ACT, actor=STRANGER.id),
    ),
    "statements exchanged": ("statement_invalid", both_orders),
    "another subject": (
        "statement_invalid",
        lambda world: world.change(ACT, subject=uid("other")),
    ),
    "another role in the entry": ("statement_invalid", factual(ACT, **{"as": "dispatcher"})),
    "entry of another act of the statement": (
        "statement_invalid",
        lambda world: world.change(ACT, act="assignment.declined", facts={"number": 7}),
    ),
    "another number": ("entry_invalid", factual("assignment.delivered", number=8)),
    "another step": ("entry_invalid", factual("assignment.delivered", to="expired")),
    "step from another": ("entry_missing", factual("assignment.delivered", **{"from": "read"})),
    "step left out": ("statement_invalid", lambda world: world.drop("assignment.delivered")),
    "step against the order": (
        "entry_missing",
        lambda world: world.alone("assignment.delivered", ASSIGNMENT, step("read", "delivered")),
    ),
    "manifest that the entry does not name": (
        "manifest_invalid",
        factual("assignment.dispatched", manifest="00" * 32),
    ),
    "certificate with another digest": (
        "certificate_invalid",
        lambda world: world.log.__setitem__(
            2, replace(world.log[2], facts={**world.log[2].facts, "digest": "00" * 32})
        ),
    ),
    "approval of another member": (
        "certificate_invalid",
        lambda world: world.log.__setitem__(2, replace(world.log[2], subject=STRANGER.member)),
    ),
    "certificate that no entry approves": (
        "certificate_invalid",
        lambda world: world.people.append(PHONE.signed()),
    ),
    "manifest of another organization": (
        "manifest_invalid",
        vouches(context=replace(made.CONTEXT, organization=uid("other"))),
    ),
    "manifest of another assignment": (
        "manifest_invalid",
        vouches(context=replace(made.CONTEXT, assignment=uid("other"))),
    ),
    "manifest of a draft that was sent": ("manifest_invalid", vouches(status="pending")),
    "manifest by another dispatcher": (
        "manifest_invalid",
        vouches(context=replace(made.CONTEXT, dispatcher=FOUNDER.member)),
    ),
    "manifest in another dispatcher's name": (
        "manifest_invalid",
        vouches(
            context=replace(made.CONTEXT, dispatcher=FOUNDER.member),
            readers=frozenset({FOUNDER.id, MENTOR.id}),
        ),
    ),
    "manifest by another device": ("manifest_invalid", vouches(certificate=FOUNDER.id)),
    "a reader too many": (
        "manifest_invalid",
        vouches(readers=frozenset({COORDINATOR.id, MENTOR.id, STRANGER.id})),
    ),
    "a reader too few": ("manifest_invalid", vouches(readers=frozenset({COORDINATOR.id}))),
}
"""What a service can say that has its key, or whoever stole it: all it signs is signed again."""


@all_in_one(("code", "lie"), LIES.values(), ids=LIES)
def test_lies_of_the_service(code: str, lie: Callable[[World], None]) -> None:
    world = whole()
    lie(world)
    refused(code, world.answer(ACT, ASSIGNMENT), question(ACT, ASSIGNMENT))


@pytest.mark.parametrize("act", ["assignment.created", "assignment.delivered", "assignment.read"])
def test_a_step_left_out_is_missed_without_the_statements_too(act: str) -> None:
    world = whole()
    world.told.clear()
    world.drop(act)
    evidence = world.answer(ACT, ASSIGNMENT)
    asked = question(ACT, ASSIGNMENT)
    if act == "assignment.read":
        assert verify(evidence, asked, reader=None).assignment(ASSIGNMENT).status == "delivered"
    else:
        refused("entry_missing", evidence, asked, reader=None)


def test_another_root_vouches_for_nobody() -> None:
    refused("certificate_invalid", answer(), root_key=RootKey(b"other".ljust(32)).public)


def test_a_mentor_sees_who_acted_without_the_statements() -> None:
    world = whole()
    world.told = {key: each for key, each in world.told.items() if key == world.log[-1].statement}
    for act in ("assignment.read", ACT):
        world.change(act, actor=STRANGER.id, statement=bytes(32))
    refused("entry_invalid", world.answer(ACT, ASSIGNMENT), question(ACT, ASSIGNMENT), reader=None)


def test_a_manifest_sent_by_another_than_who_signed_it() -> None:
    world = whole()
    world.told.clear()
    both("assignment.created", "assignment.dispatched", actor=FOUNDER.id)(world)
    refused(
        "manifest_invalid", world.answer(ACT, ASSIGNMENT), question(ACT, ASSIGNMENT), reader=None
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"organization": uid("other")},
        {"service": uid("other")},
        {"seen": Seen(10, bytes(32))},
        {"certificate": COORDINATOR.id},
        {"about": COORDINATOR.member},
        {"act": "member.resumed", "arguments": {}},
        {"arguments": {"until": "2026-13-01"}},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_statement_that_was_signed_for_something_else(fields: dict[str, Any]) -> None:
    world, said = whole(), {"until": None}
    hashed = world.does(MENTOR, "member.paused", MENTOR.member, said)
    statement = replace(Statement.decode(world.told.pop(hashed).body), **fields)
    body = statement.encode()
    signature = MENTOR.identity.sign(Statement.purpose, body)
    world.told[Statement.digest(body)] = Signed(body, signature, {})
    world.change("member.paused", statement=Statement.digest(body))
    refused("statement_invalid", world.answer(), question("read.log", None))


def test_a_log_that_was_rewritten_or_is_behind() -> None:
    world = whole()
    factual("member.approved", digest="00" * 32)(world)
    refused("head_inconsistent", world.answer(ACT, ASSIGNMENT, old=4), whole_asked(4))
    ahead = question(ACT, ASSIGNMENT, Seen(10, bytes(32)))
    refused("head_inconsistent", whole().answer(ACT, ASSIGNMENT), ahead)


def whole_asked(size: int) -> Question:
    return question(ACT, ASSIGNMENT, whole().seen(size))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"v":2}', answer().encode() + b"\n"])
def test_what_has_no_form_is_refused(body: bytes) -> None:
    refused("answer_malformed", body)


def test_a_key_without_certificate_signs_the_first_head() -> None:
    world = World(people=[])
    asked = question("organization.founded", ORGANIZATION)
    evidence = world.answer("organization.founded", ORGANIZATION)
    key = SERVICE.identity.public.signing_key
    assert verify(evidence, asked, head_key=key, reader=None).entries == ()
    refused("certificate_invalid", evidence, asked, reader=None)
    refused("head_invalid", evidence, asked, head_key=ROOT.public, reader=None)
    other = replace(asked, service=uid("other"))
    refused("head_invalid", evidence, other, head_key=key, reader=None)


def test_a_manifest_has_the_status_of_its_entry_where_nothing_is_walked_too() -> None:
    world = whole()
    vouches(status="pending", readers=frozenset({COORDINATOR.id}))(world)
    world.envelopes.clear()
    refused("manifest_invalid", world.answer(), question("read.log", None))


def test_nothing_is_walked_for_a_read_about_something_else() -> None:
    asked = question("read.log", COORDINATOR.member)
    assert verify(whole().answer("read.log", COORDINATOR.member), asked).entries


def test_an_assignment_that_is_read_is_walked() -> None:
    world = whole()
    asked = question("read.assignment", ASSIGNMENT)
    evidence = world.answer("read.assignment", ASSIGNMENT)
    assert verify(evidence, asked).assignment(ASSIGNMENT).number == 7
    bare = replace(order("entries", 0, 1, 2, 3, 5, 6, 7, 8)(evidence), envelopes=())
    refused("entry_missing", bare, asked)


def test_a_new_service_key_signs_the_head_before_it_is_certified() -> None:
    world, asked = whole(), question("service.replaced", ORGANIZATION)
    evidence = world.answer("service.replaced", ORGANIZATION)
    told = head_text(ORGANIZATION, evidence.head.size, evidence.head.root)
    by_the_new = replace(evidence.head, signature=NEW_SERVICE.identity.sign_head(told))
    evidence = replace(evidence, head=by_the_new)
    key = NEW_SERVICE.identity.public.signing_key
    assert len(verify(evidence, asked, head_key=key).entries) == 9
    refused("head_invalid", evidence, asked)


def test_a_reader_without_a_certificate_is_shown_nothing() -> None:
    refused("certificate_invalid", answer(), reader=uid("stranger to the house"))


def test_a_mentor_vouches_for_nobody() -> None:
    impostor = device("impostor", "peer_mentor", issuer=STRANGER)
    world = whole()
    world.people.append(impostor.signed())
    refused("certificate_invalid", answer(world))


WHOLE = answer().encode()
TOLD = verify(WHOLE)


def proven(verified: Verified) -> tuple[Any, ...]:
    """Return everything that is verified, and nothing that is the server's word."""
    return (
        verified.head,
        list(verified.people),
        verified.entries,
        verified.statements,
        verified.manifests,
        verified.envelopes,
        verified.organization_wraps,
    )


@given(st.integers(0, len(WHOLE) * 8 - 1))
@settings(max_examples=300)
def test_a_flipped_bit_is_refused_or_changes_nothing_verified(bit: int) -> None:
    body = bytearray(WHOLE)
    body[bit // 8] ^= 1 << bit % 8
    try:
        verified = verify(bytes(body))
    except Tampered:
        return
    assert proven(verified) == proven(TOLD)
