"""The `assign` command itself: finds a command by name and loads only its module.

Help and errors of the first level come from the table in `assigncli.cli.frame.commands`. Nothing
here handles an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from operator import attrgetter
from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from assigncli import __version__
from assigncli.cli.frame import commands, description_of, group, out, usage
from assigncli.cli.frame.click import Command as ClickCommand
from assigncli.cli.frame.click import Context
from assigncli.cli.frame.help_page import LinearCommand, LinearGroup
from assigncli.cli.frame.options import usage as usage_error
from assigncli.cli.manual import TOPICS
from assigncli.locale import N_, _


class RootGroup(LinearGroup):
    """The first level, made from the table; a command's module is imported when it is named."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names in the table's order."""
        return [entry.name for entry in commands.COMMANDS]

    def get_command(self, ctx: Context, cmd_name: str) -> ClickCommand | None:
        """Load the command of that exact name."""
        entry = commands.find(cmd_name)
        return load(entry) if entry else None

    def sections(self, ctx: Context) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield the commands by who uses them, without loading any."""
        for users, entries in groupby(commands.COMMANDS, key=attrgetter("users")):
            yield users, [(entry.name, entry.summary) for entry in entries]
        yield N_("Topics, after assign help:"), [(topic.name, topic.summary) for topic in TOPICS]

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str, ClickCommand, list[str]]:
        """Find the command named by the first word; an error says what may have been meant."""
        if commands.find(args[0]) is None:
            raise usage.unknown_command(ctx, args[0], self.list_commands(ctx), meant(args[0]))
        return super().resolve_command(ctx, args)


def meant(word: str) -> str | None:
    """Return the command that a word of the same meaning stands for, or None."""
    from assigncli.cli.frame.meant import BY_WORD

    return BY_WORD.get(word) or next(
        (
            f"{entry.name} {word}"
            for entry in commands.COMMANDS
            if entry.attribute == "app" and word in getattr(load(entry), "commands", ())
        ),
        None,
    )


def load(entry: commands.Command) -> ClickCommand:
    """Import a command's module and build the command or group."""
    target = getattr(import_module(entry.module), entry.attribute)
    if isinstance(target, typer.Typer):
        return _group(entry, target)
    app = group(entry.summary)
    app.command(entry.name, cls=LinearCommand, help=description_of(target) or entry.summary)(target)
    return get_command(app)


def _group(entry: commands.Command, app: typer.Typer) -> TyperGroup:
    app.info.name = entry.name
    app.info.help = app.info.help or entry.summary
    app.info.cls = LinearGroup
    for registered in app.registered_commands:
        registered.cls = LinearCommand
    return get_group(app)


def _say_version(asked: bool) -> None:
    if asked:
        out().plain(f"assign {__version__}")
        raise typer.Exit


def _show_completion(shell: str | None) -> None:
    if shell is None:
        return
    from assigncli.cli.completion.scripts import SCRIPTS

    if shell not in SCRIPTS:
        raise usage_error(
            _("Lines can be completed in {names}.").format(names=", ".join(SCRIPTS)),
            _("Use one of these: {choices}.").format(choices=", ".join(SCRIPTS)),
        )
    out().plain(SCRIPTS[shell].rstrip("\n"))
    raise typer.Exit


def root() -> TyperGroup:
    """Build the root command; it loads no other command."""
    app = typer.Typer(
        cls=RootGroup,
        help=N_("Hand a sensitive assignment to one peer mentor, and follow it to the end."),
        context_settings={"help_option_names": ["--help", "-h"]},
        invoke_without_command=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_assign)
    return get_group(app)


def _assign(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_say_version,
            help=N_("Show the version."),
        ),
    ] = False,
    show_completion: Annotated[
        str | None,
        typer.Option(
            "--show-completion",
            is_eager=True,
            callback=_show_completion,
            metavar=N_("SHELL"),
            help=N_("Show the script that lets bash, zsh or fish complete lines."),
        ),
    ] = None,
) -> None:
    if ctx.invoked_subcommand is None:
        out().plain(ctx.get_help())
