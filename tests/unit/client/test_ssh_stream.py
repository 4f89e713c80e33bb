"""The stream through `ssh`, whose place a small program takes here; tests/cli/test_ssh.py has sshd.

What the program does stands in for what a real ssh and its server do in trouble, on any machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assigncli.client.connection import Patience, open_ssh
from assigncli.client.streams import ssh_words
from assigncli.errors import AssignError, OutcomeUnknown, StoreUnavailable
from assigncli.protocol.message import framed
from assigncli.server_address import SshServer, read_address
from assigncli.words.errors import said
from tests.listener import ACT, ASK, EVIDENCE, REPLY, WELCOME, answering, listening, wait_until

PATIENCE = Patience(begin=30, answer=30)
OFFICE = SshServer("office", "anne", 2222)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment in which `ssh` is whatever a test puts into the folder `bin`."""
    (tmp_path / "bin").mkdir()
    return {"PATH": str(tmp_path / "bin"), "ASSIGN_HOME": str(tmp_path / "home")}


def put_ssh(environ: dict[str, str], code: str) -> None:
    program = Path(environ["PATH"]) / "ssh"
    program.write_text(f"#!{sys.executable}\nimport os, sys, time\n{code}\n")
    program.chmod(0o755)


def greeting(then: str) -> str:
    return f"os.write(1, {WELCOME!r})\n{then}"


def failed(environ: dict[str, str], sent: bytes, patience: Patience = PATIENCE) -> AssignError:
    with open_ssh(OFFICE, environ, patience) as connection, pytest.raises(AssignError) as raised:
        connection(sent)
    assert all(said(raised.value))
    return raised.value


def test_messages_go_through_a_real_relay(tmp_path: Path, environ: dict[str, str]) -> None:
    socket = tmp_path / "socket"
    relay = [sys.executable, "-m", "assigncli", "relay", "--socket", str(socket)]
    put_ssh(environ, f"os.execv({relay[0]!r}, {relay!r})")
    environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    ways = answering(framed(EVIDENCE), framed(REPLY))
    with listening(socket, ways) as seen, open_ssh(OFFICE, environ, PATIENCE) as connection:
        assert connection(ASK) == EVIDENCE
        assert connection(ACT) == REPLY
    assert seen.requests == [ASK, ACT]
    assert len(seen.hellos) == 1  # the relay's


