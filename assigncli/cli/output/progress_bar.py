"""A bar for long work, on a terminal under --table; drawn over itself, without escape codes."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, TextIO

from assigncli.cli.output.screen import can_be_drawn_over, width_of

_CELLS: Final = 30
_LEAST: Final = 10
"""A shorter bar says nothing that the percentage beside it does not."""


def bar_on(stream: TextIO) -> ProgressBar | None:
    """Return the bar of the terminal that a stream leads to; None if it leads to none."""
    return ProgressBar(stream, width_of(stream)) if can_be_drawn_over(stream) else None


class ProgressBar:
    """A line at the end of a terminal `width` cells wide; before any other it has to be cleared."""

    def __init__(self, terminal: TextIO, width: int) -> None:
        self._terminal = terminal
        self._width = width
        self._drawn = 0

    def draw(self, done: int, total: int, said: str) -> bool:
        """Show that `done` of `total` are done, with those words after the bar.

        Returns False, and draws nothing, where there is no room for both.
        """
        cells = min(_CELLS, self._width - len(said) - 2)
        if cells < _LEAST:
            return False
        full = cells * done // max(total, 1)
        line = f"{'█' * full}{'░' * (cells - full)} {said}"
        self.clear()
        self._write(line)
        self._drawn = len(line)
        return True

    def clear(self) -> None:
        """Remove the line, so that another can be written in its place."""
        if self._drawn:
            self._write(f"\r{' ' * self._drawn}\r")
            self._drawn = 0

    def _write(self, text: str) -> None:
        """Write if possible: no act may stop halfway for lack of a bar."""
        with suppress(OSError):
            self._terminal.write(text)
            self._terminal.flush()
