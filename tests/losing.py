"""A connection that loses what it carries, and the notes that a command leaves then.

The command is stopped where it waits for an answer, as by Ctrl-C: it knows neither that the server
did it nor that it did not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assigncli.actions.session import Session
from assigncli.protocol.message import Kind
from tests.office import Office, Result


@contextmanager
def losing(*, request: bool = False) -> Iterator[None]:
    """Lose the answer of an act inside the block, or the request before it."""
    carry = Session.connection

    def lossy(session: Session, message: bytes) -> bytes:
        if message[1] == Kind.ASK:
            return carry(session, message)
        if not request:
            carry(session, message)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "connection", lossy)
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
