"""Turn a mistake on the command line into one of our errors.

No sentence repeats what was typed, since it may be a name, a phone number or a brief. Only names
that the program itself knows are shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

import typer
from typer.core import TyperArgument, TyperOption

from assigncli.cli.frame.click import (
    BadOptionUsage,
    BadParameter,
    Context,
    MissingParameter,
    NoSuchOption,
    Parameter,
    UsageError,
)
from assigncli.cli.frame.options import OPTIONS, usage
from assigncli.cli.output.values import shown
from assigncli.errors import InvalidInput
from assigncli.locale import _

_NEAR: Final = "assign.near"
_OPTION_NAME: Final = re.compile(r"--?[a-z][a-z-]{0,29}")
_COMMAND_NAME: Final = re.compile(r"[a-z][a-z-]{0,29}")


def explain(error: typer.TyperException, context: Context | None = None) -> InvalidInput:
    """Return the error to show for one of Typer's own; none of its text is kept."""
    ctx = getattr(error, "ctx", None) or context
    if isinstance(error, NoSuchOption):
        return _unknown_option(ctx, error.option_name)
    if isinstance(error, MissingParameter):
        return _missing(ctx, error.param)
    if isinstance(error, BadParameter):
        return _unusable(ctx, error.param)
    if isinstance(error, BadOptionUsage):
        return _bad_option(ctx, error.option_name)
    if type(error) is UsageError and ctx is not None:
        return usage(
            _("There are too many words on the line.").format(command=_name(ctx)),
            _("Put a text of several words in quotes. {help}").format(help=_see_help(ctx)),
        )
    return usage(_("The command line cannot be used as it is."), _see_help(ctx))


def unknown_command(
    ctx: Context, typed: str, known: Sequence[str], meant: str | None = None
) -> InvalidInput:
    """Return the error for an unknown command, with what was meant, or the most similar one."""
    near = meant or _nearest(typed, known, _COMMAND_NAME)
    sentence = _("{command} has no command of that name.")
    return _unknown(ctx, sentence, near and f"{_name(ctx)} {near}")


def missing_command(ctx: Context, known: Sequence[str]) -> InvalidInput:
    """Return the error for a group named without one of its commands."""
    return usage(
        _("Say which command of {command} to run.").format(command=_name(ctx)),
        _("Add one of these: {names}. {help}").format(names=", ".join(known), help=_see_help(ctx)),
    )


def choices_of(param: Parameter) -> list[str]:
    """Return the values that a parameter is limited to, empty if it is not limited."""
    if not isinstance(param, (TyperArgument, TyperOption)):
        return []
    choices = param.type_descriptor.choices or ()
    return [str(getattr(each, "value", each)) for each in choices]


def _unknown_option(ctx: Context | None, typed: str) -> InvalidInput:
    near = _nearest(typed, _option_names(ctx), _OPTION_NAME)
    return _unknown(ctx, _("{command} has no such option."), near)


def _unknown(ctx: Context | None, sentence: str, near: str | None) -> InvalidInput:
    hint = _("Did you mean {name}?").format(name=near) if near else ""
    return usage(sentence.format(command=_name(ctx)), f"{hint} {_see_help(ctx)}".strip())


def _missing(ctx: Context | None, param: Parameter | None) -> InvalidInput:
    return usage(
        _("{command} needs {name}.").format(command=_name(ctx), name=_param_name(param)),
        f"{_whole(ctx, param)} {_see_help(ctx)}".strip(),
    )


def _whole(ctx: Context | None, param: Parameter | None) -> str:
    """Return the usage of the whole command if an argument is missing, else an empty text."""
    if ctx is None or not isinstance(param, TyperArgument):
        return ""
    words = [
        _(each.metavar) if each.metavar else each.name.upper()
        for each in ctx.command.get_params(ctx)
        if isinstance(each, TyperArgument) and each.required
    ]
    return _("Write {command}.").format(command=" ".join((_name(ctx), *words)))


def _unusable(ctx: Context | None, param: Parameter | None) -> InvalidInput:
    near = (
        ctx.meta.get(_NEAR, {}).get(param.name) if ctx is not None and param is not None else None
    )
    hint = _("Did you mean {name}?").format(name=near) if near else ""
    return usage(
        _("The value for {name} is not valid.").format(name=_param_name(param)),
        f"{hint} {_expected(param) or _see_help(ctx)}".strip(),
    )


def note_typed(ctx: Context, param: Parameter, typed: str) -> None:
    """Keep which allowed value is most similar to what was typed, for the error if there is one."""
    known = [shown(each) for each in choices_of(param)]
    near = get_close_matches(typed.casefold(), known, n=1)
    if near:
        ctx.meta.setdefault(_NEAR, {})[param.name] = near[0]


def _bad_option(ctx: Context | None, name: str) -> InvalidInput:
    option = next((each for each in _options(ctx) if name in each.opts), None)
    known = name if name in _option_names(ctx) else _("one of its options")
    if option is not None and option.is_flag:
        message = _("The option {option} takes no value.").format(option=known)
    else:
        message = _("The option {option} needs a value.").format(option=known)
    return usage(message, _see_help(ctx))


def _expected(param: Parameter | None) -> str:
    """Return a sentence on the valid values, empty if they are unknown."""
    if not isinstance(param, (TyperArgument, TyperOption)):
        return ""
    choices = choices_of(param)
    if choices:
        return _("Use one of these: {choices}.").format(choices=", ".join(map(shown, choices)))
    if param.type_descriptor.annotation is not int:
        return ""
    if param.min is not None and param.max is not None:
        return _("Use a whole number from {least} to {most}.").format(
            least=param.min, most=param.max
        )
    if param.min is not None:
        return _("Use a whole number of at least {least}.").format(least=param.min)
    return _("Use a whole number.")


def _name(ctx: Context | None) -> str:
    return ctx.command_path if ctx is not None else "assign"


def _see_help(ctx: Context | None) -> str:
    return _("Run {command} --help to learn how it is used.").format(command=_name(ctx))


def _param_name(param: Parameter | None) -> str:
    if isinstance(param, TyperOption):
        return _("the option {option}").format(option=max(param.opts, key=len))
    if isinstance(param, TyperArgument):
        name = _(param.metavar) if param.metavar else param.name.upper()
        return _("the argument {argument}").format(argument=name)
    return _("something that is missing")


def _options(ctx: Context | None) -> list[TyperOption]:
    if ctx is None:
        return []
    return [each for each in ctx.command.get_params(ctx) if isinstance(each, TyperOption)]


def _option_names(ctx: Context | None) -> list[str]:
    own = [name for each in _options(ctx) for name in (*each.opts, *each.secondary_opts)]
    return own + [option.name for option in OPTIONS]


def _nearest(typed: str, known: Sequence[str], shape: re.Pattern[str]) -> str | None:
    """Return the known name most similar to the typed one, if that has the form of a name."""
    if not shape.fullmatch(typed):
        return None
    return next(iter(get_close_matches(typed, known, n=1)), None)
