"""Texts that people typed, and the salted digests that signed bodies carry (PROTOCOL.md 1.3).

A text is never in a signed body, so that it can be erased while the signature still verifies. The
salt prevents finding a short text by guessing. Which texts an act has is in `acts`; what a text may
contain is for the rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from assigncli.protocol.canonical import Malformed, decode, encode
from assigncli.protocol.codec import Spelling
from assigncli.protocol.forms import RecordForm, mapped

SALT_BYTES: Final = 16
MAX_TEXTS: Final = 65_536

FIELDS: Final = frozenset(
    {
        *("title", "subject_reference", "coordinator_notes", "internal_notes", "reason"),
        *("handle", "display_name", "device", "name", "value"),
    }
)
"""The fields of texts; how long each may be is for the rules."""


@dataclass(frozen=True, repr=False)
class Text:
    """A typed text and its salt, 16 random bytes; not shown by `repr`."""

    salt: bytes
    text: str

    def digest(self) -> bytes:
        """Return the digest that a signed body carries; Malformed for a lone surrogate."""
        try:
            return hashlib.sha256(self.salt + self.text.encode("utf-8")).digest()
        except UnicodeEncodeError:
            raise Malformed("a lone surrogate") from None


FORM: Final = RecordForm({"salt": "hex16", "text": lambda value: isinstance(value, str)})
"""The form of one text in unsigned JSON."""
_FORM: Final = mapped(FORM)


def fits(texts: Mapping[str, Text], digests: Mapping[str, bytes]) -> bool:
    """Say whether these are exactly the texts whose digests are signed."""
    return {field: text.digest() for field, text in texts.items()} == digests


def fields_of(texts: Mapping[str, Text]) -> dict[str, Any]:
    """Return texts as in unsigned JSON."""
    return {field: {"salt": each.salt.hex(), "text": each.text} for field, each in texts.items()}


def from_fields(fields: Mapping[str, Any]) -> dict[str, Text]:
    """Return texts from fields that conform to the form of `GIVEN`."""
    return {name: Text(bytes.fromhex(each["salt"]), each["text"]) for name, each in fields.items()}


def _are_texts(value: object) -> bool:
    return isinstance(value, Mapping) and _FORM(value) and value.keys() <= FIELDS


GIVEN: Final = Spelling(_are_texts, from_fields, fields_of)
"""The spelling of texts in unsigned JSON."""


def encode_texts(texts: Mapping[str, Text]) -> bytes:
    """Return the texts part of a message; Malformed for what `decode_texts` would refuse."""
    fields = fields_of(texts)
    _require_texts(fields)
    body = encode(fields)
    if len(body) > MAX_TEXTS:
        raise Malformed("too long")
    return body


def decode_texts(body: bytes) -> dict[str, Text]:
    """Read what `encode_texts` wrote; Malformed for anything else."""
    fields = decode(body, MAX_TEXTS)
    _require_texts(fields)
    return from_fields(fields)


def _require_texts(fields: Mapping[str, Any]) -> None:
    if not _are_texts(fields):
        raise Malformed("texts")
