"""A newcomer's walk on two machines, from the first page of help to a completed assignment.

Each types on a real terminal what the manual's first day lists command by command. None of it comes
from anywhere else: before a command is typed, its words must have been shown to that person, on the
first page of help or in what a command answered.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assigncli.locale import _, speaking
from tests.cli.test_manual import LANGUAGES, text
from tests.office import PERSON, Office
from tests.story import FINGERPRINT, INVITATION

if os.name != "posix":
    pytest.skip("there are no pseudo terminals here", allow_module_level=True)

from tests.terminal import require_speakable, terminal

NUMBERED = {"nb": "1", "en": "2"}
"""The languages as the first question lists them."""
LISTED = re.compile(r"^- .*: `assign ([^`]+)`\.$", re.MULTILINE)


@dataclass
class Newcomer:
    """Somebody with a machine where nothing was ever done; `told` is all that was shown there."""

    office: Office
    language: str
    told: str = field(default="", init=False)

    def looks(self, words: str = "") -> str:
        """Ask for help."""
        said = self.office.ok(f"{words} --lang {self.language}", profile=None).stdout
        self.told += said
        return said

    def types(self, line: str, *answers: tuple[str, str]) -> str:
        """Type a command that was shown, answer what it asks, and return what it said."""
        assert self.was_shown(line), f"assign {line} was shown nowhere:\n{self.told}"
        with terminal(self.office, line, profile=None, columns=300) as screen:
            for question, answer in answers:
                screen.answer(question, answer)
            screen.rest()
        assert screen.code == 0, screen.heard
        require_speakable(screen.heard)
        self.told += screen.heard.replace("\r\n", "\n")
        return screen.heard

    def was_shown(self, line: str) -> bool:
        """Say whether a command was shown: as a whole line to type, or on the first page of help.

        That page has its word; a number after it must have been shown too. A handle is one's own.
        """
        as_choice = line.replace(" kari", f" {_('HANDLE')}")
        if any(re.search(rf"assign {each}\b", self.told) for each in (line, as_choice)):
            return True
        word, *rest = line.split()
        known = [re.search(rf"\b{each}\b", self.told) for each in rest if each.isdigit()]
        listed = re.search(rf"^{word}: ", self.told, re.MULTILINE)
        return listed is not None and len(known) == len(rest) and all(known)

    def last(self, form: re.Pattern[str]) -> str:
        """Return the last text of that form that was shown."""
        return form.findall(self.told)[-1]


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_newcomers_find_each_command_in_what_they_were_shown(lang: str, tmp_path: Path) -> None:
    anne, kari = (Newcomer(_machine(tmp_path / name), lang) for name in ("anne", "kari"))
    with speaking(lang):
        walked = list(_walk(anne, kari))
    assert walked == LISTED.findall(text("first-day", lang))
    assert anne.office.ok("show 1 --json", profile="anne").json["status"] == "completed"


def _machine(folder: Path) -> Office:
    folder.mkdir(mode=0o700)
    return Office(folder)


def _walk(anne: Newcomer, kari: Newcomer) -> list[str]:
    """Take every step, each by the person whose it is; return the commands in their order."""
    steps = (
        (anne, "init", _founding(anne)),
        (anne, "member invite kari", ((_("Full name of the member"), "Kari Nordmann"),)),
        (kari, "join", None),
        (anne, "member approve kari", None),
        (anne, "create", _brief()),
        (anne, "dispatch 1", ()),
        (kari, "inbox", ()),
        (kari, "open 1", ()),
        (kari, "ack 1", ()),
        (kari, "contact 1", ()),
        (kari, "complete 1", ((_("Did you meet the person face to face?"), "1"),)),
        (anne, "show 1", ()),
    )
    for each in (anne, kari):
        each.looks()
    for person, line, answers in steps:
        person.types(line, *(_from_other(line, anne, kari) if answers is None else answers))
    return [line for _person, line, _answers in steps]


def _founding(anne: Newcomer) -> tuple[tuple[str, str], ...]:
    return (
        ("English", NUMBERED[anne.language]),
        (_("Name of the organisation"), "Testforeningen"),
        (_("Your handle, a short name"), "anne"),
        (_("Your full name"), "Anne Berg"),
    )


def _from_other(line: str, anne: Newcomer, kari: Newcomer) -> tuple[tuple[str, str], ...]:
    """Return answers that the other person has: what was sent, and what is read by telephone."""
    if line == "join":
        return ("English", NUMBERED[kari.language]), (
            _("Your invitation, one line"),
            anne.last(INVITATION),
        )
    group = _("Group {number} of {count}")
    digits = kari.last(FINGERPRINT).split()
    count = len(digits)
    return tuple(
        (group.format(number=number, count=count), each)
        for number, each in enumerate(digits, start=1)
    )


def _brief() -> tuple[tuple[str, str], ...]:
    summary = _("{label}. Finish with an empty line.").format(label=_("Medical summary"))
    return (
        (_("Number or handle of the mentor"), "1"),
        (_("Title, without personal data"), "Home visit"),
        (_("Full name of the person"), PERSON["full_name"]),
        (_("Street address"), PERSON["address"]),
        (_("Postal code"), PERSON["postal_code"]),
        (_("City"), PERSON["city"]),
        (_("Telephone"), PERSON["phone"]),
        (summary, PERSON["practical_notes"]),
        ("", ""),
        (_("Practical notes, or a hyphen for none"), "-"),
        (_("What do you want to do?"), "1"),
    )
