"""Say that the disk failed although what was asked is done.

Store and vault report it here, where they have just found out; the command line listens for each
command it runs. Nothing here decides whether something was saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[], None] | None] = ContextVar("disk_error", default=None)


@contextmanager
def listening(listener: Callable[[], None]) -> Iterator[None]:
    """Call `listener` for each error of the disk that is reported inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def report() -> None:
    """Report an error of the disk after which everything is saved nevertheless."""
    listener = _listener.get()
    if listener is not None:
        listener()
