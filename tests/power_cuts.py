"""A disk whose power is cut: LazyFS, which keeps in its memory what was not synced, and dies.

LazyFS is not part of this package: https://github.com/dsrhaslab/lazyfs. ASSIGN_LAZYFS names the
program, or it is on PATH; where it is not, or may not mount, tests that ask for it are skipped.
What it lets through at once are names, sizes and removals; what it loses is content.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

_PATIENCE = 10.0
_OPERATION = re.compile(r" lfs_(write|fsync)\(path=([^,]+),(?:size=(\d+))?")


@dataclass(frozen=True)
class Cut:
    """Where the power is cut: after the `occurrence`-th write or fsync of a file, counted from 1.

    What was not synced is lost, but for what `persist` says, counted from 1: of a write of as many
    bytes as `parts` have together, these parts; without `parts`, of a run of writes with no sync
    between them, these. Then `occurrence` counts such runs of more than one write.
    """

    file: str
    occurrence: int
    op: str = "write"
    parts: tuple[int, ...] = ()
    persist: tuple[int, ...] = ()

    def injection(self, root: Path) -> str:
        """Return the fault as LazyFS reads it."""
        kind: dict[str, object]
        if self.parts:
            kind = {"type": "torn-op", "file": str(root / self.file)}
            kind |= {"parts_bytes": list(self.parts), "persist": list(self.persist)}
        elif self.persist:
            kind = {"type": "torn-seq", "file": str(root / self.file), "op": self.op}
            kind |= {"persist": list(self.persist)}
        else:
            kind = {"type": "clear-cache", "from": str(root / self.file), "op": self.op}
            kind |= {"timing": "after", "crash": True}
        fields = {**kind, "occurrence": self.occurrence}
        lines = (f"{name}={_toml(value)}" for name, value in fields.items())
        return "\n".join(("[[injection]]", *lines))


@dataclass(frozen=True)
class Operation:
    """A write or fsync that was made: the how-manieth of its kind on this file, and its size."""

    file: str
    op: str
    number: int
    size: int


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def lazyfs() -> Path:
    """Return the program; skip the test where there is none."""
    found = os.environ.get("ASSIGN_LAZYFS") or shutil.which("lazyfs")
    if not found:
        pytest.skip("no LazyFS: ASSIGN_LAZYFS names none, and none is on PATH")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("no /dev/fuse to mount with")
    return Path(found)


class Disk:
    """A mounted LazyFS, from `mount` on until its power is cut."""

    def __init__(self, root: Path, running: subprocess.Popen[bytes], log: Path) -> None:
        """Take a disk that runs; use `mount`."""
        self._root, self._running, self._log = root, running, log

    def cut(self) -> None:
        """Cut the power now."""
        self._running.kill()
        self._running.wait(_PATIENCE)

    @property
    def is_dead(self) -> bool:
        """Say whether the power was cut: a process that was killed is gone a little later."""
        with suppress(subprocess.TimeoutExpired):
            self._running.wait(_PATIENCE / 20)
        return self._running.poll() is not None

    def operations(self) -> list[Operation]:
        """Return the writes and syncs up to now, in their order; `mount` must have been told."""
        found = []
        seen: Counter[tuple[str, str]] = Counter()
        for op, path, size in _OPERATION.findall(self._log.read_text(errors="replace")):
            file = str(Path(path).relative_to(self._root))
            seen[file, op] += 1
            found.append(Operation(file, op, seen[file, op], int(size or 0)))
        return found


@contextmanager
def mount(
    root: Path, place: Path, cut: Cut | None = None, *, logged: bool = False
) -> Iterator[Disk]:
    """Mount what is in `root` at `place`; at the end of the block the power is cut, if not before.

    Afterwards `root` holds what was on the disk then.
    """
    place.mkdir(mode=0o700, exist_ok=True)
    beside = place.with_suffix(".lazyfs")
    beside.mkdir(exist_ok=True)
    config = beside / "config.toml"
    config.write_text(
        f'[faults]\nfifo_path="{beside / "fifo"}"\n'
        "[cache]\napply_eviction=false\n"
        '[cache.simple]\ncustom_size="64MB"\nblocks_per_page=1\n'
        f"[filesystem]\nlog_all_operations={_toml(logged)}\n"
        + (cut.injection(root) if cut is not None else ""),
        encoding="utf-8",
    )
    # By its name alone: it takes a path with "-o" in it for an option.
    words = [lazyfs(), place, "--config-path", config.name, "-o", "modules=subdir"]
    with (beside / "log").open("wb") as log:
        running = subprocess.Popen(
            [*map(str, words), "-o", f"subdir={root}", "-f"], cwd=beside, stdout=log, stderr=log
        )
    try:
        _await_mount(place, running)
        yield Disk(root, running, beside / "log")
    finally:
        running.kill()
        running.wait(_PATIENCE)
        subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)


def _await_mount(place: Path, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and running.poll() is None:
        if place.is_mount():
            return
        time.sleep(0.01)
    pytest.skip("LazyFS may not mount here")
