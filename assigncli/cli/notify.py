"""`member notify`: set how a member is notified. An address goes in and never comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from assigncli.cli.frame import out
from assigncli.cli.frame.arguments import HandleArgument
from assigncli.cli.input import inputs
from assigncli.cli.output import Line, Record, views
from assigncli.cli.session import opened, post
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _, pgettext

if TYPE_CHECKING:
    from assigncli.client.notify import Addressee

NOTIFY_HELP: Final = N_(
    "Choose how a member is notified. The address is asked for, or read from a file or "
    "standard input; it is kept encrypted and never shown. It is an Apprise address, such as "
    "mailtos://..., or an e-mail address, which uses the mail server given for the member "
    "service."
)


def notify(
    *,
    handle: HandleArgument,
    channel: Annotated[
        str | None,
        typer.Option(
            "--channel",
            metavar=N_("FILE"),
            help=N_("A file with the address on its first line, or a hyphen for standard input."),
        ),
    ] = None,
    test: Annotated[
        bool,
        typer.Option("--test", help=N_("Send a test message; without --channel, ask nothing.")),
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help=N_("Remove every channel of the member."))
    ] = False,
) -> None:
    from assigncli.client import notify

    if remove and (test or channel is not None):
        raise InvalidInput("usage", "remove_alone")
    notifier = post().notifier
    with opened(keys=True) as session:
        sentence = _("{name} will be notified.")
        if remove:
            found = notify.remove(session.client, handle)
            sentence = _("{name} is not notified any more.")
        elif channel is not None or not test:
            found = notify.add(session.client, handle, inputs.address(channel), notifier)
        if test:
            found = notify.test(session.client, handle, notifier)
            sentence = _("A test message is sent to {name}.")
        lines = () if remove else (views.line("channels", _words(found.kinds)),)
        out().result(sentence.format(name=found.display_name), _channels(found, lines))


def _channels(found: Addressee, lines: tuple[Line, ...]) -> Record:
    kinds = views.Said(found.kinds, _words(found.kinds))
    return views.record(found, "handle channels", lines, channels=kinds)


def _words(kinds: tuple[str, ...]) -> str:
    return ", ".join(_(kind) for kind in kinds) or pgettext("channels", "none")
