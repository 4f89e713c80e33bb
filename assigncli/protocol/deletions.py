"""The list of what an organisation has deleted and counted, as the service signs it for a backup.

It never crosses a connection. With it, a store that is restored from an older copy opens nothing
that was deleted, gives no number twice and repeats no reminder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codec import Data, Hash, Id, Moment, Number
from assigncli.protocol.signed_body import SignedBody

MAX_LIST: Final = 1 << 28
"""Bytes: enough for ten million deleted keys."""
_ID_BYTES: Final = 16


@dataclass(frozen=True)
class DeletionList(SignedBody, purpose="deletions", limit=MAX_LIST):
    """What was deleted up to the head of `size` and `root`, at the moment `at` (aware UTC).

    `keys`, `certificates`, `suspended` and `reminders` are ids of 16 bytes each, one after the
    other: of ended keys, of revoked and of suspended certificates, and of assignments whose
    reminder was queued. `last_number` is the highest number given to an assignment.
    """

    organization: Id
    store: Id
    at: Moment
    size: Number
    root: Hash
    last_number: Number
    keys: Data
    certificates: Data
    suspended: Data
    reminders: Data

    def require(self) -> None:
        """Raise Malformed where ids are not whole."""
        for ids in (self.keys, self.certificates, self.suspended, self.reminders):
            if len(ids) % _ID_BYTES:
                raise Malformed("ids")


def joined(ids: Iterable[UUID]) -> bytes:
    """Return ids as a list has them, sorted."""
    return b"".join(sorted(each.bytes for each in ids))


def ids_in(joined_ids: bytes) -> list[UUID]:
    """Return the ids in such a field."""
    return [
        UUID(bytes=joined_ids[at : at + _ID_BYTES]) for at in range(0, len(joined_ids), _ID_BYTES)
    ]
