"""Why somebody was not told, and what a person can do about it.

`name` is what the member is called; commands take the handle.
"""

from __future__ import annotations

from assigncli.errors import AssignError, PartlyDone


def unknown(number: int | None, name: str) -> AssignError:
    """Say that a message may or may not have arrived."""
    return PartlyDone("notification_unknown", name=name, number=number)


def delayed(name: str) -> AssignError:
    """Say that a message was surely not accepted, and is tried again."""
    return PartlyDone("notification_delayed", name=name)


def given_up(number: int | None, name: str) -> AssignError:
    """Say that a message is tried no more."""
    return PartlyDone("notification_given_up", name=name, number=number)


def unusable(name: str, handle: str) -> AssignError:
    """Say that none of a member's addresses can be used."""
    return PartlyDone("channel_invalid", "of_member", name=name, handle=handle)


def revoked(number: int | None, name: str) -> AssignError:
    """Say that the recipient has left."""
    return PartlyDone("recipient_revoked", name=name, number=number)


def one_channel(name: str, handle: str, count: int, total: int) -> AssignError:
    """Say that the recipient was told, and one of their channels did not take it."""
    return PartlyDone("channel_failed", count=count, total=total, name=name, handle=handle)
