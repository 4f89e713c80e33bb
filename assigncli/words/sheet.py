"""The sentences on sheets that cannot be read, and cells that cannot be used."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_, _, ngettext
from assigncli.words.form import Catalogue, Sentences

_SAVE_AGAIN: Final = N_("Save it in Excel as CSV UTF-8, or name its encoding with --encoding.")
_ANOTHER_ID: Final = N_("It is not sent. If it is a new assignment, give it another {column}.")
_NOT_IN_ENCODING: Final = N_("Line {line} of the file is not in the encoding {encoding}.")


def _unclear(line: int, encoding: str) -> Sentences:
    first = _(_NOT_IN_ENCODING).format(line=line, encoding=encoding)
    return first + " " + _("It cannot be read as cp1252 either."), _(_SAVE_AGAIN)


def _header_refused(count: int) -> Sentences:
    message = ngettext(
        "The names of the columns have {count} problem.",
        "The names of the columns have {count} problems.",
        count,
    )
    hint = _("Correct the first row of the file, and run the command again.")
    return message.format(count=count), hint


def _rows_invalid(count: int, differing: int) -> Sentences:
    message = ngettext(
        "{count} row has problems, so nothing was sent.",
        "{count} rows have problems, so nothing was sent.",
        count,
    ).format(count=count)
    return message + _also(differing), _("Correct them, or send the others with --skip-invalid.")


def _rows_skipped(count: int, differing: int) -> Sentences:
    message = ngettext(
        "{count} row was not sent, since it has problems.",
        "{count} rows were not sent, since they have problems.",
        count,
    ).format(count=count)
    return message + _also(differing), _(
        "Correct them and run the same command again. No row is sent twice."
    )


def _rows_differ(differing: int) -> Sentences:
    return _differ(differing), _(
        "What was sent stays as it is. Give a new assignment an id of its own in the sheet."
    )


def _also(differing: int) -> str:
    return f" {_differ(differing)}" if differing else ""


def _differ(count: int) -> str:
    return ngettext(
        "{count} row differs from what was sent before, so it was not sent.",
        "{count} rows differ from what was sent before, so they were not sent.",
        count,
    ).format(count=count)


SHEET: Final[Catalogue] = {
    "header_refused": _header_refused,
    "encoding_unclear": _unclear,
    "encoding_unknown": (
        N_("This encoding is not known."),
        N_("Give one of these: {names}."),
    ),
    "encoding_wrong": (_NOT_IN_ENCODING, _SAVE_AGAIN),
    "delimiter_unknown": (
        N_("This delimiter is not known."),
        N_("Give one of these: semicolon, comma, tab."),
    ),
    "cell_empty": (
        N_("This cell is empty."),
        N_("Every row needs it filled in."),
    ),
    "postal_code_zero_lost": (
        N_("The postal code has fewer than four digits; a leading zero is probably lost."),
        N_("Format the column as text in Excel, and type the zero again."),
    ),
    "priority_unknown": (
        N_("This is not a priority."),
        N_("Write normal or urgent, vanlig or haster, or leave it empty."),
    ),
    "consent_unknown": (
        N_("This is not a yes or a no."),
        N_("Write yes or no, ja or nei, or leave it empty for no."),
    ),
    "deadline_days_invalid": (
        N_("This is not a number of days."),
        N_("Write a whole number, or leave it empty."),
    ),
    "external_id_invalid": (
        N_("This is not one line of 1 to {limit} characters."),
        N_("Give the id as the other system has it, or leave it empty."),
    ),
    "row_differs.sent": (
        N_("The row differs from what was sent as assignment {number}."),
        _ANOTHER_ID,
    ),
    "row_differs.draft": (
        N_("The row differs from the one that draft {number} was made from."),
        _ANOTHER_ID,
    ),
    "quotes_hopeless": (
        N_("The quotation marks in the file do not match, up to line {line}."),
        N_("Check the delimiter and the encoding, or save the sheet again as CSV."),
    ),
    "file_empty": (
        N_("The file is empty."),
        N_("Give a file with the names of the columns in its first row."),
    ),
    "rows_invalid": _rows_invalid,
    "rows_skipped": _rows_skipped,
    "rows_differ": _rows_differ,
}
