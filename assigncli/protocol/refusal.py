"""A refusal: nothing was carried out, and why (PROTOCOL.md section 3.4).

A refusal is not signed and proves nothing; what it records is an entry of the log. Which codes
there are, and with which facts, is for `codes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from assigncli.crypto.stamps import stamp
from assigncli.protocol import head
from assigncli.protocol.forms import VERSION, RecordForm, is_object, moment, optional, read, written
from assigncli.protocol.head import Head
from assigncli.protocol.message import MAX_ANSWER

_FORM: Final = RecordForm(
    {
        "v": "number",
        "code": "word",
        "statement": "hex32?",
        "now": "moment",
        "head": optional(head.FORM),
        "entry": "number?",
        "known": "bool",
        "facts": is_object,
    }
)


@dataclass(frozen=True)
class Refusal:
    """A code and its facts, at the server's clock `now` (aware).

    `statement` is None where none could be read, `head` before the organization is known, and
    `entry` where none records it. `known` says that the same statement was refused before.
    """

    code: str
    now: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    statement: bytes | None = None
    head: Head | None = None
    entry: int | None = None
    known: bool = False

    def encode(self) -> bytes:
        """Return its canonical JSON; Malformed for what `decode` would refuse."""
        fields = {
            "v": VERSION,
            "code": self.code,
            "statement": None if self.statement is None else self.statement.hex(),
            "now": stamp(self.now),
            "head": None if self.head is None else self.head.fields(),
            "entry": self.entry,
            "known": self.known,
            "facts": dict(self.facts),
        }
        return written(fields, _FORM, MAX_ANSWER)

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read what `encode` wrote; Malformed for all else, VersionUnknown for another version."""
        fields = read(body, _FORM, MAX_ANSWER)
        found, statement = fields["head"], fields["statement"]
        return cls(
            code=fields["code"],
            now=moment(fields["now"]),
            facts=fields["facts"],
            statement=None if statement is None else bytes.fromhex(statement),
            head=None if found is None else Head.from_fields(found),
            entry=fields["entry"],
            known=fields["known"],
        )
