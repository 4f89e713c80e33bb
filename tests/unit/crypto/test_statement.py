from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from assigncli.crypto.prefixing import prefixed
from assigncli.crypto.signatures import signed_bytes
from assigncli.protocol.canonical import encode
from assigncli.protocol.forms import moment, stamp


def test_canonical_has_one_spelling() -> None:
    assert encode({"b": 1, "a": "å"}) == '{"a":"å","b":1}'.encode()


def test_signed_bytes_name_the_purpose() -> None:
    assert signed_bytes("wrap", b"x") == b"assigncli/wrap/v1\0x"


@pytest.mark.parametrize("purpose", ["", "Wrap", "a/b", "a\0", "a ", "-a"])
def test_an_odd_purpose_is_refused(purpose: str) -> None:
    with pytest.raises(ValueError, match="purpose"):
        signed_bytes(purpose, b"")


def test_prefixed_parts_cannot_lend_bytes() -> None:
    assert prefixed(b"ab", b"c") != prefixed(b"a", b"bc")


def test_moments_are_spelled_in_utc_to_the_microsecond() -> None:
    oslo = datetime(2026, 7, 1, 2, 0, tzinfo=timezone(timedelta(hours=2)))
    assert stamp(oslo) == "2026-07-01T00:00:00.000000Z"
    assert moment(stamp(oslo)) == oslo


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        stamp(datetime(2026, 7, 1, tzinfo=UTC).replace(tzinfo=None))
