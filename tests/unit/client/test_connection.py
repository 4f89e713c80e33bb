"""The client's side of a stream, against a real listener on a Unix socket."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath
from uuid import UUID

import pytest

from assigncli.client.connection import Patience, ServerConnection, clocks_apart, open_unix
from assigncli.client.exchange import Device, Intent, SignedStatement, send, signed
from assigncli.client.outcome import AskedService, Fate, asked, end, noted
from assigncli.client.outstanding import Outstanding
from assigncli.errors import AssignError, OutcomeUnknown, StoreUnavailable
from assigncli.protocol.greeting import Hello, Welcome
from assigncli.protocol.message import (
    MAX_ANSWER,
    Message,
    MessageKind,
    framed,
)
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.server_address import UnixServer
from assigncli.trust.replies import Grounds
from assigncli.words.errors import said
from tests.listener import (
    ACT,
    ASK,
    EVIDENCE,
    NOW,
    OUTCOME,
    REPLY,
    WELCOME,
    Seen,
    answering,
    holding,
    listening,
    message,
    refusal,
    wait_until,
)

MEMBER = UUID(int=7)
PATIENCE = Patience(begin=10, answer=10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "socket"


def opened(path: Path, patience: Patience = PATIENCE) -> ServerConnection:
    return open_unix(UnixServer(PurePosixPath(path)), MEMBER, patience)


def failed(connection: ServerConnection, sent: bytes) -> AssignError:
    """Return the error with which this ends, which has words."""
    with connection, pytest.raises(AssignError) as raised:
        connection(sent)
    assert all(said(raised.value))
    return raised.value


def test_a_message_is_answered_on_a_stream_that_begins_with_a_hello(path: Path) -> None:
    ways = answering(framed(EVIDENCE), framed(REPLY))
    with listening(path, ways) as seen, opened(path) as connection:
        assert connection(ASK) == EVIDENCE
        assert connection(ACT) == REPLY
        assert connection.welcome().program == "0.1"
    hello = Message.decode(seen.hellos[0], {MessageKind.HELLO})
    assert Hello.decode(hello.parts[0]).member == MEMBER
    assert len(seen.hellos) == 1
    assert seen.requests == [ASK, ACT]


def test_nothing_is_connected_before_the_first_message(path: Path) -> None:
    with listening(path, answering()) as seen:
        with opened(path):
            pass
        assert seen.hellos == []


def test_an_answer_may_be_as_large_as_the_protocol_allows(path: Path) -> None:
    largest = Message(MessageKind.EVIDENCE, (bytes(MAX_ANSWER),)).encode()
    with listening(path, answering(framed(largest))), opened(path) as connection:
        assert connection(ASK) == largest


def test_an_answer_that_comes_byte_by_byte_is_whole(path: Path) -> None:
    def slowly(stream: socket.socket, seen: Seen) -> None:
        seen.hellos.append(message(stream))
        for part in (WELCOME, framed(EVIDENCE)):
            for place in range(len(part)):
                stream.sendall(part[place : place + 1])
            if part is WELCOME:
                message(stream)

    with listening(path, slowly), opened(path) as connection:
        assert connection(ASK) == EVIDENCE


@pytest.mark.parametrize("size", range(len(framed(REPLY))))
def test_an_act_whose_answer_is_cut_anywhere_is_of_unknown_outcome(path: Path, size: int) -> None:
    with listening(path, answering(framed(REPLY)[:size])) as seen:
        error = failed(opened(path), ACT)
    assert seen.requests == [ACT]
    assert isinstance(error, OutcomeUnknown)
    assert error.code == "store_outcome_unknown"


@pytest.mark.parametrize("sent", [ASK, OUTCOME])
@pytest.mark.parametrize("size", [0, 3, 4, 20])
def test_a_question_whose_answer_is_cut_changed_nothing(path: Path, sent: bytes, size: int) -> None:
    with listening(path, answering(framed(EVIDENCE)[:size])):
        error = failed(opened(path), sent)
    assert type(error) is StoreUnavailable
    assert (error.code, error.why) == ("server_unreachable", "lost")


@pytest.mark.parametrize("size", range(0, len(WELCOME), 7))
def test_a_welcome_that_is_cut_means_that_nothing_was_sent(path: Path, size: int) -> None:
    with listening(path, answering(greeting=WELCOME[:size])) as seen:
        error = failed(opened(path), ACT)
    assert type(error) is StoreUnavailable
    assert error.code == "server_unreachable"
    assert seen.requests == []


def test_after_a_lost_answer_the_next_message_goes_by_a_fresh_stream(path: Path) -> None:
    ways = answering(framed(REPLY)[:9]), answering(framed(REPLY))
    with listening(path, *ways) as seen, opened(path) as connection:
        with pytest.raises(OutcomeUnknown):
            connection(ACT)
        assert connection(OUTCOME) == REPLY
    assert len(seen.hellos) == 2
    assert seen.requests == [ACT, OUTCOME]


def test_a_stream_that_the_server_ended_between_two_messages_is_begun_again(path: Path) -> None:
    """As after a quarter of an hour in which a brief was written; nothing was sent or lost."""
    with listening(path, answering(framed(EVIDENCE))) as seen, opened(path) as connection:
        connection(ASK)
        assert connection._stream is not None
        wait_until(connection._stream.is_over)
        assert connection(ACT) == EVIDENCE
    assert len(seen.hellos) == 2


def test_what_comes_between_two_messages_is_not_taken_for_an_answer(path: Path) -> None:
    """A server that needs the room refuses, and closes, a stream on which nothing happens."""

    def giving_way(stream: socket.socket, seen: Seen) -> None:
        answering(framed(EVIDENCE))(stream, seen)
        stream.sendall(refusal("store_busy"))
        seen.requests.append(message(stream))

    ways = giving_way, answering(framed(REPLY))
    with listening(path, *ways) as seen, opened(path) as connection:
        connection(ASK)
        assert connection._stream is not None
        wait_until(connection._stream.is_over)
        assert connection(ACT) == REPLY
    assert seen.requests == [ASK, ACT]
    assert len(seen.hellos) == 2


def test_a_server_that_does_not_answer_an_act_in_time_leaves_its_outcome_unknown(
    path: Path,
) -> None:
    with listening(path, holding()) as seen:
        error = failed(opened(path, Patience(begin=10, answer=0.2)), ACT)
    assert isinstance(error, OutcomeUnknown)
    assert seen.requests == [ACT]


def test_an_answer_of_a_byte_now_and_then_is_not_waited_for_longer(path: Path) -> None:
    def trickling(stream: socket.socket, seen: Seen) -> None:
        answering()(stream, seen)
        message(stream)
        stream.sendall((1 << 20).to_bytes(4, "big"))
        while not time.sleep(0.05):
            stream.sendall(b"x")

    began = time.monotonic()
    with listening(path, trickling):
        error = failed(opened(path, Patience(begin=10, answer=0.3)), ASK)
    assert (error.code, error.why) == ("server_unreachable", "slow")
    assert time.monotonic() - began < 5


def test_a_server_that_does_not_greet_in_time_is_not_waited_for(path: Path) -> None:
    def silent(stream: socket.socket, seen: Seen) -> None:
        seen.hellos.append(message(stream))
        message(stream)

    with listening(path, silent) as seen:
        error = failed(opened(path, Patience(begin=0.2, answer=10)), ACT)
    assert (type(error), error.why) == (StoreUnavailable, "slow")
    assert seen.requests == []


def test_a_message_that_is_not_taken_in_time_was_not_sent(path: Path) -> None:
    large = Message(MessageKind.ACT, (b"{}", bytes(64), b"{}", bytes(2_000_000))).encode()

    def deaf(stream: socket.socket, seen: Seen) -> None:
        answering()(stream, seen)
        time.sleep(2)

    with listening(path, deaf):
        error = failed(opened(path, Patience(begin=10, answer=0.3)), large)
    assert (type(error), error.code, error.why) == (StoreUnavailable, "server_unreachable", "slow")


@pytest.mark.parametrize("size", [MAX_ANSWER + 7, 0xFFFFFFFF])
def test_an_answer_over_the_limit_is_not_read(path: Path, size: int) -> None:
    with listening(path, holding(size.to_bytes(4, "big"))):
        assert isinstance(failed(opened(path), ACT), OutcomeUnknown)


@pytest.mark.parametrize(
    "greeting",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"Welcome to the machine of the municipality.\n",
        framed(b""),
        framed(b"\x01"),
        framed(REPLY),
        framed(b"\x01\x84" + (9).to_bytes(4, "big") + b"{}"),
        framed(b"\x01\x84" + (2).to_bytes(4, "big") + b"{}"),
    ],
)
def test_what_is_no_server_of_ours_is_sent_nothing(path: Path, greeting: bytes) -> None:
    with listening(path, answering(greeting=greeting)) as seen:
        error = failed(opened(path), ACT)
    assert (type(error), error.code) == (StoreUnavailable, "server_unreachable")
    assert error.why == "other"
    assert seen.requests == []


@pytest.mark.parametrize(
    "greeting",
    [
        framed(b"\x02\x84rest"),
        refusal("version_unknown"),
        WELCOME.replace(b'"v":1', b'"v":2'),
    ],
)
def test_a_server_of_another_version_is_named_as_that(path: Path, greeting: bytes) -> None:
    with listening(path, answering(greeting=greeting)) as seen:
        error = failed(opened(path), ACT)
    assert (type(error), error.code) == (StoreUnavailable, "server_version")
    assert seen.requests == []


def test_a_busy_server_says_so_before_anything_is_sent(path: Path) -> None:
    with listening(path, answering(greeting=refusal("store_busy"))) as seen:
        error = failed(opened(path), ACT)
    assert (type(error), error.code) == (StoreUnavailable, "store_busy")
    assert seen.requests == []


def test_a_refusal_to_greet_with_an_unknown_code_has_words(path: Path) -> None:
    with listening(path, answering(greeting=refusal("too_late_today"))):
        assert failed(opened(path), ACT).code == "too_late_today"


def test_a_refusal_that_ends_the_stream_while_a_message_is_sent_is_its_answer(path: Path) -> None:
    large = Message(MessageKind.ACT, (b"{}", bytes(64), b"{}", bytes(2_000_000))).encode()
    busy = refusal("store_busy")

    def refusing(stream: socket.socket, seen: Seen) -> None:
        answering()(stream, seen)
        stream.recv(1)
        stream.sendall(busy)
        stream.shutdown(socket.SHUT_RDWR)

    with listening(path, refusing), opened(path) as connection:
        assert framed(connection(large)) == busy


def test_a_stream_that_ends_while_a_message_is_sent_has_done_nothing(path: Path) -> None:
    large = Message(MessageKind.ACT, (b"{}", bytes(64), b"{}", bytes(2_000_000))).encode()

    def leaving(stream: socket.socket, seen: Seen) -> None:
        answering()(stream, seen)
        stream.recv(1000)

    with listening(path, leaving):
        error = failed(opened(path), large)
    assert (type(error), error.code, error.why) == (StoreUnavailable, "server_unreachable", "ended")


def test_a_socket_that_is_not_there_or_that_nobody_listens_at_is_unreachable(path: Path) -> None:
    assert failed(opened(path), ACT).why == "not_there"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))
        assert failed(opened(path), ACT).why == "not_there"


def test_a_full_queue_of_connections_is_waited_for_and_then_said_to_be_busy(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound, ExitStack() as others:
        bound.bind(str(path))
        bound.listen(0)
        for _ in range(2):
            other = others.enter_context(socket.socket(socket.AF_UNIX))
            other.setblocking(False)
            with suppress(BlockingIOError):
                other.connect(str(path))
        began = time.monotonic()
        error = failed(opened(path, Patience(begin=0.3, answer=1)), ACT)
        assert (error.code, error.why) == ("store_busy", "server")
        assert 0.25 < time.monotonic() - began < 5


def test_clocks_are_apart_where_acts_would_be_refused_for_it() -> None:
    welcome = Welcome(NOW, "0.1", agreed=True)
    assert clocks_apart(welcome, NOW + timedelta(minutes=5)) is None
    assert clocks_apart(welcome, NOW + timedelta(minutes=6)) == -timedelta(minutes=6)
    assert clocks_apart(welcome, NOW - timedelta(hours=1)) == timedelta(hours=1)


def device(signature: bytes) -> Device:
    grounds = Grounds.__new__(Grounds)  # nothing is verified before an answer came
    return Device(UUID(int=1), UUID(int=2), UUID(int=3), grounds, lambda _purpose, _body: signature)


def statement() -> SignedStatement:
    intent = Intent("assignment.recalled", UUID(int=9), {"number": 1})
    return signed(device(bytes(64)), NOTHING_SEEN, intent, NOW)


def sent_and_noted(path: Path, folder: Path, sent: SignedStatement) -> AssignError:
    """Send an act as a command does; return the error, and let its note's lock go."""
    outstanding = Outstanding(folder)
    with opened(path) as connection, pytest.raises(AssignError) as raised, noted(outstanding, sent):
        send(device(bytes(64)), connection, sent)
    return raised.value


