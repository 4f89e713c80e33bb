"""Say which devices of a mentor cannot open what was just sent, because they wait for a comparison.

Which these are is the server's word, as in `key list`. A failure here is no failure of the act.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigncli.cli.frame import out
from assigncli.errors import AssignError
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.lookups.about_members import Key


def say_of_waiting_devices(session: Session, handle: str) -> None:
    """Name each device of a mentor that waits for approval or is suspended."""
    from assigncli.lookups.about_members import KEYS, WantedKeys

    try:
        found = session.look(KEYS, WantedKeys(handle)).keys
    except AssignError:
        return
    for each in found:
        if each.status in ("requested", "suspended"):
            out().note(_sentence(each))


def _sentence(key: Key) -> str:
    if key.status == "suspended":
        said = _(
            "The device {device} of {name} is suspended and cannot open this. Compare it with "
            "assign member approve {handle}, then run assign key reseal --for {handle}."
        )
    else:
        said = _(
            "The device {device} of {name} is not approved and cannot open this. Compare it with "
            "assign member approve {handle}, then run assign key reseal --for {handle}."
        )
    return said.format(device=key.device, name=key.display_name, handle=key.handle)
