"""The two messages that begin a stream have exactly the fields of the page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from assigncli.protocol.canonical import Malformed, VersionUnknown
from assigncli.protocol.greeting import Hello, Welcome

MEMBER = UUID("0b0a0f0c-0000-4000-8000-000000000001")


def test_a_hello_names_a_member_or_nobody() -> None:
    for member in (MEMBER, None):
        assert Hello.decode(Hello(member).encode()).member == member
    assert json.loads(Hello(MEMBER).encode()) == {"v": 1, "member": str(MEMBER)}


def test_a_welcome_gives_the_clock_the_version_and_whether_it_agrees() -> None:
    welcome = Welcome(datetime(2026, 11, 21, 12, tzinfo=UTC), "0.1.0", agreed=True)
    assert Welcome.decode(welcome.encode()) == welcome
    assert set(json.loads(welcome.encode())) == {"v", "now", "program", "agreed"}


def test_another_version_or_another_field_is_refused() -> None:
    with pytest.raises(VersionUnknown):
        Hello.decode(b'{"member":null,"v":2}')
    for wrong in (b"{}", b'{"v":1}', b'{"member":1,"v":1}', b'{"member":null,"uid":0,"v":1}'):
        with pytest.raises(Malformed):
            Hello.decode(wrong)
