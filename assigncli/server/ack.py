"""Acknowledge: the mentor has read the brief."""

from __future__ import annotations

from assigncli.domain.lifecycle import Status
from assigncli.server.carrying import Carrying


def acknowledge(doing: Carrying) -> None:
    """Record that the mentor has read the brief; this notifies the dispatcher."""
    doing.advance(Status.ACKNOWLEDGED)
