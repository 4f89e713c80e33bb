"""No rule breaks for a client of somebody's own making, whoever's key it signs with."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.identity import Identity
from assigncli.protocol.message import Message, MessageKind
from assigncli.protocol.seen import Seen
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text, encode_texts
from assigncli.server import attempt_log
from tests.attacker import certificate_id, column, value
from tests.hostile import Hostile
from tests.office import Office
from tests.quick import a_few

ACK = "assignment.acknowledged"
RECALL = "assignment.recalled"
REASON = {"reason": Text(b"s" * 16, "Moved to another town.")}


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with a brief that kari has read (1), one she has not (2) and a draft (3)."""
    office = founded.copy_to(tmp_path_factory.mktemp("hostile") / "office")
    office.dispatch()
    office.to_status(1, "read")
    office.dispatch(title="Unread")
    office.create(title="Draft")
    return office


def entries(office: Office, act: str) -> int:
    count = value(office, "SELECT count(*) FROM audit_log WHERE action = ?", act)
    assert isinstance(count, int)
    return count


def test_an_act_is_carried_out_by_an_entry_that_names_the_statement(office: Office) -> None:
    kari = Hostile(office, "kari")
    answer = kari.does(ACK, 1)
    (entry,) = answer.entries
    assert entry.statement == kari.hash_of(kari.sent[-1])
    assert dict(entry.facts) == {"number": 1, "from": "read", "to": "acknowledged"}
    assert office.ok("audit verify").code == 0


@pytest.mark.parametrize(
    ("profile", "act", "number", "arguments", "code"),
    a_few(
        2,
        of=[
            ("kari", ACK, 2, {}, "valid_status_transition"),
            ("kari", "assignment.contact_made", 1, {}, "valid_status_transition"),
            ("kari", "assignment.completed", 1, {"in_person": None}, "valid_status_transition"),
            ("kari", ACK, 3, {}, "valid_status_transition"),
            ("ola", ACK, 1, {}, "not_your_assignment"),
            ("anne", ACK, 1, {}, "role_missing"),
            ("kari", RECALL, 2, {"number": 2}, "role_missing"),
            ("anne", RECALL, 1, {"number": 1}, "recall_only_before_read"),
            ("anne", RECALL, 2, {"number": 1}, "number_differs"),
        ],
    ),
)
def test_a_step_skipped_reversed_or_by_the_wrong_person(
    office: Office, profile: str, act: str, number: int, arguments: dict[str, object], code: str
) -> None:
    before = column(office, number, "status")
    answer = Hostile(office, profile).does(act, number, arguments)
    assert answer.code == code
    assert column(office, number, "status") == before
    assert entries(office, "attempt.refused") == 1
    assert office.ok("audit verify").code == 0


def test_what_is_not_there_is_recorded_as_about_the_organisation(office: Office) -> None:
    anne = Hostile(office, "anne")
    for _attempt in range(3):
        assert anne.does(RECALL, uuid4(), {"number": 1}).code == "assignment_not_found"
    assert entries(office, "attempt.refused") == 1


def test_cancelling_what_has_meanwhile_been_read_is_refused(office: Office) -> None:
    said = {"number": 1, "read": False}
    anne = Hostile(office, "anne")
    assert anne.does("assignment.cancelled", 1, said, texts=REASON).code == "changed_meanwhile"


def test_a_reason_with_personal_data_is_refused(office: Office) -> None:
    said = {"number": 2, "read": False}
    texts = {"reason": Text(b"s" * 16, "Call 22 11 22 11 instead.")}
    answer = Hostile(office, "anne").does("assignment.cancelled", 2, said, texts=texts)
    assert answer.code == "title_no_pii"
    assert answer.refusal is not None
    assert answer.refusal.facts == {"field": "reason", "place": None}


def test_a_text_that_was_not_signed_is_refused(office: Office) -> None:
    anne = Hostile(office, "anne")
    said = {"number": 2, "read": False}
    signed = {"reason": REASON["reason"].digest()}
    body = anne.statement(
        "assignment.cancelled", anne.assignment(2), arguments=said, texts=signed
    ).encode()
    other = encode_texts({"reason": Text(b"s" * 16, "Something else.")})
    assert anne.send(body, other).code == "text_differs"
    assert anne.send(body, encode_texts({})).code == "text_differs"


