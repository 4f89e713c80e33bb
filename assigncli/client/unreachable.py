"""The errors for a server that could not be asked, by what was in the way; nothing was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from assigncli.errors import StoreUnavailable

_ERRORS: Final[Mapping[str, Callable[[str], StoreUnavailable]]] = {
    # found by the socket
    "not_there": lambda at: StoreUnavailable("server_unreachable", "not_there", address=at),
    "not_allowed": lambda at: StoreUnavailable("server_unreachable", "not_allowed", address=at),
    "no_sockets": lambda at: StoreUnavailable("server_unreachable", "no_sockets", address=at),
    # said by how `ssh` ended
    "ssh": lambda at: StoreUnavailable("server_unreachable", "ssh", address=at),
    "no_command": lambda at: StoreUnavailable("server_unreachable", "no_command", address=at),
    "relay": lambda at: StoreUnavailable("server_unreachable", "relay", address=at),
    # seen on the stream
    "other": lambda at: StoreUnavailable("server_unreachable", "other", address=at),
    "slow": lambda at: StoreUnavailable("server_unreachable", "slow", address=at),
    "lost": lambda at: StoreUnavailable("server_unreachable", "lost", address=at),
    "ended": lambda at: StoreUnavailable("server_unreachable", "ended", address=at),
}


def unreachable(address: str, why: str | None = None) -> StoreUnavailable:
    """Return the error for the server at this address; without `why` nothing more is known."""
    if why is None:
        return StoreUnavailable("server_unreachable", address=address)
    return _ERRORS[why](address)
