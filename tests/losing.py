"""A connection that loses what it carries, and the notes that a command leaves then.

The command is stopped where it waits for an answer, as by Ctrl-C: it knows neither that the server
did it nor that it did not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assigncli.protocol.message import MessageKind
from assigncli.server.handle import Server
from tests.office import Office, Result


@contextmanager
def losing(*, request: bool = False) -> Iterator[None]:
    """Lose the answer of an act inside the block, or the request before it."""
    carry = Server.handle

    def lossy(server: Server, message: bytes, *more: Any) -> bytes:
        if message[1] == MessageKind.ASK:
            return carry(server, message, *more)
        if not request:
            carry(server, message, *more)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "handle", lossy)
        yield


def lost(office: Office, line: str, profile: str, *, request: bool = False) -> Result:
    """Run a command whose answer is lost, or whose request never comes."""
    with losing(request=request):
        result = office.run(line, profile=profile)
    assert result.code == 130, result.said
    assert len(notes(office, profile)) == 1
    return result


def folder(office: Office, profile: str) -> Path:
    """Return where the profile's notes are."""
    return office.home / "outstanding" / profile


def notes(office: Office, profile: str) -> list[Path]:
    """Return what is outstanding."""
    return sorted(folder(office, profile).glob("*.json"))