def test_after_the_date_the_expiry_is_recorded_and_the_act_refused(office: Office) -> None:
    office.later(days=400)
    assert Hostile(office, "kari").does(ACK, 1).code == "expired_payload_inaccessible"
    assert column(office, 1, "status") == "expired"
    assert (entries(office, "assignment.expired"), entries(office, "attempt.refused")) == (1, 1)


def test_a_statement_is_carried_out_once(office: Office) -> None:
    kari = Hostile(office, "kari")
    first = kari.does(ACK, 1)
    again = kari.raw(kari.sent[-1])
    assert again.reply is not None
    assert again.reply.known
    assert again.entries == first.entries
    assert entries(office, ACK) == 1
    office.later(days=2)
    assert kari.raw(kari.sent[0]).reply is not None  # known before its age is looked at


def test_a_refused_statement_stays_refused(office: Office) -> None:
    kari = Hostile(office, "kari")
    assert kari.does("assignment.contact_made", 1).code == "valid_status_transition"
    office.ok("ack 1", profile="kari")
    again = kari.raw(kari.sent[0])
    assert (again.code, again.refusal and again.refusal.known) == ("valid_status_transition", True)
    assert column(office, 1, "status") == "acknowledged"
    assert entries(office, "attempt.refused") == 1


def test_a_statement_asked_about_before_it_came_is_never_carried_out(office: Office) -> None:
    kari = Hostile(office, "kari")
    body = kari.statement(ACK, kari.assignment(1)).encode()
    assert kari.outcome(body).code == "statement_unknown"
    assert kari.send(body, encode_texts({})).code == "statement_withdrawn"
    assert kari.outcome(body).code == "statement_unknown"
    assert column(office, 1, "status") == "read"


def test_the_outcome_of_an_act_is_its_reply(office: Office) -> None:
    kari = Hostile(office, "kari")
    body = kari.statement(ACK, kari.assignment(1)).encode()
    first = kari.send(body, encode_texts({}))
    assert kari.outcome(body).entries == first.entries


@pytest.mark.parametrize("minutes", [-60, 60])
def test_the_outcome_of_a_stale_or_early_statement_is_told(office: Office, minutes: int) -> None:
    """The clocks are for acts alone: who asks late is told all the same, and nothing is logged."""
    kari = Hostile(office, "kari")
    at = office.now + timedelta(minutes=minutes)
    body = kari.statement(ACK, kari.assignment(1), at=at, seen=Seen(9_999, b"r" * 32)).encode()
    assert kari.outcome(body).code == "statement_unknown"
    assert kari.send(body, encode_texts({})).code == "statement_withdrawn"
    assert entries(office, "attempt.refused") == 0


def test_a_flooded_device_is_told_outcomes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt_log, "MAX_HASHES", 1)
    kari = Hostile(office, "kari")
    assert kari.does("assignment.contact_made", 1).code == "valid_status_transition"
    assert kari.does(ACK, 1).code == "store_busy"
    body = kari.statement(ACK, kari.assignment(1)).encode()
    assert kari.outcome(body).code == "statement_unknown"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stale_or_early_statement_is_refused(office: Office, minutes: int) -> None:
    at = office.now + timedelta(minutes=minutes)
    assert Hostile(office, "kari").does(ACK, 1, at=at).code == "clock_apart"


def test_five_minutes_are_allowed_and_no_microsecond_more(office: Office) -> None:
    kari = Hostile(office, "kari")
    late = office.now + timedelta(minutes=5)
    assert kari.does(ACK, 1, at=late + timedelta(microseconds=1)).code == "clock_apart"
    assert kari.does(ACK, 1, at=late).code == ""


def test_another_s_certificate_or_key_is_refused_and_not_logged(office: Office) -> None:
    kari = Hostile(office, "kari", key=Identity.generate())
    assert kari.does(ACK, 1).code == "signature_invalid"
    other = UUID(certificate_id(office, "ola"))
    assert Hostile(office, "kari").does(ACK, 1, certificate=other).code == "signature_invalid"
    assert Hostile(office, "kari").does(ACK, 1, certificate=uuid4()).code == "certificate_unknown"
    assert entries(office, "attempt.refused") == 0


