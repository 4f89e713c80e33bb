"""Report that the disk failed although the request is done.

Store and vault report it here when they detect it; the command line listens during each command.
This module does not decide whether something was saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[], None] | None] = ContextVar("disk_error", default=None)


@contextmanager
def listening(listener: Callable[[], None]) -> Iterator[None]:
    """Call `listener` for each disk error that is reported inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def report() -> None:
    """Report a disk error that occurred although everything is saved."""
    listener = _listener.get()
    if listener is not None:
        listener()
