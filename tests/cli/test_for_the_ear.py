"""Every command, every error and every page of help is made for the ear, in both languages.

Three stories are told: all commands and the usual mistakes (tests/story.py), the office of the
transcripts, and that office weeks later. What each line may be is in tests/hearing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests import hearing
from tests.cli.test_output import masked, needs_terminal, on_terminal, story
from tests.office import Office, Result
from tests.quick import a_few, all_in_one, only
from tests.story import Heard, Line, failures, in_november, successes, told, weeks_later

NAMES = {
    "anne": "Anne Berg",
    "kari": "Kari Nordmann",
    "ola": "Ola Dunk",
    "siri": "Siri Moe",
    "liv": "Liv Ås",
    "ane": "Ane Ek",
}
"""Handles and the names they are of; `per` is a word in both languages."""
Tell = Callable[..., list[Heard]]
Lines = Callable[[Office], tuple[Line, ...]]
CHECKS: dict[str, Callable[[Heard], Iterator[str]]] = {
    "no line is too long": hearing.too_long,
    "nothing only a machine needs": hearing.machine_names,
    "no bare zero": hearing.bare_zeros,
    "no midnight": hearing.midnights,
    "whole sentences": hearing.fragments,
    "single spaces": hearing.gaps,
    "names, no handles": hearing.handles(NAMES),
}


def all_and_mistakes(founded: Office, _november: Office, folder: Path, *how: str) -> list[Heard]:
    return story(founded.copy_to(folder / "office"), *how)


def transcripts(_founded: Office, november: Office, folder: Path, *how: str) -> list[Heard]:
    return told(november.copy_to(folder / "november"), in_november(), *how)


def forty_days_later(_founded: Office, november: Office, folder: Path, *how: str) -> list[Heard]:
    later = november.copy_to(folder / "later")
    later.now += timedelta(days=40)
    return told(later, weeks_later(), *how)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["nb", pytest.param("en", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "tell", only(all_and_mistakes, of=(all_and_mistakes, transcripts, forty_days_later))
)
def test_all_that_is_said_is_for_the_ear(
    founded: Office, november: Office, tmp_path: Path, language: str, tell: Tell
) -> None:
    heard = tell(founded, november, tmp_path, "--lang", language)
    broken = [
        f"{promise}: assign {each.line.words}: {line}"
        for promise, check in CHECKS.items()
        for each in heard
        for line in check(each)
    ]
    assert not broken, "\n".join(["", *dict.fromkeys(broken)])


# ---- on a real terminal, narrow and wide


def require_same_on_terminal(
    office: Office, line: Line, columns: int, options: tuple[str, ...]
) -> None:
    """Hold that a terminal shows what a pipe gets; the order of the two streams may differ."""
    (piped,) = told(office, [line], *options)
    shown = on_terminal(office, " ".join((line.words, *options)), columns, line.profile)
    assert sorted(shown.splitlines()) == sorted(piped.result.said.splitlines())


@pytest.mark.slow
@needs_terminal
@pytest.mark.parametrize("columns", only(40, of=(40, 200)))
@pytest.mark.parametrize("line", a_few(1, of=[Line("status"), Line("recall --yes 1", ends=6)]))
def test_a_terminal_of_any_width_shows_what_a_pipe_gets(
    november: Office, tmp_path: Path, line: Line, columns: int
) -> None:
    office = november.copy_to(tmp_path / "office")
    require_same_on_terminal(office, line, columns, ("--lang", "nb"))


def require_all_the_same(piped: Office, shown: Office, lines: Lines, *options: str) -> None:
    """Tell a story twice, the second time on a terminal as wide as COLUMNS.

    What differs between two offices is keys and ids made at random.
    """

    def on_one(office: Office, words: str, profile: str | None) -> Result:
        columns = int(office.environ["COLUMNS"])
        return Result(0, on_terminal(office, words, columns, profile), "")

    expected = told(piped, lines(piped), *options)
    got = told(shown, lines(shown), *options, strict=False, run=on_one)
    for one, other in zip(expected, got, strict=True):
        if one.line.words != "open 1":  # a terminal is where it may be read
            assert on_lines(other) == on_lines(one), one.line


def on_lines(heard: Heard) -> list[str]:
    return sorted(masked(heard.result.said).splitlines())


EACH_WAY = pytest.mark.parametrize(("language", "columns"), [("nb", 40), ("en", 200)])
"""Every language and every width once: neither knows of the other."""


@pytest.mark.slow
@needs_terminal
@EACH_WAY
def test_every_command_and_error_is_the_same_on_a_terminal_of_any_width(
    founded: Office, tmp_path: Path, language: str, columns: int
) -> None:
    piped, shown = (founded.copy_to(tmp_path / name / "office") for name in ("a", "b"))
    shown.environ["COLUMNS"] = str(columns)
    for lines in (successes, failures):
        require_all_the_same(piped, shown, lines, "--lang", language)


@pytest.mark.slow
@needs_terminal
@EACH_WAY
def test_what_there_is_to_see_is_the_same_on_a_terminal_of_any_width(
    november: Office, tmp_path: Path, language: str, columns: int
) -> None:
    piped, shown = (november.copy_to(tmp_path / name / "office") for name in ("a", "b"))
    shown.environ["COLUMNS"] = str(columns)
    require_all_the_same(piped, shown, lambda office: in_november(), "--lang", language)


# ---- the checks themselves


PLANTED = {
    "no line is too long": "Note: " + "word " * 40 + "end.",
    "nothing only a machine needs": "Id: 0688b702-4823-4edb-8401-74dda6974b06",
    "no bare zero": "Open assignments: 0",
    "no midnight": "Contact overdue from: 1 December at 00:00",
    "whole sentences": "done so far",
    "single spaces": "Name:  Kari Nordmann",
    "names, no handles": "Mentor: Kari Nordmann, kari",
}
MORE = [
    ("nothing only a machine needs", f"Hash: {'0a' * 32}"),
    ("nothing only a machine needs", "Fingerprint: " + " ".join(["12345"] * 8)),
    ("no bare zero", "0 of 50 entries."),
    ("no bare zero", "Sendt: 3, fullført: 0."),
    ("whole sentences", "kari has no channel."),
    ("names, no handles", "Handle: kari"),
]
HARMLESS = [
    "Contact deadline: 10 December, 20 days overdue",
    f"Store: /{'a/' * 100}assign.db",
    "Address: Granitten 12 B, 0123 Oslo",
    "Size: 1.0 megabytes",
    "Next: assign member approve kari",
    "Quiet hours: 20:00-07:00",
    "Assignment 10, urgent: Samtale om førerhund",
]


def heard(said: str) -> Heard:
    return Heard(Line("show 1"), Result(0, f"{said}\n", ""))


@all_in_one(("promise", "said"), [*PLANTED.items(), *MORE])
def test_a_check_finds(promise: str, said: str) -> None:
    assert list(CHECKS[promise](heard(said))) == [said]


@pytest.mark.parametrize("said", HARMLESS)
def test_the_checks_let_pass(said: str) -> None:
    assert not [found for check in CHECKS.values() for found in check(heard(said))]


@pytest.mark.parametrize("frame", [("no name", "Run it."), ("No name.", "run"), ("X:", "Run it.")])
def test_an_error_is_two_whole_sentences(frame: tuple[str, str]) -> None:
    wrong, what_to_do = frame
    said = f"Error: {wrong}\nWhat to do: {what_to_do}\nCode: usage\n"
    assert list(hearing.fragments(Heard(Line("show 1"), Result(2, "", said))))
