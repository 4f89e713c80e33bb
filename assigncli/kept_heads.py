"""The newest head of a log that was seen here, in a small file: its size and root, as JSON.

One for each profile, and one for the sweep. Whether a log continues it is not asked here.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from assigncli.errors import AssignError, InvalidInput
from assigncli.locale import _
from assigncli.permissions import make_folder
from assigncli.private_files import read, replace, require_private_folder

_ROOT_BYTES: Final = 32


def load(path: Path, organization_id: UUID) -> tuple[int, bytes] | None:
    """Return size and root; None where none is kept, or one of another organisation.

    Raises InvalidInput `head_damaged`, StoreUnavailable `folder_unsafe`, `settings_unreachable`.
    """
    require_private_folder(path.parent)
    document = read(path)
    if document is None:
        return None
    try:
        kept, size, root = _head(document)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidInput(
            _("The file that says how long the audit log was is damaged."),
            _("Remove the file {path}, then run assign audit verify.").format(path=path),
            code="head_damaged",
        ) from None
    return (size, root) if kept == organization_id else None


def save(path: Path, organization_id: UUID, size: int, root: bytes) -> bool:
    """Keep a head, whole and on disk, readable by us alone; say whether that was possible.

    Another command of this profile may have kept a newer one meanwhile, which stays.
    """
    document = {"organization_id": str(organization_id), "size": size, "root": root.hex()}
    with suppress(AssignError, OSError):
        make_folder(path.parent)
        found = load(path, organization_id)
        if found is not None and found[0] > size:
            return True
        replace(path, (json.dumps(document, indent=2) + "\n").encode("ascii"))
        return True
    return False


def _head(document: bytes) -> tuple[UUID, int, bytes]:
    content = json.loads(document)
    size, root = content["size"], bytes.fromhex(content["root"])
    if type(size) is not int or size < 0 or len(root) != _ROOT_BYTES:
        raise ValueError("not a head")
    return UUID(content["organization_id"]), size, root
