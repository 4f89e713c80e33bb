"""The organisation's root key on paper: the groups as they are typed, and whose kit it is.

It knows neither terminal nor file. The groups themselves are for `crypto.kit`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from assigncli.client.keys import Keychain, SecretName
from assigncli.crypto.identity import RootKey
from assigncli.crypto.kit import GROUP_DIGITS, GROUPS, checked_group, kit_groups, root_of
from assigncli.errors import IdentityUnavailable, InvalidInput

__all__ = [
    "GROUPS",
    "GROUP_DIGITS",
    "RootKey",
    "TypedKit",
    "held_groups",
    "read_groups",
    "require_held",
    "require_pinned",
]


class TypedKit:
    """The groups of a kit that are typed so far, each right by itself."""

    count: Final = GROUPS

    def __init__(self) -> None:
        """Begin with no group."""
        self._groups: list[str] = []

    @property
    def place(self) -> int:
        """The place of the group that comes next, counted from 1."""
        return len(self._groups) + 1

    @property
    def is_whole(self) -> bool:
        """Whether every group is there."""
        return len(self._groups) == GROUPS

    def add(self, typed: str) -> None:
        """Take the next group; raises InvalidInput `kit_wrong` for a slip in it."""
        self._groups.append(checked_group(self.place, typed))

    def back(self) -> bool:
        """Forget the group before; False if there is none."""
        return bool(self._groups and self._groups.pop())

    def root(self) -> RootKey:
        """Return the root key; raises InvalidInput `kit_wrong`, after which no group is left."""
        groups, self._groups = self._groups, []
        return root_of(groups)


def read_groups(lines: Iterable[str]) -> RootKey:
    """Return the root key of groups that are lines, some of them empty; raises as `root_of`."""
    return root_of([line for line in lines if line.strip()])


def require_pinned(root: RootKey, pinned: bytes) -> None:
    """Raise InvalidInput `kit_differs` if the public key is not the pinned one."""
    if root.public != pinned:
        raise InvalidInput("kit_differs")


def require_held(keychain: Keychain, name: SecretName) -> None:
    """Raise IdentityUnavailable `root_key_missing` if the root key of that name is not there."""
    if not keychain.holds(name):
        raise IdentityUnavailable("root_key_missing")


def held_groups(secret: bytes, pinned: bytes) -> tuple[str, ...]:
    """Return the groups of the root key in its stored form; only for paper.

    Raises IdentityUnavailable `key_file_damaged`, also for a key that is not the pinned one's.
    """
    root = RootKey.from_bytes(secret)
    if root.public != pinned:
        raise IdentityUnavailable("key_file_damaged")
    return kit_groups(root)
