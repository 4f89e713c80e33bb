"""Signed notes and verifier keys as C2SP defines them (PROTOCOL.md section 5.4).

A note is a text with signature lines below an empty line. Reading a note proves nothing: whose
signatures count is decided by who reads. Only Ed25519 keys are known here, of a log or a cosigner.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final, Self

from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import to_base64

MAX_NOTE: Final = 65_536
"""The most bytes of a note, signature lines included."""
MAX_SIGNATURES: Final = 64
"""The most signature lines; C2SP requires that 16 are accepted."""
OF_LOG: Final = 0x01
OF_COSIGNER: Final = 0x04

_DASH: Final = "\u2014"
_ID_BYTES: Final = 4
_KEY_BYTES: Final = 32
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME: Final = re.compile(r"[^\s+]{1,255}")
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")


class LineEndsChanged(Malformed):
    """The file has carriage returns: a program that sent or saved it changed its line ends."""


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: the key's name and id, and what that key signed."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line, with its line feed."""
        return f"{_DASH} {self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True)
class VerifierKey:
    """A public Ed25519 key with its name: of a log (`OF_LOG`) or a cosigner (`OF_COSIGNER`)."""

    name: str
    kind: int
    key: bytes

    def __post_init__(self) -> None:
        """Refuse a name that no key can have; Malformed."""
        if not is_key_name(self.name):
            raise Malformed("name")

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand in this key's signature lines."""
        named = self.name.encode("utf-8") + b"\n" + self._typed
        return hashlib.sha256(named).digest()[:_ID_BYTES]

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the key that C2SP's one line spells; Malformed for any other text."""
        parts = text.split("+", 2)
        if len(parts) != len(("name", "id", "key")) or not _KEY_ID.fullmatch(parts[1]):
            raise Malformed("key")
        typed = decoded(parts[2])
        if len(typed) != 1 + _KEY_BYTES or typed[0] not in (OF_LOG, OF_COSIGNER):
            raise Malformed("key")
        found = cls(parts[0], typed[0], typed[1:])
        if found.key_id.hex() != parts[1]:
            raise Malformed("key id")
        return found

    def encode(self) -> str:
        """Return the key as one line: name, id and key with a plus between them."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(self._typed)}"

    def signed(self, signature: bytes) -> NoteSignature:
        """Return the signature line of this key."""
        return NoteSignature(self.name, self.key_id, signature)

    @property
    def _typed(self) -> bytes:
        return bytes([self.kind]) + self.key


@dataclass(frozen=True)
class SignedNote:
    """A text, which ends in a line feed, and the signature lines below it."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Return the note in `data`; Malformed for anything else, or over `MAX_NOTE` bytes.

        Raises LineEndsChanged where its line ends are not those of a note.
        """
        if len(data) > MAX_NOTE:
            raise Malformed("too long")
        if b"\r" in data:
            raise LineEndsChanged("line ends")
        text, apart, below = _characters(data).rpartition("\n\n")
        lines = below.split("\n")
        if not text or not apart or lines.pop() or not 1 <= len(lines) <= MAX_SIGNATURES:
            raise Malformed("note")
        return cls(f"{text}\n", tuple(map(_signature, lines)))

    def encode(self) -> bytes:
        """Return the note's bytes, in UTF-8."""
        lines = "".join(each.line() for each in self.signatures)
        return f"{self.text}\n{lines}".encode()

    def by(self, key: VerifierKey) -> tuple[bytes, ...]:
        """Return what the lines with this key's name and id say it signed; none is verified."""
        return tuple(
            each.signature
            for each in self.signatures
            if (each.name, each.key_id) == (key.name, key.key_id)
        )


def is_key_name(name: str) -> bool:
    """Say whether a key can have this name: not empty, without spaces and plus signs."""
    return name.isprintable() and _NAME.fullmatch(name) is not None


def decoded(text: str) -> bytes:
    """Return the bytes of one base64 word in its only spelling; raise Malformed otherwise."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("base64") from None
    if to_base64(found) != text:
        raise Malformed("base64")
    return found


def _characters(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("characters") from None
    if _CONTROL.search(text):
        raise Malformed("characters")
    return text


def _signature(line: str) -> NoteSignature:
    parts = line.split(" ")
    if len(parts) != len((_DASH, "name", "base64")) or parts[0] != _DASH:
        raise Malformed("signature line")
    blob = decoded(parts[2])
    if not is_key_name(parts[1]) or len(blob) <= _ID_BYTES:
        raise Malformed("signature line")
    return NoteSignature(parts[1], blob[:_ID_BYTES], blob[_ID_BYTES:])
