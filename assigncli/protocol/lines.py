"""An invitation as one line, to hand to the person invited (PROTOCOL.md section 6.3).

Whoever has the line can ask to join, once. They become a member only by the comparison of the
fingerprint.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Self
from uuid import UUID

from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import conforms

_JOIN: Final = "assign-join-1"
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
        words = line.split()
        if len(words) != len(_FORMS) or not all(
            form(word) for form, word in zip(_FORMS, words, strict=True)
        ):
            raise Malformed("invitation")
        _join, address, organization, member, root_key, token = words
        return cls(
            _unquoted(address),
            UUID(organization),
            UUID(member),
            bytes.fromhex(root_key),
            bytes.fromhex(token),
        )


def _quoted(address: str) -> str:
    """Return an address as one word: UTF-8, percent-encoded except for a few safe characters."""
    said = address.encode("utf-8", _ANY_PATH)
    return _ENCODED.sub(lambda found: b"%%%02X" % ord(found[0]), said).decode("ascii")


def _unquoted(word: str) -> str:
    said = _QUOTED.sub(lambda found: bytes.fromhex(found[1].decode()), word.encode("ascii"))
    return said.decode("utf-8", _ANY_PATH)


_FORMS: Final[tuple[Callable[[str], bool], ...]] = (
    lambda word: word == _JOIN,
    lambda word: _ADDRESS.fullmatch(word) is not None,
    lambda word: conforms("id", word),
    lambda word: conforms("id", word),
    lambda word: conforms("hex32", word),
    lambda word: conforms("hex16", word),
)
