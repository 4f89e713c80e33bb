"""What honorarium figures are called, in files, tables and JSON, and how each reads.

Nothing here counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigncli.cli import views
from assigncli.cli.honorarium_page import Column
from assigncli.cli.words import Calendar
from assigncli.domain.honorarium import Tier
from assigncli.locale import _

if TYPE_CHECKING:
    from datetime import datetime


def _named() -> tuple[Column, ...]:
    return (
        Column("display_name", _("Name"), lambda row: row.display_name),
        Column("handle", _("Handle"), lambda row: row.handle),
        Column("reporting_cycle", _("Reporting cycle"), lambda row: row.cycle),
    )


def columns(calendar: Calendar, *, since: bool) -> tuple[Column, ...]:
    """Return the columns of the report; `since` adds those since the last export."""
    return (
        *_named(),
        Column("dispatched", _("Sent"), lambda row: row.dispatched, adds_up=True),
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
            _("Completed, sent in another cycle"),
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
            _("Sent since the last export"),
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


def visit_columns() -> tuple[Column, ...]:
    """Return the columns of the activity report."""
    return (
        *_named(),
        Column("in_person", _("In person"), lambda row: row.in_person, adds_up=True),
        Column("not_in_person", _("Not in person"), lambda row: row.not_in_person, adds_up=True),
        Column("not_said", _("Not said"), lambda row: row.not_said, adds_up=True),
        Column("visits", _("All completed"), lambda row: row.visits, adds_up=True),
    )


def tier_word(found: Tier) -> str:
    """Return a tier in words."""
    return views.tier_word(found)
