"""Real accounts of the operating system, and the program where each of them can run it.

Made as root and removed at the end. The checkout, and the Python of its virtual environment, may be
where others cannot enter, so the package and its libraries are put into a folder of their own that
everybody can read. `require` says why a machine cannot have them.
"""

from __future__ import annotations

import compileall
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import assigncli

PATIENCE = 120
"""Seconds that a command of an account may take, on a machine that has other work."""

_PREFIX = "assigntest-"
_NOBODY = 65_534
_NEEDED = ("useradd", "userdel")
_PLACES = ("/opt", "/srv", "/var/lib")
_LEFT_OUT = shutil.ignore_patterns(
    *("mypy*", "*mypyc*", "ruff*", "pip", "pip-*", "babel*", "hypothesis*", "_pytest", "*.pth"),
)


def require() -> None:
    """Skip the test where no accounts can be made."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root can make accounts")
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"there is no {missing[0]} here")
    if _python() is None:
        pytest.skip("no Python of this version is where other accounts can run it")


@dataclass(frozen=True)
class Installed:
    """The program in a folder that everybody can read; `bin` holds `assign`."""

    folder: Path
    python: str

    @property
    def bin(self) -> Path:
        """The folder for PATH."""
        return self.folder / "bin"

    @property
    def assign(self) -> Path:
        """The program."""
        return self.bin / "assign"

    def script(self, code: str) -> list[str]:
        """Return the words that run this code with the package on its path."""
        return [self.python, "-I", "-c", f"{self.path_line}\n{code}"]

    @property
    def path_line(self) -> str:
        """The line of Python that lets the package be imported."""
        return f"import sys; sys.path.insert(0, {str(self.folder / 'lib')!r})"


@contextmanager
def installed() -> Iterator[Installed]:
    """Put the program where every account can run it; the folder is removed at the end."""
    require()
    place = next(place for place in _PLACES if Path(place).is_dir())
    folder = Path(tempfile.mkdtemp(prefix="assign-", dir=place))
    try:
        folder.chmod(0o755)
        yield _filled(folder)
    finally:
        shutil.rmtree(folder)


def _filled(folder: Path) -> Installed:
    """Link the libraries, copy the package, and write the program."""
    made = Installed(folder, _python() or sys.executable)
    libraries, package = sysconfig.get_path("purelib"), Path(assigncli.__file__).parent
    shutil.copytree(libraries, folder / "lib", copy_function=_linked, ignore=_LEFT_OUT)
    shutil.copytree(package, folder / "lib" / "assigncli", dirs_exist_ok=True)
    _let_all_read(folder)
    compileall.compile_dir(folder / "lib" / "assigncli", quiet=2)
    made.bin.mkdir()
    made.assign.write_text(
        f"#!{made.python} -I\n{made.path_line}\nfrom assigncli.cli import run\n\nrun()\n"
    )
    made.assign.chmod(0o755)
    return made


def _linked(source: str, target: str) -> str:
    """Link a library's file, which costs nothing, or copy it onto another file system."""
    if os.stat(source).st_mode & 0o444 == 0o444:
        with suppress(OSError):
            os.link(source, target)
            return target
    return shutil.copyfile(source, target)


def _let_all_read(folder: Path) -> None:
    for place, _folders, files in os.walk(folder):
        os.chmod(place, 0o755)  # noqa: S103 - for other accounts, on purpose
        for name in files:
            path = os.path.join(place, name)
            if os.stat(path).st_mode & 0o444 != 0o444:
                os.chmod(path, 0o644)


def _python() -> str | None:
    """Return a Python that loads our libraries and that every account can run."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    ours = os.path.realpath(sys.executable)
    for place in (ours, f"/usr/local/bin/python{version}", f"/usr/bin/python{version}"):
        if _fits(place):
            return place
    return None


def _fits(python: str) -> bool:
    """Say whether an account without any rights can run it, with our binary interface."""
    asking = "import sysconfig; print(sysconfig.get_config_var('SOABI'))"
    try:
        ended = subprocess.run(
            [python, "-I", "-c", asking],
            user=_NOBODY,
            group=_NOBODY,
            extra_groups=[],
            cwd="/",
            env={},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return False
    return ended.stdout.strip() == sysconfig.get_config_var("SOABI")


@dataclass(frozen=True)
class Account:
    """An account of this machine with a home of its own, and the program on its path."""

    name: str
    uid: int
    gid: int
    home: Path
    program: Installed
    environ: dict[str, str] = field(default_factory=dict)
    """What its commands find in the environment besides the usual."""

    def run(
        self, words: Sequence[str], *, given: bytes = b"", patience: float = PATIENCE
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command as this account, in its home, with a clean environment."""
        return subprocess.run(
            words,
            input=given,
            capture_output=True,
            timeout=patience,
            check=False,
            **self.as_it(),
        )

    def assign(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run `assign` as this account; what it says is text."""
        ended = self.run([str(self.program.assign), *words], given=given.encode())
        out, err = ended.stdout.decode(), ended.stderr.decode()
        return subprocess.CompletedProcess(ended.args, ended.returncode, out, err)

    def python(self, code: str, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run code that imports the package, as this account."""
        return self.run([*self.program.script(code), *words])

    def as_it(self) -> dict[str, Any]:
        """Return the arguments with which `subprocess` starts a process as this account."""
        environ = {
            "HOME": str(self.home),
            "USER": self.name,
            "LOGNAME": self.name,
            "PATH": f"{self.program.bin}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            **self.environ,
        }
        return {
            "user": self.uid,
            "group": self.gid,
            "extra_groups": [],
            "cwd": self.home,
            "env": environ,
        }

    def write(self, path: str, content: str, mode: int = 0o600) -> Path:
        """Write a file of this account's, below its home; new folders are its own as well."""
        target = self.home / path
        for folder in reversed(target.relative_to(self.home).parents):
            place = self.home / folder
            if not place.exists():
                place.mkdir(mode=0o700)
                os.chown(place, self.uid, self.gid)
        target.write_text(content)
        target.chmod(mode)
        os.chown(target, self.uid, self.gid)
        return target

    def may_read(self, path: Path) -> bool:
        """Say whether this account can open the file or list the folder."""
        code = "import os, sys; p = sys.argv[1]; os.listdir(p) if os.path.isdir(p) else open(p)"
        return self.run([self.program.python, "-I", "-c", code, str(path)]).returncode == 0


@contextmanager
def account(program: Installed, word: str) -> Iterator[Account]:
    """Make an account whose name has this word; it, its home and its processes are removed."""
    name = f"{_PREFIX}{word}-{secrets.token_hex(3)}"
    home = program.folder / "home" / name
    home.parent.mkdir(exist_ok=True)
    # A locked password, `!`, would keep sshd from letting the account in by its key.
    _told(
        "useradd", "--create-home", "--home-dir", str(home), "--shell", "/bin/sh", "-p", "*", name
    )
    try:
        home.chmod(0o700)
        made = pwd.getpwnam(name)
        yield Account(name, made.pw_uid, made.pw_gid, home, program)
    finally:
        end_processes(pwd.getpwnam(name).pw_uid)
        _told("userdel", "--remove", "--force", name)


def _told(*words: str) -> None:
    """Change the system's accounts; another test may be changing them just now."""
    for _attempt in range(50):
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        if "cannot lock" not in ended.stderr:
            break
        time.sleep(0.1)
    assert ended.returncode == 0, ended.stderr


def end_processes(uid: int) -> None:
    """End what still runs as an account that this module made."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.stat().st_uid == uid:
                os.kill(int(process.name), signal.SIGKILL)
