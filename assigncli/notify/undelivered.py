"""Why somebody was not told, and what a person can do about it.

`name` is what the member is called; commands take the handle.
"""

from __future__ import annotations

from assigncli.errors import AssignError, PartlyDone
from assigncli.locale import _


def unknown(number: int | None, name: str) -> AssignError:
    """Say that a message may or may not have arrived."""
    return PartlyDone(
        _("Nobody knows whether the notification to {name} arrived.").format(name=name),
        _("Ask {name}, or send it again with assign sweep --retry {number}.").format(
            name=name, number=number
        ),
        code="notification_unknown",
    )


def delayed(name: str) -> AssignError:
    """Say that a message was surely not accepted, and is tried again."""
    return PartlyDone(
        _("The server for notifications to {name} could not be reached.").format(name=name),
        _("It is tried again by itself; call {name} if it is urgent.").format(name=name),
        code="notification_delayed",
    )


def given_up(number: int | None, name: str) -> AssignError:
    """Say that a message is tried no more."""
    return PartlyDone(
        _(
            "The notification to {name} about assignment {number} is given up: the server could "
            "not be reached."
        ).format(name=name, number=number),
        _("Call {name}, or fix the channel and run assign sweep --retry {number}.").format(
            name=name, number=number
        ),
        code="notification_given_up",
    )


def unusable(name: str, handle: str) -> AssignError:
    """Say that none of a member's addresses can be used."""
    return PartlyDone(
        _("The address for notifications to {name} cannot be used.").format(name=name),
        _(
            "Remove it with assign member notify {handle} --remove, then run assign member notify "
            "{handle} to add another."
        ).format(handle=handle),
        code="channel_invalid",
    )


def revoked(number: int | None, name: str) -> AssignError:
    """Say that the recipient has left."""
    return PartlyDone(
        _("{name} is no longer a member, so nobody is told about assignment {number}.").format(
            name=name, number=number
        ),
        _("Run assign show {number}, and send it to another mentor if it is still open.").format(
            number=number
        ),
        code="recipient_revoked",
    )


def one_channel(name: str, handle: str, count: int, total: int) -> AssignError:
    """Say that the recipient was told, and one of their channels did not take it."""
    return PartlyDone(
        _("{count} of {total} channels of {name} did not take the notification.").format(
            count=count, total=total, name=name
        ),
        _("Try them with assign member notify {handle} --test.").format(handle=handle),
        code="channel_failed",
    )
