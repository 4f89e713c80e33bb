"""Mentors who may be sent an assignment, for a prompt; nothing here is relied on later."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from assigncli.client import asking
from assigncli.client.client import Client
from assigncli.client.recipient import Recipient, named
from assigncli.domain.deadlines import local_day
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, RuleRefused

_MOST_VERIFIED: Final = 30


def fit_recipient(client: Client, handle: str) -> Recipient:
    """Return the mentor with this handle, if an assignment may be sent to them now.

    Raises as `recipient.named`.
    """
    handle = handle.strip().lower()
    found = asking.recipients(client, [handle])
    return named(found, handle, local_day(client.now, client.zone))


def choices(client: Client, handles: Sequence[str], at_most: int) -> list[Recipient] | None:
    """Return those of these mentors who may be sent an assignment now.

    None where more than `at_most` may, or where there are too many to verify for a prompt.
    """
    if len(handles) > _MOST_VERIFIED:
        return None
    shown, today = asking.recipients(client, handles), local_day(client.now, client.zone)
    found = []
    for handle in handles:
        with suppress(AssignError):
            found.append(named(shown, handle, today))
    return found if len(found) <= at_most else None


def nobody_fit() -> AssignError:
    """Return the refusal for when no mentor can be sent an assignment."""
    return RuleRefused(Rule.RECIPIENT_IS_ACTIVE_PEER_MENTOR, "nobody")
