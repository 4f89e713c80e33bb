"""The error boundary: three lines, the right number, and never a word of what was typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
import typer

from assigncli.cli import main
from assigncli.cli.frame import command, commands, group, out
from assigncli.cli.frame.commands import Command
from assigncli.domain.rules import Rule
from assigncli.errors import (
    IdentityUnavailable,
    InvalidInput,
    NotAllowed,
    NotFound,
    RuleRefused,
    StoreUnavailable,
    Tampered,
)
from tests.quick import all_in_one

SECRET = "Kari-Nordmann-41234567"


class Priority(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"


OURS = {
    "input": InvalidInput("invalid_input", "told", message="Bad.", hint="Mend it."),
    "found": NotFound("not_found", "told", message="Gone.", hint="Look."),
    "identity": IdentityUnavailable(
        "identity_unavailable", "told", message="Locked.", hint="Unlock."
    ),
    "allowed": NotAllowed("not_allowed", "told", message="No.", hint="Ask."),
    "rule": RuleRefused(Rule.TITLE_NO_PII, "told", message="Personal.", hint="Rename\nit."),
    "tampered": Tampered("tampered", "told", message="Altered.", hint="Tell."),
    "store": StoreUnavailable("store_unavailable", "told", message="Busy.", hint="Wait."),
}
FOREIGN = {
    "interrupt": KeyboardInterrupt,
    "end": EOFError,
    "abort": typer.Abort,
    "pipe": BrokenPipeError,
    "value": lambda: ValueError(SECRET),
    "bad": lambda: typer.BadParameter(SECRET),
    "exit": lambda: typer.Exit(5),
}


@command("Fail.")
def fail(how: str) -> None:
    local = SECRET
    if how in OURS:
        raise OURS[how]
    if how == "deep":
        fail_deeply(local)
    raise FOREIGN[how]()


def fail_deeply(local: str) -> None:
    fail_deeply(local)


@command("Wrap.")
def wrap() -> None:
    try:
        {}[SECRET]
    except KeyError as error:
        raise RuntimeError(SECRET) from error


@command("Take much.")
def take(
    number: Annotated[int, typer.Argument(min=1, help="A number.")],
    priority: Annotated[Priority, typer.Option("--priority", help="How soon.")],
    file: Annotated[Path | None, typer.Option("--file", exists=True, help="A file.")] = None,
    loud: Annotated[bool, typer.Option("--loud", help="Loud.")] = False,
) -> None:
    out().result("Done.")


app = group("Several.")


@app.command("first", help="The first.")
def first() -> None:
    """Do nothing."""


@app.command("second", help="The second.")
def second() -> None:
    """Do nothing."""


@pytest.fixture(autouse=True)
def _samples(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"fail": "fail", "wrap": "wrap", "take": "take", "things": "app"}
    monkeypatch.setattr(
        commands,
        "COMMANDS",
        tuple(Command(name, __name__, attribute, "Sample.") for name, attribute in names.items()),
    )


@pytest.fixture
def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*argv: str) -> tuple[int, str]:
        code = main(argv, {"ASSIGN_HOME": str(tmp_path)})
        heard = capsys.readouterr()
        assert heard.out == ""
        assert SECRET not in heard.err
        assert not {"\x1b", "\r", "\t", "\u2502"} & set(heard.err)
        return code, heard.err

    return run


@all_in_one(
    ("how", "code", "name"),
    [
        ("input", 2, "invalid_input"),
        ("found", 3, "not_found"),
        ("identity", 4, "identity_unavailable"),
        ("allowed", 4, "not_allowed"),
        ("rule", 6, "title_no_pii"),
        ("tampered", 1, "tampered"),
        ("store", 7, "store_unavailable"),
        ("interrupt", 130, "interrupted"),
        ("end", 130, "interrupted"),
        ("abort", 130, "interrupted"),
        ("value", 1, "internal_error"),
        ("deep", 1, "internal_error"),
        ("bad", 2, "usage"),
    ],
)
def test_every_end_has_its_number_and_code(refused, how: str, code: int, name: str) -> None:
    got, said = refused("fail", how)
    lines = said.splitlines()
    assert got == code
    assert len(lines) == 3
    assert lines[0].startswith("Error: ")
    assert lines[1].startswith("What to do: ")
    assert lines[2] == f"Code: {name}"
    got, said = refused("fail", how, "--json")
    assert got == code
    assert list(json.loads(said)["error"]) == ["code", "message", "hint"]
    assert json.loads(said)["error"]["code"] == name


def test_a_sentence_stays_on_its_line_and_is_spoken_in_the_language_asked_for(refused) -> None:
    assert "What to do: Rename it.\n" in refused("fail", "rule")[1]
    assert refused("fail", "interrupt", "--lang", "nb")[1].startswith("Feil: Stoppet.")


def test_a_command_may_end_partly_done(refused) -> None:
    assert refused("fail", "exit") == (5, "")


def test_a_closed_pipe_is_quiet(refused) -> None:
    assert refused("fail", "pipe") == (1, "")


USAGE = [
    (["nowhere"], "assign has no command of that name.", "Run assign --help"),
    (["tak"], "assign has no command of that name.", "Did you mean assign take?"),
    ([SECRET], "assign has no command of that name.", "Run assign --help"),
    (["--unknown", SECRET], "assign has no such option.", "Run assign --help"),
    (["things"], "Say which command of assign things to run.", "first, second"),
    (["things", "secnod"], "assign things has no command of that name.", "assign things second?"),
    (["take", "1"], "assign take needs the option --priority.", "assign take --help"),
    (["take", "--priority", "normal"], "assign take needs the argument NUMBER.", "--help"),
    (["take", "1", "--priority", SECRET], "for the option --priority", "normal, urgent."),
    (["take", SECRET, "--priority", "normal"], "argument NUMBER", "number of at least 1."),
    (["take", "0", "--priority", "normal"], "argument NUMBER", "number of at least 1."),
    (["take", "1", "--priority", "normal", "--file", SECRET], "the option --file", "--help"),
    (["take", "1", "--priority", "normal", SECRET], "too many words on the line", "in quotes"),
    (["take", "1", "--priorty", "normal"], "has no such option", "Did you mean --priority?"),
    (["take", "1", f"--{SECRET}"], "has no such option", "Run assign take --help"),
    (["take", "1", f"-{SECRET}"], "has no such option", "Run assign take --help"),
    (["take", "1", "--priority"], "The option --priority needs a value.", "--help"),
    (["take", "1", f"--loud={SECRET}"], "The option --loud takes no value.", "--help"),
    (["take", "--lagn", "nb"], "has no such option", "Did you mean --lang?"),
    (["take", "--lang", SECRET], "a language that is not there", "--lang nb"),
    (["take", "--profile"], "The option --profile needs a value.", "right after it"),
    (["take", f"--json={SECRET}"], "The option --json takes no value.", "alone"),
    (["take", "--table", "--profile="], "The option --profile needs a value.", "after it"),
]


@all_in_one(("argv", "message", "hint"), USAGE, ids=lambda value: str(value)[:40])
def test_usage_errors_name_what_we_know_and_repeat_nothing(
    refused, argv: list[str], message: str, hint: str
) -> None:
    code, said = refused(*argv)
    first, second, third = said.splitlines()
    assert code == 2
    assert message in first
    assert hint in second
    assert third == "Code: usage"


def test_json_and_table_exclude_each_other(refused) -> None:
    code, said = refused("take", "--json", "--table")
    assert code == 2
    assert json.loads(said)["error"]["code"] == "usage"


def test_debug_says_where_and_no_value(refused) -> None:
    _, said = refused("fail", "value", "--debug")
    assert "Trace of builtins.ValueError:\n" in said
    assert "assigncli/cli/frame/main.py, line " in said
    assert f"{__name__}, line " in said
    assert "in fail\n" in said
    assert str(Path(__file__).parent) not in said


def test_debug_tells_the_cause_first(refused) -> None:
    _, said = refused("wrap", "--debug")
    assert said.index("builtins.KeyError") < said.index("builtins.RuntimeError")
    _, said = refused("wrap", "--debug", "--json")
    assert json.loads(said)["error"]["trace"][0] == "Trace of builtins.KeyError:"


def test_debug_keeps_an_endless_recursion_short(refused) -> None:
    assert len(refused("fail", "deep", "--debug")[1].splitlines()) < 60


def test_a_reader_that_goes_away_gets_no_traceback(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "assigncli", "--help"],
        env={"ASSIGN_HOME": str(tmp_path)},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")


@pytest.mark.slow
def test_an_encoding_without_our_letters_breaks_nothing(tmp_path: Path) -> None:
    for encoding in ("ascii", "latin-1", "utf-8"):
        ended = subprocess.run(
            [sys.executable, "-m", "assigncli", "--lang", "xx"],
            env={"ASSIGN_HOME": str(tmp_path), "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )
        spoken = "utf-8" if encoding == "ascii" else encoding
        assert ended.returncode == 2
        assert "Norwegian Bokmål" in ended.stderr.decode(spoken)
