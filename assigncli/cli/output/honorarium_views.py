"""The names and words of honorarium figures, in every form of output.

A page is made once, so that lines, JSON, tables and files agree. Nothing here counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from assigncli.cli.frame import out
from assigncli.cli.output import Field, Line, listing_columns, views
from assigncli.cli.output.honorarium_page import Page, Part
from assigncli.cli.output.labels import label
from assigncli.cli.output.views import tier_word
from assigncli.cli.output.words import count_in_words
from assigncli.domain.tiers import Thresholds, Tier
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from datetime import datetime

    from assigncli.lookups.about_honorarium import (
        Activity,
        Basis,
        CycleVisits,
        Figures,
        MentorStanding,
        Report,
        Totals,
    )

_NAMED: Final = "display_name handle reporting_cycle "
_EARNED: Final = (
    f"{_NAMED} dispatched completed honorarium_tier standard_reached_at standard_reached_number"
    " elevated_reached_at elevated_reached_number next_tier remaining completed_from_earlier"
)
_SINCE: Final = " dispatched_since completed_since reached_since"
_COUNTED: Final = ("in_person", "not_in_person", "not_said", "visits")
_VISITS: Final = _NAMED + " ".join(_COUNTED)
"""The figures of a row, in order, in files, tables and JSON; `_SINCE` is since the last export."""
_CELLS: Final = (5, 15)
"""The greatest widths of a bar's two parts: to the first threshold, and on to the second."""


def report(found: Report) -> Page:
    """Return the page of the mentors' earnings, cycle by cycle."""
    whole, more = found.mentor_id is None, _SINCE if found.since else ""
    return Page(
        _EARNED + more,
        listing_columns.EARNINGS,
        tuple(_figures(each, since=found.since, whole=whole) for each in found.cycles),
        lambda row: _standing(row, _EARNED + more),
        lambda row: _standing_lines(row, since=found.since),
    )


def activity(found: Activity) -> Page:
    """Return the page of the visits that mentors have made, cycle by cycle."""
    return Page(
        _VISITS,
        listing_columns.VISITS,
        tuple(map(_visits, found.cycles)),
        lambda row: views.fields(row, _VISITS, reporting_cycle=row.cycle),
        _visit_lines,
    )


def _standing(row: MentorStanding, names: str) -> tuple[Field, ...]:
    """Return one mentor's fields; completions sent in another cycle only if there are any."""
    earlier = row.completed_from_earlier
    return views.fields(
        row,
        names,
        reporting_cycle=row.cycle,
        honorarium_tier=row.tier,
        completed_from_earlier=views.Said(earlier, shown=earlier != 0),
    )


def _standing_lines(row: MentorStanding, *, since: bool) -> tuple[Line, ...]:
    """Return one mentor's lines, completed before sent, since only completing earns."""
    return views.lines(
        row,
        "display_name completed dispatched honorarium_tier standard_reached_at elevated_reached_at"
        " completed_from_earlier completed_since",
        honorarium_tier=_earned(row),
        standard_reached_at=_reached(row.standard_reached_at, row.standard_reached_number),
        elevated_reached_at=_reached(row.elevated_reached_at, row.elevated_reached_number),
        completed_from_earlier=row.completed_from_earlier or None,
        completed_since=_since(row) if since else None,
    )


def _earned(row: MentorStanding) -> str:
    if row.next_tier is None or row.remaining is None:
        return tier_word(row.tier)
    return f"{tier_word(row.tier)}. {completions_left(row.remaining, row.next_tier)}"


def _reached(at: datetime | None, number: int | None) -> str | None:
    if at is None:
        return None
    day = out().calendar.day_of(at)
    if number is None:
        return day
    return _("{day}, with assignment {number}").format(day=day, number=number)


def _since(row: MentorStanding) -> str:
    said = count_in_words(row.completed_since)
    if row.reached_since is None:
        return said
    return _("{count}; {tier} reached").format(count=said, tier=tier_word(row.reached_since))


def completions_left(count: int, tier: Tier) -> str:
    """Return "2 completed assignments left to the standard honorarium." """
    if tier is Tier.STANDARD:
        return ngettext(
            "{count} completed assignment left to the standard honorarium.",
            "{count} completed assignments left to the standard honorarium.",
            count,
        ).format(count=count)
    return ngettext(
        "{count} completed assignment left to the elevated honorarium.",
        "{count} completed assignments left to the elevated honorarium.",
        count,
    ).format(count=count)


def _visit_lines(row: Any) -> tuple[Line, ...]:
    counts = {name: getattr(row, name) or None for name in _COUNTED}
    names = "display_name completed in_person not_in_person not_said"
    return views.lines(row, names, completed=counts["visits"], **counts)


