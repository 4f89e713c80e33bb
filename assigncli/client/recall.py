"""Recall an unread assignment, so that nobody can read it any more."""

from __future__ import annotations

from assigncli.client import withdraw
from assigncli.client.client import Client
from assigncli.client.ending import Ending
from assigncli.client.withdraw import Withdrawn
from assigncli.domain.lifecycle import Status


def to_recall(client: Client, reference: str) -> Ending:
    """Return what `recall` would end; raises as it does, and needs no key."""
    return withdraw.asked(client, reference, Status.RECALLED)[1]


def recall(client: Client, reference: str, told: Ending | None = None) -> Withdrawn:
    """Withdraw an unread assignment, whatever the mentor's profile.

    `told` is what a person agreed to; if that has changed, nothing is done. Raises RuleRefused
    `recall_only_before_read` or `valid_status_transition`, AssignError `changed_meanwhile`.
    """
    return withdraw.withdraw(client, reference, Status.RECALLED, None, told)
