"""The addresses that notifications go to."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_, _
from assigncli.words.form import Catalogue, Sentences


def _kind(kinds: tuple[str, ...]) -> Sentences:
    hint = _("Use one of these: {kinds}.").format(kinds=", ".join(map(_, kinds)))
    return _("Notifications cannot be sent to this kind of channel."), hint


NAMES: Final = (N_("Email"), N_("unusable"))
"""The kinds of channel that have a name of this program's own; the others are called by theirs."""

CHANNELS: Final[Catalogue] = {
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
}
