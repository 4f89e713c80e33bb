"""An invitation, or a founding, as one line of words to hand to a person (PROTOCOL.md 6.3).

Whoever has an invitation can ask to join, once; they become a member only by the comparison of the
fingerprint. Whoever has a founding line can found one organization at an empty server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from uuid import UUID

from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import conforms

_JOIN: Final = "assign-join-1"
_FOUND: Final = "assign-found-1"
_ADDRESS: Final = re.compile(r"(?:[A-Za-z0-9/:@.~_+-]|%[0-9A-F]{2}){1,4096}", re.ASCII)
_ENCODED: Final = re.compile(rb"[^A-Za-z0-9/:@.~_+-]")
_QUOTED: Final = re.compile(rb"%([0-9A-F]{2})")
_ANY_PATH: Final = "surrogateescape"


@dataclass(frozen=True)
class InvitationLine:
    """Where to ask, for which member, and the root key to pin; `token` is 16 bytes, used once."""

    address: str
    organization: UUID
    member: UUID
    root_key: bytes
    token: bytes = field(repr=False)

    def encode(self) -> str:
        """Return the line: six words separated by single spaces."""
        words = (
            _JOIN,
            _quoted(self.address),
            str(self.organization),
            str(self.member),
            self.root_key.hex(),
            self.token.hex(),
        )
        return " ".join(words)

    @classmethod
    def decode(cls, line: str) -> Self:
        """Read what `encode` wrote, with any white space around and between; else Malformed."""
        words = _words(line, _INVITATION, "invitation")
        _join, address, organization, member, root_key, token = words
        return cls(
            _unquoted(address),
            UUID(organization),
            UUID(member),
            bytes.fromhex(root_key),
            bytes.fromhex(token),
        )


@dataclass(frozen=True)
class FoundingLine:
    """Where to found an organization, and the `fingerprint` (32 bytes) of the service key there.

    `token` is 16 bytes, good for one founding within the hour.
    """

    address: str
    fingerprint: bytes
    token: bytes = field(repr=False)

    def encode(self) -> str:
        """Return the line: four words separated by single spaces."""
        words = (_FOUND, _quoted(self.address), self.fingerprint.hex(), self.token.hex())
        return " ".join(words)

    @classmethod
    def decode(cls, line: str) -> Self:
        """Read what `encode` wrote, with any white space around and between; else Malformed."""
        _found, address, fingerprint, token = _words(line, _FOUNDING, "founding")
        return cls(_unquoted(address), bytes.fromhex(fingerprint), bytes.fromhex(token))


_Forms = Sequence[Callable[[str], bool]]


def _words(line: str, forms: _Forms, what: str) -> list[str]:
    """Return the words of a line, each of its form; Malformed for another number or form."""
    words = line.split()
    if len(words) != len(forms) or not all(
        form(word) for form, word in zip(forms, words, strict=True)
    ):
        raise Malformed(what)
    return words


def _quoted(address: str) -> str:
    """Return an address as one word: UTF-8, percent-encoded except for a few safe characters."""
    said = address.encode("utf-8", _ANY_PATH)
    return _ENCODED.sub(lambda found: b"%%%02X" % ord(found[0]), said).decode("ascii")


def _unquoted(word: str) -> str:
    said = _QUOTED.sub(lambda found: bytes.fromhex(found[1].decode()), word.encode("ascii"))
    return said.decode("utf-8", _ANY_PATH)


def _is_address(word: str) -> bool:
    return _ADDRESS.fullmatch(word) is not None


_INVITATION: Final[_Forms] = (
    lambda word: word == _JOIN,
    _is_address,
    lambda word: conforms("id", word),
    lambda word: conforms("id", word),
    lambda word: conforms("hex32", word),
    lambda word: conforms("hex16", word),
)
_FOUNDING: Final[_Forms] = (
    lambda word: word == _FOUND,
    _is_address,
    lambda word: conforms("hex32", word),
    lambda word: conforms("hex16", word),
)
