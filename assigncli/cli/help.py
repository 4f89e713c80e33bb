"""`help`: the first page, the page of a command, or a topic."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli.frame import command, out
from assigncli.cli.frame.click import Context
from assigncli.cli.frame.help_page import LinearGroup, common_options
from assigncli.locale import N_

_OPTIONS = "options"


@command(N_("Show help on a command, or on a topic. Without a word, it lists the commands."))
def help_(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar=N_("WORD"), help=N_("A command, or options.")),
    ] = None,
) -> None:
    lines = common_options() if words == [_OPTIONS] else [_page(ctx, words or [])]
    for line in lines:
        out().plain(line)


def _page(ctx: Context, words: list[str]) -> str:
    """Return the page of the command that the words name; InvalidInput `usage` for none."""
    here, rest = ctx.find_root(), list(words)
    while rest and isinstance(here.command, LinearGroup):
        name, found, rest = here.command.resolve_command(here, rest)
        here = Context(found, info_name=name, parent=here)
    return here.command.get_help(here)
