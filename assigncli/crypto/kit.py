"""The organisation's root key as digits for paper: ten groups, each with a check digit.

The seed's 78 decimal digits and two check digits over them (ISO 7064, MOD 97-10) are cut into ten
groups of eight. The ninth digit of a group is Damm's check digit over the group's place and its
eight digits (H. M. Damm, Total anti-symmetrische Quasigruppen, Marburg 2004). So every wrong digit,
every two neighbours swapped and every two groups swapped are found in the group itself. Whether the
kit is the right organisation's is told by the root's public key, which every client pins. This
module asks nobody and shows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from assigncli.crypto.identity import RootKey
from assigncli.crypto.sealing import KEY_SIZE
from assigncli.errors import InvalidInput

GROUPS: Final = 10
"""How many groups a kit has. Each has its own check digit's start, so there cannot be more."""
GROUP_DIGITS: Final = 9
"""How many digits a group has, with its check digit."""

_DIGITS: Final = "0123456789"
_CUT: Final = GROUP_DIGITS - 1
_SEED_DIGITS: Final = GROUPS * _CUT - 2
_MODULUS: Final = 97
_QUASIGROUP: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
"""Damm's table of order ten: row the digit so far, column the next digit."""


def kit_groups(root: RootKey) -> tuple[str, ...]:
    """Return the ten groups of nine digits that hold the root's private key; only for paper."""
    digits = f"{int.from_bytes(root.seed, 'big'):0{_SEED_DIGITS}d}"
    whole = f"{digits}{_MODULUS + 1 - int(digits) * 100 % _MODULUS:02d}"
    cuts = (whole[start : start + _CUT] for start in range(0, len(whole), _CUT))
    return tuple(cut + _damm(place, cut) for place, cut in enumerate(cuts, start=1))


def root_of(groups: Sequence[str]) -> RootKey:
    """Return the root key that the typed groups hold.

    Raises InvalidInput `kit_wrong`: `count`, `group` as `checked_group`, and `whole` where the
    groups are each right and do not belong together.
    """
    if len(groups) != GROUPS:
        raise InvalidInput("kit_wrong", "count", count=GROUPS)
    typed = tuple(checked_group(place, each) for place, each in enumerate(groups, start=1))
    seed = int("".join(each[:_CUT] for each in typed)[:_SEED_DIGITS])
    if seed < 1 << KEY_SIZE * 8:
        root = RootKey(seed.to_bytes(KEY_SIZE, "big"))
        if kit_groups(root) == typed:
            return root
    raise InvalidInput("kit_wrong", "whole")


def checked_group(place: int, typed: str) -> str:
    """Return the nine digits of the group at `place`, counted from 1; spaces and dashes go.

    Raises InvalidInput `kit_wrong.group`, with the place alone.
    """
    digits = "".join(char for char in typed if char.isalnum())
    right = len(digits) == GROUP_DIGITS and all(char in _DIGITS for char in digits)
    if not right or _damm(place, digits[:-1]) != digits[-1]:
        raise InvalidInput("kit_wrong", "group", group=place)
    return digits


def _damm(place: int, digits: str) -> str:
    """Return the check digit over the last digit of `place` and `digits`."""
    interim = "0"
    for digit in f"{place % GROUPS}{digits}":
        interim = _QUASIGROUP[int(interim)][int(digit)]
    return interim
