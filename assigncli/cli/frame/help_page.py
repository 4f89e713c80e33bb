"""Help as plain lines: no columns or wrapping, the same at any width and in a pipe.

Texts are message ids, translated here when shown, so that the language may change between two
calls. Nothing here loads a command or prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Final

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from assigncli.cli.frame import out, usage
from assigncli.cli.frame.click import Command, Context, Parameter, UsageError
from assigncli.cli.frame.options import OPTIONS
from assigncli.cli.output.values import canonical, shown
from assigncli.cli.output.words import LONGEST, sentences
from assigncli.locale import N_, _

COMMON_OPTIONS: Final = "options"
"""The word after `assign help` for what works with every command."""
_TYPE_WORDS: Final = {"int": N_("NUMBER"), "Path": N_("FILE"), "str": N_("TEXT")}


class _Linear(Command):
    """The behaviour of every command here: its help page and its usage errors."""

    def get_help(self, ctx: Context) -> str:
        """Return the whole page."""
        return "\n".join(page(self, ctx))

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        """Return --help with a translated text and our own output."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = N_("Show this help.")
            option.callback = _say_help
            option.default = False  # None would be validated, and load pydantic for it
        return option

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse the arguments; raise an error of ours, which never repeats what was typed."""
        _take_texts_as_they_are(self, ctx)
        try:
            return super().parse_args(ctx, _with_our_values(self, ctx, args))
        except UsageError as error:
            raise usage.explain(error, ctx) from None


class _AsItIs:
    """Leaves a typed text as it is; Typer's own conversion loads pydantic, which is slow."""

    def coerce(self, value: str | None, **_about: object) -> str | None:
        """Return the value."""
        return value


def _take_texts_as_they_are(command: Command, ctx: Context) -> None:
    """Let options and arguments that are one text each pass without conversion."""
    for param in command.get_params(ctx):
        if not isinstance(param, TyperOption | TyperArgument):
            continue
        if param.type_descriptor.annotation is str and param.nargs == 1 and not param.multiple:
            param.__dict__["_runtime_param"] = _AsItIs()


def _with_our_values(command: Command, ctx: Context, args: Sequence[str]) -> list[str]:
    """Return the words of a line, with the values of limited options in the program's spelling."""
    limited = {
        name: param
        for param in command.get_params(ctx)
        if usage.choices_of(param)
        for name in param.opts
    }
    words: list[str] = []
    for word in args:
        name, equals, value = word.partition("=")
        if words and words[-1] in limited:
            words.append(_our_value(ctx, limited[words[-1]], word))
        elif equals and name in limited:
            words.append(f"{name}={_our_value(ctx, limited[name], value)}")
        else:
            words.append(word)
    return words


def _our_value(ctx: Context, param: Parameter, typed: str) -> str:
    """Return a value in the program's spelling; one that is not allowed stays as it is."""
    choices = usage.choices_of(param)
    value = canonical(typed, choices)
    if value not in choices:
        usage.note_typed(ctx, param, typed)
    return value


class LinearCommand(_Linear, TyperCommand):
    """A command whose help is lines."""


class LinearGroup(_Linear, TyperGroup):
    """A group of commands whose help is lines."""

    def sections(self, ctx: Context) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield headings, message ids, each with the commands to be listed under it."""
        yield N_("Commands:"), list(self.summaries(ctx))

    def summaries(self, ctx: Context) -> Iterator[tuple[str, str]]:
        """Yield each command's name and the message id of its summary."""
        for name in self.list_commands(ctx):
            found = self.get_command(ctx, name)
            if found is not None and not found.hidden:
                yield name, found.short_help or found.help or ""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str, Command, list[str]]:
        """Find the command named by the first word; an error never repeats the word."""
        found = self.get_command(ctx, args[0])
        if found is None:
            raise usage.unknown_command(ctx, args[0], self.list_commands(ctx))
        return args[0], found, args[1:]

    def invoke(self, ctx: Context) -> Any:
        """Run the named command; without one, raise the error that lists them."""
        if not ctx._protected_args and not self.invoke_without_command:
            raise usage.missing_command(ctx, self.list_commands(ctx))
        return super().invoke(ctx)


def _say_help(ctx: Context, param: Parameter, value: object) -> None:
    if value and not ctx.resilient_parsing:
        out().plain(ctx.get_help())
        ctx.exit()


