"""Signed bodies as they stand in unsigned JSON: beside their signature, with texts or a proof.

What a body says and whose signature it is are read and checked elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from assigncli.protocol import texts
from assigncli.protocol.forms import RecordForm, from_base64, to_base64
from assigncli.protocol.texts import Text

SIGNED: Final = RecordForm({"body": "base64", "signature": "hex64", "texts": texts.FORM})
LOGGED: Final = RecordForm({"body": "base64", "signature": "hex64", "proof": "[hex32]"})


@dataclass(frozen=True)
class Signed:
    """A certificate, statement or manifest, with those of its texts that the reader may see."""

    body: bytes
    signature: bytes
    texts: Mapping[str, Text]

    def fields(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "body": to_base64(self.body),
            "signature": self.signature.hex(),
            "texts": texts.fields_of(self.texts),
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return it from fields that conform to `SIGNED`; Malformed for an unknown text."""
        given = texts.from_fields(fields["texts"])
        return cls(from_base64(fields["body"]), bytes.fromhex(fields["signature"]), given)


@dataclass(frozen=True)
class Logged:
    """An entry, with the proof that it is in the log of the head beside it."""

    body: bytes
    signature: bytes
    proof: tuple[bytes, ...]

    def fields(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "body": to_base64(self.body),
            "signature": self.signature.hex(),
            "proof": [each.hex() for each in self.proof],
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return it from fields that conform to `LOGGED`."""
        proof = tuple(map(bytes.fromhex, fields["proof"]))
        return cls(from_base64(fields["body"]), bytes.fromhex(fields["signature"]), proof)
