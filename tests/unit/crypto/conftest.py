"""What the tests of the cryptography share: two members, one envelope."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from assigncli.crypto.identity import Identity
from assigncli.errors import AssignError
from assigncli.protocol.context import Context

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
PAYLOAD = b'{"full_name":"Kari Prikk","phone":"99887766"}'


@pytest.fixture(scope="session")
def identity() -> Identity:
    return Identity.generate()


@pytest.fixture(scope="session")
def stranger() -> Identity:
    return Identity.generate()


@pytest.fixture
def context() -> Context:
    return Context(uuid4(), uuid4(), uuid4(), uuid4(), uuid4())


def flips(data: bytes) -> Iterator[bytes]:
    """Yield `data` with one bit flipped, for a bit in every byte."""
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 1 << (place % 8)
        yield bytes(altered)


def told(error: BaseException) -> str:
    """Return all that a traceback of `error` would show, causes included, and its facts."""
    facts = str(error.facts) if isinstance(error, AssignError) else ""
    return facts + "".join(traceback.format_exception(error)) + repr(error) + repr(error.__cause__)
