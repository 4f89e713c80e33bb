"""What a notification says: the number, the title, what happened and what to run. Never more.

The words are the organisation's own, in its language, under a sender name that gives nothing away.
"""

from __future__ import annotations

from typing import Final

from assigncli.domain.notification import NotificationKind
from assigncli.domain.setting_values import Settings
from assigncli.locale import N_, _, speaking
from assigncli.notify import Notice

_TEXTS: Final = {
    NotificationKind.DISPATCHED: N_(
        "Assignment {number}, {title}, has been sent to you. To read it, run: assign open {number}"
    ),
    NotificationKind.RECALLED: N_(
        "Assignment {number}, {title}, has been recalled. There is nothing more to do. To see "
        "what else there is, run: assign inbox"
    ),
    NotificationKind.CANCELLED: N_(
        "Assignment {number}, {title}, has been cancelled. Please do not carry it out. To see "
        "more, run: assign show {number}"
    ),
    NotificationKind.EXPIRED: N_(
        "Assignment {number}, {title}, has expired and can no longer be read. To see more, run: "
        "assign show {number}"
    ),
    NotificationKind.REMINDER: N_(
        "Assignment {number}, {title}: no contact is recorded yet. Once you have made contact, "
        "run: assign contact {number}"
    ),
    NotificationKind.ACKNOWLEDGED: N_(
        "Assignment {number}, {title}, has been read and confirmed by the mentor. To see more, "
        "run: assign show {number}"
    ),
    NotificationKind.COMPLETED: N_(
        "Assignment {number}, {title}, is completed. To see more, run: assign show {number}"
    ),
    NotificationKind.REMINDED: N_(
        "Assignment {number}, {title}: no contact is recorded within the deadline, and a reminder "
        "goes to the mentor. To see more, run: assign show {number}"
    ),
}


def notice(
    kind: NotificationKind, number: int, title: str, *, urgent: bool, terms: Settings
) -> Notice:
    """Return the message about one event; `terms` are the organisation's settings."""
    with speaking(terms.notification_language):
        subject = _("Urgent: assignment {number}") if urgent else _("Assignment {number}")
        return Notice(
            sender=terms.notification_sender,
            subject=subject.format(number=number),
            body=_(_TEXTS[kind]).format(number=number, title=title),
        )


def trial(terms: Settings) -> Notice:
    """Return the message by which a member's channel is tried."""
    with speaking(terms.notification_language):
        return Notice(
            sender=terms.notification_sender,
            subject=_("Test message"),
            body=_(
                "This is a test. If you receive it, you will also receive notifications about "
                "assignments."
            ),
        )
