"""Where nothing tells the language, `init` and `join` ask for it, once; in a real terminal."""

from __future__ import annotations

import json
import os

import pytest

from tests.office import Office

if os.name != "posix":
    pytest.skip("there are no pseudo terminals here", allow_module_level=True)

from tests.terminal import terminal

QUESTION = "Hvilket språk? Which language?\r\n1: norsk bokmål\r\n2: English\r\n"
PROMPT = "press Enter for 1, norsk bokmål: "
INIT = "init --organization Naboforeningen --handle bo --name 'Bo Lie' --keys keyring"
AGAIN = "init --organization Annetlag --handle bo --name 'Bo Lie' --keys keyring --profile two"


def joining(office: Office, handle: str) -> str:
    return f"join {office.invitation(handle, 'Dag Dal')} --keys keyring"


def answered(machine: Office, line: str, answer: str) -> str:
    """Answer the question for the language, and return what is said after it."""
    with terminal(machine, line, profile=None) as screen:
        assert screen.answer(PROMPT, answer).endswith(f"{QUESTION}Type a number from 1 to 2, or ")
        said = screen.rest()
    assert screen.code == 0
    return said


def unasked(machine: Office, line: str) -> str:
    """Run a command on a terminal that asks nothing, and return what it says."""
    with terminal(machine, line, profile=None) as screen:
        said = screen.rest()
    assert screen.code == 0
    assert "Which language" not in said
    return said


def kept(machine: Office) -> str | None:
    """Return the language that this machine's settings hold."""
    path = machine.home / "settings.json"
    found: str | None = json.loads(path.read_text())["language"] if path.exists() else None
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "language", "said"),
    [
        ("", "nb", "Naboforeningen er opprettet"),
        pytest.param("2", "en", "Naboforeningen is set up.", marks=pytest.mark.slow),
        pytest.param("english", "en", "Naboforeningen is set up.", marks=pytest.mark.slow),
    ],
)
def test_init_asks_once_and_keeps_the_answer(
    machine: Office, answer: str, language: str, said: str
) -> None:
    assert said in answered(machine, INIT, answer)
    assert machine.ok("config get language --json", profile=None).json["value"] == language
    later = unasked(machine, f"{AGAIN} --store {machine.home / 'other.db'}")
    assert ("Annetlag er opprettet" in later) == (language == "nb")
    assert (
        machine.ok("list", profile="bo").stdout
        == {
            "nb": "Ingen oppdrag.\n",
            "en": "No assignments.\n",
        }[language]
    )


@pytest.mark.slow
def test_join_asks_once_and_keeps_the_answer(office: Office, machine: Office) -> None:
    # Both before a process dates the log by the machine's own clock.
    first, second = joining(office, "dag"), joining(office, "dagny")
    assert "Du har bedt om å bli med i Testforeningen." in answered(machine, first, "1")
    assert machine.ok("config get language --json", profile=None).json["value"] == "nb"
    assert "Testforeningen" in unasked(machine, second)


@pytest.mark.slow
def test_an_answer_that_is_no_choice_is_asked_for_again(machine: Office) -> None:
    with terminal(machine, INIT, profile=None) as screen:
        screen.answer(PROMPT, "3")
        screen.answer(PROMPT, "2")
        screen.rest()
    assert screen.code == 0
    assert "Choose one of the numbers." in screen.heard


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "environ", "said"),
    [
        ("", {"LANG": "nb_NO.UTF-8"}, "er opprettet"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (
                ("--lang en", {}, "is set up"),
                ("--lang nb", {}, "er opprettet"),
                ("--no-input", {}, "is set up"),
                ("", {"LANG": "C", "LC_MESSAGES": "nb_NO"}, "er opprettet"),
                ("", {"LANG": "sv_SE.UTF-8"}, "is set up"),
            )
        ),
    ],
)
def test_nothing_is_asked_where_it_is_told(
    machine: Office, more: str, environ: dict[str, str], said: str
) -> None:
    machine.environ |= environ
    assert said in unasked(machine, f"{INIT} {more}")
    assert kept(machine) is None


@pytest.mark.parametrize("stdin", [b"", b"2\n"])
def test_nothing_is_asked_of_a_pipe(machine: Office, stdin: bytes) -> None:
    heard = machine.ok(INIT, profile=None, stdin=stdin)
    assert "Which language" not in heard.said
    assert heard.stdout.startswith("Naboforeningen is set up.")
    assert kept(machine) is None


@pytest.mark.slow
def test_ctrl_c_at_the_question_sets_nothing_up(machine: Office) -> None:
    with terminal(machine, INIT, profile=None) as screen:
        screen.expect(PROMPT)
        screen.interrupt()
        screen.rest()
    assert screen.code == 130
    assert not machine.store.exists()
    assert kept(machine) is None
