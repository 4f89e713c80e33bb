from __future__ import annotations

import pytest

from assigncli.crypto.padding import STEP, pad, unpad
from tests.quick import all_in_one


@all_in_one("length", [0, 1, 254, 255, 256, 257, 511, 512])
def test_padding_comes_off_again(length: int) -> None:
    payload = b"\x80" * length
    assert len(pad(payload)) % STEP == 0
    assert len(pad(payload)) - length <= STEP
    assert unpad(pad(payload)) == payload


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        bytes(STEP),
        b"x" * STEP,
        b"x\x80" + bytes(10),
        b"x\x80" + bytes(STEP * 2 - 2),
        b"x\x80" + bytes(STEP - 3) + b"\x01",
    ],
)
def test_padding_that_pad_would_not_give_is_refused(padded: bytes) -> None:
    with pytest.raises(ValueError, match="padding"):
        unpad(padded)
