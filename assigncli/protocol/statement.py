"""A statement: one act of one person, signed by their device (PROTOCOL.md section 3.1).

It is read and written here, in its generic form. Whether arguments, texts and attachments are those
of the act is for `acts`; whether the act is allowed is for the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from assigncli.crypto.stamps import digest, stamp
from assigncli.protocol.canonical import MAX_BODY
from assigncli.protocol.forms import (
    VERSION,
    RecordForm,
    is_object,
    mapped,
    moment,
    read_signed,
    uuid,
    written_signed,
)
from assigncli.protocol.seen import Seen

PURPOSE: Final = "request"

SEEN: Final = RecordForm({"size": "number", "root": "hex32"})
_FORM: Final = RecordForm(
    {
        "v": "number",
        "organization": "id",
        "service": "id",
        "certificate": "id?",
        "act": "word",
        "about": "id",
        "at": "moment",
        "nonce": "hex16",
        "seen": SEEN,
        "arguments": is_object,
        "texts": mapped("hex32"),
        "attachments": "[hex32]",
    }
)


@dataclass(frozen=True)
class Statement:
    """One act: `texts` are digests by field, `attachments` SHA-256 hashes in order.

    `certificate` is the device's; None where the key in the arguments or the root key signs. `at`
    is the device's clock, aware; `nonce` is 16 random bytes.
    """

    organization: UUID
    service: UUID
    certificate: UUID | None
    act: str
    about: UUID
    at: datetime
    nonce: bytes
    seen: Seen
    arguments: Mapping[str, Any]
    texts: Mapping[str, bytes]
    attachments: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the body to sign; Malformed for what `decode` would refuse."""
        fields = {
            "v": VERSION,
            "organization": str(self.organization),
            "service": str(self.service),
            "certificate": None if self.certificate is None else str(self.certificate),
            "act": self.act,
            "about": str(self.about),
            "at": stamp(self.at),
            "nonce": self.nonce.hex(),
            "seen": self.seen.fields(),
            "arguments": dict(self.arguments),
            "texts": {field: found.hex() for field, found in self.texts.items()},
            "attachments": [found.hex() for found in self.attachments],
        }
        return written_signed(fields, _FORM, MAX_BODY)

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read what `encode` wrote; Malformed for all else, VersionUnknown for another version."""
        fields = read_signed(body, _FORM, MAX_BODY)
        certificate = fields["certificate"]
        return cls(
            organization=uuid(fields["organization"]),
            service=uuid(fields["service"]),
            certificate=None if certificate is None else uuid(certificate),
            act=fields["act"],
            about=uuid(fields["about"]),
            at=moment(fields["at"]),
            nonce=bytes.fromhex(fields["nonce"]),
            seen=Seen.from_fields(fields["seen"]),
            arguments=fields["arguments"],
            texts={field: bytes.fromhex(found) for field, found in fields["texts"].items()},
            attachments=tuple(map(bytes.fromhex, fields["attachments"])),
        )


def statement_hash(body: bytes) -> bytes:
    """Return the hash that entries and replies name; it does not cover the signature."""
    return digest(PURPOSE, body)
