"""The newest head of a log that was seen here, in a small file: size, root and service, as JSON.

One for each profile, and one for the sweep. Whether a log continues it is not asked here.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from assigncli.errors import AssignError, InvalidInput
from assigncli.permissions import make_folder
from assigncli.private_files import read, replace, require_private_folder

_ROOT_BYTES: Final = 32
_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class KnownService:
    """The service as its answers proved it: its certificate, and the key that it signs with."""

    certificate: UUID
    signing_key: bytes


@dataclass(frozen=True)
class KeptHead:
    """Size and root; with the service, and the certificate of this device, once known."""

    organization_id: UUID
    size: int
    root: bytes
    service: KnownService | None = None
    certificate: UUID | None = None


def load(path: Path, organization_id: UUID) -> KeptHead | None:
    """Return the head that is kept; None where none is, or one of another organisation.

    Raises InvalidInput `head_damaged`, StoreUnavailable `folder_unsafe`, `settings_unreachable`.
    """
    require_private_folder(path.parent)
    document = read(path)
    if document is None:
        return None
    try:
        kept = _head(document)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidInput("head_damaged", path=str(path)) from None
    return kept if kept.organization_id == organization_id else None


def save(path: Path, head: KeptHead) -> bool:
    """Keep a head, whole and on disk, readable by us alone; say whether that was possible.

    Another command of this profile may have kept a newer one meanwhile, which stays.
    """
    document = {
        "organization_id": str(head.organization_id),
        "size": head.size,
        "root": head.root.hex(),
        "service": None if head.service is None else _fields(head.service),
        "certificate": None if head.certificate is None else str(head.certificate),
    }
    with suppress(AssignError, OSError):
        make_folder(path.parent)
        found = load(path, head.organization_id)
        if found is not None and found.size > head.size:
            return True
        replace(path, (json.dumps(document, indent=2) + "\n").encode("ascii"))
        return True
    return False


def _head(document: bytes) -> KeptHead:
    content = json.loads(document)
    size, root = content["size"], bytes.fromhex(content["root"])
    if type(size) is not int or size < 0 or len(root) != _ROOT_BYTES:
        raise ValueError("not a head")
    service = None if content["service"] is None else _service(content["service"])
    certificate = None if content["certificate"] is None else UUID(content["certificate"])
    return KeptHead(UUID(content["organization_id"]), size, root, service, certificate)


def _fields(service: KnownService) -> dict[str, str]:
    return {"certificate": str(service.certificate), "signing_key": service.signing_key.hex()}


def _service(content: dict[str, str]) -> KnownService:
    key = bytes.fromhex(content["signing_key"])
    if len(key) != _KEY_BYTES:
        raise ValueError("not a key")
    return KnownService(UUID(content["certificate"]), key)
