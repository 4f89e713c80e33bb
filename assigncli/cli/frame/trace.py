"""Show where in the program an error arose, without any value: for --debug.

Only file names inside the package (module names elsewhere), line numbers, function names and the
classes of the exceptions; never their texts, source lines or variables, which may hold a brief.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final

from assigncli.locale import _

_PACKAGE: Final = Path(__file__).parents[2]
_MOST: Final = 40
"""The innermost frames kept of one exception: an endless recursion stays readable."""


def trace(error: BaseException) -> list[str]:
    """Return the lines for `error` and its causes, the first cause first."""
    return [line for each in reversed(list(_chain(error))) for line in _one(each)]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)


def _one(error: BaseException) -> Iterator[str]:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    yield _("Trace of {kind}:").format(kind=kind)
    for frame, line in list(traceback.walk_tb(error.__traceback__))[-_MOST:]:
        yield _("{place}, line {line}, in {function}").format(
            place=_place(frame), line=line, function=frame.f_code.co_name
        )


def _place(frame: FrameType) -> str:
    file = Path(frame.f_code.co_filename)
    if file.is_relative_to(_PACKAGE):
        return file.relative_to(_PACKAGE.parent).as_posix()
    return str(frame.f_globals.get("__name__", _("elsewhere")))
