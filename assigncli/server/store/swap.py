"""Put a restored store in the place of the one that is there, in one step, and keep the old one.

Whoever is killed at any moment leaves the old store or the new one, whole. What the new one holds
is decided elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from assigncli.errors import InvalidInput
from assigncli.private_files import sync_folder
from assigncli.server.store.backup_file import unwritable

BEFORE_SUFFIX: Final = ".before-restore"
JOURNAL_SUFFIX: Final = "-journal"


def before_restore(store: Path) -> Path:
    """Return where the store that a restore replaces is kept."""
    return store.with_name(store.name + BEFORE_SUFFIX)


def require_free(store: Path) -> None:
    """Refuse if an earlier restore's old store is still there: InvalidInput `before_restore`."""
    for path in (before_restore(store), _journal(before_restore(store))):
        if os.path.lexists(path):
            raise InvalidInput("before_restore", path=str(path))


@contextmanager
def beside(store: Path) -> Iterator[Path]:
    """Yield a place for the new store, on the same disk; what is left there is removed."""
    try:
        folder = Path(mkdtemp(dir=store.parent, prefix=f".{store.name}.restoring."))
    except OSError as error:
        raise unwritable(store, error) from None
    place = folder / store.name
    try:
        yield place
    finally:
        with suppress(OSError):
            for left in (place, _journal(place)):
                left.unlink(missing_ok=True)
            folder.rmdir()


def swap(new: Path, store: Path) -> None:
    """Give the new store the old one's name; the old one keeps one with `.before-restore`.

    A journal that could not be rolled back goes with the old store: in the new one it would undo
    pages that are not its own. Raises StoreUnavailable `backup_unwritable`, `disk_full`.
    """
    kept = before_restore(store)
    try:
        if store.exists():
            os.link(store, kept)
            if _is_hot(_journal(store)):
                os.replace(_journal(store), _journal(kept))
            sync_folder(store.parent)
        os.replace(new, store)
        sync_folder(store.parent)
    except OSError as error:
        raise unwritable(store, error) from None


def _is_hot(journal: Path) -> bool:
    with suppress(OSError):
        return journal.stat().st_size > 0
    return False


def _journal(store: Path) -> Path:
    return store.with_name(store.name + JOURNAL_SUFFIX)
