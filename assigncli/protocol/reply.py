"""A reply: an act was carried out, and here is its record (PROTOCOL.md section 3.4).

It is read and written here. Whether the entries are those of the statement, and are in the log, is
checked by the client elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Self

from assigncli.protocol import head
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import VERSION, RecordForm, listed, read, written
from assigncli.protocol.head import Head
from assigncli.protocol.message import MAX_ANSWER
from assigncli.protocol.signed import LOGGED, Logged

_FORM: Final = RecordForm(
    {
        "v": "number",
        "statement": "hex32",
        "entries": listed(LOGGED, least=1),
        "head": head.FORM,
        "consistency": "[hex32]",
        "share": "hex32?",
        "known": "bool",
        "deleted": "bool?",
    }
)


@dataclass(frozen=True)
class Reply:
    """The statement's hash, its entries by sequence, and the head with its consistency proof.

    `share` is given once, for `payload_decrypted`; never where the statement was already known.
    `deleted` is for an act that ends a payload, once: whether its share is gone already.
    """

    statement: bytes
    entries: tuple[Logged, ...]
    head: Head
    consistency: tuple[bytes, ...]
    share: bytes | None = field(default=None, repr=False)
    known: bool = False
    deleted: bool | None = None

    def encode(self) -> bytes:
        """Return its canonical JSON; Malformed for what `decode` would refuse."""
        self._require_share()
        fields = {
            "v": VERSION,
            "statement": self.statement.hex(),
            "entries": [each.fields() for each in self.entries],
            "head": self.head.fields(),
            "consistency": [each.hex() for each in self.consistency],
            "share": None if self.share is None else self.share.hex(),
            "known": self.known,
            "deleted": self.deleted,
        }
        return written(fields, _FORM, MAX_ANSWER)

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read what `encode` wrote; Malformed for all else, VersionUnknown for another version."""
        fields = read(body, _FORM, MAX_ANSWER)
        share = fields["share"]
        reply = cls(
            statement=bytes.fromhex(fields["statement"]),
            entries=tuple(map(Logged.from_fields, fields["entries"])),
            head=Head.from_fields(fields["head"]),
            consistency=tuple(map(bytes.fromhex, fields["consistency"])),
            share=None if share is None else bytes.fromhex(share),
            known=fields["known"],
            deleted=fields["deleted"],
        )
        reply._require_share()
        return reply

    def _require_share(self) -> None:
        if self.known and self.share is not None:
            raise Malformed("share")