@pytest.mark.parametrize("size", [0, 2, 11])
def test_the_statement_of_a_lost_answer_is_kept_to_ask_about(
    path: Path, tmp_path: Path, size: int
) -> None:
    sent = statement()
    with listening(path, answering(framed(REPLY)[:size])) as seen:
        sent_and_noted(path, tmp_path / "outstanding", sent)
    assert seen.requests == [sent.message]
    (note,) = Outstanding(tmp_path / "outstanding").left()
    note.leave()
    assert note.body == sent.body


@pytest.mark.parametrize("greeting", [b"", WELCOME[:9], refusal("store_busy"), framed(REPLY)])
def test_a_statement_that_was_not_sent_is_not_kept(
    path: Path, tmp_path: Path, greeting: bytes
) -> None:
    with listening(path, answering(greeting=greeting)) as seen:
        sent_and_noted(path, tmp_path / "outstanding", statement())
    assert seen.requests == []
    assert Outstanding(tmp_path / "outstanding").count == 0


def test_a_statement_is_asked_about_later_and_kept_until_somebody_knows(
    path: Path, tmp_path: Path
) -> None:
    folder, sent = tmp_path / "outstanding", statement()
    unknown = framed(
        Message(MessageKind.REFUSAL, (Refusal("statement_unknown", NOW).encode(),)).encode()
    )
    ways = answering(b""), answering(b""), answering(unknown)
    service = AskedService(UUID(int=1), frozenset({UUID(int=3)}), device(b"").grounds)
    with listening(path, *ways) as seen:
        sent_and_noted(path, folder, sent)
        for fate in (Fate.NOT_KNOWN, Fate.NOTHING):
            (note,) = Outstanding(folder).left()
            with opened(path) as connection:
                assert asked(note, connection, service, NOTHING_SEEN).fate is fate
            end(note, fate)
    assert [message[1] for message in seen.requests] == [
        *(MessageKind.ACT, MessageKind.OUTCOME, MessageKind.OUTCOME),
    ]
    assert Outstanding(folder).count == 0
