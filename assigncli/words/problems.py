"""The text of each problem with a sheet, by row and column, and with a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from assigncli.errors import Fact
from assigncli.locale import N_, _, ngettext
from assigncli.words.errors import CATALOGUE
from assigncli.words.form import filled, key, put

if TYPE_CHECKING:
    from assigncli.domain.roster import RowProblem
    from assigncli.server.store.check import StoreProblem as Finding

IN_SHEETS: Final[Mapping[str, str]] = {
    "row_too_long": N_(
        "The row has more cells than there are columns. "
        "Put quotation marks around a text that holds the delimiter."
    ),
    "row_too_short": N_(
        "The row has too few cells. Put quotation marks around a text with line breaks."
    ),
    "row_too_large": N_("The row is too large, or a quotation mark in it is never closed."),
    "column_unnamed": N_("The row has text in column {position}, which has no name."),
    "quotes_unmatched": N_(
        "The quotation marks in the row do not match. "
        "Close each one, and double those that belong to the text."
    ),
    "row_repeated": N_("The row says the same as row {row}. Take one out."),
    "row_repeated.external_id": N_("The row has the same {column} as row {row}."),
    "header_missing": N_(
        "The first row does not hold the names of the columns. They are: {names}."
    ),
    "header_unreadable": N_(
        "The first row cannot be taken apart. Check its quotation marks and its length."
    ),
    "column_unknown": N_("The name of column {position} is not known; rename it or take it out."),
    "column_unknown.usual": N_("Column {position}, {name}, is not known; take it out."),
    "column_unknown.near": N_("Column {position}, {name}, is not known. Did you mean {nearest}?"),
    "column_repeated": N_("The columns {first} and {second} mean the same. Keep one of them."),
    "mentor_given_twice": N_(
        "The sheet has a column {column}, so the mentor cannot be given beside it as well."
    ),
    "column_missing": N_("There is no column by any of these names: {names}."),
    "column_missing.name": N_(
        "There is no column by any of these names: {names}, or {first} and {last}."
    ),
}
"""The problems that no single assignment can have."""
OF_ANY_CODE: Final[Mapping[str, str]] = {
    "of_mentor": N_(
        "This mentor cannot be sent assignments now. Run assign member list to see why."
    ),
}
"""By `why` alone: the sentence of a mentor's refusal could name the handle, which is a cell."""
OF_A_CELL: Final[Mapping[str, str]] = {
    "payload_field_invalid": N_("This cell cannot be used as it is."),
    "payload_has_national_id": N_("This cell holds a national identity number."),
}
"""Replaces an error's own message naming a payload field, which a sheet may call otherwise."""
_NO_ASSIGNMENT: Final = N_("The store holds a live key that no assignment has.")
IN_STORES: Final[Mapping[str, str]] = {
    "store_damaged.not_whole": N_("The file is not whole: {finding}."),
    "reference_broken": N_("A row of {table} refers to a row of {parent} that is not there."),
    "ledger_incomplete": N_("Assignment {number} lacks a line in the honorarium ledger."),
    "share_missing.of_assignment": N_("The vault lacks the key of assignment {number}."),
    "share_missing.no_assignment": _NO_ASSIGNMENT,
    "share_mismatch.of_assignment": N_("The vault holds another key for assignment {number}."),
    "share_mismatch.no_assignment": _NO_ASSIGNMENT,
    "guard_missing": N_("The guard {name} is missing."),
    "table_missing": N_("The table {name} is missing."),
    "index_missing": N_("The index {name} is missing."),
    "guard_altered": N_("The guard {name} was altered."),
    "table_altered": N_("The table {name} was altered."),
    "index_altered": N_("The index {name} was altered."),
    "trigger_unknown": N_("There is a trigger {name} that this program did not make."),
    "view_unknown": N_("There is a view {name} that this program did not make."),
    "table_unknown": N_("There is a table {name} that this program did not make."),
    "index_unknown": N_("There is an index {name} that this program did not make."),
}


def in_sheet(problem: RowProblem) -> str:
    """Return the problem at a place of a sheet, and what to do, in the language in use."""
    name = key(problem.code, problem.why)
    sentence = IN_SHEETS.get(name) or OF_ANY_CODE.get(problem.why or "")
    if sentence is not None:
        return put(sentence, problem.facts)
    message, hint = filled(CATALOGUE[name], problem.facts)
    if problem.column is not None and problem.code in OF_A_CELL:
        message = _(OF_A_CELL[problem.code])
    return f"{message} {hint}"


def in_store(problem: Finding) -> str:
    """Return the problem with a store, in the language in use."""
    name = key(problem.code, problem.why)
    if name in COUNTED_IN_STORES:
        count = int(str(problem.facts["count"]))
        return COUNTED_IN_STORES[name](count).format(count=count)
    if name in IN_STORES:
        return _of_organization(put(IN_STORES[name], problem.facts), problem.facts)
    return filled(CATALOGUE[name], problem.facts)[0]


def _of_organization(line: str, facts: Mapping[str, Fact]) -> str:
    """Return the finding, after the organisation's name if a store has several."""
    if "organization" not in facts:
        return line
    return _("{organization}: {line}").format(organization=facts["organization"], line=line)


def _member_status(count: int) -> str:
    return ngettext(
        "The store says otherwise of {count} membership than certificates and log; "
        "assign audit verify names it.",
        "The store says otherwise of {count} memberships than certificates and log; "
        "assign audit verify names them.",
        count,
    )


def _damaged_places(count: int) -> str:
    return ngettext(
        "{count} place in the vault is damaged.",
        "{count} places in the vault are damaged.",
        count,
    )


def _left_behind(count: int) -> str:
    return ngettext(
        "The vault holds {count} key that was deleted. Run assign sweep.",
        "The vault holds {count} keys that were deleted. Run assign sweep.",
        count,
    )


COUNTED_IN_STORES: Final[Mapping[str, Callable[[int], str]]] = {
    "member_status_differs": _member_status,
    "vault_damaged.places": _damaged_places,
    "share_left_behind": _left_behind,
}
"""The problems that are shown as a number of places."""
