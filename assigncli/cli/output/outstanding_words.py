"""Report acts that got no answer: what each was, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from assigncli.cli.frame import out
from assigncli.cli.output import act_names, said
from assigncli.errors import AssignError
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assigncli.client.waiting import Became

_SAID: Final = {
    "DONE": N_("An earlier act got no answer, but was carried out: {what}, {when}."),
    "REFUSED": N_("An earlier act got no answer, and was refused: {what}, {when}. {why}"),
    "NOTHING": N_(
        "An earlier act got no answer, was not carried out and will not be: {what}, {when}."
    ),
    "NOT_KNOWN": N_(
        "An earlier act got no answer, and it is not known yet what became of it: {what}, {when}. "
        "{why}"
    ),
    "ELSEWHERE": N_(
        "An earlier act got no answer, and nobody here can be asked what became of it: {what}, "
        "{when}. It was for another organisation, service or key; it is kept in {path}."
    ),
    "DAMAGED": N_(
        "An earlier act got no answer, and what was noted of it cannot be read. It is kept in "
        "{path}."
    ),
}
_UNSETTLED: Final = {"NOT_KNOWN", "ELSEWHERE", "DAMAGED"}
_UNREAD: Final = N_("An earlier act got no answer, and it cannot be asked now what became of it.")


def say(found: Became, aside: Path) -> None:
    """Report what became of one act; `aside` is its file's place if nobody can be asked."""
    out().settled(sentence(found, aside))


def sentence(found: Became, aside: Path) -> str:
    """Return the report: the act as the audit log names it, the assignment, and the moment.

    The moment is that of the entry if there is one, else that of the signature.
    """
    why = "" if found.error is None else said(found.error)[0]
    if found.statement is None and found.fate.name != "DAMAGED":
        return f"{_(_UNREAD)} {why}".strip()
    what, when = "", ""
    if found.statement is not None:
        what = act_names.word(found.statement.act)
        moment = found.statement.at if found.done is None else found.done.at
        when = out().calendar.recent(moment)
    if found.number is not None:
        what += ", " + _("assignment {number}").format(number=found.number)
    return _(_SAID[found.fate.name]).format(what=what, when=when, why=why, path=aside)


def checked(settled: Sequence[Became]) -> str:
    """Return the sentence of `doctor`; raise AssignError if an outcome is still unknown."""
    unsettled = sum(each.fate.name in _UNSETTLED for each in settled)
    if unsettled:
        unasked(unsettled)
    if not settled:
        return _("Every act of this profile has got its answer.")
    count = len(settled)
    return ngettext(
        "{count} act had got no answer; now it is known what became of it.",
        "{count} acts had got no answer; now it is known what became of them.",
        count,
    ).format(count=count)


def unasked(count: int) -> NoReturn:
    """Raise AssignError for acts whose outcome could not be asked for."""
    raise AssignError("failure", "outstanding", count=count)
