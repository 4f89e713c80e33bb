"""`assign cycle`: the reporting cycles in which honoraria are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from assigncli.cli.frame import group, out
from assigncli.cli.input import confirming
from assigncli.cli.input.prompts import confirm
from assigncli.cli.output import Line, Record, listing_columns, views
from assigncli.cli.session import opened, unlocked
from assigncli.domain.reporting_cycles import as_word
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.client.cycle import Closed
    from assigncli.domain.reporting_cycles import Cycle

app = group()

_FACTS: Final = "name status starts_on ends_on id"
NameArgument = Annotated[
    str, typer.Argument(metavar=N_("NAME"), help=N_("The cycle's name, such as 2026."))
]


@app.command("open", help=N_("Open a cycle by hand. Cycles may not overlap."))
def open_(
    name: NameArgument,
    first: Annotated[str, typer.Option("--from", metavar=N_("DAY"), help=N_("Its first day."))],
    last: Annotated[str, typer.Option("--to", metavar=N_("DAY"), help=N_("Its last day."))],
) -> None:
    from assigncli.client import cycle
    from assigncli.domain.deadlines import parse_day

    with opened(keys=True) as session:
        found = cycle.open_cycle(session.client, name, parse_day(first), parse_day(last))
        out().result(_is_open(found), views.record(found, _FACTS, ()))


@app.command(
    "close",
    help=N_(
        "Close a cycle, so that nothing more is sent in it. The one that covers today needs "
        "--force: nothing can be sent on its days until it is reopened."
    ),
)
def close(
    name: NameArgument,
    force: Annotated[
        bool, typer.Option("--force", help=N_("Close it although it covers today."))
    ] = False,
) -> None:
    from assigncli.client import cycle

    with opened(asks=True) as session:
        closing = cycle.to_close(session.client, name, force=force)
        told = closing if confirm(*confirming.about_cycle(closing, force=force)) else None
        found = cycle.close_cycle(unlocked(session).client, name, told, force=force)
        out().result(
            _("Cycle {name} is closed.").format(name=found.cycle.name),
            _closed(found),
        )


@app.command("reopen", help=N_("Open a closed cycle again, until it has ended."))
def reopen(name: NameArgument) -> None:
    from assigncli.client import cycle

    with opened(keys=True) as session:
        found = cycle.reopen_cycle(session.client, name)
        sentence = _("Cycle {name} is open again, to and including {last}.").format(
            name=found.name, last=out().calendar.day(found.ends_on)
        )
        out().result(sentence, views.record(found, _FACTS, ()))


@app.command("list", help=N_("List the cycles, newest first."))
def list_() -> None:
    from assigncli.lookups import Nothing
    from assigncli.lookups.about_office import CYCLES

    with opened() as session:
        found = session.look(CYCLES, Nothing()).cycles
        out().listing(
            "cycles",
            ngettext("{count} cycle.", "{count} cycles.", len(found)).format(count=len(found))
            if found
            else _("No cycles."),
            [_record(each) for each in found],
            columns=listing_columns.CYCLES,
        )


def _is_open(found: Cycle) -> str:
    calendar = out().calendar
    return _("Cycle {name} is open, {first} to {last}.").format(
        name=found.name, first=calendar.day(found.starts_on), last=calendar.day(found.ends_on)
    )


def _record(found: Cycle) -> Record:
    heading = Line(_("Cycle {name}").format(name=found.name), _days(found))
    return views.record(found, _FACTS, (heading,))


def _days(found: Cycle) -> str:
    calendar = out().calendar
    said = (
        _("open, {first} to {last}")
        if found.status.value == "open"
        else _("closed, {first} to {last}")
    )
    return said.format(first=calendar.day(found.starts_on), last=calendar.day(found.ends_on))


def _closed(found: Closed) -> Record:
    """Return the record of a closed cycle, with the effect and the way back if it covers today."""
    about = views.fields(found.cycle, _FACTS)
    if not found.stops_dispatch:
        return Record((*about, *views.fields(found, "-stops_dispatch -undo", undo=None)), ())
    more = {"stops_dispatch": views.Said(True, _means(found)), "undo": _undo(found)}
    names = "stops_dispatch undo"
    return Record((*about, *views.fields(found, names, **more)), views.lines(found, names, **more))


def _means(found: Closed) -> str:
    return _(
        "nothing can be sent up to and including {day}; what is completed counts in the cycle in "
        "which it was sent"
    ).format(day=out().calendar.day(found.cycle.ends_on))


def _undo(found: Closed) -> str:
    return f"assign cycle reopen {as_word(found.cycle.name)}"
