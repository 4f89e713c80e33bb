"""The meaning of each setting of the organisation, in one sentence."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_

MEANINGS: Final = {
    "contact_deadline_days": N_(
        "Days a mentor has to make contact, unless the assignment says otherwise."
    ),
    "expires_after_days": N_(
        "Days after dispatch at which an assignment expires, unless it says otherwise."
    ),
    "unread_attention_days": N_("Days after which an unread assignment needs attention."),
    "reporting_cycles": N_("How cycles open: calendar_year, by themselves, or by_hand."),
    "honorarium_standard_from": N_("The count from which the standard honorarium holds."),
    "honorarium_elevated_from": N_("The count from which the elevated honorarium holds."),
    "retention_days": N_("Days after completion for which the mentor can still read the brief."),
    "quiet_hours": N_("When only urgent notifications are sent, such as 21:00-08:00, or none."),
    "quiet_days": N_(
        "Days without notifications, urgent ones apart: sundays_and_holidays, or none."
    ),
    "notification_sender": N_("The neutral name that notifications come from."),
    "notification_language": N_(
        "The language of notifications: nb for Norwegian Bokmål, en for English."
    ),
}
