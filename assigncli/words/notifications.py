"""The text of a notification, and why a channel is unusable or somebody was not notified.

A notification contains the number, the title, what happened and what to run, never more. It is in
the organisation's language, under a sender name that reveals nothing.
"""

from __future__ import annotations

from typing import Final

from assigncli.domain.notification import NotificationKind, NotificationText
from assigncli.domain.setting_values import Settings
from assigncli.locale import N_, _, speaking
from assigncli.words.form import Catalogue, Sentences

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
    NotificationKind.DECLINED: N_(
        "Assignment {number}, {title}, is declined by the mentor. To give it to another mentor, "
        "run: assign reassign {number} --to HANDLE"
    ),
    NotificationKind.REMINDED: N_(
        "Assignment {number}, {title}: no contact is recorded within the deadline, and a reminder "
        "goes to the mentor. To see more, run: assign show {number}"
    ),
}


def text_of(
    kind: NotificationKind, number: int, title: str, *, urgent: bool, terms: Settings
) -> NotificationText:
    """Return the notification of one event; `terms` are the organisation's settings."""
    with speaking(terms.notification_language):
        subject = _("Urgent: assignment {number}") if urgent else _("Assignment {number}")
        return NotificationText(
            sender=terms.notification_sender,
            subject=subject.format(number=number),
            body=_(_TEXTS[kind]).format(number=number, title=title),
        )


def trial(terms: Settings) -> NotificationText:
    """Return the message that tests a channel."""
    with speaking(terms.notification_language):
        return NotificationText(
            sender=terms.notification_sender,
            subject=_("Test message"),
            body=_(
                "This is a test. If you receive it, you will also receive notifications about "
                "assignments."
            ),
        )


def _kind(kinds: tuple[str, ...]) -> Sentences:
    hint = _("Use one of these: {kinds}.").format(kinds=", ".join(map(_, kinds)))
    return _("Notifications cannot be sent to this kind of channel."), hint


NAMES: Final = (N_("Email"), N_("unusable"))
"""The kinds of channel with a name of this program's own; others have the service's name."""

NOTIFICATIONS: Final[Catalogue] = {
    "channel_invalid.kind": _kind,
    "channel_invalid.option": (
        N_("The channel's address has an option that is not allowed."),
        N_("Use only these: {options}."),
    ),
    "channel_invalid": (
        N_("The channel's address cannot be used."),
        N_("Give one recipient's address as Apprise writes it, such as mailtos:// or ntfys://."),
    ),
    "channel_not_installed": (
        N_("MQTT is not installed with this program."),
        N_(
            "Install the extra assigncli[mqtt], or paho-mqtt alone with pipx inject "
            "assigncli paho-mqtt, then try again."
        ),
    ),
    "channels_too_many": (
        N_("{name} already has {count} channels."),
        N_("Remove them first with assign member notify {handle} --remove."),
    ),
    "no_channel": (
        N_("{name} has no channel for notifications."),
        N_("Add one with assign member notify {handle}."),
    ),
    "notification_not_sent": (
        N_("{count} of {total} channels did not take the test message."),
        N_(
            "Check the address and the server. Run assign member notify {handle} --remove, "
            "then assign member notify {handle} to add it again."
        ),
    ),
    "channel_invalid.address": (
        N_("No notification can be sent to this address."),
        N_("Give an Apprise address, such as mailtos://..., or an e-mail address."),
    ),
    "mail_server_missing": (
        N_("An e-mail address alone needs the organisation's own mail server."),
        N_("Add that first with assign member notify service, or give a whole Apprise address."),
    ),
    "nothing_stuck": (
        N_("No notification about assignment {number} is stuck."),
        N_("Run assign status to see which notifications are."),
    ),
    "notification_unknown": (
        N_("Nobody knows whether the notification to {name} arrived."),
        N_("Ask {name}, or send it again with assign sweep --retry {number}."),
    ),
    "notification_delayed": (
        N_("The server for notifications to {name} could not be reached."),
        N_("It is tried again by itself; call {name} if it is urgent."),
    ),
    "notification_given_up": (
        N_(
            "The notification to {name} about assignment {number} is given up: the server "
            "could not be reached."
        ),
        N_("Call {name}, or fix the channel and run assign sweep --retry {number}."),
    ),
    "channel_invalid.of_member": (
        N_("The address for notifications to {name} cannot be used."),
        N_(
            "Remove it with assign member notify {handle} --remove, then run assign member "
            "notify {handle} to add another."
        ),
    ),
    "recipient_revoked": (
        N_("{name} is no longer a member, so nobody is told about assignment {number}."),
        N_("Run assign show {number}, and send it to another mentor if it is still open."),
    ),
    "channel_failed": (
        N_("{count} of {total} channels of {name} did not take the notification."),
        N_("Try them with assign member notify {handle} --test."),
    ),
}
