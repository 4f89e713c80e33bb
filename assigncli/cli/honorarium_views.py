"""How honorarium figures are called and how they read, whatever way they are shown.

A page is made once, so that lines, JSON, tables and files all say the same. Nothing here counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from assigncli.cli.honorarium_page import Column, Page, Part
from assigncli.cli.output import Field
from assigncli.cli.views import tier
from assigncli.cli.words import Calendar
from assigncli.domain.honorarium import Thresholds, Tier
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from datetime import datetime

    from assigncli.actions.report.basis import Basis
    from assigncli.actions.report.standing import Figures, Report, Standing
    from assigncli.actions.report.visits import Activity, CycleVisits

_CELLS: Final = (5, 15)
"""How wide the two parts of a bar are at most: to the first threshold, and on to the second."""


def report(found: Report, calendar: Calendar) -> Page:
    """What mentors have earned, cycle by cycle."""
    whole = found.mentor_id is None
    return Page(
        _columns(calendar, since=found.since),
        tuple(_figures(each, calendar, since=found.since, whole=whole) for each in found.cycles),
    )


def activity(found: Activity) -> Page:
    """How many visits mentors have made, cycle by cycle."""
    return Page(_visit_columns(), tuple(map(_visits, found.cycles)))


def _named() -> tuple[Column, ...]:
    return (
        Column("display_name", _("Name"), lambda row: row.display_name),
        Column("handle", _("Handle"), lambda row: row.handle),
        Column("reporting_cycle", _("Reporting cycle"), lambda row: row.cycle),
    )


def _columns(calendar: Calendar, *, since: bool) -> tuple[Column, ...]:
    return (
        *_named(),
        Column("dispatched", _("Dispatched"), lambda row: row.dispatched, adds_up=True),
        Column("completed", _("Completed"), lambda row: row.completed, adds_up=True),
        Column(
            "honorarium_tier",
            _("Honorarium"),
            lambda row: row.tier,
            lambda row: tier_word(row.tier),
        ),
        Column(
            "standard_reached_at",
            _("Standard reached"),
            lambda row: row.standard_reached_at,
            lambda row: _day(row.standard_reached_at, calendar),
        ),
        Column(
            "standard_reached_number",
            _("Standard reached with assignment"),
            lambda row: row.standard_reached_number,
        ),
        Column(
            "elevated_reached_at",
            _("Elevated reached"),
            lambda row: row.elevated_reached_at,
            lambda row: _day(row.elevated_reached_at, calendar),
        ),
        Column(
            "elevated_reached_number",
            _("Elevated reached with assignment"),
            lambda row: row.elevated_reached_number,
        ),
        Column(
            "next_tier",
            _("Next honorarium"),
            lambda row: row.next_tier,
            lambda row: row.next_tier and tier_word(row.next_tier),
        ),
        Column("remaining", _("Completions left to the next"), lambda row: row.remaining),
        Column(
            "completed_from_earlier",
            _("Completed, dispatched in another cycle"),
            lambda row: row.completed_from_earlier,
            rare=True,
            adds_up=True,
        ),
        *(_since_columns() if since else ()),
    )


def _day(moment: datetime | None, calendar: Calendar) -> str | None:
    return None if moment is None else calendar.day_of(moment)


def _since_columns() -> tuple[Column, ...]:
    return (
        Column(
            "dispatched_since",
            _("Dispatched since the last export"),
            lambda row: row.dispatched_since,
            adds_up=True,
        ),
        Column(
            "completed_since",
            _("Completed since the last export"),
            lambda row: row.completed_since,
            adds_up=True,
        ),
        Column(
            "reached_since",
            _("Reached since the last export"),
            lambda row: row.reached_since,
            lambda row: row.reached_since and tier_word(row.reached_since),
        ),
    )


def _visit_columns() -> tuple[Column, ...]:
    return (
        *_named(),
        Column("in_person", _("In person"), lambda row: row.in_person, adds_up=True),
        Column("not_in_person", _("Not in person"), lambda row: row.not_in_person, adds_up=True),
        Column("not_said", _("Not said"), lambda row: row.not_said, adds_up=True),
        Column("visits", _("All completed"), lambda row: row.visits, adds_up=True),
    )


def _figures(found: Figures, calendar: Calendar, *, since: bool, whole: bool) -> Part:
    basis = found.basis
    count = len(found.rows)
    mentors = ngettext(
        "{count} mentor in cycle {cycle}.", "{count} mentors in cycle {cycle}.", count
    ).format(count=count, cycle=basis.cycle)
    said = [mentors, thresholds_sentence(basis.thresholds)]
    return Part(
        sentence=" ".join([*said, _since_sentence(basis, calendar)] if since else said),
        rows=found.rows,
        footer=_footer(found, whole=whole),
        facts=_facts(found, since=since),
        bar=lambda row: bar(row, basis.thresholds),
    )


def _since_sentence(basis: Basis, calendar: Calendar) -> str:
    if basis.exported_at is None:
        return _("Nothing of this cycle was exported before, so everything counts as new.")
    return _("Since the export of {moment}.").format(moment=calendar.time(basis.exported_at))


def thresholds_sentence(found: Thresholds) -> str:
    """Return by which thresholds completions earn."""
    return _(
        "Completed assignments needed for the standard honorarium: {standard}, for the elevated "
        "one: {elevated}."
    ).format(standard=found.standard, elevated=found.elevated)


def _footer(found: Figures, *, whole: bool) -> str | None:
    """Return the organisation's totals, and where a figure may surprise, why it is so."""
    said = []
    totals = found.totals
    if whole:
        said += [
            _("The whole organisation, dispatched: {dispatched}, completed: {completed}.").format(
                dispatched=totals.dispatched, completed=totals.completed
            ),
            _(
                "Mentors by honorarium, none: {none}, standard: {standard}, elevated: {elevated}."
            ).format(none=totals.none, standard=totals.standard, elevated=totals.elevated),
        ]
    if any(row.completed_from_earlier for row in found.rows):
        said.append(
            _(
                "What is completed counts in the cycle of that day; the number given at dispatch "
                "stays in the cycle of the dispatch."
            )
        )
    return " ".join(said) or None


def _facts(found: Figures, *, since: bool) -> Mapping[str, object]:
    """Return what JSON says of a cycle besides its mentors."""
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
    sums = {
        "in_person": sum(row.in_person for row in rows),
        "not_in_person": sum(row.not_in_person for row in rows),
        "not_said": sum(row.not_said for row in rows),
        "visits": sum(row.visits for row in rows),
    }
    return Part(
        sentence=ngettext(
            "{count} mentor has completed something in cycle {cycle}.",
            "{count} mentors have completed something in cycle {cycle}.",
            count,
        ).format(count=count, cycle=found.basis.cycle),
        rows=rows,
        footer=_(
            "In all: {visits}, of these in person: {in_person}, not in person: {not_in_person}, "
            "not said: {not_said}."
        ).format(**sums),
        facts={**_of_cycle(found.basis), **sums},
    )


def bar(row: Standing, thresholds: Thresholds) -> Field:
    """A row's way to both thresholds, for the eye; a part is full only where it is reached."""
    drawn = ""
    before = 0
    for threshold, cells in zip((thresholds.standard, thresholds.elevated), _CELLS, strict=True):
        length = threshold - before
        width = min(cells, length)
        full = min(max(row.completed - before, 0), length) * width // length
        drawn += "█" * full + "░" * (width - full) + "|"
        before = threshold
    return Field("progress", _("Progress"), None, drawn)


def tier_word(found: Tier) -> str:
    """Return a tier in words."""
    return tier(found).text or ""
