"""`assign relay`, a process of its own between pipes and a real socket."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from assigncli.protocol.greeting import Hello
from assigncli.protocol.message import Message, MessageKind, framed
from tests.cli.test_startup import heavy, imported
from tests.listener import (
    ASK,
    EVIDENCE,
    REPLY,
    WELCOME,
    Seen,
    answering,
    exactly,
    holding,
    listening,
    message,
    refusal,
)

MEMBER = UUID(int=7)
PATIENCE = 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "socket"


@contextmanager
def relaying(path: Path, *words: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the relay between pipes; it is killed where the test leaves it."""
    command = [sys.executable, "-m", "assigncli", "relay", "--socket", str(path), *words]
    environ = {"ASSIGN_HOME": str(path.parent / "home"), "LC_ALL": "C.UTF-8", **environ}
    with subprocess.Popen(
        command,
        env={**environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def send(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.flush()


def received(process: subprocess.Popen[bytes], size: int) -> bytes:
    assert process.stdout is not None
    return process.stdout.read(size)


def member_of(hello: bytes) -> UUID | None:
    return Hello.decode(Message.decode(hello, {MessageKind.HELLO}).parts[0]).member


def test_it_says_the_hello_for_the_member_of_its_line_and_carries_bytes_unchanged(
    path: Path,
) -> None:
    with (
        listening(path, answering(framed(EVIDENCE), framed(REPLY))) as seen,
        relaying(path, "--member", str(MEMBER)) as relay,
    ):
        assert received(relay, len(WELCOME)) == WELCOME
        send(relay, framed(ASK))
        assert received(relay, len(framed(EVIDENCE))) == framed(EVIDENCE)
        send(relay, b"\0\0\0\3\xff\n\r")
        assert received(relay, len(framed(REPLY))) == framed(REPLY)
        assert received(relay, 1) == b""
        assert relay.wait(PATIENCE) == 0
        assert relay.stderr is not None
        assert relay.stderr.read() == b""
    assert [member_of(hello) for hello in seen.hellos] == [MEMBER]
    assert seen.requests == [ASK, b"\xff\n\r"]


def test_without_a_member_it_asks_for_nobody(path: Path) -> None:
    with listening(path, answering()) as seen, relaying(path) as relay:
        assert received(relay, len(WELCOME)) == WELCOME
        assert relay.wait(PATIENCE) == 0
    assert [member_of(hello) for hello in seen.hellos] == [None]


def test_what_the_client_asked_ssh_to_run_changes_nothing(path: Path) -> None:
    asked = f"assign relay --socket {path}x --member {UUID(int=8)}; id"
    with (
        listening(path, answering()) as seen,
        relaying(path, "--member", str(MEMBER), SSH_ORIGINAL_COMMAND=asked) as relay,
    ):
        assert received(relay, len(WELCOME)) == WELCOME
        assert relay.wait(PATIENCE) == 0
    assert [member_of(hello) for hello in seen.hellos] == [MEMBER]


def test_a_hello_of_the_client_comes_after_that_of_the_line(path: Path) -> None:
    """So a server refuses it: a second hello is `message_malformed`, and ends the stream."""
    claimed = Message(MessageKind.HELLO, (Hello(UUID(int=8)).encode(),)).encode()
    with (
        listening(path, answering(refusal("message_malformed"))) as seen,
        relaying(path, "--member", str(MEMBER)) as relay,
    ):
        send(relay, framed(claimed))
        assert received(relay, len(WELCOME)) == WELCOME
        assert received(relay, 10_000) == refusal("message_malformed")
        assert relay.wait(PATIENCE) == 0
    assert member_of(seen.hellos[0]) == MEMBER
    assert seen.requests == [claimed]


def test_a_client_that_ends_its_side_still_gets_its_answer(path: Path) -> None:
    def late(stream: socket.socket, seen: Seen) -> None:
        seen.hellos.append(message(stream))
        stream.sendall(WELCOME)
        seen.requests.append(message(stream))
        assert stream.recv(1) == b""  # the half that was closed is closed here as well
        stream.sendall(framed(EVIDENCE))

    with listening(path, late) as seen, relaying(path) as relay:
        send(relay, framed(ASK))
        assert relay.stdin is not None
        relay.stdin.close()
        assert received(relay, 10_000) == WELCOME + framed(EVIDENCE)
        assert relay.wait(PATIENCE) == 0
    assert seen.requests == [ASK]


def test_a_server_that_ends_while_the_client_sends_is_the_end(path: Path) -> None:
    def leaving(stream: socket.socket, seen: Seen) -> None:
        seen.hellos.append(message(stream))
        stream.recv(1)
        stream.sendall(refusal("store_busy"))

    with listening(path, leaving), relaying(path) as relay:
        with pytest.raises(BrokenPipeError):
            send(relay, bytes(10_000_000))
        assert received(relay, 10_000) == refusal("store_busy")
        assert relay.wait(PATIENCE) == 0


def test_large_messages_cross_in_both_directions_at_once(path: Path) -> None:
    size = 5_000_000

    def flooding(stream: socket.socket, seen: Seen) -> None:
        seen.hellos.append(message(stream))
        stream.sendall(bytes(size))
        seen.requests.append(exactly(stream, size))

    with listening(path, flooding) as seen, relaying(path) as relay:
        assert relay.stdin is not None
        waiting = os.fork()
        if waiting == 0:  # writes while this process reads
            try:
                relay.stdin.write(b"x" * size)
                relay.stdin.flush()
            finally:
                os._exit(0)
        relay.stdin.close()
        assert received(relay, size) == bytes(size)
        assert os.waitpid(waiting, 0)[1] == 0
        assert relay.wait(PATIENCE) == 0
    assert seen.requests == [b"x" * size]


def test_it_ends_when_its_client_is_gone_though_the_server_says_nothing(path: Path) -> None:
    with listening(path, holding()) as seen, relaying(path) as relay:
        assert received(relay, len(WELCOME)) == WELCOME
        assert relay.stdin is not None
        assert relay.stdout is not None
        relay.stdout.close()
        assert relay.wait(PATIENCE) == 0
        assert relay.stderr is not None
        assert relay.stderr.read() == b""
    assert seen.requests == []


@pytest.mark.slow
def test_it_waits_without_using_the_processor(path: Path) -> None:
    with listening(path, holding()), relaying(path) as relay:
        assert received(relay, len(WELCOME)) == WELCOME
        before = processor_time(relay.pid)
        assert relay.stdin is not None
        relay.stdin.close()
        time.sleep(0.5)
        assert processor_time(relay.pid) - before < 0.1


def processor_time(process: int) -> float:
    spent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def test_a_socket_that_cannot_be_reached_is_said_on_standard_error_alone(path: Path) -> None:
    with relaying(path) as relay:
        output, said = relay.communicate(timeout=PATIENCE)
    assert relay.returncode == 7
    assert output == b""
    assert said.decode().splitlines() == [
        f"Error: The server at unix:{path} cannot be reached.",
        "What to do: Start assign serve, or check the path given with --socket.",
        "Code: server_unreachable",
    ]


@pytest.mark.parametrize("option", [("--member", "anne"), ("--socket", "relative")])
def test_a_wrong_line_is_refused_without_connecting(path: Path, option: tuple[str, str]) -> None:
    with listening(path, answering()) as seen, relaying(path, *option, "--json") as relay:
        output, said = relay.communicate(timeout=PATIENCE)
    assert relay.returncode == 2
    assert output == b""
    assert json.loads(said)["error"]["code"] in ("member_id_invalid", "server_address_invalid")
    assert seen.hellos == []


def test_it_is_ended_by_a_signal_at_once(path: Path) -> None:
    with listening(path, holding()), relaying(path) as relay:
        assert received(relay, len(WELCOME)) == WELCOME
        relay.send_signal(signal.SIGTERM)
        assert relay.wait(PATIENCE) == -signal.SIGTERM


def test_it_starts_without_tables_and_cryptography(tmp_path: Path, path: Path) -> None:
    with listening(path, answering(greeting=b"")):
        modules = imported(tmp_path, "relay", "--socket", str(path))
    assert "assigncli.cli.relay" in modules
    assert not heavy(modules)
    assert "assigncli.words.errors" not in modules
