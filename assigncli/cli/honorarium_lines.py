"""How the ledger lines behind a mentor's figures read, and how they add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assigncli.cli.honorarium_page import no_cycle
from assigncli.cli.honorarium_views import thresholds_sentence, tier_word
from assigncli.cli.output import Field, Record
from assigncli.domain.honorarium import LedgerKind
from assigncli.domain.lifecycle import Status, status_word
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.actions.report.explain import Explained, Line


def sentence(found: Explained) -> str:
    """Return how many lines there are, and by which thresholds they earn."""
    if found.basis is None:
        return no_cycle()
    count = len(found.lines)
    lines = ngettext(
        "{count} line for {name} in cycle {cycle}.",
        "{count} lines for {name} in cycle {cycle}.",
        count,
    ).format(count=count, name=found.display_name, cycle=found.basis.cycle)
    return f"{lines} {thresholds_sentence(found.basis.thresholds)}"


def line(found: Line) -> Record:
    """One line of the ledger, with the counts as they stand after it."""
    return Record(
        (
            Field("at", _("At"), found.at),
            Field("kind", _("What"), found.kind, status_word(Status(found.kind))),
            Field("number", _("Number"), found.number),
            Field("in_person", _("In person"), found.in_person),
            Field("dispatched", _("Dispatched so far"), found.dispatched),
            Field("completed", _("Completed so far"), found.completed),
            Field(
                "reached", _("Reached"), found.reached, found.reached and tier_word(found.reached)
            ),
            Field("dispatched_in", _("Dispatched in cycle"), found.dispatched_in),
        )
    )


def how_it_adds_up(found: Explained) -> str | None:
    """Return in words how the lines come to the figures; None where there is no cycle."""
    if found.basis is None:
        return None
    counted = {kind.value: found.counts.get(kind, 0) for kind in LedgerKind}
    said = [
        _(
            "Dispatched {sent}, less {recalled} recalled, {cancelled} cancelled and {expired} "
            "expired, is {dispatched}."
        ).format(
            sent=counted["dispatched"],
            recalled=counted["recalled"],
            cancelled=counted["cancelled"],
            expired=counted["expired"],
            dispatched=found.dispatched,
        ),
        _("Completed {completed}, so the honorarium is: {tier}.").format(
            completed=found.completed, tier=tier_word(found.tier)
        ),
    ]
    if found.next_tier is not None:
        said.append(
            _("Completions left to {tier}: {count}.").format(
                tier=tier_word(found.next_tier), count=found.remaining
            )
        )
    return " ".join(said)


def facts(found: Explained) -> Mapping[str, object]:
    """Return what JSON says besides the lines."""
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
