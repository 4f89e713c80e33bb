"""Open files named on the command line so that none can make us wait or read for ever.

A pipe or device must send its first byte within a time; the reader bounds the size. Nothing here
knows what is in a file.
"""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

FIRST_WORD_SECONDS: Final = 30.0
"""How long a named pipe may be silent before it counts as having no writer."""


@contextmanager
def opened_source(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file, a pipe or a device for reading.

    Raises OSError, also if nobody writes to a pipe, and ValueError for a name that no file can
    have.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        if stat.S_ISDIR(os.fstat(file.fileno()).st_mode):
            raise IsADirectoryError
        if os.name == "posix":
            if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
                _await_first_word(file.fileno())
            os.set_blocking(file.fileno(), True)
        yield file


def first_line(file: BinaryIO, limit: int) -> bytes:
    """Return the first line of fewer than `limit` bytes; raise ValueError if it is longer."""
    line = file.readline(limit)
    if len(line) == limit:
        raise ValueError
    return line


def _await_first_word(handle: int) -> None:
    waiting = select.poll()
    waiting.register(handle, select.POLLIN | select.POLLHUP)
    if not waiting.poll(FIRST_WORD_SECONDS * 1000):
        raise TimeoutError
