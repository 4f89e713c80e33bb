"""Why somebody was not told, and what a person can do about it.

`name` is what the member is called; commands take the handle.
"""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Catalogue

UNTOLD: Final[Catalogue] = {
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
