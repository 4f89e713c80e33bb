"""An act whose answer was lost: what the next command says, and what it does then."""

from __future__ import annotations

import errno
import json
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from assigncli.client import asking, settle, withdraw
from assigncli.client import outstanding as notes_on_disk
from assigncli.client.outcome import Became, Fate
from assigncli.client.waiting import Waiting, waiting
from assigncli.errors import OutcomeUnknown, StoreUnavailable
from assigncli.kept_heads import Witness
from assigncli.protocol.message import ANSWERS, Message, MessageKind
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.reply import Reply
from assigncli.protocol.seen import Seen
from assigncli.protocol.statement import Statement
from assigncli.server import heads
from assigncli.server.handle import Server
from assigncli.words.guards import GUARDS
from tests import acts
from tests.acting import acting
from tests.attacker import column, value
from tests.losing import folder, losing, lost, notes
from tests.office import ACCEPT, NOON, PERSON, Office
from tests.quick import a_few

DONE = "An earlier act got no answer, but was carried out: "
NOTHING = "An earlier act got no answer, was not carried out and will not be: "


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with a brief that kari has read (1), one she has not (2) and a draft (3)."""
    office = founded.copy_to(tmp_path_factory.mktemp("lost") / "office")
    office.dispatch()
    office.to_status(1, "read")
    office.dispatch(title="Unread")
    office.create(title="Draft")
    return office


def entries(office: Office, act: str) -> int:
    count = value(office, "SELECT count(*) FROM audit_log WHERE action = ?", act)
    assert isinstance(count, int)
    return count


@contextmanager
def server_raises(error: BaseException) -> Iterator[None]:
    """Let the server fail with this whatever is to be done."""

    handle = Server.handle

    def failing(server: Server, data: bytes, *more: Any) -> bytes:
        if data[1] == MessageKind.ASK:
            return handle(server, data, *more)
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "handle", failing)
        yield


def test_what_was_done_is_said_before_the_same_command_is_refused(office: Office) -> None:
    lost(office, "ack 1", "kari")
    office.later(minutes=3)
    again = office.run("ack 1", profile="kari")
    assert again.stderr.splitlines()[0] == f"{DONE}confirmed, assignment 1, today at 12:00."
    assert (again.code, again.error_code) == (6, "valid_status_transition")
    assert notes(office, "kari") == []
    assert entries(office, "assignment.acknowledged") == 1
    assert DONE not in office.run("ack 1", profile="kari").said


def test_what_never_came_is_said_and_then_done(office: Office) -> None:
    lost(office, "ack 1", "kari", request=True)
    again = office.ok("ack 1", profile="kari")
    assert again.stderr.splitlines()[0] == f"{NOTHING}confirmed, assignment 1, today at 12:00."
    assert notes(office, "kari") == []
    assert entries(office, "assignment.acknowledged") == 1
    assert office.ok("audit verify").code == 0


def test_a_share_that_was_lost_is_asked_for_again_and_logged_twice(office: Office) -> None:
    lost(office, "open 2 --reveal", "kari")
    before = entries(office, "payload_decrypted")
    again = office.ok("open 2 --reveal", profile="kari")
    assert again.stderr.startswith(f"{DONE}brief opened, assignment 2, today at 12:00.")
    assert PERSON["full_name"] in again.stdout
    assert entries(office, "payload_decrypted") == before + 1
    assert office.ok("audit verify").code == 0


@pytest.mark.slow
def test_consent_that_was_given_is_said_before_the_brief_is_opened(office: Office) -> None:
    number = office.dispatch("--consent-required")
    lost(office, f"consent {number} {ACCEPT}", "kari")
    opened = office.ok(f"open {number} --reveal", profile="kari")
    assert opened.stderr.startswith(f"{DONE}consent given, assignment {number}, today at 12:00.")


def test_it_is_said_in_norwegian(office: Office) -> None:
    lost(office, "recall 2 --yes", "anne")
    said = office.ok("status --lang nb").stderr
    assert said.startswith(
        "En tidligere handling fikk ikke svar, men ble utført: trukket tilbake, oppdrag 2, "
    )


def test_it_is_said_to_a_script_and_to_who_wants_quiet(office: Office) -> None:
    lost(office, "recall 2 --yes", "anne")
    copy = office.copy_to(office.folder.with_name("quiet"))
    (told,) = office.ok("list --json").json["warnings"]
    assert told["code"] == "outstanding"
    assert told["message"].startswith(f"{DONE}recalled, assignment 2")
    assert copy.ok("list --quiet").stderr.startswith(DONE)


def test_a_refusal_to_repeat_tells_a_script_what_was_done(office: Office) -> None:
    lost(office, "ack 1", "kari")
    again = office.run("ack 1 --json", profile="kari")
    (told,) = json.loads(again.stderr)["warnings"]
    assert told["message"].startswith(DONE)


def test_old_statements_can_be_asked_about(office: Office) -> None:
    """The rule for clocks is not for outcomes: nothing of them makes an entry."""
    lost(office, "ack 1", "kari", request=True)
    office.later(days=3)
    attempts = entries(office, "attempt.refused")
    assert NOTHING in office.ok("inbox", profile="kari").stderr
    assert entries(office, "attempt.refused") == attempts
    assert notes(office, "kari") == []


def test_an_act_that_the_server_refuses_leaves_no_note(office: Office) -> None:
    with losing(request=True):
        office.run("recall 2 --yes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdraw, "require_move", lambda *_facts: None)
        office.refused("recall 1 --yes", "recall_only_before_read", 6)
    assert notes(office, "anne") == []


def test_a_carried_out_act_leaves_no_note(office: Office) -> None:
    office.ok("ack 1", profile="kari")
    assert list(folder(office, "kari").iterdir()) == []


def test_the_store_that_says_nothing_is_saved_leaves_no_note(office: Office) -> None:
    with server_raises(StoreUnavailable("store_busy")):
        assert office.run("ack 1", profile="kari").code == 7
    assert notes(office, "kari") == []


def test_an_unknown_outcome_is_asked_about_again_and_stops_nothing(office: Office) -> None:
    unknown = OutcomeUnknown("store_outcome_unknown")
    with server_raises(unknown):
        office.refused("ack 1", "store_outcome_unknown", 1, profile="kari")
        assert len(notes(office, "kari")) == 1
        said = office.run("list", profile="anne").said
        assert "An earlier act" not in said
        listed = office.ok("inbox", profile="kari")
    assert "it is not known yet what became of it: confirmed, assignment 1, " in listed.stderr
    assert "It is not known whether this was saved." in listed.stderr
    assert len(notes(office, "kari")) == 1
    assert NOTHING in office.ok("ack 1", profile="kari").stderr


def test_without_the_service_s_key_it_is_said_that_nobody_can_be_asked(office: Office) -> None:
    lost(office, "ack 1", "kari")
    keys = office.store.with_name("assign.db.service")
    keys.rename(keys.with_name("away"))
    heard = office.ok("show 1", profile="kari").stderr
    assert "An earlier act got no answer, and it cannot be asked now what became of it." in heard
    keys.with_name("away").rename(keys)
    assert DONE in office.ok("show 1", profile="kari").stderr


def test_whose_device_knows_the_service_reads_no_store_to_ask_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost(office, "ack 1", "kari")

    def nothing(*_what: object) -> None:
        raise AssertionError("the store was read")

    monkeypatch.setattr(asking, "new_key", nothing)
    assert DONE in office.ok("show 1", profile="kari").stderr


def test_whose_membership_has_ended_is_told_what_became_of_an_act_before(office: Office) -> None:
    lost(office, "ack 1", "kari")
    office.ok("member revoke --yes kari")
    heard = office.refused("inbox", "membership_revoked", 4, profile="kari").stderr
    assert heard.startswith(DONE)


def test_a_note_holds_statement_and_signature_and_is_ours_alone(office: Office) -> None:
    with losing():
        office.run("cancel 2 --reason 'Moved to another town.' --yes")
    (path,) = notes(office, "anne")
    fields = json.loads(path.read_text(encoding="ascii"))
    assert sorted(fields) == ["signature", "statement"]
    statement = Statement.decode(fields["statement"].encode())
    assert statement.act == "assignment.cancelled"
    assert "Moved" not in path.read_text(encoding="ascii")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_where_no_note_can_be_written_the_act_is_done_and_that_is_said(office: Office) -> None:
    shutil.rmtree(office.home / "outstanding")
    (office.home / "outstanding").write_text("in the way", encoding="ascii")
    done = office.ok("recall 2 --yes --json")
    assert [each["code"] for each in done.json["warnings"]] == ["outstanding_unkept"]
    assert column(office, 2, "status") == "recalled"


@pytest.mark.parametrize("field", ["organization", "service"])
def test_a_note_for_another_service_is_set_aside_and_never_sent(office: Office, field: str) -> None:
    lost(office, "ack 1", "kari", request=True)
    (path,) = notes(office, "kari")
    fields = json.loads(path.read_text(encoding="ascii"))
    path.unlink()
    ours = Statement.decode(fields["statement"].encode())
    other = replace(ours, **{field: uuid4()}).encode()
    text = json.dumps({**fields, "statement": other.decode()})
    path = path.with_stem(Statement.digest(other).hex())
    set_aside(office, path, text, "nobody here can be asked what became of it: confirmed, ")
    assert value(office, "SELECT count(*) FROM refused_statements") == 0


def set_aside(office: Office, path: Path, text: str, said: str) -> None:
    path.write_text(text, encoding="ascii")
    listed = office.ok("inbox", profile="kari").stderr
    assert said in listed
    aside = path.with_suffix(".aside")
    assert str(aside) in listed.replace("\n", " ")
    assert aside.read_text(encoding="ascii") == text
    assert notes(office, "kari") == []
    assert "earlier act" not in office.ok("inbox", profile="kari").said


@pytest.mark.parametrize(
    "text", a_few(2, of=["", "{", "[]", '{"signature": "00", "statement": 1}', "null"])
)
def test_a_note_that_cannot_be_read_is_set_aside(office: Office, text: str) -> None:
    path = folder(office, "kari") / f"{'0' * 64}.json"
    set_aside(office, path, text, "what was noted of it cannot be read")


@pytest.mark.slow
def test_doctor_says_what_became_of_it(office: Office) -> None:
    lost(office, "recall 2 --yes", "anne")
    said = office.run("doctor --full")
    assert f"{DONE}recalled, assignment 2" in said.stderr
    assert "1 act had got no answer; now it is known what became of it." in said.stdout
    assert "Every act of this profile has got its answer." in office.run("doctor --full").stdout


def test_doctor_says_what_cannot_be_asked(office: Office) -> None:
    lost(office, "recall 2 --yes", "anne")
    with server_raises(OutcomeUnknown("store_outcome_unknown")):
        said = office.run("doctor")
    assert "It is not known what became of 1 act that got no answer." in said.stdout
    office.store.rename(office.store.with_name("away"))
    assert "It is not known what became of 1 act that got no answer." in office.run("doctor").stdout


def test_what_another_command_still_waits_for_is_not_asked_about(office: Office) -> None:
    said: list[Became] = []
    notes_of = noted(office, said)
    with acting(office, "kari") as session:
        session.client.waiting = notes_of
        note = notes_of.notes.keep("00" * 32, b"{}", bytes(64))
        assert note is not None
        assert settle.settle(session.client) == []
        note.leave()
        assert [each.fate for each in settle.settle(session.client)] == [Fate.DAMAGED]
    assert [each.fate for each in said] == [Fate.DAMAGED]


def test_a_refusal_whose_answer_was_lost_is_said_with_its_reason(office: Office) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdraw, "require_move", lambda *_facts: None)
        lost(office, "recall 1 --yes", "anne")
    attempts = entries(office, "attempt.refused")
    heard = office.ok("list").stderr
    assert "got no answer, and was refused: recalled, assignment 1, today at 12:00. " in heard
    assert GUARDS["recall_only_before_read.guard"][0] in heard
    assert (notes(office, "anne"), entries(office, "attempt.refused")) == ([], attempts)


def answering(change: Callable[[Message], Message]) -> Callable[..., bytes]:
    """Return a connection to a server whose answers are changed on their way."""
    carry = Server.handle

    def changed(server: Server, message: bytes, *more: Any) -> bytes:
        answer = carry(server, message, *more)
        if message[1] == MessageKind.ASK:
            return answer
        return change(Message.decode(answer, ANSWERS)).encode()

    return changed


def forged(answer: Message, **changes: object) -> Message:
    reply = Reply.decode(answer.parts[0])
    return Message(MessageKind.REPLY, (replace(reply, **changes).encode(),))


@pytest.mark.parametrize(
    ("change", "why"),
    a_few(
        2,
        of=[
            (
                lambda answer: Message(MessageKind.REPLY, (answer.parts[0][:-1],)),
                "has no form that this",
            ),
            (lambda answer: forged(answer, statement=bytes(32)), "answered something else"),
            (lambda answer: forged(answer, consistency=(bytes(32),)), "does not continue the one"),
            (
                lambda _answer: Message(
                    MessageKind.REFUSAL,
                    (Refusal("statement_unknown", NOON, {}, bytes(32)).encode(),),
                ),
                "answered something else",
            ),
        ],
    ),
)
def test_an_answer_that_does_not_verify_is_said_and_not_believed(
    office: Office, change: Callable[[Message], Message], why: str
) -> None:
    lost(office, "ack 1", "kari")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "handle", answering(change))
        heard = office.ok("inbox", profile="kari").stderr
    assert "it is not known yet what became of it: confirmed, assignment 1, " in heard
    assert why in heard
    assert DONE in office.ok("inbox", profile="kari").stderr


def test_a_reply_of_earlier_moves_the_kept_head(office: Office) -> None:
    with acting(office, "kari") as session:
        session.client.waiting = noted(office, [])
        with session.host.store.read() as tx:
            heads.look(tx, session.client.organization_id, session.client.witness)
        before = session.client.witness.kept
        with losing(), pytest.raises(KeyboardInterrupt):
            acts.acknowledge(session, "1")
    said: list[Became] = []
    with acting(office, "kari") as session:
        session.client.waiting = noted(office, said)
        session.client.witness = Witness(before)
        settle.settle(session.client)
        size = value(office, "SELECT max(sequence) FROM audit_log")
        assert isinstance(size, int)
        assert before.size < session.client.witness.kept.size == size
    assert [(each.fate, each.number) for each in said] == [(Fate.DONE, 1)]


@pytest.mark.parametrize("longer", [0, 1])
def test_a_reply_of_another_log_than_the_kept_one_is_not_believed(
    office: Office, longer: int
) -> None:
    lost(office, "ack 1", "kari")
    said: list[Became] = []
    with acting(office, "kari") as session:
        session.client.waiting = noted(office, said)
        size = value(office, "SELECT max(sequence) FROM audit_log")
        assert isinstance(size, int)
        kept = Seen(size + longer, bytes(32))
        service = asking.service(asking.new_key(session.client))
        session.client.witness = Witness(kept, service)
        settle.settle(session.client)
        assert session.client.witness.kept == kept
    (found_out,) = said
    assert found_out.fate is Fate.NOT_KNOWN
    assert found_out.error is not None
    assert found_out.error.code == "head_inconsistent"
    assert len(notes(office, "kari")) == 1


def test_on_a_full_disk_an_ending_is_sent_without_a_note(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_where: object) -> tuple[int, str]:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(notes_on_disk.tempfile, "mkstemp", full)
    done = office.run("cancel 2 --reason 'Moved to another town.' --yes")
    assert done.code == 0
    assert "Warning: This act was not noted before it was sent" in done.stderr
    assert column(office, 2, "status") == "cancelled"


def test_what_a_killed_command_had_not_written_whole_is_removed(office: Office) -> None:
    place = folder(office, "kari")
    (place / ".half.tmp").write_text("{", encoding="ascii")
    assert "earlier act" not in office.ok("inbox", profile="kari").said
    assert list(place.iterdir()) == []


def noted(office: Office, said: list[Became]) -> Waiting:
    """Return kari's notes; what became of each is added to `said`."""
    return waiting(folder(office, "kari"), lambda became, _aside: said.append(became), unkept)


def unkept() -> None:
    raise AssertionError("it can be noted")