def test_ssh_is_told_to_lend_nothing_and_to_ask_for_the_relay(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    put_ssh(environ, f"import json; json.dump(sys.argv, open({str(tmp_path / 'said')!r}, 'w'))")
    failed(environ, ASK)
    words = json.loads((tmp_path / "said").read_text())[1:]
    assert words == ssh_words(OFFICE)
    assert {"-T", "-a", "-x"} <= set(words)
    assert words[words.index("--") :] == ["--", "office", "assign", "relay"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ssh://office", {"hostname": "office"}),
        ("ssh://anne@office.example.no:2222", {"user": "anne", "port": "2222"}),
        ("ssh://a_b@[2001:db8::7]:1", {"user": "a_b", "port": "1", "hostname": "2001:db8::7"}),
        ("ssh://192.0.2.7", {"hostname": "192.0.2.7", "port": "22"}),
    ],
)
def test_the_real_ssh_understands_each_address(address: str, told: dict[str, str]) -> None:
    server = read_address(address)
    assert isinstance(server, SshServer)
    try:
        ended = subprocess.run(
            ["ssh", "-G", "-F", "none", *ssh_words(server)],
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError:
        pytest.skip("there is no ssh here")
    settings = dict(line.split(" ", 1) for line in ended.stdout.splitlines() if " " in line)
    assert settings | told == settings
    assert settings["forwardagent"] == settings["forwardx11"] == "no"
    assert settings["requesttty"] == "false"


@pytest.mark.parametrize(("code", "why"), [(255, "ssh"), (127, "no_command"), (7, "relay")])
def test_how_ssh_ends_before_the_welcome_says_what_is_wrong(
    environ: dict[str, str], code: int, why: str
) -> None:
    put_ssh(environ, f"sys.exit({code})")
    error = failed(environ, ACT)
    assert (type(error), error.code, error.why) == (StoreUnavailable, "server_unreachable", why)


def test_what_another_program_says_first_is_not_taken_for_a_server(
    environ: dict[str, str],
) -> None:
    put_ssh(environ, "print('Welcome to the machine of the municipality.', flush=True)")
    error = failed(environ, ACT)
    assert (error.code, error.why) == ("server_unreachable", "other")


def test_an_act_after_which_ssh_ends_is_of_unknown_outcome(environ: dict[str, str]) -> None:
    put_ssh(environ, greeting(f"sys.stdin.buffer.read({len(framed(ACT))}); sys.exit(255)"))
    assert isinstance(failed(environ, ACT), OutcomeUnknown)


def test_what_comes_through_ssh_between_two_messages_is_not_taken_for_an_answer(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    first = tmp_path / "first"
    answer = f"sys.stdin.buffer.read({len(framed(ASK))}); os.write(1, {framed(EVIDENCE)!r})\n"
    more = f"os.path.exists({str(first)!r}) or os.write(1, {framed(REPLY)!r})\n"
    mark = f"open({str(first)!r}, 'w').close()\nsys.stdin.read()"
    put_ssh(environ, greeting(answer + more + mark))
    with open_ssh(OFFICE, environ, PATIENCE) as connection:
        assert connection(ASK) == EVIDENCE
        assert connection._stream is not None
        wait_until(connection._stream.is_over)
        assert connection(ASK) == EVIDENCE


@pytest.mark.slow
def test_an_ssh_that_never_connects_is_ended(tmp_path: Path, environ: dict[str, str]) -> None:
    put_ssh(
        environ, f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(99)"
    )
    began = time.monotonic()
    error = failed(environ, ACT, Patience(begin=1.5, answer=30))
    assert (type(error), error.code, error.why) == (StoreUnavailable, "server_unreachable", "slow")
    assert time.monotonic() - began < 20
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.slow
def test_ssh_ends_with_the_command_even_if_it_does_not_want_to(environ: dict[str, str]) -> None:
    ignoring = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    answer = f"sys.stdin.buffer.read({len(framed(ASK))}); os.write(1, {framed(EVIDENCE)!r})\n"
    put_ssh(environ, ignoring + greeting(f"{answer}time.sleep(99)"))
    began = time.monotonic()
    with open_ssh(OFFICE, environ, PATIENCE) as connection:
        assert connection(ASK) == EVIDENCE
    assert time.monotonic() - began < 20


def test_what_ssh_says_on_standard_error_is_the_persons_to_read(
    environ: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    put_ssh(environ, "print('Permission denied (publickey).', file=sys.stderr); sys.exit(255)")
    failed(environ, ASK)
    assert "Permission denied (publickey)." in capfd.readouterr().err


def test_a_program_in_the_current_folder_is_not_ssh(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_ssh(environ, greeting("time.sleep(99)"))
    monkeypatch.chdir(environ["PATH"])
    for path in ("", ".", ":.:"):
        assert failed({"PATH": path}, ASK).code == "ssh_missing"


HIDING = """
import asyncio, ctypes, multiprocessing, pathlib, subprocess, tempfile, uuid  # Python's own
import os, select, signal, socket, sys, types
for name in ("fcntl", "pwd", "grp", "termios", "resource", "tty", "pty"):
    sys.modules[name] = None
for module, names in {
    os: "geteuid getuid getgid fork fchmod fchown chown mkfifo",
    select: "poll epoll",
    signal: "SIGALRM SIGKILL SIGHUP setitimer",
    socket: "AF_UNIX MSG_DONTWAIT",
}.items():
    for name in names.split():
        module.__dict__.pop(name, None)
os.name = "unlike posix"  # pathlib would make paths of Windows for "nt"
sys.modules["msvcrt"] = types.SimpleNamespace(locking=lambda *_: None, LK_NBLCK=2)
"""
IMPORTING = """
import importlib, pkgutil
import assigncli.client
for found in pkgutil.iter_modules(assigncli.client.__path__, "assigncli.client."):
    importlib.import_module(found.name)
import assigncli.cli.relay
from assigncli.client.connection import open_server
from assigncli.errors import AssignError
from assigncli.server_address import read_address
with open_server(read_address("ssh://office"), None, os.environ) as connection:
    print(connection(bytes.fromhex(sys.argv[1])).hex())
try:
    open_server(read_address("unix:/run/assign/socket"), None, os.environ).welcome()
except AssignError as error:
    print(error.code, error.why)
"""


def test_nothing_that_only_posix_has_is_needed_to_reach_a_server_by_ssh(
    environ: dict[str, str],
) -> None:
    answer = f"sys.stdin.buffer.read({len(framed(ASK))}); os.write(1, {framed(EVIDENCE)!r})\n"
    put_ssh(environ, greeting(f"{answer}sys.stdin.read()"))
    ended = subprocess.run(
        [sys.executable, "-c", HIDING + IMPORTING, ASK.hex()],
        env={**environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [EVIDENCE.hex(), "server_unreachable no_sockets"]
