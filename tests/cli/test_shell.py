"""`assign shell`: each command as outside, one passphrase, and no answer kept."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

if os.name != "posix":
    pytest.skip("there are no pseudo terminals here", allow_module_level=True)

import pexpect

from assigncli.cli.session.kept_keys import KeptKeys
from assigncli.client.keys import SecretName
from assigncli.crypto import passphrase
from assigncli.crypto.identity import Identity
from assigncli.locale import LANGUAGES
from tests.office import PERSON, Office
from tests.quick import a_few
from tests.refusals import everything
from tests.terminal import Terminal, require_speakable

PASSPHRASE = "canary passphrase æøå"
KEY_COMMAND = "config set contact_deadline_days"
"""A command that signs, and so needs a key."""


@pytest.fixture
def locked(machine: Office) -> Office:
    """An office whose keys are in a file; the terminal's commands run on the machine's clock."""
    machine.now = datetime.now(UTC)
    file = machine.folder / "passphrase"
    file.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    machine.ok(
        "init --organization Foreningen --handle anne --name 'Anne Berg' --keys file "
        f"--passphrase-file '{file}'",
        profile=None,
    )
    file.rename(machine.folder.parent / "passphrase")
    return machine


# Commands from standard input


def test_each_line_is_run_as_it_would_be_outside(office: Office) -> None:
    office.dispatch()
    lines = ("show 1", "assign list", "config get quiet_hours --json")
    inside = office.ok("shell", stdin="# a comment\n\n" + "\n".join(lines) + "\n")
    outside = [office.ok(line.removeprefix("assign ")).stdout for line in lines]
    assert inside.stdout == "".join(outside)
    assert inside.stderr == ""


def test_the_code_of_each_failure_is_said_and_the_first_is_the_shells(office: Office) -> None:
    ended = office.run("shell", stdin="show 99\nlist\nlist --limit x\nexit\nshow 98\n")
    assert ended.code == office.run("show 99").code == 3
    outside = office.run("show 99").stderr + "Exit code: 3\n" + office.run("list --limit x").stderr
    assert ended.stderr == f"{outside}Exit code: 2\n"
    assert "No assignments" in ended.stdout


@pytest.mark.parametrize("name", ["shell", "serve", "relay --socket /x"])
def test_a_command_that_does_not_come_back_is_refused(office: Office, name: str) -> None:
    before = everything(office)
    ended = office.run("shell", stdin=f"--json {name}\n-- {name}\n")
    assert ended.code == 2
    assert ended.stderr.count("Code: not_in_shell\n") == 2
    assert everything(office) == before


def test_an_open_quote_is_an_error_and_the_next_line_is_run(office: Office) -> None:
    ended = office.run("shell", stdin="show 'x\nlist\n")
    assert (ended.code, ended.error_code) == (2, "usage")
    assert "'x" not in ended.stderr
    assert ended.stdout == office.ok("list").stdout


def test_the_shells_own_options_are_those_of_each_command(office: Office) -> None:
    office.dispatch()
    ended = office.run("shell --json --lang nb", stdin="inbox --profile kari\nlist\nshow 99\n")
    decoder, text, documents = json.JSONDecoder(), ended.stdout, []
    while text.strip():
        document, end = decoder.raw_decode(text.lstrip())
        documents.append(document)
        text = text.lstrip()[end:]
    assert [len(each["assignments"]) for each in documents] == [1, 1]
    error, end = decoder.raw_decode(ended.stderr)
    assert error["error"]["code"] == "assignment_not_found"
    assert error["error"]["message"] == "Oppdrag 99 finnes ikke."
    assert json.loads(ended.stderr[end:]) == {"exit_code": 3}


def test_a_hyphen_reads_none_of_the_commands_that_follow(office: Office) -> None:
    ended = office.run("shell", stdin="create --to kari --title Visit --payload -\nlist\n")
    outside = office.run("create --to kari --title Visit --payload -")
    assert ended.stderr == f"{outside.stderr}Exit code: {outside.code}\n"
    assert "No assignments" in ended.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_of_one_command_is_not_the_next_ones(office: Office, language: str) -> None:
    other = next(each for each in LANGUAGES if each != language)
    ended = office.ok(f"shell --lang {language}", stdin=f"list --lang {other}\nlist\n")
    assert ended.stdout == "".join(office.ok(f"list --lang {x}").stdout for x in (other, language))


# How long a key is kept


def test_a_key_is_forgotten_when_its_time_is_over_though_nobody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("assigncli.cli.session.kept_keys._LOOKS_EVERY", 0.01)
    kept, name = KeptKeys(0.1), SecretName(uuid4(), uuid4(), "identity")
    identity = Identity.generate()
    kept.keep(name, identity)
    assert kept.find(name) is identity
    assert not kept.has_run_out
    patience = time.monotonic() + 10
    while kept._kept and time.monotonic() < patience:
        time.sleep(0.01)
    assert kept._kept == {}
    assert kept.has_run_out
    kept.keep(name, identity)
    kept.end()
    assert kept.find(name) is None


def test_time_is_counted_from_the_unlocking_and_use_does_not_prolong_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr("assigncli.cli.session.kept_keys._seconds_passed", lambda: clock[0])
    kept, name = KeptKeys(900), SecretName(uuid4(), uuid4(), "identity")
    kept.keep(name, Identity.generate())
    for clock[0] in (1, 500, 899.9):
        assert kept.find(name) is not None
    clock[0] = 900
    assert kept.find(name) is None
    kept.end()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("between", "unlockings"),
    a_few(
        1,
        of=[
            ("list", 1),
            ("key list", 2),
            ("list --profile nobody", 1),
            (f"{KEY_COMMAND} 9 --profile ghost", 2),
        ],
    ),
)
def test_a_key_is_loaded_again_after_what_may_have_changed_it(
    locked: Office, monkeypatch: pytest.MonkeyPatch, between: str, unlockings: int
) -> None:
    profile = json.loads((locked.home / "profiles" / "anne.json").read_text())
    ghost = locked.home / "profiles" / "ghost.json"
    ghost.write_text(json.dumps({**profile, "member_id": profile["organization_id"]}))
    ghost.chmod(0o600)
    count = []
    unlock = passphrase.unlock
    monkeypatch.setattr(
        passphrase, "unlock", lambda blob, typed: count.append(blob) or unlock(blob, typed)
    )
    file = locked.folder.parent / "passphrase"
    lines = [f"{KEY_COMMAND} 10", f"{KEY_COMMAND} 11", between, f"{KEY_COMMAND} 12"]
    ended = locked.run(f"shell --passphrase-file '{file}'", stdin="\n".join(lines))
    assert locked.ok("config get contact_deadline_days --json").json["value"] == "12"
    assert len(count) == unlockings
    assert ended.code == {"nobody": 3, "ghost": 4}.get(between.rpartition(" ")[2], 0)


# At a terminal

WITH_SHORT_MINUTES = """
from assigncli.cli import run, shell
shell.SECONDS_A_MINUTE = {seconds}
run()
"""


@contextmanager
def shell(
    office: Office,
    line: str = "shell",
    *,
    seconds: float = 60,
    term: str = "xterm",
    echo: bool = False,
) -> Iterator[Terminal]:
    """Run the shell in a terminal, its minutes that long."""
    code = WITH_SHORT_MINUTES.format(seconds=seconds)
    child = pexpect.spawn(
        sys.executable,
        ["-c", code, *line.split(), "--profile", "anne"],
        env={**office.process_env(), "TERM": term, "HOME": str(office.folder)},
        encoding="utf-8",
        timeout=60,
        echo=echo,
        dimensions=(24, 80),
    )
    try:
        yield Terminal(child)
    finally:
        child.close(force=True)


PROMPT = "assign> "


@pytest.mark.slow
def test_ten_commands_ask_for_one_passphrase_and_keep_no_answer(locked: Office) -> None:
    files = set(everything(locked))
    with shell(locked) as screen:
        screen.answer(PROMPT, f"{KEY_COMMAND} 10")
        screen.answer("Passphrase: ", PASSPHRASE)
        for days in range(11, 20):
            screen.answer(PROMPT, f"{KEY_COMMAND} {days}")
        said = screen.answer(PROMPT, "exit")
        said += screen.rest()
    assert screen.code == 0
    assert "contact_deadline_days is now 19." in said
    assert screen.heard.count("Passphrase") == 1
    assert "Exit code" not in screen.heard
    assert "The shell has ended, and the keys are forgotten." in said
    assert PASSPHRASE not in screen.heard
    assert set(everything(locked)) == files  # no history's file
    assert not any(
        PASSPHRASE.encode() in path.read_bytes()
        for path in locked.folder.rglob("*")
        if path.is_file()
    )


@pytest.mark.slow
def test_after_the_time_chosen_the_passphrase_is_asked_for_again(locked: Office) -> None:
    with shell(locked, "shell --for 2", seconds=2) as screen:
        screen.answer(PROMPT, f"{KEY_COMMAND} 10")
        screen.answer("Passphrase: ", PASSPHRASE)
        screen.answer(PROMPT, f"{KEY_COMMAND} 11")
        screen.expect(PROMPT)
        assert screen.heard.count("Passphrase") == 1
        time.sleep(4.5)
        screen.answer("", f"{KEY_COMMAND} 12")
        screen.answer("Passphrase: ", PASSPHRASE)
        said = screen.answer(PROMPT, "\x04")
        assert "contact_deadline_days is now 12." in said
        screen.rest()
    assert "The time is over for which the keys were unlocked." in screen.heard
    assert screen.code == 0


@pytest.mark.slow
def test_earlier_lines_are_commands_and_never_answers(locked: Office) -> None:
    with shell(locked) as screen:
        screen.answer(PROMPT, f"{KEY_COMMAND} 10")
        screen.answer("Passphrase: ", PASSPHRASE)
        screen.answer(PROMPT, "create --to anne")
        said = screen.expect(PROMPT)
        for _back in range(5):
            screen.answer("", "\x1b[A" * 6)
            said += screen.expect(PROMPT)
        screen.answer("", "exit")
        screen.rest()
    assert said.count("contact_deadline_days is now 10.") == 5  # the first line of all, each time
    assert "canary" not in screen.heard


@pytest.mark.slow
def test_what_is_dictated_is_in_no_file_and_not_among_earlier_lines(office: Office) -> None:
    office.now = datetime.now(UTC)
    with shell(office) as screen:
        screen.answer(PROMPT, "create --to kari --title Visit")
        screen.answer("Full name of the person: ", PERSON["full_name"])
        screen.answer("Street address: ", "Kanarigata 7")
        screen.interrupt()
        assert "Code: interrupted" in screen.expect("Exit code: 130")
        screen.answer(PROMPT, "\x1b[A")  # the line before: the command
        screen.answer("Full name of the person: ", "\x04")
        screen.answer(PROMPT, "exit")
        screen.rest()
    assert not any(
        b"Kanarigata" in path.read_bytes() for path in office.folder.rglob("*") if path.is_file()
    )


@pytest.mark.slow
def test_ctrl_c_ends_the_command_and_not_the_shell(locked: Office) -> None:
    with shell(locked) as screen:
        for _again in range(3):
            screen.answer(PROMPT, f"{KEY_COMMAND} 10")
            screen.expect("Passphrase: ")
            screen.interrupt()
            assert "Code: interrupted" in screen.expect("Exit code: 130")
        screen.expect(PROMPT)
        for _again in range(3):  # at the prompt it only leaves the line
            screen.interrupt()
            screen.expect(PROMPT)
        screen.answer("", "config get contact_deadline_days")
        assert "contact_deadline_days is " in screen.answer(PROMPT, "\x04")
        screen.rest()
    assert screen.code == 0


@pytest.mark.slow
@pytest.mark.parametrize("term", ["dumb", "xterm", "unknown-to-everybody"])
def test_the_prompt_is_plain_text_on_any_terminal(office: Office, term: str) -> None:
    office.now = datetime.now(UTC)
    with shell(office, term=term) as screen:
        screen.answer(PROMPT, "list")
        screen.answer(PROMPT, "exit")
        screen.rest()
    require_speakable(screen.heard)


@pytest.mark.slow
def test_what_another_process_changes_is_seen_by_the_next_command(office: Office) -> None:
    office.now = datetime.now(UTC)
    number = office.dispatch()
    with shell(office) as screen:
        screen.answer(PROMPT, f"show {number}")
        assert "not read" in screen.expect(PROMPT)
        office.ok(f"open {number} --reveal", profile="kari")
        screen.answer("", f"show {number}")
        assert "not read" not in screen.answer(PROMPT, f"recall {number} --yes")
        said = screen.answer(PROMPT, "exit")
        screen.rest()
    outside = office.run(f"recall {number} --yes")
    assert outside.error_code in said
    assert f"Exit code: {outside.code}" in said


@pytest.mark.slow
def test_output_may_go_into_a_file_without_the_prompt(office: Office, tmp_path: Path) -> None:
    office.now = datetime.now(UTC)
    file = tmp_path / "output"
    words = " ".join(["exec", *office.command("shell"), ">", str(file)])
    child = pexpect.spawn(
        "/bin/sh", ["-c", words], env=office.process_env(), encoding="utf-8", timeout=60
    )
    screen = Terminal(child)
    screen.answer(PROMPT, "list")
    screen.answer(PROMPT, "exit")
    screen.rest()
    assert file.read_text() == office.ok("list").stdout
