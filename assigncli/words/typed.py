"""The sentences on what was typed or given at the command line, and on answers."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Catalogue

_DEMO_AGAIN: Final = N_("Run assign demo to see it from the beginning.")
_NOBODY_ASKED: Final = N_("{label} is missing, and nobody can be asked here.")

TYPED: Final[Catalogue] = {
    "output_unwritable.lost": (
        N_("The output could not be written."),
        N_("Check where the output goes and that there is room, then run the command again."),
    ),
    "internal_error": (
        N_("Something went wrong inside the program."),
        N_(
            "Run the same command again with --debug, and send what it says to those who "
            "maintain the program; it holds nothing of what you typed."
        ),
    ),
    "output_unwritable.saved": (
        N_("What the command does is done and saved, but its answer could not be written."),
        N_("Do not repeat it. Run assign show or assign list, where the output can be written."),
    ),
    "interrupted.command": (
        N_("Stopped. The command was ended before it was done."),
        N_("Run it again when you are ready."),
    ),
    "usage.auditor_alone": (
        N_("An auditor's key is of use only with a file that they cosigned."),
        N_("Add --against and that file, or leave out --auditor."),
    ),
    "usage.remove_alone": (
        N_("The option --remove goes with no other option."),
        N_("Remove first, then run the command again."),
    ),
    "input_needed.redirected": (
        N_("The questions would go into a file or a pipe, and your answers with them."),
        N_("Run it in a terminal, with standard error not redirected."),
    ),
    "not_confirmed.gave_up": (
        N_("You gave up. Nothing was saved."),
        N_("Run the command again when you are ready."),
    ),
    "interrupted.not_saved": (
        N_("Stopped. Nothing was saved."),
        N_("Run the command again when you are ready."),
    ),
    "examples_missing": (
        N_("The examples are not installed with this program."),
        N_("Install it again from its repository."),
    ),
    "demo_failed": (
        N_("The demo stopped, since step {number} did not end as it should."),
        N_("Run assign demo again with --debug, and tell those who maintain the program."),
    ),
    "demo_no_json": (
        N_("The demo has no JSON."),
        N_("Run it without --json."),
    ),
    "not_in_shell": (
        N_("The command {command} does not run inside assign shell."),
        N_("End the shell with exit, then run assign {command}."),
    ),
    "usage.number_or_sheet": (
        N_("Say either the number of one assignment, or a sheet with --csv and its options."),
        N_("Run assign dispatch --help to see the options."),
    ),
    "usage.since_or_activity": (
        N_("The options --since and --activity cannot be used together."),
        N_("Leave one of them out."),
    ),
    "interrupted.input_ended": (
        N_("Stopped. The input ended before the answer."),
        N_("Run it again when you are ready."),
    ),
    "confirmation_needed": (
        N_("This has to be confirmed, and nobody can be asked."),
        N_("Run {command} if you are sure."),
    ),
    "not_confirmed": (
        N_("You answered no. Nothing was changed."),
        N_("Run the command again if you change your mind."),
    ),
    "not_text": (
        N_("What was typed is not text in the terminal's encoding."),
        N_("Set the terminal to UTF-8 and try again."),
    ),
    "input_needed.shown": (
        N_("This terminal would show what you type."),
        N_("Use another terminal, or put the passphrase in a file for --passphrase-file."),
    ),
    "reveal_needed": (
        N_("The brief would go into a file or a pipe, where others may find it."),
        N_("Open it in a terminal, or add --reveal if that is what you want."),
    ),
    "reveal_needed.kit": (
        N_("The key kit would go into a file or a pipe, where others may find it."),
        N_("Print it in a terminal, or add --reveal if that is what you want."),
    ),
    "interrupted.saved": (
        N_("Stopped, but something was already saved."),
        N_("Run assign list before you try again; as a mentor, run assign inbox."),
    ),
    "interrupted.demo_left": (
        N_("You stopped the demo. What it made is in {home}."),
        _DEMO_AGAIN,
    ),
    "interrupted.demo_gone": (N_("You stopped the demo. Nothing of it is left."), _DEMO_AGAIN),
    "input_needed": (_NOBODY_ASKED, N_("Run the command in a terminal without --no-input.")),
    "input_needed.option": (
        _NOBODY_ASKED,
        N_("Give it with {option}, or run the command in a terminal without --no-input."),
    ),
    "usage.needs_value": (
        N_("The option {option} needs a value."),
        N_("Put the value right after it."),
    ),
    "usage.takes_no_value": (
        N_("The option {option} takes no value."),
        N_("Give {option} alone."),
    ),
    "usage.language": (
        N_("The option --lang was given a language that is not there."),
        N_("Use --lang nb for Norwegian Bokmål or --lang en for English."),
    ),
    "usage.json_or_table": (
        N_("The options --json and --table cannot be used together."),
        N_("Choose one of them."),
    ),
}
