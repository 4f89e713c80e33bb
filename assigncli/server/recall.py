"""Recall: take back an unread assignment."""

from __future__ import annotations

from assigncli.domain.lifecycle import Status
from assigncli.server.carrying import Carrying
from assigncli.server.withdraw import withdraw


def recall(doing: Carrying) -> None:
    """End an unread assignment or a draft."""
    withdraw(doing, Status.RECALLED)
