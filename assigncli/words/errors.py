"""What is wrong and what to do: the two sentences of every error, by its code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assigncli.errors import AssignError
from assigncli.words.access import ACCESS
from assigncli.words.channels import CHANNELS
from assigncli.words.evidence import EVIDENCE
from assigncli.words.form import Catalogue, Entry, Sentences, filled, key
from assigncli.words.guards import GUARDS
from assigncli.words.keys import KEYS
from assigncli.words.machine import MACHINE
from assigncli.words.organization import ORGANIZATION
from assigncli.words.payload import PAYLOAD
from assigncli.words.sheet import SHEET
from assigncli.words.steps import STEPS
from assigncli.words.store import STORE
from assigncli.words.texts import TEXTS

AREAS: Final[tuple[Catalogue, ...]] = (
    ACCESS,
    CHANNELS,
    EVIDENCE,
    GUARDS,
    KEYS,
    MACHINE,
    ORGANIZATION,
    PAYLOAD,
    SHEET,
    STEPS,
    STORE,
    TEXTS,
)
"""Each key is in one of them only."""


def _entries() -> Iterator[tuple[str, Entry]]:
    for area in AREAS:
        yield from area.items()


CATALOGUE: Final[Catalogue] = dict(_entries())


def said(error: AssignError) -> Sentences:
    """Return what is wrong and what to do, in the language in use."""
    if error.message:  # of the form that is going away: it brings its own sentences
        return error.message, error.hint
    message, hint = filled(CATALOGUE[key(error.code, error.why)], error.facts)
    return message, error.hint or hint
