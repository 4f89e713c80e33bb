"""Contact with the person is made."""

from __future__ import annotations

from assigncli.domain.lifecycle import Status
from assigncli.server.carrying import Carrying


def contact(doing: Carrying) -> None:
    """Contact with the person is made; no reminder is sent from here on."""
    doing.advance(Status.CONTACT_MADE)
