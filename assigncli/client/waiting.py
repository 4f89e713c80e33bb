"""Statements that a profile has signed and has no answer to: where they are noted, whom to tell.

Separate from `settle`, which asks, so that a command with nothing to ask about imports no
cryptography.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from assigncli.client.outstanding import Outstanding

if TYPE_CHECKING:
    from assigncli.client.outcome import Became

__all__ = ["Became", "Say", "Waiting", "waiting"]

Say = Callable[["Became", Path], None]
"""Called with what happened to a statement, and the path of its file if it was set aside."""


NumberOf = Callable[[UUID], int | None]
"""Returns the number of the assignment that an unanswered statement was about."""


@dataclass(frozen=True)
class Waiting:
    """One profile's notes; `say` is called with the fate of each before its file is removed."""

    notes: Outstanding
    say: Say = field(repr=False)
    number_of: NumberOf = field(default=lambda _about: None, repr=False)


def waiting(
    folder: Path, say: Say, unkept: Callable[[], None], number_of: NumberOf = lambda _about: None
) -> Waiting:
    """Return the notes in `folder`; `unkept` is called where an act cannot be noted there."""
    return Waiting(Outstanding(folder, unkept), say, number_of)
