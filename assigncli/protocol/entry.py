"""An entry of the log: what the service carried out, with its facts (PROTOCOL.md section 4).

This module encodes and decodes its generic form. Whether the facts are those of the act is checked
in `acts`; its place in the log is proven in `tree`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codec import AnyObject, Hash, Id, Moment, Number, Word
from assigncli.protocol.signed_body import SignedBody

MAX_ENTRY: Final = 4_096


@dataclass(frozen=True)
class Entry(SignedBody, purpose="entry", limit=MAX_ENTRY):
    """What was done, by `sequence` from 1, at the server's clock (aware).

    `statement` is the hash of the statement carried out, None where the service acts without one.
    `actor` is the certificate that signed the statement, None for a new key or the root key, and
    the service's where there is no statement. `service` is the certificate whose key signs this.
    """

    organization: Id
    sequence: Number
    at: Moment
    act: Word
    subject: Id
    facts: AnyObject
    statement: Hash | None
    actor: Id | None
    service: Id

    def require(self) -> None:
        """Refuse a sequence below 1, and without a statement any actor but the service."""
        if self.sequence < 1:
            raise Malformed("sequence")
        if self.statement is None and self.actor != self.service:
            raise Malformed("actor")
