"""What is wrong and what to do: the two sentences of every error, by its code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assigncli.errors import AssignError
from assigncli.locale import N_
from assigncli.words.access import ACCESS
from assigncli.words.channels import CHANNELS
from assigncli.words.evidence import EVIDENCE
from assigncli.words.form import Catalogue, Entry, Sentences, filled, key
from assigncli.words.guards import GUARDS
from assigncli.words.keys import KEYS
from assigncli.words.log import LOG
from assigncli.words.machine import MACHINE
from assigncli.words.members import MEMBERS
from assigncli.words.organization import ORGANIZATION
from assigncli.words.payload import PAYLOAD
from assigncli.words.sending import SENDING
from assigncli.words.sheet import SHEET
from assigncli.words.steps import STEPS
from assigncli.words.store import STORE
from assigncli.words.texts import TEXTS
from assigncli.words.untold import UNTOLD

AREAS: Final[tuple[Catalogue, ...]] = (
    ACCESS,
    CHANNELS,
    EVIDENCE,
    GUARDS,
    KEYS,
    LOG,
    MACHINE,
    MEMBERS,
    ORGANIZATION,
    PAYLOAD,
    SENDING,
    SHEET,
    STEPS,
    STORE,
    TEXTS,
    UNTOLD,
)
"""Each key is in one of them only."""


def _entries() -> Iterator[tuple[str, Entry]]:
    for area in AREAS:
        yield from area.items()


OF_ANY_CODE: Final[Catalogue] = {
    "refused": (
        N_("The server refused this."),
        N_("Run the command again to be told how it is now."),
    ),
}
"""By the why alone: a server may be newer, and refuse with a code that this program lacks."""
CATALOGUE: Final[Catalogue] = dict(_entries())


def said(error: AssignError) -> Sentences:
    """Return what is wrong and what to do, in the language in use."""
    if error.message:  # of the form that is going away: it brings its own sentences
        return error.message, error.hint
    entry = OF_ANY_CODE.get(error.why or "") or CATALOGUE[key(error.code, error.why)]
    return filled(entry, error.facts)
