"""What daily commands say, word for word, in both languages (tests/transcripts)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office import ROOT, Office
from tests.quick import a_few, only

FOLDER = ROOT / "tests" / "transcripts"
COMMANDS = {
    "status": ("status", "anne"),
    "list": ("list", "anne"),
    "inbox": ("inbox", "kari"),
    "open_10": ("open 10 --reveal", "kari"),
    "show_999": ("show 999", "anne"),
}


@pytest.fixture
def office(november: Office, tmp_path: Path) -> Office:
    """The office of the transcripts; each command meets a fresh copy."""
    return november.copy_to(tmp_path / "office")


@pytest.mark.parametrize("language", only("nb", of=["nb", "en"]))
@pytest.mark.parametrize("name", a_few(3, of=COMMANDS))
def test_a_daily_command_says_its_transcript(office: Office, name: str, language: str) -> None:
    line, profile = COMMANDS[name]
    said = office.run(f"{line} --lang {language}", profile=profile).said
    assert said == (FOLDER / f"{language}-{name}.txt").read_text(encoding="utf-8")


EXCHANGES = {
    ("ack 10", "kari"): (
        "Du har bekreftet at du har lest oppdrag 10.\nNeste: assign contact 10\n",
        "You have confirmed that you have read assignment 10.\nNext: assign contact 10\n",
    ),
    ("show 5", "anne"): (
        """Oppdrag 5: Hjemmebesøk på Grünerløkka
Status: lest 4. november klokken 11:00, ikke bekreftet
Kontaktfrist: 13. november, 11 dager over fristen
Likeperson: Ola Dunk
Kan leses til: 4. desember
Opprettet: 4. november klokken 10:00 av Anne Berg
Sendt: 4. november klokken 10:00 av Anne Berg
Levert: 4. november klokken 10:00
Lest: 4. november klokken 11:00
""",
        """Assignment 5: Hjemmebesøk på Grünerløkka
Status: read 4 November at 11:00, not confirmed
Contact deadline: 13 November, 11 days overdue
Mentor: Ola Dunk
Can be read until: 4 December
Created: 4 November at 10:00 by Anne Berg
Sent: 4 November at 10:00 by Anne Berg
Delivered: 4 November at 10:00
Read: 4 November at 11:00
""",
    ),
}


@pytest.mark.parametrize(("line", "profile"), EXCHANGES)
def test_further_sentences_of_the_same_kind(office: Office, line: str, profile: str) -> None:
    if line.startswith("ack"):
        office.ok("open 10 --reveal", profile=profile)
    for language, expected in zip(("nb", "en"), EXCHANGES[line, profile], strict=True):
        copy = office.copy_to(office.folder.with_name(f"office-{language}"))
        assert copy.ok(f"{line} --lang {language}", profile=profile).said == expected


DISPATCHED = {
    "nb": """Oppdrag 14 er sendt til Kari Nordmann.
Varsel: ikke sendt. Kari Nordmann har ingen varslingskanal, så ring.
Kontaktfrist: 3. desember
Kan leses til: 24. desember
""",
    "en": """Assignment 14 is sent to Kari Nordmann.
Notification: not sent. Kari Nordmann has no notification channel, so call.
Contact deadline: 3 December
Can be read until: 24 December
""",
}


@pytest.mark.parametrize("language", DISPATCHED)
def test_after_a_dispatch_it_is_said_first_that_nobody_is_told(
    office: Office, language: str
) -> None:
    said = office.ok(
        f"create --to kari --title 'Ny tittel' --payload {office.folder / 'brief.json'}"
        f" --dispatch --lang {language}"
    ).said
    assert said == DISPATCHED[language]
