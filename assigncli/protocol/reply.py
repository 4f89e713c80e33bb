"""A reply: an act was carried out, with its entries and head (PROTOCOL.md section 3.4).

This module encodes and decodes it. Whether the entries are those of the statement, and in the log,
is checked by the client elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codec import Body, Bool, Hash, Items
from assigncli.protocol.head import Head
from assigncli.protocol.message import MAX_ANSWER
from assigncli.protocol.signed import Logged


@dataclass(frozen=True)
class Reply(Body, limit=MAX_ANSWER):
    """The statement's hash, its entries by sequence, and the head with its consistency proof.

    `share` is given once, for `payload_decrypted`; never where the statement was already known.
    `deleted` is given once, for an act that ends a payload: whether its share is already deleted.
    """

    statement: Hash
    entries: Annotated[tuple[Logged, ...], Items(least=1)]
    head: Head
    consistency: tuple[Hash, ...]
    share: Hash | None = field(default=None, repr=False)
    known: Bool = False
    deleted: Bool | None = None

    def require(self) -> None:
        """Refuse a share for a statement that was already known."""
        if self.known and self.share is not None:
            raise Malformed("share")
