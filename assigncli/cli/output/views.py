"""Turn a result into what is shown: its facts by name, each with its label and its words.

A command names the facts and their order; their labels are in module `labels`. The words for a
value are decided here, by its type or by its name. Nothing here prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from assigncli.cli.frame import out
from assigncli.cli.output import Field, Line, Record
from assigncli.cli.output.labels import label
from assigncli.cli.output.values import shown
from assigncli.cli.output.words import count_in_words, in_words, size_in_words
from assigncli.domain.lifecycle import (
    CycleStatus,
    MemberStatus,
    Priority,
    Role,
    Status,
    status_word,
)
from assigncli.domain.tiers import LedgerKind, Tier
from assigncli.locale import _, pgettext


@dataclass(frozen=True)
class Said:
    """A value with words other than its own; with `shown` False it is only in JSON."""

    value: object
    text: str | None = None
    shown: bool = True


def fields(found: object, names: str, **values: object) -> tuple[Field, ...]:
    """Return the named facts, in that order: from `values`, else the attribute of that name.

    A name with a hyphen before it is for JSON alone. One with a word and a dot before it has that
    label of `LABELS`; its JSON name is the part after the dot.
    """
    return tuple(_field(found, spelt, values) for spelt in names.split())


def _field(found: object, spelt: str, values: dict[str, object]) -> Field:
    key = spelt.removeprefix("-")
    name = key.rpartition(".")[2]
    value = values[name] if name in values else getattr(found, name)
    said = value if isinstance(value, Said) else Said(value, _words(key, value))
    if key != spelt:
        return Field(name, "", said.value, said.text, shown=False)
    return Field(name, label(key), said.value, said.text, said.shown)


def record(
    found: object, names: str, lines: tuple[Line, ...] | None = None, /, **values: object
) -> Record:
    """Return a record of the named facts, as for `fields`; without `lines` each is a line."""
    return Record(fields(found, names, **values), lines)


def lines(found: object, names: str, **values: object) -> tuple[Line, ...]:
    """Return a line for each of the named facts that has a value."""
    return tuple(
        Line(each.label, _in_line(each))
        for each in fields(found, names, **values)
        if each.value not in (None, "")
    )


def line(key: str, text: str) -> Line:
    """Return one line with the label of a fact."""
    return Line(label(key), text)


def _in_line(each: Field) -> str:
    if each.text is None and type(each.value) is int:
        return count_in_words(each.value)
    return in_words(each.value, out().calendar) if each.text is None else each.text


def last_day(end: datetime) -> str:
    """Return the last local day before the moment at which something ends."""
    return out().calendar.day(out().calendar.last_day(end))


def _day_of(moment: datetime) -> str:
    return out().calendar.day_of(moment)


def roles_in_words(held: Iterable[Role]) -> str:
    """Return the roles as a list in words."""
    return ", ".join(map(shown, sorted(held)))


def tier_word(tier: Tier) -> str:
    """Return the honorarium of a tier in words."""
    return {
        Tier.NONE: pgettext("honorarium", "none"),
        Tier.STANDARD: pgettext("honorarium", "standard"),
        Tier.ELEVATED: pgettext("honorarium", "elevated"),
    }[tier]


def _member_status_word(found: MemberStatus) -> str:
    return {
        MemberStatus.INVITED: _("invited"),
        MemberStatus.REQUESTED: _("waiting for approval"),
        MemberStatus.ACTIVE: pgettext("member", "active"),
        MemberStatus.REVOKED: pgettext("member", "revoked"),
    }[found]


def _cycle_status_word(found: CycleStatus) -> str:
    return {
        CycleStatus.OPEN: pgettext("cycle", "open"),
        CycleStatus.CLOSED: pgettext("cycle", "closed"),
    }[found]


_BY_NAME: Final[dict[str, Callable[[Any], str]]] = {
    "contact_due_at": last_day,
    "elevated_reached_at": _day_of,
    "expires_at": last_day,
    "roles": roles_in_words,
    "size_bytes": size_in_words,
    "standard_reached_at": _day_of,
}
_BY_TYPE: Final[dict[type, Callable[[Any], str]]] = {
    Status: status_word,
    LedgerKind: lambda kind: status_word(Status(kind)),
    Priority: shown,
    Tier: tier_word,
    MemberStatus: _member_status_word,
    CycleStatus: _cycle_status_word,
}


def _words(key: str, value: object) -> str | None:
    """Return the words for a value if the default ones (module `words`) are not right.

    A text is shown unchanged.
    """
    say = _BY_TYPE.get(type(value)) or _BY_NAME.get(key)
    return None if say is None or value is None or type(value) is str else say(value)
