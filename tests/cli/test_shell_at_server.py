"""`assign shell` at a server: one stream for all commands, begun again when it broke."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assigncli.protocol.message import MessageKind
from tests.afar import office_afar
from tests.office import Office, Result
from tests.serving import Served, reached

if os.name != "posix":
    pytest.skip("there are no sockets here", allow_module_level=True)

from tests.between import Between, between
from tests.cli.test_shell import PASSPHRASE, PROMPT
from tests.cli.test_shell import shell as at_terminal
from tests.cli.test_ssh import in_terminal
from tests.listener import wait_until
from tests.terminal import Terminal

pytestmark = pytest.mark.slow

DEADLINE = "config set contact_deadline_days"
GET = "config get contact_deadline_days --json"


class Lines(io.StringIO):
    """Standard input that is a pipe; a callable is called when the line after it is asked for."""

    def __init__(self, *lines: str | Callable[[], object]) -> None:
        super().__init__()
        self.left = list(lines)

    def readline(self, size: int | None = -1, /) -> str:
        while self.left:
            found = self.left.pop(0)
            if isinstance(found, str):
                return f"{found}\n"
            found()
        return ""


@pytest.fixture
def way(office: Office, tmp_path: Path) -> Iterator[tuple[Between, Served]]:
    """What lies between the office's profiles and their server."""
    office.now = datetime.now(UTC)
    office.dispatch()
    with reached(office) as served, between(served.socket.with_name("way"), served.socket) as made:
        lead_through(office, made)
        yield made, served


def lead_through(office: Office, made: Between) -> None:
    """Let the office's profiles reach their server by what lies between."""
    for path in (office.home / "profiles").glob("*.json"):
        profile = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**profile, "store": f"unix:{made.path}"}))


def shell(office: Office, *lines: str | Callable[[], object]) -> Result:
    office.now = datetime.now(UTC)
    return office.run_with(["shell", "--profile", "anne"], Lines(*lines))


def test_all_commands_go_by_one_stream_and_say_what_they_say_outside(
    office: Office, way: tuple[Between, Served]
) -> None:
    made, _served = way
    lines = ("list", f"{DEADLINE} 11", "show 1", f"{DEADLINE} 12", "status", "list --limit x")
    outside = [office.run(line) for line in lines]
    apart, made.streams = made.streams, 0
    inside = shell(office, *lines)
    assert (apart, made.streams) == (5, 1)  # what is wrong on the line never asks the server
    assert inside.stdout == "".join(each.stdout for each in outside)
    assert inside.code == 2
    refused = "list --profile kari"  # a mentor may not, which ends no stream
    shell(office, "list", refused, "list", "inbox --profile kari", refused)
    assert made.streams == 1 + 2


def test_a_stream_that_broke_between_two_commands_is_begun_again_and_nobody_is_told(
    office: Office, way: tuple[Between, Served]
) -> None:
    made, _served = way
    ended = shell(office, f"{DEADLINE} 11", made.cut, f"{DEADLINE} 12", made.cut, "list")
    assert (ended.code, ended.stderr, made.streams) == (0, "", 3)
    assert office.ok(GET).json["value"] == "12"


def test_a_question_whose_answer_is_lost_on_an_old_stream_is_asked_once_more(
    office: Office, way: tuple[Between, Served]
) -> None:
    """The stream looks whole and is not, as after a machine slept."""
    made, _served = way
    lost: list[bytes] = []

    def lose(at_most: int) -> None:
        lost.clear()
        made.loses = lambda request: len(lost) < at_most and not lost.append(request)  # type: ignore[func-returns-value]

    ended = shell(office, "list", lambda: lose(1), "list")
    assert (ended.code, ended.stderr) == (0, "")
    assert len(lost) == 1
    lose(3)
    ended = shell(office, "list")
    assert (ended.code, ended.stderr.count("Code: server_unreachable\n")) == (7, 1)
    assert len(lost) == 1  # on a stream of its own it is not asked again


@pytest.mark.parametrize("first", [(), ("list",)], ids=["first", "later"])
def test_an_act_whose_answer_is_lost_is_said_to_be_unknown_and_is_never_sent_twice(
    office: Office, way: tuple[Between, Served], first: tuple[str, ...]
) -> None:
    made, _served = way
    acts: list[bytes] = []

    def loses(request: bytes) -> bool:
        if request[1] == MessageKind.ACT:
            acts.append(request)
            return len(acts) == 1
        return False

    made.loses = loses
    ended = shell(office, *first, f"{DEADLINE} 11", "config get contact_deadline_days", "list")
    assert ended.stderr.count("Code: store_outcome_unknown\nExit code: 1\n") == 1
    assert len(acts) == 1
    assert "contact_deadline_days is 11." in ended.stdout
    told = ended.stderr.partition("Exit code: 1\n")[2]
    assert told.count("\n") == 1  # what became of it is said once, before the next command
    assert ended.code == 1


