"""`assign config`: the organisation's settings, and this machine's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from assigncli.cli.frame import environ, group, out
from assigncli.cli.output import Line, Record, listing_columns, views
from assigncli.cli.session import opened
from assigncli.errors import InvalidInput
from assigncli.locale import LANGUAGES, N_, _, ngettext
from assigncli.profiles import View, load_settings, save_settings

app = group()

NameArgument = Annotated[str, typer.Argument(metavar=N_("NAME"), help=N_("The setting's name."))]
_MACHINE = {
    "language": N_("The language on this machine: nb for Norwegian Bokmål, en for English."),
    "output": N_("How lists are shown on this machine: linear, or table to look at."),
}


@app.command("get", help=N_("Show the value of one setting."))
def get(name: NameArgument) -> None:
    if name in _MACHINE:
        value = _machine_value(name)
    else:
        from assigncli.domain.setting_values import setting_not_found
        from assigncli.lookups import Nothing
        from assigncli.lookups.about_office import SETTINGS as VALUES

        with opened() as session:
            values = session.look(VALUES, Nothing()).values
        if name not in values:
            raise setting_not_found(name)
        value = values[name]
    out().result(
        _("{name} is {value}.").format(name=name, value=value or _("not set")),
        views.record(None, "name value", (), name=name, value=value),
    )


@app.command(
    "set", help=N_("Change a setting: this machine's own, or as administrator the organisation's.")
)
def set_(
    name: NameArgument,
    value: Annotated[str, typer.Argument(metavar=N_("VALUE"), help=N_("Its new value."))],
) -> None:
    if name in _MACHINE:
        kept = _set_machine(name, value)
    else:
        from assigncli.client import config

        with opened(keys=True) as session:
            kept = config.change(session.client, name, value)
    out().result(
        _("{name} is now {value}.").format(name=name, value=kept),
        views.record(None, "name value", (), name=name, value=kept),
    )


@app.command("list", help=N_("List every setting with its value and its meaning."))
def list_() -> None:
    from assigncli.domain.setting_values import SETTINGS
    from assigncli.lookups import Nothing
    from assigncli.lookups.about_office import SETTINGS as VALUES
    from assigncli.words.settings import MEANINGS

    with opened() as session:
        values = session.look(VALUES, Nothing()).values
    found = [(name, _machine_value(name), _(meaning)) for name, meaning in _MACHINE.items()]
    found += [
        (setting.name, values[setting.name], _(MEANINGS[setting.name])) for setting in SETTINGS
    ]
    out().listing(
        "settings",
        ngettext("{count} setting.", "{count} settings.", len(found)).format(count=len(found)),
        [_setting(*each) for each in found],
        columns=listing_columns.SETTINGS,
    )


def _setting(name: str, value: str | None, meaning: str) -> Record:
    said = value or _("not set")
    return views.record(
        None,
        "name value meaning",
        (Line(name, said), views.line("meaning", meaning)),
        name=name,
        value=views.Said(value, said),
        meaning=meaning,
    )


def _machine_value(name: str) -> str | None:
    settings = load_settings(environ())
    return settings.language if name == "language" else settings.output


def _set_machine(name: str, value: str) -> str:
    current = load_settings(environ())
    if name == "language" and value in LANGUAGES:
        save_settings(replace(current, language=value), environ())
        return value
    if name == "output" and value in ("linear", "table"):
        view: View = "table" if value == "table" else "linear"
        save_settings(replace(current, output=view), environ())
        return value
    raise InvalidInput("setting_invalid", "own_language" if name == "language" else "own_output")
