"""Keep the newest verified head of a log in a small JSON file: size, root and service.

There is one file for each profile, and one for the sweep. Whether a log continues the kept head is
not verified here.
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
    """The service as its answers proved it: its certificate and its signing key."""

    certificate: UUID
    signing_key: bytes


@dataclass(frozen=True)
class KeptHead:
    """Size and root of a log, with the service and this device's certificate once known.

    `restored` is the entry of the newest restore that the user agreed to, 0 for none: it explains
    no later loss.
    """

    organization_id: UUID
    size: int
    root: bytes
    service: KnownService | None = None
    certificate: UUID | None = None
    restored: int = 0


def seen_before(kept: KeptHead | None) -> Seen:
    """Return the kept head; `NOTHING_SEEN`, the head of the empty log, if there is none."""
    return NOTHING_SEEN if kept is None else Seen(kept.size, kept.root)


class Witness:
    """The head that a device keeps; `NOTHING_SEEN` before its first command.

    `service` and `certificate` are the service that answered and this device's certificate, once
    known. `save` stores them for the next command and returns whether it could. `unsaved` is called
    if it could not after an act; the act is done all the same.
    """

    def __init__(
        self,
        kept: Seen = NOTHING_SEEN,
        service: KnownService | None = None,
        certificate: UUID | None = None,
        save: Callable[[Witness], bool] = lambda _kept: True,
        unsaved: Callable[[], None] = lambda: None,
        restored: int = 0,
    ) -> None:
        """Start from the values kept by an earlier command."""
        self.kept, self.service, self.certificate = kept, service, certificate
        self.restored = restored
        self.lost: Seen | None = None
        self.lost_service: KnownService | None = None
        """The head and the service that `set_aside` put away."""
        self._save = save
        self._unsaved = unsaved
        self._is_waiting = False

    def looked(self, head: Seen) -> None:
        """Keep the log's head; call it only once the log is verified to continue the kept one."""
        self._keep(head)

    def acted(self, head: Seen) -> None:
        """Keep the head after an act; call it only once the act is committed."""
        if not self._keep(head):
            self._unsaved()

    def answered(self, head: Seen, service: KnownService) -> None:
        """Keep the verified head of an answer, and the service that gave it."""
        if (head, service) != (self.kept, self.service):
            self.kept, self.service = head, service
            self._saved()

    def set_aside(self) -> None:
        """Look at the log as if nothing had been seen of it; nothing is saved until `agreed`.

        For a log that was restored from an older copy, and maybe with it an older service.
        """
        self.lost, self.kept, self._is_waiting = self.kept, NOTHING_SEEN, True
        self.lost_service, self.service = self.service, None

    def agreed(self, restored: int) -> bool:
        """Keep the head as it is now in place of the one set aside; return whether it is saved.

        `restored` is the entry of the restore that explains it.
        """
        self.restored = max(restored, self.restored)
        self._is_waiting = False
        return self._saved()

    def signs_as(self, certificate: UUID) -> None:
        """Keep this device's certificate."""
        if certificate != self.certificate:
            self.certificate = certificate
            self._saved()

    def _keep(self, head: Seen) -> bool:
        if head == self.kept:
            return True
        self.kept = head
        return self._saved()

    def _saved(self) -> bool:
        return self._is_waiting or self._save(self)


def load(path: Path, organization_id: UUID) -> KeptHead | None:
    """Return the kept head; None if there is none, or it is another organisation's.

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


def save(path: Path, head: KeptHead, lost: Seen | None = None) -> bool:
    """Write a head to disk atomically, readable by this user alone; return whether it is kept.

    A larger head, kept meanwhile by another command of this profile, is not replaced, except the
    one that is `lost` with a restore that the user agreed to.
    """
    document = {
        "organization_id": str(head.organization_id),
        "size": head.size,
        "root": head.root.hex(),
        "service": None if head.service is None else _fields(head.service),
        "certificate": None if head.certificate is None else str(head.certificate),
        **({"restored": head.restored} if head.restored else {}),
    }
    with suppress(AssignError, OSError):
        make_folder(path.parent)
        found = load(path, head.organization_id)
        if found is not None and found.size > head.size and seen_before(found) != lost:
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
    restored = content.get("restored", 0)
    if type(restored) is not int or restored < 0:
        raise ValueError("not a restore")
    organization = UUID(content["organization_id"])
    return KeptHead(organization, size, root, service, certificate, restored)


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
    """Return the error for a log that differs from the one this device has seen."""
    return Tampered("log_forked", count=size)


def tree_differs() -> Tampered:
    """Return the error for a tree that does not cover exactly the log's entries."""
    return Tampered("tree_differs")
