"""A statement: one act of one person, signed by their device (PROTOCOL.md section 3.1).

This module encodes and decodes its generic form. Whether arguments, texts and attachments are those
of the act is checked in `acts`; whether the act is allowed, by the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from assigncli.protocol.codec import AnyObject, Hash, Id, Moment, Nonce, Spelling, Word, digests
from assigncli.protocol.forms import RecordForm, mapped
from assigncli.protocol.seen import Seen
from assigncli.protocol.signed_body import SignedBody


def _seen(fields: Mapping[str, Any]) -> Seen:
    return Seen(fields["size"], bytes.fromhex(fields["root"]))


def _spelt_seen(seen: Seen) -> Mapping[str, Any]:
    return {"size": seen.size, "root": seen.root.hex()}


LastSeen = Annotated[
    Seen, Spelling(RecordForm({"size": "number", "root": "hex32"}), _seen, _spelt_seen)
]


@dataclass(frozen=True)
class Statement(SignedBody, purpose="request"):
    """One act: `texts` are digests by field, `attachments` SHA-256 hashes in order.

    `certificate` is the device's; None where the key in the arguments or the root key signs. `at`
    is the device's clock, aware; `nonce` is 16 random bytes.
    """

    organization: Id
    service: Id
    certificate: Id | None
    act: Word
    about: Id
    at: Moment
    nonce: Nonce
    seen: LastSeen
    arguments: AnyObject
    texts: Annotated[Mapping[str, bytes], digests(mapped("hex32"))]
    attachments: tuple[Hash, ...]
