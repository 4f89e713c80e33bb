"""The addresses that notifications go to."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_, _
from assigncli.words.form import Catalogue, Sentences


def _kind(kinds: tuple[str, ...]) -> Sentences:
    hint = _("Use one of these: {kinds}.").format(kinds=", ".join(map(_, kinds)))
    return _("Notifications cannot be sent to this kind of channel."), hint


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
}
