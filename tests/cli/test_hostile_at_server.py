"""What no rule allows, tried at a real server, through its socket and through a real relay.

The statements are those that a client of somebody's own making sends in the server's process in
tests/cli/test_hostile_*.py. Here they come from another account, or as SSH brings them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.client import member as membership
from assigncli.crypto.identity import Identity
from assigncli.lookups import AnyLookup, Nothing, crossing
from assigncli.lookups.about_assignments import (
    ATTENTION,
    LIST,
    AssignmentFilter,
    WantedAttention,
    WantedPage,
)
from assigncli.lookups.about_log import CHECK, LOG, WantedLog
from assigncli.profiles import load_profile
from assigncli.protocol.batches import BatchRow, Share, encode_batch, encode_shares
from assigncli.protocol.greeting import Hello
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.message import Message, MessageKind
from assigncli.protocol.texts import encode_texts
from tests.attacker import column, enrol, hex_id, value
from tests.cli.test_hostile_approval import Given, dag, given
from tests.cli.test_hostile_batch import honest, sends
from tests.cli.test_hostile_client import ACK, REASON, RECALL, entries
from tests.cli.test_hostile_people import CERTIFY, PAUSE, REVOKE, member
from tests.cli.test_hostile_reader import of
from tests.hostile import Answer, Hostile
from tests.hostile_ways import Ways
from tests.office import Office
from tests.refusals import shares
from tests.serving import Wire, refusal_of, serving

if os.name != "posix":
    pytest.skip("the server is POSIX only", allow_module_level=True)

pytestmark = pytest.mark.slow

OPEN, CONTACT, COMPLETE = "payload_decrypted", "assignment.contact_made", "assignment.completed"
REASSIGN = "assignment.reassigned"
ATTEMPT, DECLINE, ILL = "contact.unanswered", "assignment.declined", {"reason": "ill"}
SOMEBODY = 61_234 if os.geteuid() == 0 else None
"""Another account than the server's, where one can be had."""
CONSENTING, READ, DONE, RECALLED, SENT, DECLINED, OLAS, LEAVERS = range(1, 9)
"""Numbers: needs consent; read; acknowledged; recalled; new; declined; ola's; of who leaves."""


@dataclass
class Stage(Ways):
    """A served office, the way to it, and what can only be made before it is served."""

    row: tuple[BatchRow, Share]
    vouching: Given


def made(office: Office) -> None:
    """Bring the assignments where they are tried."""
    enrol(office, "former", "peer_mentor")
    enrol(office, "gone", "peer_mentor")
    for to in ("kari --consent-required", *("kari",) * 5, "ola", "former"):
        office.dispatch(to=to)
    office.to_status(CONSENTING, "delivered")
    office.to_status(READ, "read")
    office.to_status(DONE, "acknowledged")
    office.to_status(LEAVERS, "read", profile="former")
    office.ok(f"recall {RECALLED} --yes")
    office.to_status(DECLINED, "acknowledged")
    office.ok(f"decline {DECLINED} --reason ill", profile="kari")
    office.ok("member revoke gone --yes")
    office.join("dag", "Dag Dal")


