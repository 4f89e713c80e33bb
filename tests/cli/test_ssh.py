"""Requests through a real sshd on loopback, from one real account to another."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pexpect
import pytest

from assigncli.protocol.greeting import Hello
from assigncli.protocol.message import MAX_ANSWER, Message, MessageKind, framed
from tests import accounts, sshd
from tests.accounts import Account
from tests.listener import (
    ACT,
    ASK,
    EVIDENCE,
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

pytestmark = pytest.mark.slow

MEMBER = UUID(int=7)
CLAIMED = UUID(int=8)
ASKING = """
import json, os, time
from assigncli.client.connection import open_ssh
from assigncli.errors import AssignError
from assigncli.server_address import read_address

said = {"answers": []}
began = time.monotonic()
with open_ssh(read_address(sys.argv[1]), os.environ) as connection:
    try:
        for asked in sys.argv[2:]:
            said["answers"].append(connection(bytes.fromhex(asked)).hex())
            said["program"] = connection.welcome().program
    except AssignError as error:
        said.update(kind=type(error).__name__, code=error.code, why=error.why)
print(json.dumps(said))
"""
THROUGH = """
import os, socket, subprocess, time
alias, ours, theirs, said = sys.argv[1:]

def connected():
    ends = time.monotonic() + 60
    while True:  # the file is there a moment before anybody listens
        assert forwarding.poll() is None and time.monotonic() < ends
        found = socket.socket(socket.AF_UNIX)
        found.settimeout(30)
        try:
            found.connect(ours)
            return found
        except (FileNotFoundError, ConnectionRefusedError):
            found.close()
            time.sleep(0.05)

forwarding = subprocess.Popen(["ssh", "-N", "-L", f"{ours}:{theirs}", alias])
try:
    with connected() as there:
        try:
            there.sendall(bytes.fromhex(said))
            print(there.recv(1000).hex())
        except (BrokenPipeError, ConnectionResetError):
            print()
finally:
    forwarding.terminate()
    forwarding.wait()
"""


CARRYING = """
import os
from assigncli.client.connection import open_ssh
from assigncli.server_address import read_address

with open_ssh(read_address("ssh://office"), os.environ) as connection:
    sys.stdout.buffer.write(connection(sys.stdin.buffer.read()))
"""


def in_terminal(account: Account, words: list[str], *more: str) -> pexpect.spawn[str]:
    """Run a command as the account in a terminal of its own."""
    begun = account.as_it()

    def become() -> None:
        os.setgroups([])
        os.setgid(begun["group"])
        os.setuid(begun["user"])

    return pexpect.spawn(
        words[0],
        [*words[1:], *more],
        timeout=30,
        encoding="utf-8",
        cwd=str(begun["cwd"]),
        env=begun["env"],
        preexec_fn=become,
    )


@dataclass(frozen=True)
class Reach:
    """A mentor's account, the account that it reaches by SSH, and the socket there."""

    kari: Account
    relay: Account
    server: sshd.Sshd
    place: Path

    def ask(self, *messages: bytes, address: str = "ssh://office") -> dict[str, object]:
        """Send messages as kari; return what came of it."""
        ended = self.kari.python(ASKING, address, *(each.hex() for each in messages))
        assert ended.returncode == 0, ended.stderr.decode()
        return json.loads(ended.stdout)

    def ssh(self, *words: str, given: bytes = b"") -> tuple[int, bytes, str]:
        """Run ssh as kari; return its exit code, its output and its standard error."""
        ended = self.kari.run(["ssh", *words], given=given)
        return ended.returncode, ended.stdout, ended.stderr.decode()


@pytest.fixture(scope="module")
def reach(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reach]:
    sshd.require()
    accounts.require()
    with ExitStack() as made:
        program = made.enter_context(accounts.installed())
        kari = made.enter_context(accounts.account(program, "kari"))
        relay = made.enter_context(accounts.account(program, "relay"))
        server = made.enter_context(sshd.running(tmp_path_factory.mktemp("sshd")))
        folder = program.folder / "run"
        folder.mkdir()
        reach = Reach(kari, relay, server, folder / "socket")
        server.let_in(kari, relay, line(reach))
        yield reach


