"""The sentences on files that a command reads or writes."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Catalogue

_PROFILE_EXISTS: Final = N_("This machine already has a profile with this name.")

FILES: Final[Catalogue] = {
    "profile_unfinished": (
        N_("The member is in the store, but the profile could not be written."),
        N_("Free some room in {folder}, and run the same command again to end it."),
    ),
    "output_exists": (
        N_("There is already a file where the figures would be written."),
        N_("Give another path with --output, or add --force to replace it."),
    ),
    "output_exists.page": (
        N_("There is already a file with this name."),
        N_("Give another path with --html, or delete the file first."),
    ),
    "output_unwritable.page": (
        N_("The manual cannot be written there."),
        N_("Give another path with --html, in a folder you may write to."),
    ),
    "output_unwritable.figures": (
        N_("The figures cannot be written there."),
        N_("Give another path with --output, in a folder you may write to."),
    ),
    "output_needed.spreadsheet": (
        N_("A spreadsheet cannot be written to standard output."),
        N_("Give a file with --output."),
    ),
    "output_needed.csv_and_json": (
        N_("Standard output cannot hold both CSV and JSON."),
        N_("Give a file with --output, or leave out --json."),
    ),
    "channel_unreadable": (
        N_("The address cannot be read."),
        N_("Check the path given with --channel, and that the file is UTF-8 text."),
    ),
    "payload_unreadable": (
        N_("The payload file cannot be read."),
        N_("Check the path given with --payload."),
    ),
    "sheet_too_large": (
        N_("What comes in is longer than the {limit} megabytes that a sheet may have there."),
        N_("Save it as a file and give its path with --csv, or send it in parts."),
    ),
    "result_is_sheet": (
        N_("The result would be written over the sheet."),
        N_("Give another path with --result."),
    ),
    "result_unwritable.later": (
        N_("The result cannot be written there."),
        N_("Run the same command again to go on. No row is sent twice."),
    ),
    "sheet_unreadable": (
        N_("The sheet cannot be read."),
        N_("Check the path given with --csv, and that you may read it."),
    ),
    "result_exists": (
        N_("There is already another file where the result would be written."),
        N_("Give another path with --result. Nothing was sent."),
    ),
    "result_unwritable": (
        N_("The result cannot be written there."),
        N_("Give another path with --result. Nothing was sent."),
    ),
    "profile_exists": (
        _PROFILE_EXISTS,
        N_("Choose another name for the new one with --profile."),
    ),
    "profile_exists.handle": (
        _PROFILE_EXISTS,
        N_("Choose another handle for the new member."),
    ),
}
