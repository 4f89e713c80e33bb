"""The sentences on the organisation's reporting cycles, days and settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from assigncli.locale import N_, _
from assigncli.words.form import Catalogue, Sentences


def _covers_today(name: str) -> Sentences:
    from assigncli.domain.reporting_cycles import as_word

    hint = _("Leave it: a sweep closes it when it has ended. To close it now, run {command}.")
    return (
        _("This cycle covers today. Once it is closed, nothing can be sent on its days."),
        hint.format(command=f"assign cycle close --force {as_word(name)}"),
    )


def _closed(name: str) -> Sentences:
    from assigncli.domain.reporting_cycles import as_word

    return (
        _("No open reporting cycle covers today: {name} is closed.").format(name=name),
        _("Reopen it with assign cycle reopen {name}.").format(name=as_word(name)),
    )


def _none(hint: str) -> Callable[[str, date, date], Sentences]:
    def said(name: str, first: date, last: date) -> Sentences:
        command = f"assign cycle open {name} --from {first} --to {last}"
        return _("No open reporting cycle covers today."), _(hint).format(command=command)

    return said


def _setting(hint: str) -> Callable[[str], Sentences]:
    return lambda name: (_not_that_value(), _with_example(_(hint), name))


def _days(name: str, limit: int) -> Sentences:
    hint = _("Give a number of days from 1 to {limit}.").format(limit=limit)
    return _not_that_value(), _with_example(hint, name)


def _quiet_hours() -> Sentences:
    hint = _("Give two different times as in 21:00-08:00, or none.")
    return _not_that_value(), _with_example(hint, "quiet_hours")


def _own_setting(hint: str, command: str) -> Callable[[], Sentences]:
    return lambda: (_not_that_value(), _(hint).format(command=command))


def _not_that_value() -> str:
    return _("This setting cannot have that value.")


def _with_example(hint: str, name: str) -> str:
    """Return the hint, with a whole command at its end."""
    from assigncli.domain.setting_values import default

    command = f"assign config set {name} {default(name)}"
    return hint + " " + _("For example: {command}.").format(command=command)


ORGANIZATION: Final[Catalogue] = {
    "organization_exists": (
        N_("This store already holds an organisation of that name."),
        N_(
            "To take part in it, run assign join; to make another one, choose another name, "
            "or another store with --store."
        ),
    ),
    "cycle_not_found": (
        N_("There is no cycle with this name."),
        N_("Run assign cycle list to see the names."),
    ),
    "cycle_not_found.near": (
        N_("There is no cycle with this name."),
        N_("Did you mean {near}? Run assign cycle list to see the names."),
    ),
    "cycle_days_reversed": (
        N_("The last day of the cycle is before its first day."),
        N_("Give the first day, then the last."),
    ),
    "cycle_name_misleading": (
        N_("The name is a year, and the cycle lies outside it."),
        N_("Choose another name, or days in that year."),
    ),
    "cycle_overlaps": (
        N_("Another cycle already covers some of these days."),
        N_("Run assign cycle list to see the cycles, and choose other days."),
    ),
    "cycle_name_taken": (
        N_("There is already a cycle with this name."),
        N_("Choose another name."),
    ),
    "cycle_already_open": (
        N_("This cycle is already open."),
        N_("Run assign cycle list to see which days it covers."),
    ),
    "cycle_has_ended": (
        N_("This cycle has ended, so nothing more can be sent in it."),
        N_("Run assign status to see whether an open cycle covers today."),
    ),
    "cycle_already_closed": (
        N_("This cycle is already closed."),
        N_("Run assign cycle list to see which are open."),
    ),
    "cycle_covers_today": (
        N_("This cycle covers today. Once it is closed, nothing can be sent on its days."),
        N_("Leave it: a sweep closes it when it has ended."),
    ),
    "cycle_covers_today.forcible": _covers_today,
    "reporting_cycle_active.closed": _closed,
    "reporting_cycle_active.by_hand": _none(
        N_(
            "Run {command}, or, as an administrator, assign config set reporting_cycles "
            "calendar_year."
        )
    ),
    "reporting_cycle_active.days": _none(N_("Open one with {command}.")),
    "setting_invalid.days": _days,
    "setting_invalid.whole_number": _setting(N_("Give a whole number.")),
    "setting_invalid.cycles": _setting(N_("Give calendar_year or by_hand.")),
    "setting_invalid.quiet_days": _setting(N_("Give sundays_and_holidays or none.")),
    "setting_invalid.language": _setting(N_("Give nb for Norwegian or en for English.")),
    "setting_invalid.quiet_hours": _quiet_hours,
    "date_invalid": (
        N_("The date is not valid."),
        N_("Write the day as 31.12.2026 or as 2026-12-31."),
    ),
    "expires_at_in_future": (
        N_("The expiry date has already passed."),
        N_("Give a later expiry date."),
    ),
    "contact_deadline_days_positive": (
        N_("The contact deadline must be at least one day."),
        N_("Give a number of days from 1 to {limit}."),
    ),
    "contact_deadline_too_long": (
        N_("The contact deadline is longer than a year."),
        N_("Give a number of days from 1 to {limit}."),
    ),
    "time_zone_unknown": (
        N_("The time zone is not known."),
        N_("Give its name as in Europe/Oslo."),
    ),
    "threshold_sequence_positive": (
        N_("The honorarium ledger of this mentor counts below zero."),
        N_("Run assign store check and tell your administrator what it says."),
    ),
    "thresholds_invalid": (
        N_("The threshold of the elevated honorarium must be higher than the standard one."),
        N_("The standard one must be at least 1, and the elevated one higher."),
    ),
    "setting_not_found": (
        N_("There is no setting with this name."),
        N_("Run assign config list to see the names."),
    ),
    "setting_not_found.near": (
        N_("There is no setting with this name."),
        N_("Did you mean {near}? Run assign config list to see the names."),
    ),
    "setting_damaged": (
        N_("The setting {name} in the store should be a number, and is none."),
        N_("Run assign audit verify."),
    ),
    "organization_not_found.invitation": (
        N_("The organisation of this invitation is not in the store that it names."),
        N_("Ask your coordinator where the store is now, and for another invitation."),
    ),
    "organization_not_found.profile": (
        N_("The organisation of this profile is not in this store."),
        N_("Check which store the profile names with assign store info."),
    ),
    "time_zone_damaged": (
        N_("The store has no valid time zone for the organisation."),
        N_("Tell your administrator."),
    ),
    "organization_unclear": (
        N_("It is not clear which organisation assignment {number} belongs to."),
        N_("Name a profile of that organisation with --profile, and leave out --store."),
    ),
    "setting_invalid.own_language": _own_setting(
        N_("Give nb for Norwegian or en for English, such as {command}."),
        "assign config set language nb",
    ),
    "setting_invalid.own_output": _own_setting(
        N_("Give linear or table, such as {command}."), "assign config set output linear"
    ),
}
