"""The manual: a text for each topic, in each language, which `assign help` shows.

The texts lie beside this file as Markdown, of which they use headings, paragraphs, lists and blocks
of commands. Blocks marked `sh` are run by a test. The topic on scripts ends with the fields of
every JSON document, made from their one list. `first_page` lists the topics, so this imports
nothing that is slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assigncli.locale import N_, language

_FOLDER: Final = Path(__file__).parent
SCRIPTS: Final = "scripts"


@dataclass(frozen=True)
class Topic:
    """One text; `summary` is a message id."""

    name: str
    summary: str

    def markdown(self) -> str:
        """Return the text in the language in use."""
        text = (_FOLDER / language() / f"{self.name}.md").read_text(encoding="utf-8")
        if self.name != SCRIPTS:
            return text
        from assigncli.cli.documents.field_lists import all_lists

        return f"{text}\n{all_lists()}"


TOPICS: Final = (
    Topic("first-day", N_("From an empty machine to a completed assignment.")),
    Topic("mentor", N_("What is sent to you, and what you do with it.")),
    Topic("sheets", N_("Many assignments from one CSV file.")),
    Topic("honorarium", N_("What mentors have earned, and how to pay it.")),
    Topic("keys", N_("Your keys and devices, and what to do if one is lost.")),
    Topic("operating", N_("The server, the sweep, files, backups and checks.")),
    Topic("privacy", N_("What is protected, what is not, and what can be deleted.")),
    Topic("accessibility", N_("How output is made for a screen reader and for braille.")),
    Topic(SCRIPTS, N_("Exit codes, JSON documents and scheduled jobs.")),
)


def find(name: str) -> Topic | None:
    """Return the topic of that exact name, or None."""
    return next((topic for topic in TOPICS if topic.name == name), None)
