"""Test with a second process whether the store's locks keep two writers apart.

A file system may grant one lock twice, or ignore locks taken through another path to the same
files. The check tests what it can from here, and says what it cannot. It writes only a probe file,
and removes it.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from assigncli.cli.machine import StoreFiles, known_mounts, listed, mount_of
from assigncli.errors import AssignError
from assigncli.locale import _

PATIENCE: Final = 30.0
_UNNAMED: Final = ("fuse", "fuse.bindfs")
"""Kinds that do not show what is behind them, or that show one folder in two places."""


def kept_apart(files: StoreFiles) -> str:
    """Say that two writers are kept apart; raise AssignError if they are not or may not be."""
    folders = {Path(os.path.realpath(place)).parent for place in (files.store, files.vault)}
    mounts = known_mounts() or ""
    for folder in sorted(folders):
        others = list(other_ways(mounts, PurePosixPath(folder)))
        found = _tried(folder, others)
        mount = mount_of(mounts, PurePosixPath(folder))
        if mount is not None and mount.kind in _UNNAMED and not found:
            raise AssignError("failure", "mounted_over", folder=str(mount.point), kind=mount.kind)
    return _(
        "Two processes that write at once are kept apart. Whether another machine, or a mount that "
        "this one does not list, is kept apart too cannot be tried from here."
    )


def other_ways(mounts: str, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    """Yield other paths to the files of `folder`, through user-space mounts of a folder."""
    for mount in listed(mounts):
        source = PurePosixPath(mount.source)
        if not mount.kind.startswith("fuse") or not source.is_absolute():
            continue
        if folder.is_relative_to(mount.point):
            yield source / folder.relative_to(mount.point)
        if folder.is_relative_to(source):
            yield mount.point / folder.relative_to(source)


def _tried(folder: Path, others: list[PurePosixPath]) -> bool:
    """Test the lock through the folder and the other paths; say whether one leads to the files.

    Raises AssignError if the lock does not hold, or cannot be tested.
    """
    from assigncli.server.store.locks import ANOTHER_FILE

    mark = secrets.randbelow(2**31 - 1) + 1
    try:
        with tempfile.TemporaryDirectory(prefix=".assign-probe-", dir=folder) as place:
            probe = Path(place).relative_to(folder) / "probe"
            answers = _answers(folder, [folder, *map(Path, others)], probe, mark)
            ways = [way for way, answer in answers.items() if answer != ANOTHER_FILE]
            _require_kept_out(folder, answers, ways)
            for other in ways[1:]:
                _require_kept_out(other, _answers(other, ways, probe, mark), ways)
    except (OSError, subprocess.SubprocessError):
        raise _untried(folder) from None
    return bool(ways[1:])


def _answers(holder: Path, ways: list[Path], probe: Path, mark: int) -> dict[Path, int]:
    """Lock the probe by one path, and return what another process gets by each."""
    from assigncli.server.store.locks import locked

    with locked(holder / probe, mark):
        return {way: _answer(way / probe, mark) for way in ways}


def _require_kept_out(holder: Path, answers: dict[Path, int], ways: list[Path]) -> None:
    from assigncli.server.store.locks import KEPT_OUT, LET_IN

    if answers[holder] == LET_IN:
        raise AssignError("failure", "locks_shared", folder=str(holder))
    if answers[holder] != KEPT_OUT:
        raise _untried(holder)
    for way in ways:
        if answers[way] == LET_IN:
            raise AssignError("failure", "another_way", other=str(way), folder=str(holder))


def _answer(probe: Path, mark: int) -> int:
    """Let another process try the lock; return its exit code, one of `store.locks`."""
    from assigncli.server.store.locks import TRY

    tried = subprocess.run(  # noqa: S603 - our own interpreter and our own program
        [sys.executable, "-I", "-c", TRY, str(probe), str(mark)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    return tried.returncode


def _untried(folder: Path) -> AssignError:
    return AssignError("failure", "locks_untried", folder=str(folder))