def _figures(found: Figures, *, since: bool, whole: bool) -> Part:
    basis = found.basis
    count = len(found.rows)
    if count:
        mentors = ngettext(
            "{count} mentor in cycle {cycle}.", "{count} mentors in cycle {cycle}.", count
        ).format(count=count, cycle=basis.cycle)
    else:
        mentors = _("No mentors in cycle {cycle}.").format(cycle=basis.cycle)
    also = [thresholds_sentence(basis.thresholds)]
    if since:
        also.append(_since_sentence(basis))
    return Part(
        sentence=mentors,
        rows=found.rows,
        footer=_footer(found, whole=whole),
        facts=_facts(found, since=since),
        bar=lambda row: bar(row, basis.thresholds),
        also=also,
    )


def _since_sentence(basis: Basis) -> str:
    if basis.exported_at is None:
        return _("Nothing of this cycle was exported before, so everything counts as new.")
    return _("Since the export of {moment}.").format(moment=out().calendar.time(basis.exported_at))


def thresholds_sentence(found: Thresholds) -> str:
    """Return the sentence on the thresholds for both honoraria."""
    return _(
        "The standard honorarium is given from {standard} completed assignments, the elevated "
        "one from {elevated}."
    ).format(standard=found.standard, elevated=found.elevated)


def _footer(found: Figures, *, whole: bool) -> list[str]:
    """Return the organisation's totals, and an explanation of figures that may surprise."""
    said: list[str] = []
    totals = found.totals
    if whole:
        said += [
            _("The whole organisation: {completed} completed, {dispatched} sent.").format(
                dispatched=count_in_words(totals.dispatched),
                completed=count_in_words(totals.completed),
            ),
            " ".join(_by_honorarium(totals)),
        ]
    if any(row.completed_from_earlier for row in found.rows):
        said.append(
            _(
                "What is completed counts in the cycle of that day; the number given at dispatch "
                "stays in the cycle of the dispatch."
            )
        )
    return [line for line in said if line]


def _by_honorarium(totals: Totals) -> Iterator[str]:
    """Yield a sentence for each honorarium that a mentor has."""
    if totals.none:
        yield ngettext(
            "{count} mentor has no honorarium yet.",
            "{count} mentors have no honorarium yet.",
            totals.none,
        ).format(count=totals.none)
    if totals.standard:
        yield ngettext(
            "{count} mentor has the standard honorarium.",
            "{count} mentors have the standard honorarium.",
            totals.standard,
        ).format(count=totals.standard)
    if totals.elevated:
        yield ngettext(
            "{count} mentor has the elevated honorarium.",
            "{count} mentors have the elevated honorarium.",
            totals.elevated,
        ).format(count=totals.elevated)


def _facts(found: Figures, *, since: bool) -> Mapping[str, object]:
    """Return JSON's facts about a cycle besides its mentors."""
    basis, totals = found.basis, found.totals
    return {
        **_of_cycle(basis),
        "standard_from": basis.thresholds.standard,
        "elevated_from": basis.thresholds.elevated,
        **({"exported_at": basis.exported_at} if since else {}),
        "dispatched": totals.dispatched,
        "completed": totals.completed,
        "mentors_none": totals.none,
        "mentors_standard": totals.standard,
        "mentors_elevated": totals.elevated,
    }


def _of_cycle(basis: Basis) -> Mapping[str, object]:
    return {"name": basis.cycle, "starts_on": basis.starts_on, "ends_on": basis.ends_on}


def _visits(found: CycleVisits) -> Part:
    rows = found.rows
    count = len(rows)
    sums = {name: sum(getattr(row, name) for row in rows) for name in _COUNTED}
    return Part(
        sentence=_active_sentence(count, found.basis.cycle),
        rows=rows,
        footer=_activity_footer(sums),
        facts={**_of_cycle(found.basis), **sums},
    )


def _active_sentence(count: int, cycle: str) -> str:
    if not count:
        return _("No mentor has completed an assignment in cycle {cycle}.").format(cycle=cycle)
    return ngettext(
        "{count} mentor has completed assignments in cycle {cycle}.",
        "{count} mentors have completed assignments in cycle {cycle}.",
        count,
    ).format(count=count, cycle=cycle)


def _activity_footer(sums: Mapping[str, int]) -> list[str]:
    if not sums["visits"]:
        return []
    parts = (
        (_("in person"), sums["in_person"]),
        (_("not in person"), sums["not_in_person"]),
        (_("not said"), sums["not_said"]),
    )
    said = ", ".join(f"{count} {words}" for words, count in parts if count)
    return [_("In all {visits} completed: {parts}.").format(visits=sums["visits"], parts=said)]


def bar(row: MentorStanding, thresholds: Thresholds) -> Field:
    """Return a row's progress to both thresholds as a bar; a part is full only once reached."""
    drawn = ""
    before = 0
    for threshold, cells in zip((thresholds.standard, thresholds.elevated), _CELLS, strict=True):
        length = threshold - before
        width = min(cells, length)
        full = min(max(row.completed - before, 0), length) * width // length
        drawn += "█" * full + "░" * (width - full) + "|"
        before = threshold
    return Field("progress", label("progress"), None, drawn)
