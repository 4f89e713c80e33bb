"""The process around a command: no core dumps, no stray text, streams that can hold any letter.

Called by `assigncli.cli.run` alone, so that nothing here touches a program that only imports us.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import warnings
from contextlib import suppress
from io import TextIOWrapper
from typing import Final, TextIO

_LETTERS: Final = "æøåÆØÅ"
_OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000


def prepare() -> None:
    """Make the process safe for what it is going to hold and say."""
    _collect_rarely()
    _disable_core_dumps()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # a warning prints source lines
    sys.unraisablehook = _say_nothing
    for stream in (sys.stdout, sys.stderr):
        make_writable(stream)


def _collect_rarely() -> None:
    """Let the collector rest while classes are imported, and at the end, when all of it goes.

    With the defaults it takes a sixth of the time a command needs; memory stays bounded as it is.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    atexit.register(gc.disable)


def make_writable(stream: TextIO) -> None:
    """See to it that no text can fail to be written; UTF-8 where the locale lacks our letters."""
    if not isinstance(stream, TextIOWrapper):
        return
    try:
        _LETTERS.encode(stream.encoding)
    except (UnicodeEncodeError, LookupError):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    else:
        stream.reconfigure(errors="backslashreplace")


def give_up_streams() -> None:
    """After a reader went away, let the interpreter's last flush of our own streams succeed."""
    for stream, own in ((sys.stdout, sys.__stdout__), (sys.stderr, sys.__stderr__)):
        if own is not None and stream is own and _is_broken(own):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), own.fileno())


def _is_broken(stream: TextIO) -> bool:
    try:
        stream.flush()
    except (OSError, ValueError):
        return True
    return False


def _disable_core_dumps() -> None:
    """Keep a crash from writing keys and briefs to disk, where the platform has such a limit."""
    try:
        import resource
    except ImportError:
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say_nothing(unraisable: object) -> None:
    """Drop what Python would print of an error in a finaliser: it quotes values."""
