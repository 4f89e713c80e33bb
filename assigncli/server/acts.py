"""Which function carries out which act of PROTOCOL.md section 9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from assigncli.server import end, follow_up
from assigncli.server.carrying import Carrying

CARRY_OUT: Final[Mapping[str, Callable[[Carrying], None]]] = {
    "assignment.acknowledged": follow_up.acknowledge,
    "assignment.contact_made": follow_up.contact,
    "assignment.completed": follow_up.complete,
    "assignment.recalled": end.recall,
    "assignment.cancelled": end.cancel,
}
"""By act. An act that is not here is not carried out yet."""
