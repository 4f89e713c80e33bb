"""A small file system of a test's own: filled to its last byte, or made read-only, for real.

Needs the right to mount; the test that asks is skipped where there is none.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

import pytest

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@contextmanager
def in_memory(folder: Path, size: str) -> Iterator[Path]:
    """Mount a tmpfs of this size, as in 8m, at a new folder."""
    with _mounted(folder, "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs"):
        yield folder


@contextmanager
def ext4(folder: Path, size: int) -> Iterator[Path]:
    """Mount an ext4 of this many bytes at a new folder; none of them is kept for root."""
    image = folder.with_suffix(".ext4")
    with image.open("wb") as file:
        file.truncate(size)
    try:
        make = ["mkfs.ext4", "-q", "-F", "-m", "0", str(image)]
        subprocess.run(make, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no mkfs.ext4 here")
    with _mounted(folder, "-o", "loop", str(image)):
        yield folder


def fill(folder: Path) -> Path:
    """Fill the disk to its last byte; return the file that does, which grows at each call."""
    other = folder / "other"
    with other.open("ab", buffering=0) as file:
        for size in (1 << 16, 1):
            with pytest.raises(OSError, match="space"):
                _write_for_ever(file, bytes(size))
    return other


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nothing be written there until the end of the block."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


def _write_for_ever(file: FileIO, block: bytes) -> None:
    while True:
        file.write(block)


@contextmanager
def _mounted(folder: Path, *what: str) -> Iterator[None]:
    folder.mkdir(mode=0o700)
    words = ["mount", *what, str(folder)]
    if not ROOT or subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("no permission to mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)
