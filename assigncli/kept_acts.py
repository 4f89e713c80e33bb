"""Note what this device has done lately, a line of JSON for each act, beside its kept head.

A restore of the store may lose some of it; then its member is told which. A note has the act's
name, its entry and the assignment's number, and nothing that was typed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from assigncli.errors import AssignError
from assigncli.private_files import FILE_MODE, close_to_others, make_folder, read, replace

MOST: Final = 1_000
"""Notes kept: the newest, once there are twice as many."""
_LINE: Final = 128
"""About as many bytes as a note has."""


@dataclass(frozen=True)
class KeptAct:
    """An act of this device: its last entry's place and time (aware UTC), and what it was about."""

    sequence: int
    at: datetime
    act: str
    number: int | None


def add(path: Path, made: KeptAct) -> None:
    """Append a note. What cannot be noted is done all the same, so nothing is raised."""
    with suppress(AssignError, OSError):
        make_folder(path.parent)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(path, flags, FILE_MODE), "ab") as file:
            close_to_others(file.fileno())
            file.write(_line(made))
            is_long = file.tell() > 2 * MOST * _LINE
        if is_long:
            replace(path, b"".join(map(_line, load(path)[-MOST:])))


def load(path: Path) -> list[KeptAct]:
    """Return the notes, oldest first; a line that cannot be read is left out."""
    found = []
    with suppress(AssignError):
        for line in (read(path) or b"").splitlines():
            with suppress(ValueError, TypeError, KeyError, RecursionError):
                found.append(_read(json.loads(line)))
    return found


def drop(path: Path, lost: Collection[KeptAct]) -> None:
    """Forget acts that the log has lost."""
    if lost:
        with suppress(AssignError, OSError):
            replace(path, b"".join(_line(each) for each in load(path) if each not in lost))


def _line(made: KeptAct) -> bytes:
    at = made.at.astimezone(UTC).isoformat()
    told = {"sequence": made.sequence, "at": at, "act": made.act, "number": made.number}
    return json.dumps(told).encode("ascii") + b"\n"


def _read(told: dict[str, object]) -> KeptAct:
    sequence, at, act, number = (told[name] for name in ("sequence", "at", "act", "number"))
    moment = datetime.fromisoformat(str(at))
    if not isinstance(sequence, int) or moment.tzinfo is None:
        raise ValueError("not a note")
    return KeptAct(sequence, moment, str(act), number if isinstance(number, int) else None)
