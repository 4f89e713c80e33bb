"""Kill a command at one point after the other, and keep what is worth examining of what it leaves.

Most points leave what the point before them has left, to the last column (see `left_behind`), and
whatever is run next can only depend on that. So it is enough to examine what is different: where
something was left for the first time and where for the last, and at the points that are chosen.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

from tests.left_behind import Comparison, Left
from tests.office import Office
from tests.processes import Command, counted, killed_at


class Kills:
    """Of one command; `{folder}` in its line is the folder of the office it runs in."""

    def __init__(self, office: Office, command: Command, folder: Path) -> None:
        self._office = office
        self._command = command
        self._folder = folder
        self._kept: dict[int, Office] = {}
        self._examined: set[int] = set()
        self.points: dict[Left, list[int]] = {}
        """Where it was killed, by what it has left there."""

    def at(
        self,
        points: Collection[int],
        chosen: Collection[int] = (),
        look: Callable[[Office], None] = lambda _left: None,
    ) -> None:
        """Kill it at each of the points, first to last, each time in a copy of the office.

        `look` sees each copy, also those that are not kept.
        """
        comparison = Comparison(self._office)
        for point in sorted(points):
            copy = self._office.copy_to(self._folder / f"killed-{point}")
            line = self._command.line.format(folder=copy.folder)
            killed_at(copy, replace(self._command, line=line), point)
            look(copy)
            alike = self.points.setdefault(comparison.left_in(copy), [])
            if alike and alike[-1] not in {alike[0], *chosen}:
                self._drop(alike[-1])  # it is not the last
            alike.append(point)
            self._kept[point] = copy

    def examined(self) -> Iterator[Office]:
        """Yield each copy that is to be examined; it is gone after that."""
        for point in sorted(self._kept):
            yield self._kept[point]
            self._drop(point)
            self._examined.add(point)

    def require_all_examined(self, points: Collection[int]) -> None:
        """Assert that it was killed at just these points, and that each has left what was examined.

        Examined at that point or at another, where the same was left.
        """
        assert sorted(point for alike in self.points.values() for point in alike) == sorted(points)
        for alike in self.points.values():
            assert {alike[0], alike[-1]} <= self._examined

    def _drop(self, point: int) -> None:
        shutil.rmtree(self._kept.pop(point).folder)


def left_at_every_point(
    office: Office,
    command: Command,
    folder: Path,
    look: Callable[[Office], None] = lambda _left: None,
) -> Iterator[Office]:
    """Kill a command at all its points; yield what is to be examined, and see that all was."""
    last = counted(office.copy_to(folder / "alone"), command).count
    kills, points = Kills(office, command, folder), range(1, last + 1)
    kills.at(points, look=look)
    yield from kills.examined()
    kills.require_all_examined(points)
