"""Evidence: the answer to a question, with what proves it (PROTOCOL.md section 3.2).

It is read and written here. The client believes of it what signatures and proofs bear out, and
checks those elsewhere: a well-formed answer is not yet a true one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from assigncli.crypto.stamps import stamp
from assigncli.protocol import head
from assigncli.protocol.forms import VERSION, RecordForm, listed, mapped, moment, read, written
from assigncli.protocol.head import Head
from assigncli.protocol.message import MAX_ANSWER
from assigncli.protocol.sealed_keys import ENVELOPE, ORGANIZATION_WRAP, Envelope, OrganizationWrap
from assigncli.protocol.signed import LOGGED, SIGNED, Logged, Signed

Rows = Mapping[str, list[Mapping[str, Any]]]


def _is_cell(value: object) -> bool:
    """Say whether a column may hold this; its spelling is checked with the whole."""
    return value is None or isinstance(value, str | bool | int)


_FORM: Final = RecordForm(
    {
        "v": "number",
        "organization": "id",
        "act": "word",
        "about": "id?",
        "now": "moment",
        "zone": "value",
        "service": "id",
        "head": head.FORM,
        "consistency": "[hex32]",
        "certificates": listed(SIGNED),
        "entries": listed(LOGGED),
        "statements": listed(SIGNED),
        "manifests": listed(SIGNED),
        "envelopes": listed(ENVELOPE),
        "organization_wraps": listed(ORGANIZATION_WRAP),
        "rows": mapped(listed(mapped(_is_cell))),
    }
)


@dataclass(frozen=True)
class Evidence:
    """What the server shows: `act` and `about` as asked, `now` its clock (aware), and the rest.

    Certificates are in an order of issuers before what they issued, entries by sequence. `rows`
    gives by table what each column says; much of it is only the server's word.
    """

    organization: UUID
    act: str
    about: UUID | None
    now: datetime
    zone: str
    service: UUID
    head: Head
    consistency: tuple[bytes, ...]
    certificates: tuple[Signed, ...] = ()
    entries: tuple[Logged, ...] = ()
    statements: tuple[Signed, ...] = ()
    manifests: tuple[Signed, ...] = ()
    envelopes: tuple[Envelope, ...] = ()
    organization_wraps: tuple[OrganizationWrap, ...] = ()
    rows: Rows = field(default_factory=dict)

    def encode(self) -> bytes:
        """Return its canonical JSON; Malformed for what `decode` would refuse."""
        fields = {
            "v": VERSION,
            "organization": str(self.organization),
            "act": self.act,
            "about": None if self.about is None else str(self.about),
            "now": stamp(self.now),
            "zone": self.zone,
            "service": str(self.service),
            "head": self.head.fields(),
            "consistency": [each.hex() for each in self.consistency],
            "certificates": [each.fields() for each in self.certificates],
            "entries": [each.fields() for each in self.entries],
            "statements": [each.fields() for each in self.statements],
            "manifests": [each.fields() for each in self.manifests],
            "envelopes": [each.fields() for each in self.envelopes],
            "organization_wraps": [each.fields() for each in self.organization_wraps],
            "rows": dict(self.rows),
        }
        return written(fields, _FORM, MAX_ANSWER)

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read what `encode` wrote; Malformed for all else, VersionUnknown for another version."""
        fields = read(body, _FORM, MAX_ANSWER)
        about = fields["about"]
        return cls(
            organization=UUID(fields["organization"]),
            act=fields["act"],
            about=None if about is None else UUID(about),
            now=moment(fields["now"]),
            zone=fields["zone"],
            service=UUID(fields["service"]),
            head=Head.from_fields(fields["head"]),
            consistency=tuple(map(bytes.fromhex, fields["consistency"])),
            certificates=tuple(map(Signed.from_fields, fields["certificates"])),
            entries=tuple(map(Logged.from_fields, fields["entries"])),
            statements=tuple(map(Signed.from_fields, fields["statements"])),
            manifests=tuple(map(Signed.from_fields, fields["manifests"])),
            envelopes=tuple(map(Envelope.from_fields, fields["envelopes"])),
            organization_wraps=tuple(
                map(OrganizationWrap.from_fields, fields["organization_wraps"])
            ),
            rows=fields["rows"],
        )