def line(reach: Reach) -> str:
    command = f"{reach.kari.program.assign} relay --socket {reach.place} --member {MEMBER}"
    return f'restrict,command="{command}"'


@pytest.fixture
def place(reach: Reach) -> Iterator[Path]:
    """The path at which a test listens; what it leaves is removed."""
    yield reach.place
    reach.place.unlink(missing_ok=True)


def member_of(hello: bytes) -> UUID | None:
    return Hello.decode(Message.decode(hello, {MessageKind.HELLO}).parts[0]).member


def test_requests_go_through_and_answers_come_back_unchanged(reach: Reach, place: Path) -> None:
    with listening(place, answering(framed(EVIDENCE), framed(REPLY))) as seen:
        said = reach.ask(ASK, ACT)
    assert said == {"answers": [EVIDENCE.hex(), REPLY.hex()], "program": "0.1"}
    assert seen.requests == [ASK, ACT]
    assert [member_of(hello) for hello in seen.hellos] == [MEMBER]


def test_the_member_of_the_line_stands_whatever_the_client_says(reach: Reach, place: Path) -> None:
    """A hello of the client's is a second one; the server refuses that (PROTOCOL.md 3.6)."""
    claimed = framed(Message(MessageKind.HELLO, (Hello(CLAIMED).encode(),)).encode())
    with listening(place, answering(refusal("message_malformed"))) as seen:
        code, said, _error = reach.ssh(
            *("-T", "office", "assign", "relay", "--member", str(CLAIMED)), given=claimed
        )
    assert (code, said) == (0, WELCOME + refusal("message_malformed"))
    assert member_of(seen.hellos[0]) == MEMBER
    assert framed(seen.requests[0]) == claimed


@pytest.mark.parametrize(
    "asked",
    [
        ("id",),
        ("cat", "/etc/passwd"),
        ("assign", "relay", "--member", str(CLAIMED), "--socket", "/elsewhere"),
        ("sh", "-c", "'id > ~/got'"),
        ("assign relay; id > ~/got",),
        ("$(id)", "`id`"),
        ("scp", "-f", ".ssh/authorized_keys"),
        ("/usr/lib/openssh/sftp-server",),
        (),
    ],
    ids=lambda words: " ".join(words) or "a shell",
)
def test_whatever_command_is_asked_for_only_the_line_is_run(
    reach: Reach, place: Path, asked: tuple[str, ...]
) -> None:
    with listening(place, answering(framed(EVIDENCE))) as seen:
        code, said, error = reach.ssh("-T", "office", *asked, given=framed(ASK))
    assert (code, said) == (0, WELCOME + framed(EVIDENCE)), error
    assert [member_of(hello) for hello in seen.hellos] == [MEMBER]
    assert seen.requests == [ASK]
    assert not (reach.relay.home / "got").exists()


def test_neither_a_terminal_nor_another_subsystem_is_given(reach: Reach, place: Path) -> None:
    with listening(place, answering(framed(EVIDENCE))) as seen:
        code, said, error = reach.ssh("-tt", "office", given=framed(ASK))
        assert (code, said) == (255, b"")
        assert "PTY allocation request failed" in error
        for subsystem in ("sftp", "netconf"):
            code, said, _error = reach.ssh("-s", "office", subsystem, given=framed(ASK))
            assert said in (b"", WELCOME + framed(EVIDENCE))
    assert {member_of(hello) for hello in seen.hellos} == {MEMBER}
    copied = reach.kari.run(["sftp", "-b", "-", "office"], given=b"ls\nget .ssh/authorized_keys\n")
    assert copied.returncode != 0
    assert not (reach.kari.home / "authorized_keys").exists()


