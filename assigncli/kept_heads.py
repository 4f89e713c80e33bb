"""The newest head of a log that was seen here, in a small file: size, root and service, as JSON.

One for each profile, and one for the sweep. Whether a log continues it is not asked here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from assigncli.errors import AssignError, InvalidInput, Tampered
from assigncli.private_files import make_folder, read, replace, require_private_folder
from assigncli.protocol.seen import NOTHING_SEEN, Seen

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


def seen_before(kept: KeptHead | None) -> Seen:
    """Return the head that was kept; that of the empty log where none was."""
    return NOTHING_SEEN if kept is None else Seen(kept.size, kept.root)


class Witness:
    """The head that a device keeps; `NOTHING_SEEN` before its first command.

    `service` is the one that answered it and `certificate` its own, once it knows them. `save`
    keeps all for the next command and says whether it could; `unsaved` is called where it could not
    after an act, which is done all the same.
    """

    def __init__(
        self,
        kept: Seen = NOTHING_SEEN,
        service: KnownService | None = None,
        certificate: UUID | None = None,
        save: Callable[[Witness], bool] = lambda _kept: True,
        unsaved: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin with what was kept."""
        self.kept, self.service, self.certificate = kept, service, certificate
        self._save = save
        self._unsaved = unsaved

    def looked(self, head: Seen) -> None:
        """Keep the log's head, once the log is known to continue the kept one."""
        self._keep(head)

    def acted(self, head: Seen) -> None:
        """Keep the head that an act has led to, once that is committed."""
        if not self._keep(head):
            self._unsaved()

    def answered(self, head: Seen, service: KnownService) -> None:
        """Keep the verified head of an answer, and which service gave it."""
        if (head, service) != (self.kept, self.service):
            self.kept, self.service = head, service
            self._save(self)

    def signs_as(self, certificate: UUID) -> None:
        """Keep which certificate this device has."""
        if certificate != self.certificate:
            self.certificate = certificate
            self._save(self)

    def _keep(self, head: Seen) -> bool:
        if head == self.kept:
            return True
        self.kept = head
        return self._save(self)


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


def log_behind(missing: int) -> Tampered:
    """Return the error for a log that is shorter than this device has seen it."""
    return Tampered("log_behind", count=missing)


def log_forked(size: int) -> Tampered:
    """Return the error for a log that is another than this device has seen."""
    return Tampered("log_forked", count=size)


def tree_differs() -> Tampered:
    """Return the error for a tree that is not over the entries, or not whole."""
    return Tampered("tree_differs")