def test_after_the_server_was_away_the_next_command_reaches_it(
    office: Office, way: tuple[Between, Served]
) -> None:
    made, _served = way
    gone = made.server.with_name("gone")

    def leave() -> None:
        made.cut()
        made.path.rename(gone)

    def come_back() -> None:
        gone.rename(made.path)

    ended = shell(office, "list", leave, "list", come_back, f"{DEADLINE} 13")
    assert ended.stderr.count("Code: server_unreachable\nExit code: 7\n") == 1
    assert ended.code == 7
    assert office.ok(GET).json["value"] == "13"


def test_keys_are_unlocked_once_and_ctrl_c_ends_a_command_that_waits_for_the_server(
    machine: Office,
) -> None:
    machine.now = datetime.now(UTC)
    secret = machine.folder.parent / "passphrase"
    secret.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    machine.ok(
        "init --organization Foreningen --handle anne --name 'Anne Berg' --keys file "
        f"--passphrase-file '{secret}'",
        profile=None,
    )
    waits, goes_on = threading.Event(), threading.Event()

    def waiting(request: bytes) -> bool:
        if waits.is_set() and request[1] == MessageKind.ASK:
            waits.clear()
            return goes_on.wait(60)
        return False

    with reached(machine) as served, between(served.socket.with_name("way"), served.socket) as made:
        lead_through(machine, made)
        made.loses = waiting
        with at_terminal(machine) as screen:
            screen.answer(PROMPT, f"{DEADLINE} 10")
            screen.answer("Passphrase: ", PASSPHRASE)
            screen.answer(PROMPT, f"{DEADLINE} 11")
            screen.expect(PROMPT)
            assert made.streams == 1
            waits.set()
            screen.answer("", "list")
            wait_until(lambda: not waits.is_set())
            screen.interrupt()
            screen.expect("Exit code: 130")
            goes_on.set()
            screen.answer(PROMPT, f"{DEADLINE} 12")
            said = screen.answer(PROMPT, "exit")
            screen.rest()
        assert "contact_deadline_days is now 12." in said
        assert screen.heard.count("Passphrase") == 1
        assert made.streams == 2
    assert screen.code == 0


def test_by_ssh_all_commands_go_by_one_ssh_which_ctrl_c_does_not_end() -> None:
    with office_afar() as afar:
        account, log = afar.people["anne"], afar.sshd
        account.write("lines", "list\nmember list\nconfig set contact_deadline_days 11\nstatus\n")
        let_in = log.log.count("Accepted publickey")
        words = [str(account.program.assign), "shell", "--passphrase-file", "passphrase"]
        ended = account.run(["sh", "-c", f"{' '.join(words)} < lines"])
        assert ended.returncode == 0, ended.stderr
        assert b"contact_deadline_days is now 11." in ended.stdout
        assert log.log.count("Accepted publickey") - let_in == 1
        screen = Terminal(in_terminal(account, words))
        screen.answer(PROMPT, "list")
        screen.expect(PROMPT)
        for _again in range(3):
            screen.interrupt()
            screen.expect(PROMPT)
        screen.answer("", "config get contact_deadline_days")
        assert "contact_deadline_days is 11." in screen.answer(PROMPT, "exit")
        screen.rest()
        assert log.log.count("Accepted publickey") - let_in == 2


def test_ctrl_c_at_the_passphrase_of_ssh_leaves_a_terminal_that_shows_what_is_typed() -> None:
    with office_afar() as afar:
        account = afar.people["anne"]
        changed = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "rød tråd", "-f", ".ssh/id_ed25519"]
        assert account.run(changed).returncode == 0
        child = in_terminal(account, [str(account.program.assign), "shell"])
        screen = Terminal(child)
        for _again in range(3):
            screen.answer(PROMPT, "list")
            screen.expect("id_ed25519': ")
            screen.interrupt()
            screen.expect("Exit code: 130")
        screen.expect(PROMPT)
        screen.press("list")
        screen.expect("list")
        screen.answer("", "")
        screen.answer("id_ed25519': ", "rød tråd")
        assert "No assignments" in screen.answer(PROMPT, "list")
        assert "No assignments" in screen.answer(PROMPT, "exit")  # without being asked again
        screen.rest()
        assert "rød" not in screen.heard