def test_no_socket_is_forwarded_past_the_member_of_the_line(reach: Reach, place: Path) -> None:
    """With a line that lacks `restrict` it is: so it is the line that keeps it from happening."""
    claimed = framed(Message(MessageKind.HELLO, (Hello(CLAIMED).encode(),)).encode())

    def through(alias: str) -> bytes:
        ours = reach.kari.home / f"to-{alias}"
        said = reach.kari.python(THROUGH, alias, str(ours), str(place), claimed.hex())
        assert said.returncode == 0, said.stderr.decode()
        return bytes.fromhex(said.stdout.decode())

    with listening(place, holding()) as seen:
        assert through("office") == b""
        assert seen.hellos == []
        with accounts.account(reach.kari.program, "open") as unrestricted:
            lacking = line(reach).removeprefix("restrict,")
            reach.server.let_in(reach.kari, unrestricted, lacking, alias="open")
            assert through("open") == WELCOME
    assert [member_of(hello) for hello in seen.hellos] == [CLAIMED]


@pytest.mark.parametrize(
    "way",
    [("-W", "127.0.0.1:{port}"), ("-N", "-R", "0:127.0.0.1:22"), ("-N", "-R", "{home}/s:x:1")],
)
def test_no_port_is_forwarded(reach: Reach, way: tuple[str, ...]) -> None:
    told = [each.format(port=reach.server.port, home=reach.relay.home) for each in way]
    code, output, error = reach.ssh("-o", "ExitOnForwardFailure=yes", *told, "office")
    assert (code, output) == (255, b""), error
    assert "forwarding failed" in error or "administratively prohibited" in error


def test_an_agent_and_the_environment_stay_with_the_client(reach: Reach, place: Path) -> None:
    """A variable that sshd would take from the client does not choose another profile or home."""
    with listening(place, answering()) as seen:
        ended = reach.kari.run(
            ["env", "ASSIGN_HOME=/nowhere", "ASSIGN_PROFILE=..", "ssh", "-A", "office"]
        )
    assert (ended.returncode, ended.stdout) == (0, WELCOME)
    assert [member_of(hello) for hello in seen.hellos] == [MEMBER]


def test_a_server_that_does_not_run_is_said_on_both_sides(reach: Reach) -> None:
    ended = reach.kari.python(ASKING, "ssh://office", ACT.hex())
    said = json.loads(ended.stdout)
    assert (said["kind"], said["code"], said["why"]) == (
        *("StoreUnavailable", "server_unreachable", "relay"),
    )
    assert f"The server at unix:{reach.place} cannot be reached." in ended.stderr.decode()


def test_a_host_that_cannot_be_reached_or_does_not_know_the_key_is_unreachable(
    reach: Reach,
) -> None:
    for address in ("ssh://127.0.0.1:1", f"ssh://root@office:{reach.server.port}"):
        said = reach.ask(ACT, address=address)
        assert (said["kind"], said["code"], said["why"]) == (
            *("StoreUnavailable", "server_unreachable", "ssh"),
        )


def test_a_host_without_the_program_is_said_to_lack_it(reach: Reach) -> None:
    with accounts.account(reach.kari.program, "bare") as bare:
        lacking = 'restrict,command="/nowhere/assign relay"'
        reach.server.let_in(reach.kari, bare, lacking, alias="bare")
        said = reach.ask(ACT, address="ssh://bare")
    assert (said["kind"], said["code"], said["why"]) == (
        *("StoreUnavailable", "server_unreachable", "no_command"),
    )


def test_without_ssh_that_is_said(reach: Reach) -> None:
    reach.kari.environ["PATH"] = str(reach.kari.program.bin)
    try:
        said = reach.ask(ACT)
    finally:
        del reach.kari.environ["PATH"]
    assert (said["kind"], said["code"]) == ("StoreUnavailable", "ssh_missing")


