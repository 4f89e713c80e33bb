"""How long it takes to listen to daily commands: espeak-ng speaks them at 175 words a minute.

    python -m tests.benchmarks.bench_listening           seconds and words of twelve commands

The office is larger than that of the transcripts: seven mentors, thirty assignments, eight of them
to follow up. What is said is that office's own; every line is spoken as one utterance, as a screen
reader does. espeak-ng is Debian's package of that name; without it only words are counted.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.office import Office
from tests.office_in_november import Sent
from tests.office_in_november import found as found_in_november

PACE: Final = 175
"""Words a minute."""
VOICES: Final = {"nb": "nb", "en": "en-gb"}

MENTORS: Final = {
    "berit": "Berit Solheim",
    "geir": "Geir Lunde",
    "hanne": "Hanne Myhre",
    "jon": "Jon Eriksen",
    "kari": "Kari Nordmann",
    "tone": "Tone Vik",
    "ulf": "Ulf Strand",
}
_URGENT: Final = "--priority urgent --deadline-days 5"
ASSIGNMENTS: Final = (
    Sent(20, 10, "kari", "Hjemmebesøk på Frogner", "completed"),
    Sent(20, 10, "geir", "Hjemmebesøk på Tøyen", "completed"),
    Sent(21, 10, "tone", "Samtale om blindeskrift", "completed"),
    Sent(22, 10, "ulf", "Hjemmebesøk på Torshov", "completed"),
    Sent(23, 10, "kari", "Besøk på Aker sykehus", "completed"),
    Sent(26, 10, "berit", "Telefonsamtale om hjelpemidler", "acknowledged"),
    Sent(27, 10, "tone", "Opplæring i skjermleser", "recalled"),
    Sent(30, 10, "jon", "Følge til øyelege", "contact_made"),
    Sent(2, 11, "hanne", "Hjemmebesøk på Nordstrand", "completed"),
    Sent(3, 11, "kari", "Samtale om ny hvit stokk", "contact_made"),
    Sent(4, 11, "geir", "Hjemmebesøk på Grünerløkka", "read"),
    Sent(5, 11, "ulf", "Lydbok-kurs, første gang", "contact_made"),
    Sent(9, 11, "tone", "Turfølge ved Sognsvann", "contact_made"),
    Sent(11, 11, "hanne", "Følge til optiker", "dispatched", _URGENT),
    Sent(11, 11, "berit", "Hjemmebesøk på Sagene", "delivered"),
    Sent(16, 11, "jon", "Telefonsamtale om datakurs", "acknowledged"),
    Sent(17, 11, "ulf", "Besøk på Lovisenberg", "acknowledged"),
    Sent(17, 11, "kari", "Hjemmebesøk på Majorstua", "contact_made"),
    Sent(18, 11, "kari", "Samtale om førerhund", "dispatched", _URGENT),
    Sent(18, 11, "tone", "Hjemmebesøk på Bjølsen", "dispatched", "--consent-required"),
    Sent(18, 11, "geir", "Hjemmebesøk på Lambertseter", "dispatched"),
    Sent(18, 11, "hanne", "Kurs i punktskrift", "pending"),
    Sent(19, 11, "jon", "Hjemmebesøk på Grefsen", "read"),
    Sent(19, 11, "kari", "Besøk på Ullevål sykehus", "acknowledged"),
    Sent(20, 11, "ulf", "Følge til hørselssentralen", "read"),
    Sent(20, 11, "tone", "Hjemmebesøk på Ekeberg", "acknowledged"),
    Sent(21, 11, "berit", "Telefonsamtale om reiser", "acknowledged"),
    Sent(23, 11, "kari", "Hjemmebesøk på Kampen"),
    Sent(23, 11, "geir", "Samtale om mobiltelefon"),
    Sent(23, 11, "jon", "Hjemmebesøk på Holmlia", "read"),
)
TO_FOLLOW_UP: Final = {6, 11, 14, 15, 19, 20, 21, 22}
"""Numbers: past the deadline, about to expire, unread too long, never sent."""


@dataclass(frozen=True)
class Daily:
    """A command of every day, by the name it has in the table."""

    name: str
    line: str
    profile: str = "anne"


COMMANDS: Final = (
    Daily("status", "status"),
    Daily("list", "list"),
    Daily("show", "show 11"),
    Daily("audit log", "audit log"),
    Daily("honorarium report", "honorarium report"),
    Daily("inbox", "inbox", "kari"),
    Daily("open", "open 19 --reveal", "kari"),
    Daily("ack", "ack 19", "kari"),
    Daily("contact", "contact 19", "kari"),
    Daily("complete", "complete 19 --in-person", "kari"),
    Daily("dispatch", "dispatch 22"),
    Daily("doctor", "doctor"),
)
"""In an order in which all of them succeed."""


def office(folder: Path) -> Office:
    """Found the larger office."""
    return found_in_november(folder, ASSIGNMENTS, MENTORS)


def said(office: Office, language: str) -> Iterator[tuple[Daily, str]]:
    """Run the twelve commands and yield what each says, with all that it remarks.

    There is a sweep before `doctor`, as there is every hour in an office where all is well.
    """
    for each in COMMANDS:
        if each.name == "doctor":
            office.ok("sweep")
        result = office.run(f"{each.line} --lang {language}", profile=each.profile)
        yield each, result.said


def can_speak() -> bool:
    """Say whether espeak-ng is on this machine."""
    return shutil.which("espeak-ng") is not None


def seconds(text: str, language: str) -> float:
    """Return how long espeak-ng speaks; each line is an utterance of its own."""
    utterances = "\n\n".join(line for line in text.splitlines() if line)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(
            ["espeak-ng", "-v", VOICES[language], "-s", str(PACE), "-w", str(path), "--stdin"],
            input=utterances.encode(),
            check=True,
        )
        with wave.open(str(path)) as spoken:
            return spoken.getnframes() / spoken.getframerate()


def words(text: str) -> int:
    """Return how many words a text has, split at spaces."""
    return len(text.split())


def until_first_urgent(status: str) -> str:
    """Return what `status` says up to the end of the first urgent assignment's first line."""
    lines = status.splitlines()
    first = next(n for n, line in enumerate(lines) if ", urgent:" in line or ", haster:" in line)
    return "\n".join(lines[: first + 1])


def main() -> None:
    """Print a row for each command: seconds and words, in Norwegian Bokmål and in English."""
    if not can_speak():
        print("espeak-ng is not on this machine, so only words are counted.")
    print("| Command | nb: seconds | nb: words | en: seconds | en: words |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        founded = office(Path(folder) / "founded")
        heard = {
            language: list(said(founded.copy_to(Path(folder) / language), language))
            for language in VOICES
        }
    for (each, norwegian), (_each, english) in zip(heard["nb"], heard["en"], strict=True):
        figures = (_figures(norwegian, "nb"), _figures(english, "en"))
        print(f"| {each.name} | {' | '.join(figures)} |")


def _figures(text: str, language: str) -> str:
    spoken = f"{seconds(text, language):.1f}" if can_speak() else "-"
    return f"{spoken} | {words(text)}"


if __name__ == "__main__":
    main()
