"""What every place for private keys has in common: names, the protocol, and two errors.

This module holds no secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol
from uuid import UUID

from assigncli.errors import AssignError, IdentityUnavailable

Kind = Literal["identity", "root", "auditor", "next", "old"]
"""A member's identity, the organisation's root, an auditor's key; `next` and `old` while a member's
keys are exchanged."""


class KeyPlace(StrEnum):
    """The kinds of place a profile can keep its private key in."""

    KEYRING = "keyring"
    FILE = "file"
    SERVICE = "service"


@dataclass(frozen=True)
class SecretName:
    """The owner and the kind of a secret; of an auditor's key both ids are the auditor's own."""

    organization_id: UUID
    member_id: UUID
    kind: Kind

    @property
    def label(self) -> str:
        """The name it has in any place; usable as a file name."""
        return f"{self.organization_id}_{self.member_id}_{self.kind}"


class Keychain(Protocol):
    """A place for secrets; failures raise IdentityUnavailable, `key_missing` for an absent one."""

    @property
    def place(self) -> KeyPlace:
        """Which kind of place this is."""

    def holds(self, name: SecretName) -> bool:
        """Say whether there is a secret of that name; nothing is unlocked for it."""

    def load(self, name: SecretName) -> bytes:
        """Return the secret."""

    def save(self, name: SecretName, secret: bytes) -> None:
        """Keep the secret, replacing one of the same name."""

    def delete(self, name: SecretName) -> None:
        """Remove the secret; a missing one is no error."""


def key_missing() -> AssignError:
    """Return the error for a missing secret."""
    return IdentityUnavailable("key_missing")


def key_damaged() -> AssignError:
    """Return the error for stored bytes that are not a secret of ours."""
    return IdentityUnavailable("key_file_damaged")
