"""The table of commands: name, module, one line of help, and who uses it.

The first page of help is made from this table alone, so that a command's module is imported only
when used. Nothing here imports one; `assigncli.cli.frame.root` does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from assigncli.locale import N_


@dataclass(frozen=True)
class Command:
    """One word after `assign`.

    `attribute` of `module` is either a `typer.Typer` (a group) or a plain function marked with
    `assigncli.cli.frame.command`. `summary` and `users`, the heading that the command is listed
    under, are message ids, translated when shown.
    """

    name: str
    module: str
    attribute: str
    summary: str
    users: str = ""


def _ours(name: str, summary: str, attribute: str | None = None) -> Command:
    """Return a command of the program; its module and, by default, its function have its name."""
    return Command(name, f"assigncli.cli.{name}", attribute or name, summary)


def _for(users: str, *entries: Command) -> tuple[Command, ...]:
    return tuple(replace(entry, users=users) for entry in entries)


_TO_BEGIN: Final = _for(
    N_("To begin, and on your own machine:"),
    _ours("help", N_("Show help on a command, or on a topic such as first-day."), "help_"),
    _ours("demo", N_("Show the whole job in a temporary folder, step by step.")),
    _ours("init", N_("Set up a new organisation on this machine.")),
    _ours("join", N_("Make your keys and ask to join an organisation.")),
    _ours("doctor", N_("Check that this machine is set up as it should be.")),
    _ours(
        "key",
        N_("List, exchange, seal again, move and end the keys of devices; print the key kit."),
        "app",
    ),
    _ours("shell", N_("Run commands one after the other, with the keys unlocked once.")),
    _ours(
        "profile",
        N_("List the profiles on this machine, choose one, and say where its store is."),
        "app",
    ),
)
_COORDINATOR: Final = _for(
    N_("For coordinators:"),
    _ours("status", N_("Show what must be followed up now.")),
    _ours("create", N_("Create an assignment; its content is encrypted at once.")),
    _ours("edit", N_("Change an assignment that is not sent yet.")),
    _ours("dispatch", N_("Send an assignment to its mentor.")),
    _ours("list", N_("List assignments."), "list_"),
    _ours("show", N_("Show one assignment and its timeline, without its content.")),
    _ours("recall", N_("Withdraw an assignment that the mentor has not read.")),
    _ours("cancel", N_("Call off an assignment, with a reason.")),
    _ours("reassign", N_("Give an assignment to another mentor.")),
    _ours(
        "honorarium",
        N_("Report what mentors have earned, and show what each figure is made of."),
        "app",
    ),
)
_MENTOR: Final = _for(
    N_("For peer mentors:"),
    _ours("inbox", N_("List the assignments that are sent to you.")),
    _ours("consent", N_("Go through the consent that an assignment requires.")),
    _ours("open", N_("Decrypt and read an assignment that is sent to you."), "open_"),
    _ours("ack", N_("Confirm that you have read the brief.")),
    _ours("decline", N_("Say that you cannot take an assignment.")),
    _ours("contact", N_("Say that you have reached the person.")),
    _ours("complete", N_("Say that the follow-up is done.")),
)
_ADMINISTRATOR: Final = _for(
    N_("For administrators:"),
    _ours("member", N_("Invite, approve, pause, notify and list members."), "app"),
    _ours("cycle", N_("Open, close, reopen and list reporting cycles."), "app"),
    _ours("config", N_("Read and change settings."), "app"),
    _ours("audit", N_("Read and verify the audit log, and take checkpoints of it."), "app"),
    _ours(
        "privacy",
        N_("Show who looked at a brief, give out what is kept and why, and erase it."),
        "app",
    ),
)
_OPERATOR: Final = _for(
    N_("For the operator:"),
    _ours(
        "sweep", N_("Expire assignments, send reminders and notifications. For cron or a timer.")
    ),
    _ours("serve", N_("Serve the store to other accounts, through a socket.")),
    _ours("store", N_("Check, back up, restore, move and upgrade the store."), "app"),
    _ours("relay", N_("Join a connection by SSH to the server. For sshd, not for people.")),
)
COMMANDS: tuple[Command, ...] = (
    *_TO_BEGIN,
    *_COORDINATOR,
    *_MENTOR,
    *_ADMINISTRATOR,
    *_OPERATOR,
)
"""The commands in the order of the help. Read through the module, so that a test may replace it."""


def find(name: str) -> Command | None:
    """Return the command of that exact name, or None."""
    return next((entry for entry in COMMANDS if entry.name == name), None)
