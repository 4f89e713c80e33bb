"""Check whether the vault's file system keeps old copies of blocks that are overwritten.

A deleted share is overwritten in place; on some file systems the old block remains all the same.
The check uses the list of mounts. It cannot know of snapshots, or of what an SSD does, and says so.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

from assigncli.cli.machine import Mount, StoreFiles, known_mounts, mount_of
from assigncli.errors import AssignError
from assigncli.locale import _

DEVICES: Final = Path("/sys/dev/block")
# fmt: off
_IN_PLACE: Final = frozenset((
    "exfat", "ext2", "ext3", "ext4", "jfs", "msdos", "ramfs", "tmpfs", "vfat", "xfs",
))
_KEEPING: Final = frozenset((
    "apfs", "bcachefs", "btrfs", "f2fs", "fuse.apfs-fuse", "fuse.zfs-fuse", "jffs2", "nilfs2",
    "refs", "ubifs", "zfs",
))
"""Any other kind - a network's, an overlay, one in user space - hides what is behind it."""
# fmt: on
_JOURNALED: Final = "data=journal"


def written_over(files: StoreFiles) -> str:
    """Say that the vault's file system overwrites deleted keys; raise AssignError if it may not."""
    place = PurePosixPath(os.path.realpath(files.vault))
    mount = mount_of(known_mounts() or "", place)
    if mount is None:
        return " ".join(
            (
                _("This program cannot tell whether old copies of deleted keys stay on the disk."),
                _("On APFS, Btrfs, ReFS and ZFS they do, and on an SSD. So encrypt the disk."),
            )
        )
    _require_in_place(mount)
    return " ".join(
        (
            _("The vault's file system writes over deleted keys ({kind}).").format(kind=mount.kind),
            _("A snapshot or a copy of the vault keeps them all the same."),
            _("So does an SSD, and this disk is one. Encrypt it.")
            if is_solid_state(mount.device)
            else _("So does an SSD. If this disk is one, encrypt it."),
        )
    )


def is_solid_state(device: str) -> bool:
    """Say whether the system calls this device, "major:minor", an SSD; a virtual one may be one."""
    place = DEVICES / device
    for each in (place, place.resolve().parent):  # a partition inherits it from its disk
        with suppress(OSError):
            return (each / "queue" / "rotational").read_text(encoding="utf-8").strip() == "0"
    return False


def _require_in_place(mount: Mount) -> None:
    """Refuse a file system that does not overwrite blocks, or does not show whether it does."""
    if mount.kind not in _IN_PLACE:
        raise AssignError(
            "failure", "keeps_old" if mount.kind in _KEEPING else "may_keep_old", kind=mount.kind
        )
    if _JOURNALED in mount.options:
        raise AssignError("failure", "journal", option=_JOURNALED)
