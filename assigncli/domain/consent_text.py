"""The consent text that a mentor accepts, step by step, before reading a payload that requires it.

Every changed word makes a new version, and a consent record names the version it was given to. The
text is about the mentor's own duty; it names no person.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from assigncli.errors import Tampered
from assigncli.locale import N_, _, speaking


@dataclass(frozen=True)
class ConsentStep:
    """One sentence to accept, with its stable name."""

    name: str
    sentence: str

    @property
    def text(self) -> str:
        """The sentence in the language in use."""
        return _(self.sentence)


@dataclass(frozen=True)
class ConsentText:
    """One version of the text; every step must be accepted, in order."""

    version: str
    steps: tuple[ConsentStep, ...]

    @property
    def names(self) -> list[str]:
        """The names of the steps, in order."""
        return [each.name for each in self.steps]

    def digest(self, language: str) -> bytes:
        """Return the SHA-256 of the sentences as shown, each followed by a line feed."""
        with speaking(language):
            shown = "".join(f"{each.text}\n" for each in self.steps)
        return hashlib.sha256(shown.encode()).digest()


CURRENT: Final = ConsentText(
    version="2026-1",
    steps=(
        ConsentStep(
            "confidentiality",
            N_(
                "I keep what I read secret: I tell nobody who the person is, or anything about "
                "their health or home, not even that I know them."
            ),
        ),
        ConsentStep(
            "purpose",
            N_(
                "I use the information only to prepare and carry out this visit, and for nothing "
                "else."
            ),
        ),
        ConsentStep(
            "no_copies",
            N_(
                "I do not copy, photograph, forward or print the brief, and I read it where nobody "
                "else can see or hear it."
            ),
        ),
        ConsentStep(
            "record",
            N_("I know that each time I open the brief, it is recorded that I did, and when."),
        ),
        ConsentStep(
            "withdraw",
            N_(
                "I tell the coordinator at once if I know the person privately, or cannot make "
                "the visit."
            ),
        ),
    ),
)


def consent_invalid() -> Tampered:
    """Return the error for a consent without the mentor's valid signature."""
    return Tampered("consent_invalid")
