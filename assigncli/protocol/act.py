"""One row of the table of acts, parsed from the notation of PROTOCOL.md section 9.

The rows are in `act_table`. This module treats all acts alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assigncli.protocol.forms import RecordForm


@dataclass(frozen=True)
class Made:
    """An entry that an act makes, with the form of each fact; `when` unless it is exactly one."""

    name: str
    facts: Mapping[str, str]
    when: str = ""

    @cached_property
    def form(self) -> RecordForm:
        """The check of its facts."""
        return RecordForm(self.facts)


@dataclass(frozen=True)
class Act:
    """One row of the table.

    `about` gives the kinds of subject, and `is_new` says that the act creates it. Texts belong to
    the statement only if the argument `texts_without`, where there is one, is null. `told` gives by
    kind of notification who receives it; an act on a draft notifies nobody.
    """

    name: str
    signers: tuple[str, ...]
    about: tuple[str, ...]
    is_new: bool
    arguments: Mapping[str, str]
    texts: tuple[str, ...]
    texts_without: str | None
    attachments: tuple[str, ...]
    entries: tuple[Made, ...]
    rows: tuple[str, ...]
    deletes_share: bool
    told: Mapping[str, tuple[str, ...]]

    @cached_property
    def form(self) -> RecordForm:
        """The check of its arguments."""
        return RecordForm(self.arguments)

    def texts_of(self, arguments: Mapping[str, Any]) -> frozenset[str]:
        """Return the fields whose digests a statement with these arguments must have."""
        without = self.texts_without is not None and arguments[self.texts_without] is not None
        return frozenset(() if without else self.texts)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()


def _forms(text: str) -> dict[str, str]:
    """Read `name:form, name:form`."""
    return dict(each.split(":", 1) for each in _words(text))


def _told(text: str) -> dict[str, tuple[str, ...]]:
    """Read `kind who and who, kind who`."""
    pairs = (each.split(" ", 1) for each in _words(text))
    return {kind: tuple(who.split(" and ")) for kind, who in pairs}


def made(name: str, facts: str = "", when: str = "") -> Made:
    """Return an entry with `facts` in the page's notation."""
    return Made(name, _forms(facts), when)


def _numbered(entry: Made, about: str) -> Made:
    """Return the entry with the number that every entry about an assignment has."""
    if about != "assignment" and not entry.name.startswith("assignment."):
        return entry
    return Made(entry.name, {"number": "number", **entry.facts}, entry.when)


def act(
    name: str,
    signers: str,
    about: str,
    arguments: str = "",
    *,
    texts: str = "",
    texts_without: str | None = None,
    attachments: str = "",
    facts: str = "",
    entries: tuple[Made, ...] | None = None,
    rows: str = "",
    deletes_share: bool = False,
    told: str = "",
) -> Act:
    """Return a row; without `entries` the act makes one entry of its own name with `facts`."""
    own = (made(name, facts),) if entries is None else entries
    kinds = about.removesuffix(" (new)")
    return Act(
        name=name,
        signers=_words(signers),
        about=tuple(kinds.split(" or ")),
        is_new=kinds != about,
        arguments=_forms(arguments),
        texts=_words(texts),
        texts_without=texts_without,
        attachments=_words(attachments),
        entries=tuple(_numbered(each, kinds) for each in own),
        rows=_words(rows),
        deletes_share=deletes_share,
        told=_told(told),
    )
