"""What a profile has signed and has no answer to: where it is noted, and who is told of it.

Apart from `settle`, which asks, so that a command with nothing to ask imports no cryptography.
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
"""Told what became of a statement, and where its file is kept if it had to be set aside."""


NumberOf = Callable[[UUID], int | None]
"""Gives the number of an assignment that an unanswered statement was about, for who is told."""


@dataclass(frozen=True)
class Waiting:
    """One profile's notes; `say` is told what became of each, before its file is removed."""

    notes: Outstanding
    say: Say = field(repr=False)
    number_of: NumberOf = field(default=lambda _about: None, repr=False)


def waiting(
    folder: Path, say: Say, unkept: Callable[[], None], number_of: NumberOf = lambda _about: None
) -> Waiting:
    """Return the notes in `folder`; `unkept` is called where an act cannot be noted there."""
    return Waiting(Outstanding(folder, unkept), say, number_of)