@pytest.fixture(scope="module", params=["socket", "relay"])
def stage(
    request: pytest.FixtureRequest, founded: Office, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A served office; when all was tried, nothing of it is found and the log is whole."""
    office = founded.copy_to(tmp_path_factory.mktemp("stage") / "office")
    office.now = datetime.now(UTC)
    made(office)
    row, vouching = honest(office, recipient="ola"), given(office, "kari")
    with serving(office, "--sweep-every 1440") as served, ExitStack() as opened:
        yield Stage(served, request.param, SOMEBODY, opened, {}, row, vouching)
        opened.close()
        assert served.stop() == 0
    assert "is whole" in office.ok("audit verify").stdout


@pytest.fixture
def office(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office of the stage, at the server's moment; what is hostile goes to the server."""
    office = stage.served.office
    office.now = datetime.now(UTC)
    monkeypatch.setattr(Hostile, "carried", lambda self, sent, _now: stage.carried(self, sent))
    return office


def opens(office: Office, profile: str, number: int, **how: Any) -> Answer:
    """Ask for the share of a brief, as `open` does."""
    return Hostile(office, profile, **how).does(OPEN, number, opening(office, number))


def opening(office: Office, number: int) -> dict[str, str]:
    key = UUID(str(column(office, number, "encryption_key_id")))
    return {"encryption_key": str(key), "as": "recipient"}


def attempts(office: Office) -> int:
    return entries(office, "attempt.refused")


def newest(office: Office) -> dict[str, str]:
    """Return what the newest entry of a refused attempt says."""
    query = "SELECT details FROM audit_log WHERE action = 'attempt.refused' ORDER BY sequence DESC"
    found: dict[str, str] = json.loads(str(value(office, query)))
    return found


def recorded(office: Office, before: int, act: str, answer: Answer, code: str) -> None:
    """Hold that it was refused so, gave no share, and is on record by one entry."""
    assert (answer.code, answer.reply) == (code, None)
    assert attempts(office) == before + 1
    said = newest(office)
    assert (said["act"], said["code"]) == (act, code)


@pytest.mark.parametrize(
    ("profile", "number", "code"),
    [
        ("kari", CONSENTING, "consent_before_payload_access"),
        ("kari", RECALLED, "valid_status_transition"),
        ("kari", DECLINED, "assignment_declined"),
        ("kari", OLAS, "not_your_assignment"),
        ("ola", READ, "not_your_assignment"),
        ("anne", READ, "role_missing"),
        ("gone", READ, "certificate_revoked"),
    ],
)
def test_a_share_that_nobody_may_have(office: Office, profile: str, number: int, code: str) -> None:
    before, status = attempts(office), column(office, number, "status")
    recorded(office, before, OPEN, opens(office, profile, number), code)
    assert column(office, number, "status") == status


@pytest.mark.parametrize(
    ("profile", "act", "number", "said", "code"),
    [
        ("kari", ACK, CONSENTING, {}, "valid_status_transition"),
        ("kari", CONTACT, READ, {}, "valid_status_transition"),
        ("kari", COMPLETE, READ, {"in_person": None}, "valid_status_transition"),
        ("kari", ACK, DONE, {}, "valid_status_transition"),
        ("kari", CONTACT, DECLINED, {}, "assignment_declined"),
        ("kari", ATTEMPT, DECLINED, {}, "assignment_declined"),
        ("kari", DECLINE, DECLINED, ILL, "assignment_declined"),
        ("ola", DECLINE, READ, ILL, "not_your_assignment"),
        ("anne", DECLINE, READ, ILL, "role_missing"),
        ("ola", ATTEMPT, DONE, {}, "not_your_assignment"),
        ("ola", ACK, READ, {}, "not_your_assignment"),
        ("ola", CONTACT, DONE, {}, "not_your_assignment"),
        ("gone", ACK, READ, {}, "certificate_revoked"),
        ("kari", RECALL, READ, {"number": READ}, "role_missing"),
        ("anne", RECALL, READ, {"number": READ}, "recall_only_before_read"),
        ("anne", RECALL, DONE, {"number": DONE}, "recall_only_before_read"),
    ],
)
def test_a_step_by_who_may_not_take_it_or_out_of_order(
    office: Office, profile: str, act: str, number: int, said: Mapping[str, Any], code: str
) -> None:
    before, status = attempts(office), column(office, number, "status")
    recorded(office, before, act, Hostile(office, profile).does(act, number, said), code)
    assert column(office, number, "status") == status


def test_a_mentor_dispatches(stage: Stage, office: Office) -> None:
    before, kept = attempts(office), shares(office)
    answer = sends(office, stage.row, by="kari")
    recorded(office, before, "batch.dispatched", answer, "only_coordinator_can_dispatch")
    assert (value(office, "SELECT count(*) FROM assignments"), shares(office)) == (LEAVERS, kept)


def test_a_mentor_gives_an_assignment_to_another(stage: Stage, office: Office) -> None:
    before, kept = attempts(office), shares(office)
    row, share = stage.row
    new = str(Manifest.decode(row.manifest).context.assignment)
    said = {"number": DECLINED, "new": new, "read": True}
    batch = encode_batch([row]), encode_shares([share])
    answer = Hostile(office, "kari").does(REASSIGN, DECLINED, said, attachments=batch)
    recorded(office, before, REASSIGN, answer, "only_coordinator_can_dispatch")
    assert (value(office, "SELECT count(*) FROM assignments"), shares(office)) == (LEAVERS, kept)


def test_a_mentor_vouches(stage: Stage, office: Office) -> None:
    before = attempts(office)
    answer = stage.vouching.send(office, "kari", dag(office))
    recorded(office, before, "member.approved", answer, "role_missing")
    query = "SELECT count(*) FROM certificates WHERE member_id = ?"
    assert value(office, query, hex_id(office, "dag")) == 0


@pytest.mark.parametrize(
    ("act", "said"), [(PAUSE, {"until": None}), (CERTIFY, {"until": None}), (REVOKE, {"open": 1})]
)
def test_a_mentor_decides_about_another(office: Office, act: str, said: Mapping[str, Any]) -> None:
    before = attempts(office)
    answer = Hostile(office, "kari").does(act, member(office, "ola"), said)
    recorded(office, before, act, answer, "role_missing")
    assert value(office, "SELECT status FROM members WHERE handle = 'ola'") == "active"


STAFF = (
    (LIST, WantedPage(AssignmentFilter(), None, 10)),
    (ATTENTION, WantedAttention(1, None)),
    (LOG, WantedLog(None, None, 10)),
    (CHECK, Nothing()),
)


def looks(who: Hostile, lookup: AnyLookup, asked: object, **how: Any) -> str:
    """Return the code with which a lookup is refused, empty where it is shown; no attempt is it."""
    before = attempts(who.office)
    answer = who.asks(lookup.name, None, crossing.arguments(asked), **how)
    assert attempts(who.office) == before
    if answer.shown is None:
        return answer.code
    rows = answer.shown.rows
    return crossing.error(rows["refused"][0]["error"]).code if "refused" in rows else ""


@pytest.mark.parametrize(("lookup", "asked"), STAFF, ids=[each.name for each, _asked in STAFF])
def test_what_staff_look_up_is_shown_to_staff_alone(
    stage: Stage, office: Office, lookup: AnyLookup, asked: object
) -> None:
    assert looks(Hostile(office, "anne"), lookup, asked) == ""
    assert looks(Hostile(office, "kari"), lookup, asked) == "role_missing"
    assert looks(Hostile(office, "gone"), lookup, asked) == "certificate_revoked"
    stranger = Hostile(office, "anne", key=Identity.generate())
    assert looks(stranger, lookup, asked) == "signature_invalid"
    for profile, by_key in (("kari", "role_missing"), ("gone", "certificate_revoked")):
        code = looks(Hostile(office, profile), lookup, asked, signed=False)
        assert code == (by_key if stage.way == "relay" else nobody_s())


def nobody_s() -> str:
    """Return the code for a question of a connection that nobody's questions may come by."""
    if SOMEBODY is None:
        pytest.skip("only root can be another account")
    return "certificate_unknown"


def test_a_question_that_is_not_signed_claims_another_s_hello(stage: Stage, office: Office) -> None:
    """By the socket the account decides; by SSH the key's line, after which no hello is taken."""
    asked = crossing.arguments(WantedLog(None, None, 10))
    claimed = load_profile("anne", office.env).member_id
    if stage.way == "relay":
        hello = Message(MessageKind.HELLO, (Hello(claimed).encode(),)).encode()
        stream = stage.stream(member(office, "kari"))
        assert refusal_of(stream.say(hello)) == "message_malformed"
        assert stream.read() is None
        stage.streams[claimed] = stage.stream(member(office, "kari"))
        code = looks(Hostile(office, "anne"), LOG, WantedLog(None, None, 10), signed=False)
        assert code == "role_missing"
        del stage.streams[claimed]
        return
    expected, stream = nobody_s(), Wire.to(stage.served.socket, uid=SOMEBODY)
    assert not stream.hello(claimed).agreed
    stage.streams[claimed] = stream
    anne = Hostile(office, "anne")
    assert anne.asks("show.log", None, asked, signed=False).code == expected
    assert anne.asks("read.assignment", None, of(READ), signed=False).code == expected


def test_a_statement_that_is_sent_again_is_known_and_gives_no_share(
    stage: Stage, office: Office
) -> None:
    before, kari = attempts(office), Hostile(office, "kari")
    first = kari.does(OPEN, SENT, opening(office, SENT))
    assert first.reply is not None
    assert first.reply.share is not None
    size = value(office, "SELECT count(*) FROM audit_log")
    for sender in (kari, Hostile(office, "ola"), Hostile(office, "gone")):
        again = sender.raw(kari.sent[0])
        assert again.reply is not None, again.code
        assert (again.reply.known, again.reply.share) == (True, None)
        assert again.entries == first.entries
    stage.streams.pop(member(office, "kari"))
    again = kari.raw(kari.sent[0])
    assert again.reply is not None
    assert (again.reply.known, again.reply.share) == (True, None)
    assert (value(office, "SELECT count(*) FROM audit_log"), attempts(office)) == (size, before)


def test_a_statement_signed_before_a_revocation_and_sent_after_it(
    stage: Stage, office: Office
) -> None:
    former = Hostile(office, "former")
    acked = former.statement(ACK, former.assignment(LEAVERS)).encode()
    read = former.statement(
        OPEN, former.assignment(LEAVERS), arguments=opening(office, LEAVERS)
    ).encode()
    membership.revoke(stage.served.person("anne"), "former")
    for act, body in ((ACK, acked), (OPEN, read)):
        before = attempts(office)
        answer = former.send(body, encode_texts({}))
        recorded(office, before, act, answer, "certificate_revoked")
        again = former.raw(former.sent[-1])
        assert (again.code, again.refusal and again.refusal.known) == ("certificate_revoked", True)
        assert attempts(office) == before + 1
    assert column(office, LEAVERS, "status") != "acknowledged"


def test_a_stranger_is_counted_and_nothing_of_it_recorded(office: Office) -> None:
    size = value(office, "SELECT count(*) FROM audit_log")
    for stranger, code in (
        (Hostile(office, "kari", key=Identity.generate()), "signature_invalid"),
        (Hostile(office, "kari", certificate=str(uuid4())), "certificate_unknown"),
    ):
        assert stranger.does(ACK, READ).code == code
        assert stranger.does(OPEN, READ, opening(office, READ)).code == code
        said = {"number": SENT, "read": False}
        assert stranger.does("assignment.cancelled", SENT, said, texts=REASON).code == code
        assert stranger.asks("read.assignment", None, of(READ)).code == code
    assert value(office, "SELECT count(*) FROM audit_log") == size


def test_what_does_not_authenticate_ends_its_connection_after_twenty(
    stage: Stage, office: Office
) -> None:
    stranger = Hostile(office, "per", key=Identity.generate())
    assert {stranger.does(ACK, READ).code for _each in range(20)} == {"signature_invalid"}
    with suppress(BrokenPipeError):
        assert stage.streams.pop(member(office, "per")).say(stranger.sent[-1]) is None
    assert Hostile(office, "per").does(ACK, READ).code == "not_your_assignment"
