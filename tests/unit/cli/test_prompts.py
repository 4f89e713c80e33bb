"""Questions: plain, on standard error, numbered where there is a choice."""

from __future__ import annotations

import getpass
import io
import sys
import warnings
from collections.abc import Callable, Iterator

import pytest

from assigncli.cli.frame import Frame, Globals, entered
from assigncli.cli.input import prompts
from assigncli.cli.output import Output
from assigncli.errors import AssignError, Interrupted, InvalidInput
from assigncli.words.errors import said


class Terminal(io.StringIO):
    """Standard input as a terminal with lines already typed."""

    def isatty(self) -> bool:
        return True


class Asked:
    """A frame to ask in, and what was said in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.said = io.StringIO()
        self.answers = io.StringIO()
        self._patch = monkeypatch

    def typing(self, typed: str, *, terminal: bool = True) -> None:
        self._patch.setattr(sys, "stdin", Terminal(typed) if terminal else io.StringIO(typed))

    def secrets(self, *typed: str) -> None:
        left = iter(typed)

        def fake(prompt: str, stream: io.StringIO) -> str:
            stream.write(prompt)
            return next(left)

        self._patch.setattr(getpass, "getpass", fake)

    def frame(self, **options: bool) -> Frame:
        return Frame(Globals(**options), Output("linear", False, self.answers, self.said), {})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    asked = Asked(monkeypatch)
    with entered(asked.frame(), "en"):
        yield asked
    assert asked.answers.getvalue() == ""


def test_a_question_is_asked_until_it_is_answered(asked: Asked) -> None:
    asked.typing("\n  Home visit \n")
    assert prompts.ask("Title") == "Home visit"
    assert asked.said.getvalue() == "Title: An answer is needed.\nTitle: "


def test_ask_speaks_its_default(asked: Asked) -> None:
    asked.typing("\n")
    assert prompts.ask("Priority", default="normal") == "normal"
    assert asked.said.getvalue() == "Priority (press Enter for normal): "


def test_a_secret_is_asked_until_it_is_the_same_twice(asked: Asked) -> None:
    asked.typing("")
    asked.secrets("", "one", "two", "three", "three")
    assert prompts.ask_secret("Passphrase", twice=True) == "three"
    assert "Passphrase, once more: The two were not the same.\n" in asked.said.getvalue()


def test_a_terminal_that_would_show_a_secret_is_refused(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake(prompt: str, stream: io.StringIO) -> str:
        warnings.warn("shown", getpass.GetPassWarning, stacklevel=1)
        return "shown"

    asked.typing("")
    monkeypatch.setattr(getpass, "getpass", fake)
    with pytest.raises(InvalidInput) as raised:
        prompts.ask_secret("Passphrase")
    assert raised.value.code == "input_needed"


@pytest.mark.parametrize(
    ("typed", "chosen"), [("\n", 1), ("1\n", 0), ("Urgent\n", 1), ("9\n0\nnormal\n", 0)]
)
def test_one_of_a_list_is_chosen_by_its_number(asked: Asked, typed: str, chosen: int) -> None:
    asked.typing(typed)
    assert prompts.choose("How soon?", ["normal", "urgent"], default=1) == chosen
    assert asked.said.getvalue().startswith(
        "How soon?\n1: normal\n2: urgent\nType a number from 1 to 2, or press Enter for 2, urgent: "
    )


TOLD = ("Assignment 3 is to be recalled.", "Go on?")


@pytest.mark.parametrize("typed", ["1\n", "yes\n", "perhaps\nYes\n"])
def test_a_yes_after_what_is_about_to_go(asked: Asked, typed: str) -> None:
    asked.typing(typed)
    assert prompts.confirm(TOLD, "assign recall 3") is True
    assert asked.said.getvalue().startswith(
        "Assignment 3 is to be recalled.\nGo on?\n1: yes\n2: no\n"
        "Type a number from 1 to 2, or press Enter for 2, no: "
    )


@pytest.mark.parametrize("typed", ["\n", "2\n", "no\n"])
def test_a_no_is_the_default_and_changes_nothing(asked: Asked, typed: str) -> None:
    asked.typing(typed)
    with pytest.raises(AssignError) as raised:
        prompts.confirm(TOLD, "assign recall 3")
    assert (raised.value.code, raised.value.exit_code) == ("not_confirmed", 1)
    assert "Nothing was changed." in said(raised.value)[0]


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize(("profile", "more"), [(None, ""), ("my own", " --profile 'my own'")])
def test_nobody_to_confirm_it(asked: Asked, terminal: bool, profile: str | None, more: str) -> None:
    asked.typing("1\n", terminal=terminal)
    frame = Frame(Globals(no_input=terminal, profile=profile), asked.frame().output, {})
    with entered(frame, "en"), pytest.raises(InvalidInput) as raised:
        prompts.confirm(TOLD, "assign recall 3")
    assert raised.value.code == "confirmation_needed"
    assert f"Run assign recall 3{more} --yes if" in said(raised.value)[1]
    assert asked.said.getvalue() == ""


def test_yes_answers_a_confirmation_without_a_word(asked: Asked) -> None:
    asked.typing("", terminal=False)
    with entered(asked.frame(yes=True, no_input=True), "en"):
        assert prompts.confirm(TOLD, "assign recall 3") is False
        with pytest.raises(InvalidInput):
            prompts.ask("Title")
    assert asked.said.getvalue() == ""


QUESTIONS: list[Callable[[], object]] = [
    lambda: prompts.ask("Title", "default", option="--title"),
    lambda: prompts.ask_secret("Title", option="--title"),
    lambda: prompts.choose("Title", ["one", "two"], option="--title"),
]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("terminal", [True, False])
def test_nobody_to_ask(asked: Asked, question: Callable[[], object], terminal: bool) -> None:
    asked.typing("answer\n", terminal=terminal)
    with entered(asked.frame(no_input=terminal), "en"), pytest.raises(InvalidInput) as raised:
        question()
    assert raised.value.code == "input_needed"
    assert "Title" in said(raised.value)[0]
    assert "--title" in said(raised.value)[1]
    assert asked.said.getvalue() == ""


@pytest.mark.parametrize("question", [QUESTIONS[0], QUESTIONS[2]])
def test_the_end_of_input_stops(asked: Asked, question: Callable[[], object]) -> None:
    asked.typing("")
    with pytest.raises(Interrupted):
        question()


def test_the_end_of_a_secret_stops(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def fake(prompt: str, stream: io.StringIO) -> str:
        raise EOFError

    asked.typing("")
    monkeypatch.setattr(getpass, "getpass", fake)
    with pytest.raises(Interrupted):
        prompts.ask_secret("Passphrase")


def test_bytes_that_are_not_text(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    class Undecodable(Terminal):
        def readline(self, *_: object) -> str:
            return b"\xff".decode()

    monkeypatch.setattr(sys, "stdin", Undecodable())
    with pytest.raises(AssignError) as raised:
        prompts.ask("Title")
    assert raised.value.code == "not_text"
