"""A message: version, kind, and length-prefixed parts (PROTOCOL.md section 3).

Sizes are checked before anything is parsed, so that a stranger's bytes cost no more than reading
them. The contents of the parts are read elsewhere: `statement`, `question`, `texts`, `evidence`.
This module reads no stream; `frame_size` tells its reader how much to read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from assigncli.crypto.prefixing import prefixed
from assigncli.protocol.act import Act
from assigncli.protocol.canonical import MAX_BODY, Malformed, VersionUnknown
from assigncli.protocol.texts import MAX_TEXTS

VERSION: Final = 1
MAX_REQUEST: Final = 2_228_224
MAX_BATCH: Final = 2_097_152
MAX_ATTACHMENT: Final = 65_536
MAX_ANSWER: Final = 16_777_216
MAX_BATCH_ROWS: Final = 250
MAX_GREETING: Final = 1_024
SIGNATURE_SIZE: Final = 64

_LENGTH: Final = 4
_START: Final = 2


class TooLarge(Malformed):
    """The message or a part of it is over its limit."""


class StatementTooLarge(TooLarge):
    """The statement or question is over its limit."""


class MessageKind(IntEnum):
    """The kind of a message: requests are below 0x80, answers above."""

    ASK = 0x01
    ACT = 0x02
    OUTCOME = 0x03
    HELLO = 0x04
    EVIDENCE = 0x81
    REPLY = 0x82
    REFUSAL = 0x83
    WELCOME = 0x84


REQUESTS: Final = frozenset({MessageKind.ASK, MessageKind.ACT, MessageKind.OUTCOME})
ANSWERS: Final = frozenset({MessageKind.EVIDENCE, MessageKind.REPLY, MessageKind.REFUSAL})
GREETINGS: Final = frozenset({MessageKind.WELCOME, MessageKind.REFUSAL})
"""What a server answers to the hello that begins a stream."""


@dataclass(frozen=True)
class _Part:
    """The largest size of a part, the error for a larger one, and its exact sizes where fixed."""

    limit: int
    too_large: type[Malformed] = TooLarge
    sizes: Collection[int] = ()


@dataclass(frozen=True)
class _Layout:
    """The parts of a kind, and how many attachments may follow them."""

    parts: tuple[_Part, ...]
    attachments: int = 0


_BODY: Final = _Part(MAX_BODY, StatementTooLarge)
_SIGNATURE: Final = _Part(SIGNATURE_SIZE, Malformed, {SIGNATURE_SIZE})
_ANSWER: Final = _Layout((_Part(MAX_ANSWER),))
_GREETING: Final = _Part(MAX_GREETING)
# The frame does not know the act: `check_attachments` checks the smaller limits of other
# attachments.
_ATTACHMENT: Final = _Part(MAX_BATCH)

_LAYOUTS: Final = {
    MessageKind.ASK: _Layout((_BODY, _Part(SIGNATURE_SIZE, Malformed, {0, SIGNATURE_SIZE}))),
    MessageKind.ACT: _Layout((_BODY, _SIGNATURE, _Part(MAX_TEXTS)), attachments=2),
    MessageKind.OUTCOME: _Layout((_BODY, _SIGNATURE)),
    MessageKind.HELLO: _Layout((_GREETING,)),
    MessageKind.EVIDENCE: _ANSWER,
    MessageKind.REPLY: _ANSWER,
    MessageKind.REFUSAL: _ANSWER,
    MessageKind.WELCOME: _Layout((_GREETING,)),
}


@dataclass(frozen=True)
class Message:
    """A kind and its parts, in the order of PROTOCOL.md section 3."""

    kind: MessageKind
    parts: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the message without a length; Malformed for what `decode` would refuse."""
        data = bytes([VERSION, self.kind]) + prefixed(*self.parts)
        _require_size(len(data), limit_of(self.kind))
        _require_layout(_LAYOUTS[self.kind], self.parts)
        return data

    @classmethod
    def decode(cls, data: bytes, kinds: Collection[MessageKind]) -> Self:
        """Read a message of one of `kinds`.

        Raises TooLarge, StatementTooLarge, VersionUnknown, or Malformed for anything else.
        """
        _require_size(len(data), max(map(limit_of, kinds)))
        if len(data) < _START:
            raise Malformed("cut off")
        if data[0] != VERSION:
            raise VersionUnknown("version")
        kind = next((kind for kind in kinds if kind == data[1]), None)
        if kind is None:
            raise Malformed("kind")
        parts = _split(data)
        _require_layout(_LAYOUTS[kind], parts)
        return cls(kind, parts)


def limit_of(kind: MessageKind) -> int:
    """Return the largest message of this kind, in bytes; if it has one part, that of the part."""
    if kind in REQUESTS:
        return MAX_REQUEST
    only = MAX_ANSWER if kind in ANSWERS else MAX_GREETING
    return _START + _LENGTH + only


def framed(message: bytes) -> bytes:
    """Return an encoded message after its length, as it is written to a stream."""
    return prefixed(message)


def frame_size(length: bytes, limit: int) -> int:
    """Return how many bytes follow these four; TooLarge where that is over `limit`."""
    if len(length) != _LENGTH:
        raise Malformed("cut off")
    size = int.from_bytes(length, "big")
    _require_size(size, limit)
    return size


def check_attachments(act: Act, attachments: Sequence[bytes]) -> None:
    """Raise TooLarge for one over the limit of its kind, Malformed for a wrong number of them."""
    for name, attachment in zip(act.attachments, attachments, strict=False):
        _require_size(len(attachment), MAX_BATCH if name == "batch" else MAX_ATTACHMENT)
    if len(attachments) != len(act.attachments):
        raise Malformed("attachments")


def _split(data: bytes) -> tuple[bytes, ...]:
    """Return the parts; Malformed where lengths do not add up, or for too many parts."""
    parts, at = [], _START
    while at < len(data):
        start = at + _LENGTH
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data):
            raise Malformed("cut off")
        parts.append(data[start:at])
        if len(parts) > _MAX_PARTS:
            raise Malformed("parts")
    return tuple(parts)


def _require_layout(layout: _Layout, parts: tuple[bytes, ...]) -> None:
    """Raise TooLarge or Malformed for a wrong number or size of parts; sizes are checked first."""
    expected = layout.parts + (_ATTACHMENT,) * layout.attachments
    for part, rule in zip(parts, expected, strict=False):
        if len(part) > rule.limit:
            raise rule.too_large("a part is too large")
    if not len(layout.parts) <= len(parts) <= len(expected):
        raise Malformed("parts")
    for part, rule in zip(parts, expected, strict=False):
        if rule.sizes and len(part) not in rule.sizes:
            raise Malformed("signature")


def _require_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge("too large")


_MAX_PARTS: Final = max(len(each.parts) + each.attachments for each in _LAYOUTS.values())
