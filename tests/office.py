"""An office to test in: a founded organisation in a folder of its own, and the command line to it.

Commands run as a user types them, through `assigncli.cli.main`, in this process; `spawn` runs one
as a process of its own. The clock is the office's: `now` stands still until a test moves it.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from assigncli.cli import main
from tests.documents import require_described

ROOT = Path(__file__).parent.parent
NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
"""Saturday 21 November 2026, 12:00 in Oslo: when an office opens its eyes."""

PERSON: dict[str, str] = {
    "full_name": "Olga Prøvesen",
    "address": "Granitten 12 B",
    "postal_code": "0123",
    "city": "Oslo",
    "phone": "22 11 22 11",
    "medical_summary": "Synthetic summary: macular degeneration.\nSecond line, æøå.",
    "practical_notes": "Ring twice.",
}
"""Nobody: a synthetic person."""

ACCEPT = (
    "--accept confidentiality --accept purpose --accept no_copies --accept record --accept withdraw"
)


@dataclass(frozen=True)
class Result:
    """What a command said and how it ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The document on standard output."""
        return json.loads(self.stdout)

    @property
    def error(self) -> dict[str, str]:
        """The error on standard error, from --json."""
        found: dict[str, str] = json.loads(self.stderr)["error"]
        return found

    @property
    def said(self) -> str:
        """Everything that was said."""
        return self.stdout + self.stderr

    @property
    def error_code(self) -> str:
        """The stable code of a plain error: the last line that begins with Code."""
        lines = [line for line in self.stderr.splitlines() if line.startswith("Code: ")]
        return lines[-1].removeprefix("Code: ") if lines else ""


def described(words: Sequence[str], result: Result) -> Result:
    """Return what a command said; under --json it must be as the schema says."""
    require_described(words, result.stdout, result.stderr)
    return result


@dataclass
class Office:
    """A home folder, the test keyring beside it, and the moment it is there."""

    folder: Path
    now: datetime = NOON
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """ASSIGN_HOME."""
        return self.folder / "home"

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.home / "assign.db"

    @property
    def vault(self) -> Path:
        """The vault's file."""
        return self.home / "assign.db.vault"

    @property
    def env(self) -> dict[str, str]:
        """The environment of this office's commands."""
        return {
            "ASSIGN_HOME": str(self.home),
            "ASSIGN_TEST_KEYRING": str(self.folder / "keyring.json"),
            "PYTHON_KEYRING_BACKEND": "tests.keyring_backend.FileKeyring",
            "LANG": "C.UTF-8",
            **self.environ,
        }

    def run(self, line: str, *, profile: str | None = "anne", stdin: str | bytes = b"") -> Result:
        """Run `assign LINE` in this process, as `profile`, without a terminal."""
        words = shlex.split(line)
        if profile is not None:
            words += ["--profile", profile]
        data = stdin.encode() if isinstance(stdin, str) else stdin
        typed = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
        return self.run_with(words, typed)

    def run_with(self, words: list[str], stdin: TextIO) -> Result:
        """Run the command that `words` are, with this standard input."""
        with _streams(stdin) as (stdout, stderr), _clock(self.now), _environment(self.env):
            code = main(words, self.env)
        return described(words, Result(code, _text(stdout), _text(stderr)))

    def ok(self, line: str, *, profile: str | None = "anne", stdin: str | bytes = b"") -> Result:
        """Run a command that must succeed."""
        result = self.run(line, profile=profile, stdin=stdin)
        assert result.code == 0, f"{line}: {result.code}\n{result.said}"
        return result

    def refused(
        self,
        line: str,
        code: str,
        exit_code: int,
        *,
        profile: str | None = "anne",
        stdin: str | bytes = b"",
    ) -> Result:
        """Run a command that must be refused with this code and exit code, and say nothing else."""
        result = self.run(line, profile=profile, stdin=stdin)
        assert (result.error_code, result.code) == (code, exit_code), f"{line}\n{result.said}"
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        return result

    def spawn(
        self,
        line: str,
        *,
        profile: str | None = "anne",
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        python: tuple[str, ...] = (),
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `assign LINE` as a process of its own, on the machine's clock."""
        ended = subprocess.run(
            [*self.command(line, profile=profile, python=python)],
            env={**self.process_env(), **(env or {})},
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        said = (each.decode("utf-8", "replace") for each in (ended.stdout, ended.stderr))
        require_described(shlex.split(line), *said)
        return ended

    def command(
        self, line: str, *, profile: str | None = "anne", python: tuple[str, ...] = ()
    ) -> list[str]:
        """Return the process's words."""
        words = [sys.executable, *python, "-m", "assigncli", *shlex.split(line)]
        return words if profile is None else [*words, "--profile", profile]

    def process_env(self) -> dict[str, str]:
        """Return the whole environment of a process: this office's and a path to find us on."""
        return {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **self.env}

    def invitation(self, handle: str, name: str, more: str = "") -> str:
        """Invite somebody as anne and return the line that lets them join."""
        line = f"member invite {handle} --name '{name}' {more} --json"
        invitation: str = self.ok(line).json["invitation"]
        return invitation

    def join(
        self,
        handle: str,
        name: str,
        *,
        on: Office | None = None,
        profile: str | None = None,
        more: str = "",
    ) -> str:
        """Invite somebody and let them join, on another machine or here; return their digits."""
        line = f"join {self.invitation(handle, name, more)} --keys keyring --json"
        digits: str = (on or self).ok(line, profile=profile).json["fingerprint"]
        return digits

    def person(self, name: str = "person.json", **changes: object) -> Path:
        """Write a payload file and return its path; it lies outside the home."""
        path = self.folder / name
        path.write_text(json.dumps({**PERSON, **changes}, ensure_ascii=False), encoding="utf-8")
        return path

    def create(self, more: str = "", *, to: str = "kari", title: str = "Home visit") -> int:
        """Create a draft as anne and return its number."""
        line = f"create --to {to} --title '{title}' --payload {self.person()} {more} --json"
        number: int = self.ok(line).json["number"]
        return number

    def dispatch(self, more: str = "", *, to: str = "kari", title: str = "Home visit") -> int:
        """Create and dispatch an assignment as anne and return its number."""
        return self.create(f"--dispatch {more}", to=to, title=title)

    def read(self, number: int, *, profile: str = "kari") -> Result:
        """Open it as its mentor."""
        return self.ok(f"open {number} --reveal", profile=profile)

    def to_status(self, number: int, status: str, *, profile: str = "kari") -> None:
        """Take a dispatched assignment along the path, up to `status`."""
        steps = {
            "delivered": "inbox",
            "read": f"open {number} --reveal",
            "acknowledged": f"ack {number}",
            "contact_made": f"contact {number}",
            "completed": f"complete {number}",
        }
        for reached, line in steps.items():
            self.ok(line, profile=profile)
            if reached == status:
                return

    def later(self, **span: float) -> None:
        """Move the office's clock."""
        self.now += timedelta(**span)

    def files(self) -> Iterator[Path]:
        """Yield every file under the home."""
        return (path for path in self.home.rglob("*") if path.is_file())

    def snapshot(self) -> dict[str, bytes]:
        """Return every file's bytes, to see that nothing was written."""
        return {str(path.relative_to(self.home)): path.read_bytes() for path in self.files()}

    def copy_to(self, folder: Path) -> Office:
        """Return the same office in another folder, its profiles pointing there."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        for path in (folder / "home" / "profiles").glob("*.json"):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(str(self.folder), str(folder)), encoding="utf-8")
        return Office(folder, self.now, dict(self.environ))


def invitation_of_nobody(store: Path) -> str:
    """Return a line of the right form that nobody gave out."""
    somebody = "00000000-0000-4000-8000-000000000001"
    return f"assign-join-1 {store} {somebody} {somebody} {'0' * 63}1 {'0' * 32}"


def found(folder: Path) -> Office:
    """Found an office: anne, administrator and coordinator, and mentors kari, ola and per."""
    office = Office(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    office.ok(
        "init --organization Testforeningen --handle anne --name 'Anne Berg' --keys keyring",
        profile=None,
    )
    for handle, name in (("kari", "Kari Nordmann"), ("ola", "Ola Dunk"), ("per", "Per Ås")):
        office.ok(f"member invite {handle} --name '{name}' --here --keys keyring")
    return office


@contextmanager
def _streams(stdin: TextIO) -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = stdin, stdout, stderr
    try:
        yield stdout, stderr
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


@contextmanager
def _clock(now: datetime) -> Iterator[None]:
    from assigncli.cli import session

    before = session.utc_now
    session.utc_now = lambda: now
    try:
        yield
    finally:
        session.utc_now = before


@contextmanager
def _environment(env: Mapping[str, str]) -> Iterator[None]:
    """Let keyring, which reads the process's own environment, see this office's."""
    import keyring

    from tests.keyring_backend import FileKeyring

    before = os.environ.get("ASSIGN_TEST_KEYRING")
    os.environ["ASSIGN_TEST_KEYRING"] = env["ASSIGN_TEST_KEYRING"]
    keyring.set_keyring(FileKeyring())
    try:
        yield
    finally:
        if before is None:
            del os.environ["ASSIGN_TEST_KEYRING"]
        else:
            os.environ["ASSIGN_TEST_KEYRING"] = before


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]