def test_another_organisation_or_service_is_refused(office: Office) -> None:
    kari = Hostile(office, "kari")
    assert kari.does(ACK, 1, organization=uuid4()).code == "organization_not_found"
    assert kari.does(ACK, 1, service=uuid4()).code == "service_differs"


def test_a_leaver_s_statement_is_refused_and_recorded(office: Office) -> None:
    kari = Hostile(office, "kari")
    office.ok("member revoke kari --yes")
    assert kari.does(ACK, 1).code == "certificate_revoked"
    assert entries(office, "attempt.refused") == 1
    assert column(office, 1, "status") == "read"


@pytest.mark.parametrize(
    ("seen", "code"),
    [(Seen(9_999, b"r" * 32), "log_behind"), (Seen(2, b"r" * 32), "log_forked")],
)
def test_who_saw_another_log_is_refused(office: Office, seen: Seen, code: str) -> None:
    assert Hostile(office, "kari").does(ACK, 1, seen=seen).code == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", "message_malformed"),
        (b"\x01\x02", "message_malformed"),
        (b"\x02\x02", "version_unknown"),
        (b"\x01\x7f", "message_malformed"),
        (b"\x01\x02" + b"\xff\xff\xff\xff", "message_malformed"),
        (b"\x01\x02" + bytes(2_228_300), "message_too_large"),
        (b"\x01\x02" + (20_000).to_bytes(4, "big") + bytes(20_000), "statement_too_large"),
    ],
)
def test_bytes_of_no_allowed_form_are_refused(office: Office, message: bytes, code: str) -> None:
    assert Hostile(office, "kari").raw(message).code == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'"v":1', b'"v":2', "version_unknown"),
        (b'"v":1', b'"v": 1', "statement_malformed"),
        (b'"arguments":{}', b'"arguments":{"number":1}', "statement_malformed"),
        (b'"act":"assignment.acknowledged"', b'"act":"assignment.invented"', "act_unknown"),
        (b'"attachments":[]', b'"attachments":["' + b"00" * 32 + b'"]', "statement_malformed"),
    ],
)
def test_a_statement_of_no_allowed_form_is_refused(
    office: Office, old: bytes, new: bytes, code: str
) -> None:
    kari = Hostile(office, "kari")
    body = kari.statement(ACK, kari.assignment(1)).encode()
    assert old in body
    assert kari.send(body.replace(old, new), encode_texts({})).code == code


def test_an_altered_statement_is_not_believed(office: Office) -> None:
    kari = Hostile(office, "kari")
    body = kari.statement(ACK, kari.assignment(1)).encode()
    parts = (
        body.replace(b"acknowledged", b"contact_made"),
        Identity.generate().sign(Statement.purpose, body),
        encode_texts({}),
    )
    assert kari.raw(Message(MessageKind.ACT, parts).encode()).code == "signature_invalid"


@pytest.mark.slow
def test_a_flood_of_refusals_makes_few_entries(office: Office) -> None:
    kari = Hostile(office, "kari")
    for _attempt in range(15):
        assert kari.does("assignment.contact_made", 1).code == "valid_status_transition"
        assert kari.does(ACK, uuid4()).code == "assignment_not_found"
    assert entries(office, "attempt.refused") == 2
    office.later(hours=1, minutes=1)
    assert kari.does(ACK, 2).code == "valid_status_transition"
    assert entries(office, "attempts.counted") == 1
    assert office.ok("audit verify").code == 0


@pytest.mark.slow
def test_the_sweep_says_how_many_were_refused_without_an_entry(office: Office) -> None:
    kari = Hostile(office, "kari")
    for _attempt in range(5):
        assert kari.does("assignment.contact_made", 1).code == "valid_status_transition"
    office.later(hours=1, minutes=1)
    office.ok("sweep", profile=None)
    told = value(office, "SELECT details FROM audit_log WHERE action = 'attempts.counted'")
    assert '"count":4' in str(told)
    office.ok("sweep", profile=None)
    assert entries(office, "attempts.counted") == 1
    office.ok("audit verify")
