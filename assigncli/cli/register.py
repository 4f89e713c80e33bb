"""`privacy register`: the record of processing, from the tables of this version of the program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from assigncli.cli.frame import out
from assigncli.cli.output import Record, views
from assigncli.cli.output.words import LONGEST
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.server.register import KeptData

REGISTER_HELP: Final = N_(
    "Show what is kept about whom, why, until when and who sees it, as article 30 of the GDPR "
    "requires. With --full or --json, with every stored field. Needs no profile."
)
_ROOM: Final = 40
"""Characters of a line that are left for its label."""


def register() -> None:
    from assigncli.server.register import register as kept

    found = kept()
    count = sum(len(each.fields) for each in found)
    out().listing(
        "register",
        ngettext(
            "{count} kind of data is kept.", "{count} kinds of data are kept.", len(found)
        ).format(count=len(found)),
        [_record(each) for each in found],
        ngettext(
            "They are in {count} field of the store; --full lists them.",
            "They are in {count} fields of the store; --full lists them.",
            count,
        ).format(count=count),
    )


def _record(found: KeptData) -> Record:
    from assigncli.words.register import REGISTER

    text = REGISTER[found.kind]
    facts = {
        "kind": views.Said(found.kind, _(text.name)),
        "concerns": _(text.about),
        "purpose": _(text.purpose),
        "retention": _(text.retention),
        "recipients": _(text.recipients),
        "fields": views.Said(found.fields, "\n".join(_stored(found.fields))),
    }
    said = "kind concerns purpose retention recipients"
    return views.record(found, f"{said} fields", views.lines(found, said, **facts), **facts)


def _stored(fields: Sequence[str]) -> Iterator[str]:
    """Yield the fields of each table, on as many lines as fit: "members: handle, status"."""
    for table, those in groupby(fields, lambda field: field.partition(".")[0]):
        names = [each.partition(".")[2] for each in those]
        room = LONGEST - _ROOM - len(table)
        yield from (f"{table}: {part}" for part in wrap(", ".join(names), room))
