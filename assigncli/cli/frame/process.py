"""Set up the process of a command: no core dumps, no stray text, streams that take any letter.

Called only by `assigncli.cli.run`, so that a program which merely imports us is not affected.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import warnings
from contextlib import suppress
from io import TextIOWrapper
from types import FrameType
from typing import Final, NoReturn, TextIO

_LETTERS: Final = "æøåÆØÅ"
_OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000
_SECONDS_UNTIL_HEARD: Final = 0.02


def prepare() -> None:
    """Make the process safe for the secrets it will hold and the texts it will write."""
    _reserve_streams()
    _collect_rarely()
    _disable_core_dumps()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt_once)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # a warning prints source lines
    sys.unraisablehook = _pass_over
    for stream in (sys.stdout, sys.stderr):
        make_writable(stream)


def interrupt_once(_number: int, _frame: FrameType | None) -> NoReturn:
    """Raise KeyboardInterrupt at the first Ctrl-C, and ignore any after it.

    A second one, while the first is being handled, would cut off the clean-up and the message.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def end_undisturbed() -> None:
    """Ignore interrupts from now on: all is done and shown, and the exit code is known.

    While Python ends, Ctrl-C would kill it, and a script would take a finished command for a
    stopped one. Under `python -m`, Python also kills itself at the end if a Ctrl-C that we caught
    came during code run from text, as by `dataclass`; running any such code clears that.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)
    exec("")  # noqa: S102 - constant, and empty


def _reserve_streams() -> None:
    """Replace the streams that were closed before the process began.

    Otherwise the store would be opened in their place, and output would be written into it. Writing
    to the replaced standard output fails, and that is an error; the replaced input is at its end.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, flags)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _collect_rarely() -> None:
    """Rarely run the garbage collector while classes are imported, and not at all at the end.

    With the defaults it takes a sixth of the time a command needs; memory stays bounded.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    atexit.register(gc.disable)


def make_writable(stream: TextIO) -> None:
    """Let a stream write any text; switch to UTF-8 if the locale lacks our letters."""
    if not isinstance(stream, TextIOWrapper):
        return
    try:
        _LETTERS.encode(stream.encoding)
    except (UnicodeEncodeError, LookupError):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    else:
        stream.reconfigure(errors="backslashreplace")


def give_up_streams() -> None:
    """Let the interpreter's last flush of our streams succeed, even if they are broken."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        with suppress(OSError, ValueError):
            if stream.fileno() == number and is_broken(stream):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)
                stream.flush()


def is_broken(stream: TextIO) -> bool:
    """Say whether pending output on the stream cannot be written."""
    try:
        stream.flush()
    except (OSError, ValueError):
        return True
    return False


def _disable_core_dumps() -> None:
    """Keep a crash from writing keys and briefs to disk, if the platform has such a limit."""
    try:
        import resource
    except ImportError:
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _pass_over(unraisable: sys.UnraisableHookArgs) -> None:
    """Drop what Python would print about an error in a finaliser, since it quotes values.

    Ctrl-C is not dropped: it would be lost, and so would every later one, since those are ignored.
    It is raised again in a moment, when the finaliser is done.
    """
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        _interrupt_soon()


def _interrupt_soon() -> None:
    """Interrupt the main thread once this call and those around it have returned."""
    if not hasattr(signal, "setitimer"):
        signal.signal(signal.SIGINT, interrupt_once)  # Windows: the next Ctrl-C is handled
        return
    signal.signal(signal.SIGALRM, interrupt_once)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS_UNTIL_HEARD)
