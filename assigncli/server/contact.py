"""Contact: the mentor has been in contact with the person."""

from __future__ import annotations

from assigncli.domain.lifecycle import Status
from assigncli.server.carrying import Carrying


def contact(doing: Carrying) -> None:
    """Record that contact was made; no reminder is sent after this."""
    doing.advance(Status.CONTACT_MADE)
