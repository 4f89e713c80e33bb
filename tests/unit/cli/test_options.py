"""The options that work everywhere, taken out of the line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from assigncli.cli.frame.options import OPTIONS, Globals, take
from assigncli.errors import InvalidInput
from assigncli.words.errors import said


def test_every_option_has_its_field() -> None:
    assert [option.field for option in OPTIONS] == [each.name for each in fields(Globals)]


def test_they_may_stand_anywhere() -> None:
    taken = take(["--json", "show", "--profile", "oslo", "412", "--lang=nb", "--no-input"])
    assert taken.rest == ("show", "412")
    assert taken.options == Globals(profile="oslo", lang="nb", json=True, no_input=True)
    assert taken.problem is None


def test_all_at_once() -> None:
    line = ["--yes", "--quiet", "--table", "--debug", "--passphrase-file", "key.txt", "list"]
    assert take(line).options == Globals(
        table=True, quiet=True, yes=True, debug=True, passphrase_file=Path("key.txt")
    )


def test_nothing_is_taken_after_two_hyphens() -> None:
    taken = take(["create", "--quiet", "--", "--json", "--lang", "xx"])
    assert taken.rest == ("create", "--", "--json", "--lang", "xx")
    assert taken.options == Globals(quiet=True)


def test_the_last_of_two_counts() -> None:
    assert take(["--lang", "nb", "--lang", "en"]).options.lang == "en"


def test_a_hyphen_is_standard_input() -> None:
    assert take(["--passphrase-file", "-", "open"]).options.passphrase_file == Path("-")


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        (["--profile"], "--profile needs a value"),
        (["--profile", "--json"], "--profile needs a value"),
        (["--profile="], "--profile needs a value"),
        (["--yes=no"], "--yes takes no value"),
        (["--lang", "sv"], "a language that is not there"),
        (["--json", "--table"], "cannot be used together"),
    ],
)
def test_a_mistake_is_kept_as_a_problem(line: list[str], heard: str) -> None:
    problem = take(line).problem
    assert problem is not None
    error = problem()
    assert isinstance(error, InvalidInput)
    assert error.code == "usage"
    assert heard in said(error)[0]


def test_json_is_known_in_spite_of_a_mistake() -> None:
    assert take(["--lang", "xx", "--json"]).options.json
