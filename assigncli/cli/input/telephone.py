"""Compare a fingerprint by telephone: one side reads it out, this side types what it hears.

What this machine expects is not shown: who sees the digits no longer listens.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from assigncli.cli.input.prompts import ask, require_person, say
from assigncli.errors import Tampered
from assigncli.locale import _

_TRIES: Final = 3


def compared(name: str, about: str, expected: str, option: str) -> str:
    """Return the digits once every group was typed as in `expected`.

    `about` is a sentence that says what is to be approved. All groups may be typed at once. A group
    may be typed wrong twice. Raises InvalidInput `input_needed` if nobody can be asked, Tampered
    `fingerprint_mismatch`.
    """
    label = _("The fingerprint that {name} reads to you").format(name=name)
    told = (
        about,
        _(
            "Call {name} on a number you already know, and let them read their fingerprint to you. "
            "It has {count} groups of digits. Type each group as you hear it."
        ).format(name=name, count=len(expected.split())),
    )
    return typed_in(label, expected, option, told)


def typed_in(label: str, expected: str, option: str, told: Sequence[str]) -> str:
    """Return the digits once every group was typed as in `expected`; raises as `compared`.

    `told` are the sentences before the first group.
    """
    groups = expected.split()
    require_person(label, option)
    say(*told)
    whole = "".join(groups)
    for number, group in enumerate(groups, start=1):
        accepted = (group, whole) if number == 1 else (group,)
        if _typed(number, len(groups), accepted) == whole:
            break
    return expected


def _typed(number: int, count: int, accepted: Collection[str]) -> str:
    """Return which of the accepted digits were typed; raises Tampered `fingerprint_mismatch`."""
    label = _("Group {number} of {count}").format(number=number, count=count)
    for left in range(_TRIES - 1, -1, -1):
        digits = "".join(char for char in ask(label) if char.isdigit())
        if digits in accepted:
            return digits
        if left:
            say(_("Group {number} is not the same. Let it be read again.").format(number=number))
    raise Tampered("fingerprint_mismatch")
