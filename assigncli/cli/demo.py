"""`demo`: the whole job in a temporary folder, with each command shown before it runs.

It runs the real commands, with real keys, a real store and a real vault, and synthetic people from
`examples/`, so that reading along teaches the tool. Nothing remains unless --keep is given.
"""

from __future__ import annotations

import secrets
import shlex
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from assigncli.cli.frame import command, current_globals, environ, out
from assigncli.cli.session.private_keys import unlocked_once
from assigncli.errors import AssignError, Interrupted
from assigncli.locale import N_, _, language

_CONSENT: Final = ("confidentiality", "purpose", "no_copies", "record", "withdraw")


@dataclass(frozen=True)
class DemoStep:
    """One command: its purpose, its line, the profile that runs it, and the exit code to expect."""

    says: str
    line: str
    profile: str | None = "anne"
    ends: int = 0


@command(
    N_(
        "Show the whole job in a temporary folder. An organisation with a coordinator and three "
        "mentors is set up, an assignment is sent and completed, and another is recalled. Each "
        "command is shown before it is run."
    )
)
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help=N_("Keep the folder afterwards, to go on in it."))
    ] = False,
) -> None:
    with _temporary_home(keep=keep) as home, unlocked_once():
        _show(home, _steps(examples()))
    out().text("")
    if keep:
        out().text(
            _("The demo is done. Go on in it with {home} as ASSIGN_HOME, and {file}.").format(
                home=home, file=f"--passphrase-file {home / 'passphrase'}"
            )
        )
    else:
        out().text(_("The demo is done, and nothing of it is left."))


def _show(home: Path, steps: tuple[DemoStep, ...]) -> None:
    out().text(
        _(
            "The demo runs {count} commands in a temporary folder. The people in it are made up."
        ).format(count=len(steps))
    )
    out().text(
        _("Keys are in files there. Each command also gets a passphrase file, which is not shown.")
    )
    for number, step in enumerate(steps, start=1):
        _run(home, step, number, len(steps))


def _steps(examples: Path) -> tuple[DemoStep, ...]:
    return (
        *_founding(),
        *_first_assignment(shlex.quote(str(examples / "assignment.json"))),
        *_second_assignment(shlex.quote(str(examples / "assignment-two.json"))),
        *_looking_back(),
    )


def _founding() -> Iterator[DemoStep]:
    yield DemoStep(
        _("Set up the organisation. Anne becomes its administrator and coordinator."),
        "init --organization Eksempelforeningen --handle anne --name 'Anne Berg' --keys file",
        None,
    )
    for handle, name in (("kari", "Kari Nordmann"), ("ola", "Ola Dunk"), ("per", "Per Ås")):
        yield DemoStep(
            _("Enrol {name} as a mentor, on this machine.").format(name=name),
            f"member invite {handle} --name '{name}' --here --keys file",
        )


def _first_assignment(payload: str) -> Iterator[DemoStep]:
    consent = " ".join(f"--accept {step}" for step in _CONSENT)
    yield DemoStep(
        _("Create an assignment for Kari. It is encrypted before anything is written."),
        f"create --to kari --title 'Home visit - Oslo East' --payload {payload} --consent-required",
    )
    yield DemoStep(_("Send it. From now on it cannot be changed."), "dispatch 1")
    yield DemoStep(
        _("Kari looks in her inbox. That marks the assignment as delivered."), "inbox", "kari"
    )
    yield DemoStep(
        _("She may not open it before she has consented. The attempt is recorded."),
        "open 1 --reveal",
        "kari",
        6,
    )
    yield DemoStep(_("She accepts each step of the consent."), f"consent 1 {consent}", "kari")
    yield DemoStep(
        _("Now the brief opens. The access is recorded before the key is released."),
        "open 1 --reveal",
        "kari",
    )
    yield DemoStep(_("She confirms that she has read it."), "ack 1", "kari")
    yield DemoStep(_("She has called the person."), "contact 1", "kari")
    yield DemoStep(_("The visit is done."), "complete 1 --in-person", "kari")


def _second_assignment(payload: str) -> Iterator[DemoStep]:
    yield DemoStep(
        _("Create and send another, to Ola, in one step."),
        f"create --to ola --title 'Home visit - Bergen' --payload {payload} --dispatch",
    )
    yield DemoStep(_("Recall it, since Ola has not read it. Its key is deleted."), "recall 2 --yes")
    yield DemoStep(_("Ola can no longer open it."), "open 2 --reveal", "ola", 6)


def _looking_back() -> Iterator[DemoStep]:
    yield DemoStep(_("List both."), "list")
    yield DemoStep(_("See how the first one went, step by step."), "show 1")
    yield DemoStep(_("Verify that the audit log is whole."), "audit verify")


def _run(home: Path, step: DemoStep, number: int, count: int) -> None:
    from assigncli.cli import main

    line = f"{step.line} --profile {step.profile}" if step.profile else step.line
    out().text("")
    out().text(
        _("Step {number} of {count}. {says}").format(number=number, count=count, says=step.says)
    )
    out().text(_("Command: {command}").format(command=f"assign {line}"))
    unsaid = ("--passphrase-file", str(home / "passphrase"), "--lang", language(), "--no-input")
    code = main(
        [*shlex.split(line), *unsaid],
        {**environ(), "ASSIGN_HOME": str(home)},
    )
    if code != step.ends:
        raise AssignError("demo_failed", number=number)


@contextmanager
def _temporary_home(*, keep: bool) -> Iterator[Path]:
    """Make a private folder with a random passphrase."""
    if current_globals().json:
        raise AssignError("demo_no_json")
    home = Path(tempfile.mkdtemp(prefix="assign-demo-"))
    stopped = False
    try:
        passphrase = home / "passphrase"
        passphrase.touch(mode=0o600)
        passphrase.write_text(secrets.token_urlsafe(24) + "\n", encoding="ascii")
        yield home
    except KeyboardInterrupt:
        stopped = True
    finally:
        if not keep:
            _remove(home)
    if stopped:
        raise _stopped(home)


def _remove(home: Path) -> None:
    """Remove the folder, even if Ctrl-C is pressed again meanwhile."""
    if threading.current_thread() is not threading.main_thread():
        shutil.rmtree(home, ignore_errors=True)
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        shutil.rmtree(home, ignore_errors=True)
    finally:
        signal.signal(signal.SIGINT, before)


def _stopped(home: Path) -> Interrupted:
    if home.exists():
        return Interrupted("interrupted", "demo_left", home=str(home))
    return Interrupted("interrupted", "demo_gone")


def examples() -> Path:
    """Return the folder with the synthetic people: in the package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    for folder in (package / "examples", package.parent / "examples"):
        if folder.is_dir():
            return folder
    raise AssignError("examples_missing")
