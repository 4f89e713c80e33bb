"""The organisation's settings: what they are, their defaults, and changing one.

A setting is never overwritten: the newest row counts and the older ones are its history. Reading
needs no cryptography, so what changes one imports it only then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlmodel import Session as Transaction

from assigncli.actions.session import Session
from assigncli.domain.audit import Action
from assigncli.domain.deadlines import (
    DEFAULT_CONTACT_DAYS,
    DEFAULT_EXPIRY_DAYS,
    require_deadline_positive,
)
from assigncli.domain.honorarium import DEFAULT_THRESHOLDS, Thresholds
from assigncli.domain.lifecycle import Role
from assigncli.domain.people import require_name
from assigncli.errors import InvalidInput, NotFound, Tampered
from assigncli.locale import LANGUAGES, N_, _
from assigncli.store import organizations

if TYPE_CHECKING:
    from assigncli.domain.quiet import QuietHours

CALENDAR_YEAR: Final = "calendar_year"
BY_HAND: Final = "by_hand"
SUNDAYS_AND_HOLIDAYS: Final = "sundays_and_holidays"
NONE: Final = "none"
TEXTS: Final = frozenset({"notification_sender"})
"""The settings whose value somebody words: it is salted, and no argument of a statement."""

_MAX_DAYS: Final = 3650
_MAX_DIGITS: Final = 6


@dataclass(frozen=True)
class Setting:
    """One setting of the organisation: its name, what it means, its default."""

    name: str
    meaning: str
    default: str


SETTINGS: Final = (
    Setting(
        "contact_deadline_days",
        N_("Days a mentor has to make contact, unless the assignment says otherwise."),
        str(DEFAULT_CONTACT_DAYS),
    ),
    Setting(
        "expires_after_days",
        N_("Days after dispatch at which an assignment expires, unless it says otherwise."),
        str(DEFAULT_EXPIRY_DAYS),
    ),
    Setting(
        "unread_attention_days",
        N_("Days after which an unread assignment needs attention."),
        "2",
    ),
    Setting(
        "reporting_cycles",
        N_("How cycles open: calendar_year, by themselves, or by_hand."),
        CALENDAR_YEAR,
    ),
    Setting(
        "honorarium_standard_from",
        N_("The count from which the standard honorarium holds."),
        str(DEFAULT_THRESHOLDS.standard),
    ),
    Setting(
        "honorarium_elevated_from",
        N_("The count from which the elevated honorarium holds."),
        str(DEFAULT_THRESHOLDS.elevated),
    ),
    Setting(
        "retention_days",
        N_("Days after completion for which the mentor can still read the brief."),
        "30",
    ),
    Setting(
        "quiet_hours",
        N_("When only urgent notifications are sent, such as 21:00-08:00, or none."),
        "21:00-08:00",
    ),
    Setting(
        "quiet_days",
        N_("Days without notifications, urgent ones apart: sundays_and_holidays, or none."),
        SUNDAYS_AND_HOLIDAYS,
    ),
    Setting(
        "notification_sender",
        N_("The neutral name that notifications come from."),
        "assign",
    ),
    Setting(
        "notification_language",
        N_("The language of notifications: nb for Norwegian Bokmål, en for English."),
        "nb",
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings in force, typed. Days are local calendar days."""

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


def in_force(session: Session, tx: Transaction) -> Settings:
    """Return the organisation's settings, defaults where nothing was set.

    Raises Tampered `setting_damaged` for a number that is none: only the store itself can hold it.
    """
    words = values(session, tx)
    try:
        return _typed(words)
    except ValueError:
        raise Tampered(
            _("A setting in the store should be a number, and is none."),
            _("Run assign audit verify."),
            code="setting_damaged",
        ) from None


def _typed(words: dict[str, str]) -> Settings:
    return Settings(
        contact_deadline_days=int(words["contact_deadline_days"]),
        expires_after_days=int(words["expires_after_days"]),
        unread_attention_days=int(words["unread_attention_days"]),
        cycles_by_hand=words["reporting_cycles"] == BY_HAND,
        thresholds=Thresholds(
            standard=int(words["honorarium_standard_from"]),
            elevated=int(words["honorarium_elevated_from"]),
        ),
        retention_days=int(words["retention_days"]),
        notification_sender=words["notification_sender"],
        notification_language=words["notification_language"],
        quiet_hours=words["quiet_hours"],
        quiet_days=words["quiet_days"],
    )


def quiet_in_force(terms: Settings) -> QuietHours:
    """Return when notifications have to wait, as the settings have it."""
    from assigncli.domain.quiet import QuietHours, parse_quiet_hours

    starts, ends = parse_quiet_hours(terms.quiet_hours) or (None, None)
    return QuietHours(starts, ends, terms.quiet_days == SUNDAYS_AND_HOLIDAYS)


