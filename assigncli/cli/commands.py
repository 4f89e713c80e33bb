"""The table of commands: name, where it lives, and one line of help.

The first page of help is made from this table alone, so no command's module is imported before it
is used. Nothing here loads anything; `assigncli.cli.root` does.
"""

from __future__ import annotations

from dataclasses import dataclass

from assigncli.locale import N_


@dataclass(frozen=True)
class Command:
    """One word after `assign`.

    `attribute` of `module` is either a `typer.Typer` (a group) or a plain function marked with
    `assigncli.cli.frame.command`. `summary` is a message id, translated when shown.
    """

    name: str
    module: str
    attribute: str
    summary: str


COMMANDS: tuple[Command, ...] = (
    Command(
        "init", "assigncli.cli.setup", "init", N_("Set up a new organisation on this machine.")
    ),
    Command(
        "join", "assigncli.cli.setup", "join", N_("Make your keys and ask to join an organisation.")
    ),
    Command(
        "demo",
        "assigncli.cli.demo",
        "demo",
        N_("Show the whole job in a temporary folder, step by step."),
    ),
    Command(
        "doctor",
        "assigncli.cli.doctor",
        "doctor",
        N_("Check that this machine is set up as it should be."),
    ),
    Command(
        "create",
        "assigncli.cli.draft",
        "create",
        N_("Create an assignment; its content is encrypted at once."),
    ),
    Command(
        "edit",
        "assigncli.cli.draft",
        "edit",
        N_("Change an assignment that is not sent yet."),
    ),
    Command(
        "dispatch", "assigncli.cli.dispatch", "dispatch", N_("Send an assignment to its mentor.")
    ),
    Command(
        "recall",
        "assigncli.cli.withdraw",
        "recall",
        N_("Withdraw an assignment that the mentor has not read."),
    ),
    Command(
        "cancel", "assigncli.cli.withdraw", "cancel", N_("Call off an assignment, with a reason.")
    ),
    Command("list", "assigncli.cli.track", "list_", N_("List assignments.")),
    Command(
        "show",
        "assigncli.cli.track",
        "show",
        N_("Show one assignment and its timeline, without its content."),
    ),
    Command("status", "assigncli.cli.status", "status", N_("Show what must be followed up now.")),
    Command(
        "inbox", "assigncli.cli.inbox", "inbox", N_("List the assignments that are sent to you.")
    ),
    Command(
        "consent",
        "assigncli.cli.receive",
        "consent",
        N_("Go through the consent that an assignment requires."),
    ),
    Command(
        "open",
        "assigncli.cli.receive",
        "open_",
        N_("Decrypt and read an assignment that is sent to you."),
    ),
    Command("ack", "assigncli.cli.receive", "ack", N_("Confirm that you have read the brief.")),
    Command(
        "contact", "assigncli.cli.receive", "contact", N_("Say that you have reached the person.")
    ),
    Command("complete", "assigncli.cli.receive", "complete", N_("Say that the follow-up is done.")),
    Command(
        "sweep",
        "assigncli.cli.sweep",
        "sweep",
        N_("Run what is due: expiry, reminders, notifications. For cron or a timer."),
    ),
    Command(
        "honorarium",
        "assigncli.cli.honorarium",
        "app",
        N_("Report what mentors have earned, and show what each figure is made of."),
    ),
    Command(
        "member",
        "assigncli.cli.member",
        "app",
        N_("Invite, approve, pause, notify and list members."),
    ),
    Command(
        "cycle", "assigncli.cli.cycle", "app", N_("Open, close, reopen and list reporting cycles.")
    ),
    Command("key", "assigncli.cli.key", "app", N_("Show your own keys.")),
    Command("audit", "assigncli.cli.audit", "app", N_("Read and verify the audit log.")),
    Command("store", "assigncli.cli.store", "app", N_("Check and upgrade the store.")),
    Command("config", "assigncli.cli.config", "app", N_("Read and change settings.")),
)
"""In the order in which help lists them. Read through the module, so that a test may replace it."""


def find(name: str) -> Command | None:
    """Return the entry of that exact name, or None."""
    return next((entry for entry in COMMANDS if entry.name == name), None)
