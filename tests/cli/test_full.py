"""`--full` shows what linear output leaves out: every id, moment, text and name that JSON has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assigncli.cli.output.words import Calendar
from tests import hearing
from tests.office import Office
from tests.quick import a_few, one_of_each
from tests.story import (
    FINGERPRINT,
    INVITATION,
    Heard,
    Line,
    in_november,
    successes,
    told,
    weeks_later,
)

LINES = [
    ("list", "anne"),
    ("status", "anne"),
    ("show 5", "anne"),
    ("show 7", "per"),
    ("inbox", "kari"),
    ("open 10 --reveal", "kari"),
    ("contact 11", "ola"),
    ("complete 4 --in-person", "kari"),
    ("recall --yes 13", "anne"),
    ("cancel --yes 5 --reason 'Ikke lenger aktuelt.'", "anne"),
    ("member show kari", "anne"),
    ("member list", "anne"),
    ("cycle list", "anne"),
    ("key list", "kari"),
    ("audit verify", "anne"),
]
LAST_DAYS = {"contact_due_at", "expires_at"}
"""Moments that are told as the last day before them."""
TOLD_OTHERWISE = {"store_id", "at", "total", "before", "after"}
"""What stands for another field, or is of the page and not of what is on it."""
TEXTS = ("title", "name", "handle", "address", "phone", "notes", "summary", "fingerprint", "hash")


def facts(document: Any, calendar: Calendar) -> Iterator[tuple[str, str]]:
    """Yield the name of each id, moment and text, and how it reads."""
    if isinstance(document, list):
        for each in document:
            yield from facts(each, calendar)
        return
    for name, value in document.items() if isinstance(document, dict) else ():
        if isinstance(value, (list, dict)):
            yield from facts(value, calendar)
            continue
        if value is None or name in TOLD_OTHERWISE:
            continue
        elif name in LAST_DAYS:
            yield name, calendar.day(calendar.last_day(datetime.fromisoformat(value)))
        elif name.endswith("_at"):
            yield name, calendar.time(datetime.fromisoformat(value))
        elif name.endswith(("id", *TEXTS)):
            yield from ((name, line) for line in str(value).splitlines())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "profile"), a_few(3, of=one_of_each(LINES, kind=lambda case: case[0].split()[0]))
)
def test_everything_that_json_has_is_shown(
    november: Office, tmp_path: Path, line: str, profile: str
) -> None:
    as_json, in_full, usual = (
        november.copy_to(tmp_path / name / "office") for name in ("a", "b", "c")
    )
    document = as_json.ok(f"{line} --json", profile=profile).json
    limit = " --limit 100" if line == "inbox" else ""
    said = in_full.ok(f"{line}{limit} --full", profile=profile).stdout
    calendar = Calendar.at(november.now, ZoneInfo("Europe/Oslo"))
    missing = [(name, text) for name, text in facts(document, calendar) if text not in said]
    assert not missing
    assert len(said) >= len(usual.ok(line, profile=profile).stdout)


CHECKS = (hearing.too_long, hearing.bare_zeros, hearing.midnights, hearing.gaps)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ORIGIN = re.compile(rf"assigncli/{UUID.pattern}(?:\+[0-9a-f]{{8}}\+\S+)?")
"""The name of a log and its key, to be copied in one piece."""
PAGED = ("status", "inbox", "privacy export")
"""JSON has all of what lines give page by page, and all of what the store holds about a member."""
IN_WORDS = (
    *(("doctor", "name"), ("honorarium explain", "handle"), ("audit cosign", "cosigned_at")),
    *(("store move", "display_name"), ("store move", "handle"), ("store restore", "listed_at")),
    ("privacy erase", "id"),
)
"""Of which command, and what: a check is told as a sentence, a person by name."""


def ids_beside_words(heard: Heard) -> Iterator[str]:
    """Yield each line that has an id and more than its own label; `--full` gives an id a line.

    An invitation is one line, to be copied, and so are the name and the key of a log.
    """
    for line in ORIGIN.sub("", INVITATION.sub("", heard.result.stdout)).splitlines():
        if UUID.search(line) and not re.fullmatch(rf"[^:]+: {UUID.pattern}", line):
            yield line


def everything(founded: Office, november: Office, folder: Path, *options: str) -> list[Heard]:
    """All commands that succeed, in the story and in the office of the transcripts."""
    office, later = founded.copy_to(folder / "story"), november.copy_to(folder / "november")
    heard = told(office, successes(office), *options)
    return heard + told(later, (*in_november(), Line("show 7", "per")), *options)


def without_ids(text: str) -> str:
    """Return what is not made at random: keys and ids differ from one office to the next."""
    text = INVITATION.sub("INVITATION", text)
    return FINGERPRINT.sub("FINGERPRINT", UUID.sub("UUID", re.sub(r"[0-9a-f]{64}", "HASH", text)))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["nb", pytest.param("en", marks=pytest.mark.slow)])
def test_every_command_is_for_the_ear_in_full(
    founded: Office, november: Office, tmp_path: Path, language: str
) -> None:
    options = ("--full", "--lang", language)
    later = november.copy_to(tmp_path / "later")
    later.now += timedelta(days=40)
    heard = [
        *everything(founded, november, tmp_path, *options),
        *told(later, weeks_later(), *options),
    ]
    broken = [
        f"assign {each.line.words} --full: {line}"
        for each in heard
        for check in (*CHECKS, ids_beside_words)
        for line in check(each)
    ]
    assert not broken, "\n".join(["", *dict.fromkeys(broken)])


@pytest.mark.slow
def test_every_command_shows_in_full_what_json_has(
    founded: Office, november: Office, tmp_path: Path
) -> None:
    documents = everything(founded, november, tmp_path / "json", "--json")
    in_full = everything(founded, november, tmp_path / "full", "--full", "--lang", "en")
    missing = []
    for document, said in zip(documents, in_full, strict=True):
        if document.result.code or document.line.words.startswith(PAGED):
            continue
        found = without_ids(said.result.stdout)
        here = Calendar(ZoneInfo("Europe/Oslo"), november.now.date())
        for name, text in facts(document.result.json, here):
            wanted = text.replace(str(tmp_path / "json"), str(tmp_path / "full"))
            in_words = any(said.line.words.startswith(line) and name == of for line, of in IN_WORDS)
            if without_ids(wanted) not in found and not in_words:
                missing.append(f"assign {said.line.words} --full: {name}: {wanted}")
    assert not missing, "\n".join(["", *dict.fromkeys(missing)])


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("draft, not sent", "sent", "confirmed")), ("nb", ("utkast", "sendt", "bekreftet"))],
)
def test_a_state_has_the_same_word_everywhere(
    november: Office, tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    office = november.copy_to(tmp_path / "office")
    draft, sent, confirmed = words
    assert f"Status: {draft}" in office.ok(f"show 12 --full --lang {language}").stdout
    log = office.ok(f"audit log --limit 1000 --assignment 3 --lang {language}").stdout
    for word in (sent, confirmed):
        assert f": {word}, " in log
    assert "pending" not in log
