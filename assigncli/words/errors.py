"""The two sentences of every error by its code: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assigncli.errors import AssignError
from assigncli.locale import N_
from assigncli.words.access import ACCESS
from assigncli.words.backups import BACKUPS
from assigncli.words.checkpoint import CHECKPOINT
from assigncli.words.evidence import EVIDENCE
from assigncli.words.files import FILES
from assigncli.words.findings import FINDINGS
from assigncli.words.form import Catalogue, Entry, Sentences, filled, key
from assigncli.words.guards import GUARDS
from assigncli.words.keys import KEYS
from assigncli.words.log import LOG
from assigncli.words.machine import MACHINE
from assigncli.words.members import MEMBERS
from assigncli.words.moving import MOVING
from assigncli.words.notifications import NOTIFICATIONS
from assigncli.words.organization import ORGANIZATION
from assigncli.words.payload import PAYLOAD
from assigncli.words.privacy import PRIVACY
from assigncli.words.server import SERVER
from assigncli.words.sheet import SHEET
from assigncli.words.steps import STEPS
from assigncli.words.store import STORE
from assigncli.words.texts import TEXTS
from assigncli.words.typed import TYPED

AREAS: Final[tuple[Catalogue, ...]] = (
    ACCESS,
    CHECKPOINT,
    BACKUPS,
    EVIDENCE,
    FILES,
    FINDINGS,
    GUARDS,
    KEYS,
    LOG,
    MACHINE,
    MEMBERS,
    MOVING,
    NOTIFICATIONS,
    ORGANIZATION,
    PAYLOAD,
    PRIVACY,
    SERVER,
    SHEET,
    STEPS,
    STORE,
    TEXTS,
    TYPED,
)
"""Each key is in exactly one of them."""


def _entries() -> Iterator[tuple[str, Entry]]:
    for area in AREAS:
        yield from area.items()


_COPY: Final = N_("Keep a copy of the store as it is, and tell your administrator.")
OF_ANY_CODE: Final[Catalogue] = {
    "refused": (  # a server may be newer, and refuse with a code that this program lacks
        N_("The server refused this."),
        N_("Run the command again to be told how it is now."),
    ),
    "of_log": (N_("The audit log is not as it was written."), _COPY),
    "of_store_and_log": (N_("The store does not say what the audit log says."), _COPY),
    "of_store": (
        N_("The store is not as it should be."),
        N_("Keep a copy of it as it is, and tell your operator."),
    ),
    "told": lambda message, hint: (message, hint),
}
"""Sentences by `why` alone, if the code is a server's, or that of the first of several findings.

`told` is for the command line, which makes some sentences from what only it has: the parser's
commands and options, the label of a question, the progress of a sheet.
"""
CATALOGUE: Final[Catalogue] = dict(_entries())


def said(error: AssignError) -> Sentences:
    """Return what is wrong and what to do, in the language in use."""
    entry = OF_ANY_CODE.get(error.why or "") or CATALOGUE[key(error.code, error.why)]
    return filled(entry, error.facts)
