"""An entry of the log: what the service carried out, and with which facts (PROTOCOL.md section 4).

It is read and written here, in its generic form. Whether the facts are those of the act is for
`acts`; where an entry stands in the log is for `tree`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from assigncli.crypto.stamps import stamp
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import (
    VERSION,
    RecordForm,
    is_object,
    moment,
    read_signed,
    uuid,
    written_signed,
)

PURPOSE: Final = "entry"
MAX_ENTRY: Final = 4_096

_FORM: Final = RecordForm(
    {
        "v": "number",
        "organization": "id",
        "sequence": "number",
        "at": "moment",
        "act": "word",
        "subject": "id",
        "facts": is_object,
        "statement": "hex32?",
        "actor": "id?",
        "service": "id",
    }
)


@dataclass(frozen=True)
class Entry:
    """What was done, by `sequence` from 1, at the server's clock (aware).

    `statement` is the hash of the statement carried out, None where the service states it alone.
    `actor` is the certificate that signed the statement, None for a new key or the root key, and
    the service's where there is no statement. `service` is the certificate whose key signs this.
    """

    organization: UUID
    sequence: int
    at: datetime
    act: str
    subject: UUID
    facts: Mapping[str, Any]
    statement: bytes | None
    actor: UUID | None
    service: UUID

    def encode(self) -> bytes:
        """Return the body to hash and sign; Malformed for what `decode` would refuse."""
        self._require_place()
        fields = {
            "v": VERSION,
            "organization": str(self.organization),
            "sequence": self.sequence,
            "at": stamp(self.at),
            "act": self.act,
            "subject": str(self.subject),
            "facts": dict(self.facts),
            "statement": None if self.statement is None else self.statement.hex(),
            "actor": None if self.actor is None else str(self.actor),
            "service": str(self.service),
        }
        return written_signed(fields, _FORM, MAX_ENTRY)

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read what `encode` wrote; Malformed for all else, VersionUnknown for another version."""
        fields = read_signed(body, _FORM, MAX_ENTRY)
        statement, actor = fields["statement"], fields["actor"]
        entry = cls(
            organization=uuid(fields["organization"]),
            sequence=fields["sequence"],
            at=moment(fields["at"]),
            act=fields["act"],
            subject=UUID(fields["subject"]),
            facts=fields["facts"],
            statement=None if statement is None else bytes.fromhex(statement),
            actor=None if actor is None else uuid(actor),
            service=uuid(fields["service"]),
        )
        entry._require_place()
        return entry

    def _require_place(self) -> None:
        """Refuse a sequence below 1, and an entry that neither a statement nor the service made."""
        if self.sequence < 1:
            raise Malformed("sequence")
        if self.statement is None and self.actor != self.service:
            raise Malformed("actor")
