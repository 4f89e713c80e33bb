"""Tab in `assign shell`: what the shells' completion offers, on plain lines."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assigncli.cli.completion.in_shell import LineOfShell
from tests.office import PERSON, Office

ANNE = ("--profile=anne",)


def endings(office: Office, line: str, options: tuple[str, ...] = ANNE) -> dict[str, str]:
    """Return what the line's last piece may become, each with what is shown."""
    piece = line.rpartition(" ")[2]
    asked = LineOfShell(options, ("shell", "serve", "relay"), office.env)
    return {each.text: each.shown for each in asked.endings(line, piece)}


def test_commands_are_offered_that_the_shell_runs(office: Office) -> None:
    every = endings(office, "")
    assert {"list", "show", "key", "exit"} <= set(every)
    assert not {"shell", "serve", "relay"} & set(every)
    assert every["show"].startswith("show: ")
    assert set(endings(office, "sho")) == {"show"}
    assert endings(office, "assign sho") == endings(office, "sho")
    assert set(endings(office, "key k")) == {"kit"}
    assert endings(office, "nonsense ") == {}


def test_numbers_have_their_titles_and_are_the_profile_s_own(office: Office) -> None:
    office.dispatch(title="Walk in town")
    office.create(title="A draft")
    assert endings(office, "show ") == {"1": "1: Walk in town", "2": "2: A draft"}
    assert endings(office, "recall ") == {"1": "1: Walk in town"}
    assert endings(office, "dispatch ") == {"2": "2: A draft"}
    assert endings(office, "open ", ("--profile=kari",)) == {"1": "1: Walk in town"}
    assert endings(office, "open --profile kari ") == {"1": "1: Walk in town"}
    assert not any(PERSON["full_name"] in shown for shown in endings(office, "show ").values())


def test_an_option_with_its_value_in_one_word_keeps_its_name(office: Office) -> None:
    assert "--status" in endings(office, "list --st")
    assert set(endings(office, "list --status=rec")) == {"--status=recalled"}
    assert set(endings(office, "list --status rec")) == {"recalled"}
    assert set(endings(office, "list --status='rec")) == {"--status='recalled'"}


def test_a_word_with_a_space_in_it_is_quoted_or_ends_the_quote_that_is_open(
    office: Office,
) -> None:
    office.ok("cycle open 'Autumn 2031' --from 1.7.2031 --to 31.12.2031")
    line = "cycle close "
    assert set(endings(office, f"{line}Au")) == {"'Autumn 2031'"}
    assert set(endings(office, f"{line}'Au")) == {"'Autumn 2031'"}
    assert set(endings(office, f'{line}"Autumn 20')) == {'2031"'}


def test_files_are_offered_where_one_is_read(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "sheets"
    (folder / "older").mkdir(parents=True)
    for name in ("may one.csv", "june.csv", ".hidden"):
        (folder / name).touch()
    found = endings(office, f"dispatch --csv {folder}/")
    quoted = f"'{folder}/may one.csv'"
    assert set(found) == {f"{folder}/june.csv", quoted, f"{folder}/older/"}
    assert set(endings(office, f"dispatch --csv {folder}/j")) == {f"{folder}/june.csv"}


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="there are no pseudo terminals here")
def test_tab_on_a_terminal_completes_and_shows_plain_lines(office: Office) -> None:
    from tests.cli.test_shell import PROMPT, shell
    from tests.terminal import require_speakable

    office.now = datetime.now(UTC)
    office.dispatch(title="Walk in town")
    office.dispatch(title="Home visit")
    with shell(office, echo=True) as screen:
        screen.expect(PROMPT)
        screen.press("sho\t")
        screen.expect("show ")
        screen.press("\t")
        told = screen.expect(f"{PROMPT}show ")
        require_speakable(told)
        assert told.replace("\r\n", "\n").endswith("\n2: Home visit\n1: Walk in town\n")
        screen.answer("", "1")
        assert "Walk in town" in screen.expect(PROMPT)
        screen.press("nonsense \t\x15")  # nothing is offered, and the line is left
        screen.answer("", "create --to kari --title Visit")
        screen.answer("Full name of the person: ", "sho\tway")  # an answer is not completed
        assert "is not valid." in screen.expect("Full name of the person: ")
        screen.interrupt()
        screen.expect(PROMPT)
        screen.answer("", "\x1b[A")
        screen.expect("Full name of the person: ")  # the line before is the command
        screen.interrupt()
        screen.answer(PROMPT, "exit")
        screen.rest()
    assert screen.code == 0
    assert "show way" not in screen.heard
