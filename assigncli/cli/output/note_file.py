"""Write a checkpoint to a file: whole or not at all, and over no file unless told to."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from assigncli.errors import InvalidInput


def require_free(path: Path, *, force: bool) -> None:
    """Refuse an existing file, unless `force` replaces it, and a place where none can be written.

    Raises InvalidInput `output_exists.checkpoint` or `output_unwritable.checkpoint`.
    """
    try:
        exists = os.path.lexists(path)
        if (exists and not path.is_file()) or not os.access(path.parent, os.W_OK):
            raise _unwritable()
    except (OSError, ValueError):
        raise _unwritable() from None
    if exists and not force:
        raise _exists()


def write(path: Path, content: bytes, *, force: bool) -> None:
    """Write the file, readable by its owner alone; raises as `require_free`."""
    require_free(path, force=force)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".assign-", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _put(temporary, path, force=force)
    except FileExistsError:
        raise _exists() from None
    except (OSError, ValueError):
        raise _unwritable() from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)


def _put(temporary: str, path: Path, *, force: bool) -> None:
    """Give the file its name; where it may not replace one, another process may be faster."""
    if not force:
        try:
            os.link(temporary, path)  # unlike a rename, it never replaces
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(path):
                raise FileExistsError from None
        else:
            return
    os.replace(temporary, path)


def _unwritable() -> InvalidInput:
    return InvalidInput("output_unwritable", "checkpoint")


def _exists() -> InvalidInput:
    return InvalidInput("output_exists", "checkpoint")