def values(session: Session, tx: Transaction) -> dict[str, str]:
    """Return every setting's value as text, by name."""
    stored = organizations.settings(tx, session.organization_id)
    return {setting.name: stored.get(setting.name, setting.default) for setting in SETTINGS}


def default(name: str) -> str:
    """Return the value that holds where a setting was never changed."""
    return next(setting.default for setting in SETTINGS if setting.name == name)


def list_values(session: Session) -> dict[str, str]:
    """Return every setting's value as text, by name."""
    with session.store.read() as tx:
        return values(session, tx)


def change(session: Session, name: str, value: str) -> str:
    """Set one setting; only an org_admin may. Return the value as it is kept.

    Raises NotFound `setting_not_found`, InvalidInput `setting_invalid`, NotAllowed `role_missing`.
    """
    from secrets import token_bytes

    from assigncli.actions import asking, trust
    from assigncli.client.exchange import Intent
    from assigncli.protocol.texts import SALT_BYTES, Text

    kept = _with_example(name, value.strip())
    with session.store.read() as tx:
        actor = trust.acting(session, tx)
        trust.require_role(actor, Role.ORG_ADMIN)
        require_in_order(session, tx, name, kept)
        signer = asking.device(session, tx, actor)
    is_text = name in TEXTS
    intent = Intent(
        Action.SETTING_CHANGED.value,
        session.organization_id,
        {"name": name, "value": None if is_text else kept},
        {"value": Text(token_bytes(SALT_BYTES), kept)} if is_text else {},
    )
    asking.act(session, signer, intent, lambda _refusal: None)
    return kept


def as_kept(name: str, value: str) -> str:
    """Return the value as it is kept: PROTOCOL.md section 11.

    Raises NotFound `setting_not_found`, InvalidInput `setting_invalid` and those of single ones.
    """
    check = _CHECKS.get(name)
    if check is None:
        raise setting_not_found()
    return check(value)


def require_in_order(session: Session, tx: Transaction, name: str, value: str) -> None:
    """Refuse a threshold that would pass the other one: InvalidInput `thresholds_invalid`."""
    words = {**values(session, tx), name: value}
    Thresholds(
        standard=int(words["honorarium_standard_from"]),
        elevated=int(words["honorarium_elevated_from"]),
    )


def _with_example(name: str, value: str) -> str:
    """Return the value as it is kept; where it cannot be, the hint ends with a whole command."""
    try:
        return as_kept(name, value)
    except InvalidInput as refusal:
        if refusal.code == "setting_invalid":
            example = f"assign config set {name} {default(name)}"
            refusal.hint += " " + _("For example: {command}.").format(command=example)
        raise


def setting_not_found() -> NotFound:
    """Return the error for a name that is no setting."""
    return NotFound(
        _("There is no setting with this name."),
        _("Run assign config list to see the names."),
        code="setting_not_found",
    )


def _deadline(value: str) -> str:
    days = _whole_number(value)
    require_deadline_positive(int(days))
    return days


def _days(value: str) -> str:
    days = _whole_number(value)
    if not 1 <= int(days) <= _MAX_DAYS:
        raise _invalid(_("Give a number of days from 1 to {limit}.").format(limit=_MAX_DAYS))
    return days


def _whole_number(value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS):
        raise _invalid(_("Give a whole number."))
    return str(int(value))


def _cycles(value: str) -> str:
    if value not in (CALENDAR_YEAR, BY_HAND):
        raise _invalid(_("Give calendar_year or by_hand."))
    return value


def _quiet_hours(value: str) -> str:
    from assigncli.domain.quiet import parse_quiet_hours

    hours = parse_quiet_hours(value)
    return NONE if hours is None else "-".join(f"{each:%H:%M}" for each in hours)


def _quiet_days(value: str) -> str:
    if value not in (SUNDAYS_AND_HOLIDAYS, NONE):
        raise _invalid(_("Give sundays_and_holidays or none."))
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise _invalid(_("Give nb for Norwegian or en for English."))
    return value


def _invalid(hint: str) -> InvalidInput:
    return InvalidInput(_("This setting cannot have that value."), hint, code="setting_invalid")


_CHECKS: Final[dict[str, Callable[[str], str]]] = {
    "contact_deadline_days": _deadline,
    "expires_after_days": _days,
    "unread_attention_days": _days,
    "reporting_cycles": _cycles,
    "honorarium_standard_from": _whole_number,
    "honorarium_elevated_from": _whole_number,
    "retention_days": _days,
    "quiet_hours": _quiet_hours,
    "quiet_days": _quiet_days,
    "notification_sender": require_name,
    "notification_language": _language,
}
