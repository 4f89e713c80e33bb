"""Recall: an unread assignment is taken back."""

from __future__ import annotations

from assigncli.domain.lifecycle import Status
from assigncli.server.carrying import Carrying
from assigncli.server.withdraw import withdraw


def recall(doing: Carrying) -> None:
    """Withdraw an assignment that is unread, or a draft."""
    withdraw(doing, Status.RECALLED)
