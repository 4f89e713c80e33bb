"""The organisation's settings: names, defaults, and which values each may have.

Pure: does not store them, and does not decide who may change one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from assigncli.domain.deadlines import (
    DEFAULT_CONTACT_DAYS,
    DEFAULT_EXPIRY_DAYS,
    require_deadline_positive,
)
from assigncli.domain.member_names import require_name
from assigncli.domain.quiet import NONE, QuietHours, parse_quiet_hours
from assigncli.domain.tiers import DEFAULT_THRESHOLDS, Thresholds
from assigncli.errors import InvalidInput, NotFound, Tampered
from assigncli.locale import LANGUAGES

CALENDAR_YEAR: Final = "calendar_year"
BY_HAND: Final = "by_hand"
SUNDAYS_AND_HOLIDAYS: Final = "sundays_and_holidays"
TEXTS: Final = frozenset({"notification_sender"})
"""The settings with free text as value: it is salted, and not an argument of a statement."""

_MAX_DAYS: Final = 3650
_MAX_DIGITS: Final = 6


@dataclass(frozen=True)
class Setting:
    """One setting of the organisation: its name and its default."""

    name: str
    default: str


SETTINGS: Final = (
    Setting("contact_deadline_days", str(DEFAULT_CONTACT_DAYS)),
    Setting("expires_after_days", str(DEFAULT_EXPIRY_DAYS)),
    Setting("unread_attention_days", "2"),
    Setting("reporting_cycles", CALENDAR_YEAR),
    Setting("honorarium_standard_from", str(DEFAULT_THRESHOLDS.standard)),
    Setting("honorarium_elevated_from", str(DEFAULT_THRESHOLDS.elevated)),
    Setting("retention_days", "30"),
    Setting("quiet_hours", "21:00-08:00"),
    Setting("quiet_days", SUNDAYS_AND_HOLIDAYS),
    Setting("notification_sender", "assign"),
    Setting("notification_language", "nb"),
)


@dataclass(frozen=True)
class Settings:
    """The settings in force, as typed values. Days are local calendar days."""

    contact_deadline_days: int
    expires_after_days: int
    unread_attention_days: int
    cycles_by_hand: bool
    thresholds: Thresholds
    retention_days: int
    notification_sender: str
    notification_language: str
    quiet_hours: str
    quiet_days: str

    @property
    def quiet(self) -> QuietHours:
        """When notifications have to wait; raises InvalidInput `setting_invalid`."""
        starts, ends = parse_quiet_hours(self.quiet_hours) or (None, None)
        return QuietHours(starts, ends, self.quiet_days == SUNDAYS_AND_HOLIDAYS)


def typed(values: Mapping[str, str]) -> Settings:
    """Return settings, by name, as typed values.

    Raises Tampered `setting_damaged` for a number that cannot be read: only damage to the store can
    cause it.
    """
    return Settings(
        contact_deadline_days=_number(values, "contact_deadline_days"),
        expires_after_days=_number(values, "expires_after_days"),
        unread_attention_days=_number(values, "unread_attention_days"),
        cycles_by_hand=values["reporting_cycles"] == BY_HAND,
        thresholds=_thresholds(values),
        retention_days=_number(values, "retention_days"),
        notification_sender=values["notification_sender"],
        notification_language=values["notification_language"],
        quiet_hours=values["quiet_hours"],
        quiet_days=values["quiet_days"],
    )


def with_defaults(kept: Mapping[str, str]) -> dict[str, str]:
    """Return every setting's value by name: the stored one, or its default."""
    return {setting.name: kept.get(setting.name, setting.default) for setting in SETTINGS}


def default(name: str) -> str:
    """Return the value in force while a setting was never changed."""
    return next(setting.default for setting in SETTINGS if setting.name == name)


def as_kept(name: str, value: str) -> str:
    """Return the value in the form it is stored (PROTOCOL.md section 11).

    Raises NotFound `setting_not_found`, InvalidInput `setting_invalid`, and what single settings
    raise.
    """
    check = _CHECKS.get(name)
    if check is None:
        raise setting_not_found(name)
    return check(name, value)


def require_in_order(values: Mapping[str, str], name: str, value: str) -> None:
    """Refuse a threshold that would reach the other one in `values`, the settings in force.

    Raises InvalidInput `thresholds_invalid`, Tampered `setting_damaged`.
    """
    _thresholds({**values, name: value})


def _thresholds(values: Mapping[str, str]) -> Thresholds:
    return Thresholds(
        standard=_number(values, "honorarium_standard_from"),
        elevated=_number(values, "honorarium_elevated_from"),
    )


def _number(values: Mapping[str, str], name: str) -> int:
    try:
        return int(values[name])
    except ValueError:
        raise Tampered("setting_damaged", name=name) from None


def setting_not_found(typed: str) -> NotFound:
    """Return the error for a name that is not a setting, with the most similar one that is."""
    near = get_close_matches(typed.lower().replace("-", "_"), [*_CHECKS], n=1)
    if not near:
        return NotFound("setting_not_found")
    return NotFound("setting_not_found", "near", near=near[0])


def _deadline(name: str, value: str) -> str:
    days = _whole_number(name, value)
    require_deadline_positive(int(days))
    return days


def _days(name: str, value: str) -> str:
    days = _whole_number(name, value)
    if not 1 <= int(days) <= _MAX_DAYS:
        raise InvalidInput("setting_invalid", "days", name=name, limit=_MAX_DAYS)
    return days


def _whole_number(name: str, value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS):
        raise InvalidInput("setting_invalid", "whole_number", name=name)
    return str(int(value))


def _cycles(name: str, value: str) -> str:
    if value not in (CALENDAR_YEAR, BY_HAND):
        raise InvalidInput("setting_invalid", "cycles", name=name)
    return value


def _quiet_hours(_name: str, value: str) -> str:
    hours = parse_quiet_hours(value)
    return NONE if hours is None else "-".join(f"{each:%H:%M}" for each in hours)


def _quiet_days(name: str, value: str) -> str:
    if value not in (SUNDAYS_AND_HOLIDAYS, NONE):
        raise InvalidInput("setting_invalid", "quiet_days", name=name)
    return value


def _sender(_name: str, value: str) -> str:
    return require_name(value)


def _language(name: str, value: str) -> str:
    if value not in LANGUAGES:
        raise InvalidInput("setting_invalid", "language", name=name)
    return value


_CHECKS: Final[dict[str, Callable[[str, str], str]]] = {
    "contact_deadline_days": _deadline,
    "expires_after_days": _days,
    "unread_attention_days": _days,
    "reporting_cycles": _cycles,
    "honorarium_standard_from": _whole_number,
    "honorarium_elevated_from": _whole_number,
    "retention_days": _days,
    "quiet_hours": _quiet_hours,
    "quiet_days": _quiet_days,
    "notification_sender": _sender,
    "notification_language": _language,
}
