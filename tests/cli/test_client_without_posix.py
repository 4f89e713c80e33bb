"""Every command of a client, where nothing exists that only POSIX has.

The client is a process without `fcntl`, `pwd`, `termios` and their like, without `os.geteuid`,
`os.fchmod` and their like, and without Unix sockets, as Python on Windows is. In place of `ssh` a
small program starts the real `assign relay`, which joins it to a real server; both have POSIX.

What this does not show: `os.name` is not "nt", since pathlib would make paths of Windows for it,
and `sys.platform` stays, which Python's own modules ask. So nothing is shown of paths with a drive
and backslashes, of the console, of files that are open and cannot be removed, of Windows' locks
(the `msvcrt` here takes every lock), of its Credential Manager, or of its own `ssh.exe`.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assigncli.cli.frame.commands import COMMANDS
from assigncli.cli.frame.root import load
from tests.office import ROOT, Office, Result, described
from tests.serving import Served, serving
from tests.story import ACCEPT, Line, help_lines, told
from tests.unit.client.test_ssh_stream import HIDING

pytestmark = pytest.mark.slow

ALSO_HIDDEN = """
import selectors  # Python's own, of which the next lines take away the larger half
for module, names in {
    os: "getegid getgroups getpgid getpgrp setsid setpgid killpg tcgetpgrp statvfs fstatvfs sysconf"
    " lchown fchdir fdatasync posix_fallocate posix_fadvise pread pwrite forkpty openpty ttyname"
    " uname nice sync chroot O_NOFOLLOW O_DIRECTORY O_NONBLOCK O_CLOEXEC O_SYNC O_NOCTTY"
    " getloadavg sched_getaffinity set_blocking get_blocking wait3 wait4",
    signal: "SIGUSR1 SIGUSR2 SIGQUIT SIGPIPE SIGTSTP SIGCONT pause pthread_sigmask sigwait",
    socket: "SO_PEERCRED SCM_RIGHTS socketpair",
}.items():
    for name in names.split():
        module.__dict__.pop(name, None)
for name in ("syslog", "crypt", "spwd", "nis", "readline", "curses", "_curses", "posixshmem"):
    sys.modules[name] = None
"""
CHILD = """
import io, json, traceback
from assigncli.cli import main

answers = sys.stdout
for asked in iter(sys.stdin.readline, ""):
    words, environ, typed = json.loads(asked)
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    keep, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(typed.encode()), encoding="utf-8")
    try:
        code = main(words, environ)
    except BaseException:
        code = traceback.format_exc()
    said = [code, sys.stdout.getvalue(), sys.stderr.getvalue()]
    sys.stdin = keep
    print(json.dumps(said), file=answers, flush=True)
"""
WHOLE = "\nfrom assigncli.cli import run\nrun()\n"
AT_SERVER = {"serve", "relay", "sweep", "store", "demo"}
"""Commands of the server's machine, and the demo, which has a store of its own."""
THROUGH = "ssh://office"