def test_an_act_whose_relay_is_killed_before_the_answer_is_of_unknown_outcome(
    reach: Reach, place: Path
) -> None:
    def killing(stream: socket.socket, seen: Seen) -> None:
        answering()(stream, seen)
        seen.requests.append(message(stream))
        accounts.end_processes(reach.relay.uid)

    with listening(place, killing) as seen:
        said = reach.ask(ACT)
    assert seen.requests == [ACT]
    assert (said["kind"], said["code"]) == ("OutcomeUnknown", "store_outcome_unknown")


def test_the_largest_messages_cross_whole(reach: Reach, place: Path) -> None:
    attachments = os.urandom(2_097_152), os.urandom(60_000)
    act = Message(MessageKind.ACT, (b"{}", bytes(64), b"{}", *attachments)).encode()
    reply = Message(MessageKind.REPLY, (os.urandom(MAX_ANSWER),)).encode()
    with listening(place, answering(framed(reply))) as seen:
        ended = reach.kari.run(reach.kari.program.script(CARRYING), given=act)
    assert ended.stdout == reply, ended.stderr.decode()
    assert seen.requests == [act]


def test_the_passphrase_of_an_ssh_key_is_asked_for_by_ssh_itself(reach: Reach, place: Path) -> None:
    with accounts.account(reach.kari.program, "ola") as ola:
        reach.server.let_in(ola, reach.relay, line(reach))
        changed = ["ssh-keygen", "-q", "-p", "-N", "rød tråd", "-f", ".ssh/id_ed25519"]
        assert ola.run(changed).returncode == 0
        with listening(place, answering(framed(EVIDENCE))) as seen:
            terminal = in_terminal(ola, ola.program.script(ASKING), "ssh://office", ASK.hex())
            terminal.expect("Enter passphrase for key .*: ")
            time.sleep(0.5)  # a person takes their time
            terminal.sendline("rød tråd")
            terminal.expect(pexpect.EOF)
    assert json.loads(terminal.before.splitlines()[-1])["answers"] == [EVIDENCE.hex()]
    assert "rød tråd" not in terminal.before
    assert seen.requests == [ASK]


def test_ctrl_c_ends_a_command_that_waits_for_its_answer_at_once(reach: Reach, place: Path) -> None:
    with listening(place, holding()) as seen:
        script = reach.kari.program.script(ASKING)
        terminal = in_terminal(reach.kari, script, "ssh://office", ACT.hex())
        wait_until(lambda: seen.requests == [ACT])
        began = time.monotonic()
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
        assert time.monotonic() - began < 2
    assert "KeyboardInterrupt" in terminal.before


def test_a_connection_that_ssh_shares_is_used_and_left_to_it(reach: Reach, place: Path) -> None:
    """`ControlMaster` and `ControlPersist` in ~/.ssh/config, as many have for a host."""
    shared = "ControlMaster auto\n  ControlPath ~/.ssh/shared\n  ControlPersist 60\n"
    with accounts.account(reach.kari.program, "ola") as ola:
        reach.server.let_in(ola, reach.relay, line(reach))
        settings = (ola.home / ".ssh" / "config").read_text()
        ola.write(".ssh/config", f"{settings}  {shared}")
        before = reach.server.log.count("Accepted publickey")
        with listening(place, answering(framed(EVIDENCE))) as seen:
            for _ in range(2):
                began = time.monotonic()
                ended = ola.python(ASKING, "ssh://office", ASK.hex())
                assert json.loads(ended.stdout)["answers"] == [EVIDENCE.hex()], ended.stderr
                assert time.monotonic() - began < 5
            checked = ola.run(["ssh", "-O", "check", "office"])
            assert checked.returncode == 0, checked.stderr
    assert seen.requests == [ASK, ASK]
    assert reach.server.log.count("Accepted publickey") == before + 1


def test_neither_account_can_read_what_is_the_others(reach: Reach) -> None:
    assert not reach.kari.may_read(reach.relay.home / ".ssh" / "authorized_keys")
    assert not reach.relay.may_read(reach.kari.home / ".ssh" / "id_ed25519")
    assert reach.kari.may_read(reach.kari.home / ".ssh" / "id_ed25519")
