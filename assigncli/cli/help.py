"""`help`: the first page, the page of a command, a topic of the manual, or all of it as HTML.

After `scripts`, the words of a command ask for the fields of its JSON document.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assigncli.cli import manual
from assigncli.cli.frame import command, commands, out
from assigncli.cli.frame.click import Context
from assigncli.cli.frame.help_page import COMMON_OPTIONS, LinearGroup, common_options
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _


@command(N_("Show help on a command, or on a topic. Without a word, it lists both."))
def help_(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar=N_("WORD"), help=N_("A command, a topic, or options.")),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar=N_("FILE"), help=N_("Write all topics to this file, for a browser.")
        ),
    ] = None,
    schema: Annotated[
        bool,
        typer.Option("--schema", help=N_("Show the JSON schema of every command's document.")),
    ] = False,
) -> None:
    if schema:
        from assigncli.cli.documents.json_schema import schema as of_all

        out().plain(json.dumps(of_all(), ensure_ascii=False, indent=2))
        return
    if html is not None:
        _write(html)
        out().plain(_("The manual is written to {path}.").format(path=html))
        return
    for line in _lines(ctx, words or []):
        out().plain(line)


def _lines(ctx: Context, words: list[str]) -> list[str]:
    topic = manual.find(words[0]) if len(words) == 1 else None
    if words == [COMMON_OPTIONS]:
        return common_options()
    if words[:1] == [manual.SCRIPTS] and len(words) > 1:
        return _fields(ctx, words[1:])
    if topic is None:
        return _page(ctx, words).splitlines()
    from assigncli.cli.manual.line_by_line import lines

    page = ["", *_page(ctx, words).splitlines()] if commands.find(topic.name) else []
    return [*lines(topic.markdown()), *page]


def _fields(ctx: Context, words: list[str]) -> list[str]:
    """Return the fields of a command's document; InvalidInput `usage` for no command."""
    from assigncli.cli.documents.field_lists import lists_of
    from assigncli.cli.manual.line_by_line import lines

    command = " ".join(words)
    said = lists_of(command)
    if not said:
        _page(ctx, words)  # a word that names no command is said as everywhere
        return [_("{command} gives no JSON document.").format(command=f"assign {command}")]
    return lines(said)


def _page(ctx: Context, words: list[str]) -> str:
    """Return the page of the command that the words name; InvalidInput `usage` for none."""
    here, rest = ctx.find_root(), list(words)
    while rest and isinstance(here.command, LinearGroup):
        name, found, rest = here.command.resolve_command(here, rest)
        here = Context(found, info_name=name, parent=here)
    return here.command.get_help(here)


def _write(path: Path) -> None:
    """Write the page to a new file; raises InvalidInput `output_exists` or `output_unwritable`."""
    from assigncli.cli.manual.page import page

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(page())
    except FileExistsError:
        raise InvalidInput("output_exists", "page") from None
    except OSError:
        raise InvalidInput("output_unwritable", "page") from None
