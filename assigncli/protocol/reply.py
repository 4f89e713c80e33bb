"""A reply: an act was carried out, and here is its record (PROTOCOL.md section 3.4).

It is read and written here. Whether the entries are those of the statement, and are in the log, is
checked by the client elsewhere.
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
    `deleted` is for an act that ends a payload, once: whether its share is gone already.
    """

    statement: Hash
    entries: Annotated[tuple[Logged, ...], Items(least=1)]
    head: Head
    consistency: tuple[Hash, ...]
    share: Hash | None = field(default=None, repr=False)
    known: Bool = False
    deleted: Bool | None = None

    def require(self) -> None:
        """Refuse a share that is given a second time."""
        if self.known and self.share is not None:
            raise Malformed("share")