def page(command: Command, ctx: Context) -> list[str]:
    """Return the lines of a command's help, each sentence of its description on its own line."""
    params = [param for param in command.get_params(ctx) if not getattr(param, "hidden", False)]
    arguments = [param for param in params if isinstance(param, TyperArgument)]
    options = [param for param in params if isinstance(param, TyperOption)]
    lines = [usage_line(command, ctx, arguments)]
    lines += ["", *_sentences(command.help)] if command.help else []
    lines += _section(_("Examples:"), _examples(ctx))
    lines += _section(_("Arguments:"), [x for e in arguments for x in _argument_lines(e, ctx)])
    if isinstance(command, LinearGroup):
        for heading, named in command.sections(ctx):
            lines += _section(_(heading), [f"{name}: {_summary(text)}" for name, text in named])
    lines += _section(_("Options:"), [x for e in options for x in _option_lines(e, ctx)])
    common = f"assign help {COMMON_OPTIONS}"
    return [
        *lines,
        "",
        _("For the options of every command, run {command}.").format(command=common),
    ]


def common_options() -> list[str]:
    """Return the lines of `assign help options`: what works with every command."""
    return [
        _("Options for every command:"),
        *_global_lines(),
        "",
        _("They may be anywhere on the line."),
    ]


def usage_line(command: Command, ctx: Context, arguments: Sequence[TyperArgument]) -> str:
    """Return `Usage: assign create [OPTIONS]` in the language in use."""
    pieces = [ctx.command_path, _("[OPTIONS]"), *(_argument_usage(each) for each in arguments)]
    if isinstance(command, LinearGroup):
        pieces.append(_("COMMAND"))
    return _("Usage: {line}").format(line=" ".join(pieces))


def argument_name(argument: TyperArgument) -> str:
    """Return the name of an argument in help and errors."""
    return _translated(argument.metavar) or argument.name.upper()


def _translated(text: str | None) -> str:
    """Translate a message id; keep an empty text (gettext would return the catalogue's head)."""
    return _(text) if text else ""


def _sentences(text: str) -> list[str]:
    """Return a translated text with each sentence on its own line."""
    return sentences(_translated(text))


def _summary(text: str) -> str:
    """Return the first sentence of a command's description, which says what it is for."""
    return next(iter(_sentences(text)), "")


def _examples(ctx: Context) -> list[str]:
    """Return the examples of a command, whole lines as they are typed."""
    from assigncli.cli.frame.examples import EXAMPLES

    return [_(line) for line in EXAMPLES.get(ctx.command_path.partition(" ")[2], ())]


def _section(heading: str, rows: list[str]) -> list[str]:
    return ["", heading, *rows] if rows else []


def _argument_usage(argument: TyperArgument) -> str:
    name = argument_name(argument) + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _argument_lines(argument: TyperArgument, ctx: Context) -> list[str]:
    return _row(argument_name(argument), argument, ctx)


def _option_lines(option: TyperOption, ctx: Context) -> list[str]:
    names = ", ".join(sorted(option.opts, key=len, reverse=True))
    if option.secondary_opts:
        names = _("{on} or {off}").format(on=names, off=", ".join(option.secondary_opts))
    if not option.is_flag and not option.count:
        names = f"{names} {_option_value(option)}"
    return _row(names, option, ctx)


def _option_value(option: TyperOption) -> str:
    if option.metavar:
        return _(option.metavar)
    word = _TYPE_WORDS.get(getattr(option.type_descriptor.annotation, "__name__", ""))
    return _(word) if word else option.name.upper()


def _row(name: str, param: TyperArgument | TyperOption, ctx: Context) -> list[str]:
    """Return a parameter's line; the allowed values get a second one if it would be too long."""
    text = _translated(param.help)
    choices, facts = _choices(param), ", ".join(_facts(param, ctx))
    line = f"{name}: {text}"
    more = ", ".join(each for each in (choices, facts) if each)
    whole = f"{line} ({more})" if more else line
    if len(whole) <= LONGEST or not choices:
        return [whole]
    return [f"{line} ({facts})" if facts else line, f"{name}, {choices}."]


def _choices(param: TyperArgument | TyperOption) -> str:
    """Return the allowed values in words, empty if any value is allowed."""
    choices = usage.choices_of(param)
    return _("one of {choices}").format(choices=", ".join(map(shown, choices))) if choices else ""


def _facts(param: TyperArgument | TyperOption, ctx: Context) -> Iterator[str]:
    """Yield in words what brackets and columns would show."""
    if param.required:
        yield _("required")
    default = _default(param, ctx)
    if default:
        yield _("default {value}").format(value=default)


def _default(param: TyperArgument | TyperOption, ctx: Context) -> str:
    """Return the default as a person would say it, empty if there is nothing to say."""
    if isinstance(param.show_default, str):
        return _(param.show_default) if param.show_default else ""
    value = param.default
    if not param.show_default or value is None or isinstance(value, bool) or callable(value):
        return ""
    values = value if isinstance(value, (list, tuple)) else [value]
    return ", ".join(shown(str(each.value if isinstance(each, Enum) else each)) for each in values)


def _global_lines() -> Iterator[str]:
    for option in OPTIONS:
        name = f"{option.name} {_(option.metavar)}" if option.metavar else option.name
        yield f"{name}: {_(option.help)}"
