"""Read the organisation's root key from paper: its groups of digits, typed hidden one by one.

Each group is checked when it is typed, so a slip costs one group. Without a terminal the groups are
lines of standard input. No digit is repeated. Where the key goes is for the caller.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from assigncli.cli.input.prompts import ask_secret, is_back, require_person, say, somebody_there
from assigncli.cli.output import said
from assigncli.errors import InvalidInput
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.client.root_kit import RootKey, TypedKit

_MAX_BYTES: Final = 4096


def read_kit(pinned: bytes | None = None) -> RootKey:
    """Return the root key of the kit that is typed; with `pinned`, its public key must be that one.

    Raises InvalidInput `input_needed` if nobody can be asked and nothing is on standard input,
    `kit_wrong` for what is there, `kit_differs` for another organisation's kit.
    """
    from assigncli.client.root_kit import TypedKit, read_groups, require_pinned

    root = _dictated(TypedKit()) if somebody_there() else read_groups(_lines())
    if pinned is not None:
        require_pinned(root, pinned)
    return root


def _dictated(kit: TypedKit) -> RootKey:
    from assigncli.client.root_kit import GROUP_DIGITS

    say(
        _(
            "The key kit has {count} groups of {digits} digits. Type each group as it is on the "
            "paper. What you type is not shown."
        ).format(count=kit.count, digits=GROUP_DIGITS),
        _("Type back to go to the group before."),
    )
    while True:
        while not kit.is_whole:
            _next_group(kit)
        try:
            return kit.root()
        except InvalidInput as refusal:
            say(*said(refusal))


def _next_group(kit: TypedKit) -> None:
    """Ask for one group; say so if it is wrong, and leave the place as it is."""
    typed = ask_secret(_("Group {number} of {count}").format(number=kit.place, count=kit.count))
    if is_back(typed):
        if not kit.back():
            say(_("This is the first group."))
        return
    try:
        kit.add(typed)
    except InvalidInput as refusal:
        say(*said(refusal))


def _lines() -> list[str]:
    """Return the lines of standard input; raises InvalidInput `input_needed` if it is empty."""
    label = _("The key kit")
    if sys.stdin is None or sys.stdin.isatty():
        require_person(label, None)
    text = sys.stdin.buffer.read(_MAX_BYTES).decode("utf-8-sig", "replace")
    if not text.strip():
        require_person(label, None)
    return text.splitlines()
