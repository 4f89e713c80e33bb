"""Show the ledger lines behind a mentor's figures, and how they add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from assigncli.cli.frame import out
from assigncli.cli.output import Line, Record, views
from assigncli.cli.output.honorarium_page import no_cycle
from assigncli.cli.output.honorarium_views import completions_left, thresholds_sentence
from assigncli.cli.output.views import tier_word
from assigncli.cli.output.words import count_in_words
from assigncli.domain.tiers import LedgerKind
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.lookups.about_honorarium import Explained
    from assigncli.lookups.about_honorarium import ExplainedLine as LedgerLine

_WHAT: Final = {
    LedgerKind.DISPATCHED: N_("sent {day}"),
    LedgerKind.COMPLETED: N_("completed {day}"),
    LedgerKind.RECALLED: N_("recalled {day}"),
    LedgerKind.CANCELLED: N_("cancelled {day}"),
    LedgerKind.EXPIRED: N_("expired {day}"),
}


def sentence(found: Explained) -> str:
    """Return the sentence with the number of lines."""
    if found.basis is None:
        return no_cycle()
    count = len(found.lines)
    if not count:
        none = _("No lines for {name} in cycle {cycle}.")
        return none.format(name=found.display_name, cycle=found.basis.cycle)
    return ngettext(
        "{count} line for {name} in cycle {cycle}.",
        "{count} lines for {name} in cycle {cycle}.",
        count,
    ).format(count=count, name=found.display_name, cycle=found.basis.cycle)


def thresholds(found: Explained) -> list[str]:
    """Return the sentence on thresholds; empty if there is no cycle."""
    return [] if found.basis is None else [thresholds_sentence(found.basis.thresholds)]


def line(found: LedgerLine) -> Record:
    """Return one line of the ledger, with the counts after it."""
    return views.record(
        found,
        "at kind number in_person so_far.dispatched so_far.completed reached dispatched_in",
        (Line(_line_heading(found), _line_said(found)), Line(_("After it"), _counts(found))),
    )


def _line_heading(found: LedgerLine) -> str:
    if found.number is None:
        return _("An assignment")
    return _("Assignment {number}").format(number=found.number)


def _line_said(found: LedgerLine) -> str:
    day = out().calendar.day_of(found.at)
    said = [_(_WHAT[found.kind]).format(day=day)]
    if found.in_person is not None:
        said.append(_("in person") if found.in_person else _("not in person"))
    if found.dispatched_in is not None:
        said.append(_("sent in cycle {cycle}").format(cycle=found.dispatched_in))
    return ", ".join(said)


def _counts(found: LedgerLine) -> str:
    said = _("{completed} completed, {dispatched} sent").format(
        completed=count_in_words(found.completed), dispatched=count_in_words(found.dispatched)
    )
    if found.reached is None:
        return said
    return _("{counts}; {tier} reached").format(counts=said, tier=tier_word(found.reached))


def how_it_adds_up(found: Explained) -> list[str]:
    """Return in words how the lines give the figures; empty if there is no cycle."""
    if found.basis is None:
        return []
    counted = {kind.value: found.counts.get(kind, 0) for kind in LedgerKind}
    said = [
        _sent_sum(counted, found.dispatched),
        _("Completed: {completed}. Honorarium: {tier}.").format(
            completed=count_in_words(found.completed), tier=tier_word(found.tier)
        ),
    ]
    if found.next_tier is not None and found.remaining is not None:
        said.append(completions_left(found.remaining, found.next_tier))
    return said


def _sent_sum(counted: Mapping[str, int], left: int) -> str:
    """Return how many were sent, and how many are left if some were taken back."""
    parts = (
        (_("recalled"), counted["recalled"]),
        (_("cancelled"), counted["cancelled"]),
        (_("expired"), counted["expired"]),
    )
    back = ", ".join(f"{count} {words}" for words, count in parts if count)
    sent = count_in_words(counted["dispatched"])
    if not back:
        return _("Sent: {sent}.").format(sent=sent)
    return _("Sent: {sent}, less {back}, is {left}.").format(
        sent=sent, back=back, left=count_in_words(left)
    )


def facts(found: Explained) -> Mapping[str, object]:
    """Return JSON's facts besides the lines."""
    basis = found.basis
    return {
        "handle": found.handle,
        "display_name": found.display_name,
        "reporting_cycle": None if basis is None else basis.cycle,
        "standard_from": None if basis is None else basis.thresholds.standard,
        "elevated_from": None if basis is None else basis.thresholds.elevated,
        "dispatched": found.dispatched,
        "completed": found.completed,
        "honorarium_tier": found.tier,
        "next_tier": found.next_tier,
        "remaining": found.remaining,
    }
