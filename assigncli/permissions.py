"""What may be trusted on disk: our own folders (0700) and files (0600), nobody else's.

POSIX only; on Windows the profile folder's own access list is what protects. Nothing here mends
what is wrong: a wide folder is refused, with the command that closes it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from assigncli.errors import StoreUnavailable
from assigncli.locale import _

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents, the new ones readable by us alone.

    Raises StoreUnavailable `folder_unwritable` where that is not possible.
    """
    try:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(mode=FOLDER_MODE, exist_ok=True)
    except OSError:
        raise StoreUnavailable(
            _("The folder {folder} cannot be made.").format(folder=folder),
            _("Choose a folder you may write to."),
            code="folder_unwritable",
        ) from None


def create_file(path: Path) -> None:
    """Make `path`, empty and readable by us alone; raises FileExistsError where it exists."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
    os.close(os.open(path, flags, FILE_MODE))


def require_private(path: Path) -> None:
    """Refuse a file, or the folder it is in, that another user could read or change.

    Raises StoreUnavailable `store_unsafe`.
    """
    if os.name != "posix":
        return
    for place, mode in ((path.parent, FOLDER_MODE), (path, FILE_MODE)):
        if place.exists():
            _require_mode(place, mode)


def _require_mode(place: Path, mode: int) -> None:
    facts = place.stat()
    if facts.st_uid != os.geteuid():
        raise StoreUnavailable(
            _("{place} belongs to another user of this machine.").format(place=place),
            _("Use a folder of your own, or ask the owner to hand it over."),
            code="store_unsafe",
        )
    if stat.S_IMODE(facts.st_mode) & ~mode:
        raise StoreUnavailable(
            _("Other users of this machine can reach {place}.").format(place=place),
            _("Close it with chmod {mode} {place}, then try again.").format(
                mode=format(mode, "o"), place=place
            ),
            code="store_unsafe",
        )