@dataclass(frozen=True)
class There:
    """A machine like that, its folder, and the process that takes its commands."""

    folder: Path
    served: Served
    child: subprocess.Popen[str]

    @property
    def environ(self) -> dict[str, str]:
        return {
            "ASSIGN_HOME": str(self.folder / "home"),
            "PATH": str(self.folder / "bin"),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
        }

    def run(self, line: str, profile: str | None = None, typed: str = "") -> Result:
        """Run a command in the child, over the SSH key of this profile's member."""
        words = [*shlex.split(line), *self._more(line, profile)]
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        print(json.dumps([words, self._environ_of(profile), typed]), file=self.child.stdin)
        self.child.stdin.flush()
        code, output, error = json.loads(self.child.stdout.readline())
        assert isinstance(code, int), code
        return described(words, Result(code, output, error))

    def whole(self, line: str, profile: str) -> Result:
        """Run a command as a process of its own."""
        code = HIDING + ALSO_HIDDEN + WHOLE
        ended = subprocess.run(
            [sys.executable, "-c", code, *shlex.split(line), *self._more(line, profile)],
            env=self._environ_of(profile),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return described(shlex.split(line), Result(ended.returncode, ended.stdout, ended.stderr))

    def _more(self, line: str, profile: str | None) -> list[str]:
        more = [] if profile is None else ["--profile", profile]
        return more if "--help" in line else [*more, "--passphrase-file", str(self._passphrase)]

    @property
    def _passphrase(self) -> Path:
        path = self.folder / "passphrase"
        path.write_text("a passphrase of the tests\n", encoding="utf-8")
        return path

    def _environ_of(self, profile: str | None) -> dict[str, str]:
        """Return the environment in which `ssh` has the key of this profile's member."""
        path = self.folder / "home" / "profiles" / f"{profile}.json"
        if not path.exists():
            return self.environ
        return {**self.environ, "KEY_OF": json.loads(path.read_text("utf-8"))["member_id"]}


@contextmanager
def machine_without_posix(folder: Path, served: Served) -> Iterator[There]:
    """Start the child, with a program in the place of `ssh` that runs the relay of its key."""
    (folder / "bin").mkdir(parents=True)
    relay = [sys.executable, "-m", "assigncli", "relay", "--socket", str(served.socket)]
    program = folder / "bin" / "ssh"
    program.write_text(
        f"#!{sys.executable}\nimport os\nwords = {relay!r}\n"
        "if 'KEY_OF' in os.environ:\n    words += ['--member', os.environ['KEY_OF']]\n"
        "os.execv(words[0], words)\n"
    )
    program.chmod(0o755)
    with subprocess.Popen(
        [sys.executable, "-c", HIDING + ALSO_HIDDEN + CHILD],
        env={"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        yield There(folder, served, child)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    office = Office(tmp_path_factory.mktemp("server"))
    office.home.mkdir(mode=0o700)
    with (
        serving(office, until="assign-found-1") as served,
        machine_without_posix(tmp_path_factory.mktemp("there"), served) as there,
    ):
        yield there


def founding_line(served: Served) -> str:
    (line,) = (each for each in served.output().splitlines() if "assign-found-1" in each)
    word, _address, *rest = line.split()
    return " ".join((word, THROUGH, *rest))


def lines(there: There) -> tuple[Line, ...]:
    """Return every command of a client at least once, in an order in which all of them succeed."""
    office = Office(there.folder)
    person = f"--payload {office.person()}"
    soon = (datetime.now(UTC) + timedelta(days=20)).date()
    year = soon.year + 2
    cycle = f"'Spring {year}'"
    figures = there.folder / "figures.csv"
    sheet = there.folder / "sheet.csv"
    sheet.write_text(
        "navn;adresse;postnr;poststed;telefon;epikrise;likeperson;tittel\n"
        "Olga Prøvesen;Granitten 12 B;0181;Oslo;22 11 22 11;Synsrest.;kari;Hjemmebesøk\n",
        encoding="utf-8",
    )
    found = "init --organization Testforeningen --handle anne --name 'Anne Berg' --keys file"
    return (
        Line(f"{found} --at '{founding_line(there.served)}'", None),
        Line("member invite kari --name 'Kari Nordmann'"),
        Line("join {invitation} --keys file", None),
        Line("member approve kari --fingerprint '{fingerprint}'"),
        Line("member invite ola --name 'Ola Dunk'"),
        Line("join {invitation} --keys file", None),
        Line("member approve ola --fingerprint '{fingerprint}'"),
        Line("member list"),
        Line("member show ola"),
        Line(f"member certify ola --certified-until {soon}"),
        Line(f"member pause ola --until {soon}"),
        Line("member resume ola"),
        Line("member notify ola --remove"),
        Line(f"create --to kari --title 'Home visit' {person} --consent-required"),
        Line("edit 1 --title 'Another visit'"),
        Line("dispatch 1"),
        Line(f"create --to kari --title 'Second visit' {person} --dispatch --expires {soon}"),
        Line(f"create --to ola --title 'Third visit' {person} --dispatch"),
        Line(f"dispatch --csv {sheet} --result {there.folder / 'result.csv'}"),
        Line("list"),
        Line("show 1"),
        Line("status"),
        Line("inbox", "kari"),
        Line(f"consent 1 {ACCEPT}", "kari"),
        Line("open 1 --reveal", "kari"),
        Line("ack 1", "kari"),
        Line("contact 1", "kari"),
        Line("complete 1 --in-person", "kari"),
        Line("open 2 --reveal", "kari"),
        Line("open 2 --reveal", "ola", 4),
        Line("cancel --yes 2 --reason 'No longer needed.'"),
        Line("decline 3 --reason no_time", "ola"),
        Line("recall --yes 3"),
        Line("reassign --yes 4 --to kari", ends=2),
        Line("privacy register"),
        Line("shell"),
        Line("help", None),
        Line("key reseal"),
        Line(f"cycle open {cycle} --from {year}-01-01 --to {year}-06-30"),
        Line("cycle list"),
        Line(f"cycle close {cycle} --yes"),
        Line(f"cycle reopen {cycle}"),
        Line("honorarium report"),
        Line(f"honorarium report --output {figures}"),
        Line(f"honorarium report --activity --output {figures.with_suffix('.xlsx')}"),
        Line("honorarium explain kari", "kari"),
        Line("key list", "kari"),
        Line("key kit --reveal"),
        Line("profile list", None),
        Line("profile use kari", None),
        Line("config set contact_deadline_days 12"),
        Line("config set output linear"),
        Line("config get output"),
        Line("config list"),
        Line("audit log"),
        Line("audit verify"),
        Line("doctor"),
        Line("store info", ends=2),
        Line("sweep", ends=2),
        Line("member revoke --yes ola"),
        Line("inbox", "ola", 4),
    )


def every_command() -> set[str]:
    """Return the words of each client command, those of a group's commands as well."""
    found = set()
    for entry in COMMANDS:
        if entry.name not in AT_SERVER:
            below = getattr(load(entry), "registered_commands", None)
            names = (
                [entry.name] if below is None else [f"{entry.name} {each.name}" for each in below]
            )
            found.update(names)
    return found


def test_every_command_of_a_client_runs(there: There) -> None:
    def run(_office: Office, words: str, profile: str | None) -> Result:
        return there.run(words, profile)

    asked = lines(there)
    assert [name for name in every_command() if not any(is_of(name, each) for each in asked)] == []
    heard = told(Office(there.folder), asked, run=run)
    said = {each.line.words: each.result for each in heard}
    assert "Olga Prøvesen" in said["open 1 --reveal"].stdout
    assert "is whole" in said["audit verify"].stdout
    assert said["store info"].error_code == said["sweep"].error_code == "needs_server_machine"
    for profile, line, part in (
        ("anne", "list", "Another visit"),
        ("kari", "open 4 --reveal", "Olga Prøvesen"),
        ("kari", "ack 4", "assignment 4"),
    ):
        whole = there.whole(line, profile)
        assert (whole.code, part in whole.stdout) == (0, True), whole.said
    assert not any("Traceback" in each.result.said for each in heard)


def is_of(name: str, line: Line) -> bool:
    return f"{line.words} ".startswith(f"{name} ")


def test_every_page_of_help_is_shown(there: There) -> None:
    for line in help_lines():
        result = there.run(line or "--help")
        assert (result.code, "assign" in result.stdout.lower()) == (0, True), (
            f"{line}: {result.said}"
        )


def test_what_is_hidden_is_not_there(there: There) -> None:
    """Otherwise the other tests would say nothing."""
    asking = (
        "import importlib\n"
        "for name in ('fcntl', 'pwd', 'grp', 'resource', 'termios', 'tty'):\n"
        "    try:\n        importlib.import_module(name)\n"
        "    except ImportError:\n        continue\n    print(name)\n"
        "for name in ('geteuid', 'getuid', 'fchmod', 'chown', 'fork', 'O_NOFOLLOW'):\n"
        "    hasattr(os, name) and print(name)\n"
        "hasattr(socket, 'AF_UNIX') and print('AF_UNIX')\nprint(os.name)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", HIDING + ALSO_HIDDEN + asking],
        env=there.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "unlike posix\n"


def test_a_socket_of_this_machine_is_said_to_be_out_of_reach(there: There) -> None:
    line = founding_line(there.served).replace(THROUGH, f"unix:{there.served.socket}")
    found = "init --organization Andre --handle berit --name Berit --keys file"
    result = there.run(f"{found} --at '{line}' --json")
    assert (result.code, result.error["code"]) == (7, "server_unreachable"), result.said
