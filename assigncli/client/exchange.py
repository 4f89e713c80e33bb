"""Sign one act, send it, and verify the answer.

The kept head moves only with a verified reply. What a refusal says is not proven.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from typing import Any, Final
from uuid import UUID

from assigncli.protocol.canonical import Malformed
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.message import ANSWERS, Message, MessageKind
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.seen import Seen
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text, encode_texts
from assigncli.trust.replies import Done, Grounds, Row, Sent, verify_reply
from assigncli.trust.tampering import answer_malformed, read_or, require, statement_not_ours

Connection = Callable[[bytes], bytes]
"""Sends a message to the server and returns its answer, over any transport."""

_NONCE_BYTES: Final = 16


@dataclass(frozen=True)
class Device:
    """The signing device, its organisation and service, and what verifies the replies.

    `certificate` is None for a new key, which has none yet.
    """

    organization: UUID
    certificate: UUID | None
    service: UUID
    grounds: Grounds = field(repr=False)
    sign: Callable[[str, bytes], bytes] = field(repr=False)


@dataclass(frozen=True)
class Intent:
    """An act of PROTOCOL.md section 9 with exactly what it asks for.

    `rows` are those of the batch among its attachments, and `manifest` is the one in force of the
    assignment that is opened: the reply is verified against both.
    """

    act: str
    about: UUID
    arguments: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Text] = field(default_factory=dict, repr=False)
    attachments: Sequence[bytes] = field(default=(), repr=False)
    rows: Sequence[Row] = ()
    manifest: Manifest | None = None


class RefusedByServer(Exception):
    """The server refused; `refusal` has the code."""

    def __init__(self, refusal: Refusal) -> None:
        """Keep what the server said."""
        super().__init__(refusal.code)
        self.refusal = refusal


@dataclass(frozen=True)
class SignedStatement:
    """A statement that is signed and not sent yet, and the message that sends it."""

    sent: Sent
    signature: bytes
    message: bytes = field(repr=False)

    @property
    def body(self) -> bytes:
        """The encoded statement."""
        return self.sent.body


def signed(device: Device, seen: Seen, intent: Intent, now: datetime) -> SignedStatement:
    """Sign one act; `now` is this device's clock (aware UTC)."""
    statement = Statement(
        organization=device.organization,
        service=device.service,
        certificate=device.certificate,
        act=intent.act,
        about=intent.about,
        at=now,
        nonce=token_bytes(_NONCE_BYTES),
        seen=seen,
        arguments=intent.arguments,
        texts={name: text.digest() for name, text in intent.texts.items()},
        attachments=tuple(hashlib.sha256(each).digest() for each in intent.attachments),
    )
    body, signature = statement.signed_by(device)
    parts = (body, signature, encode_texts(intent.texts), *intent.attachments)
    sent = Sent(body, intent.rows, manifest=intent.manifest)
    return SignedStatement(sent, signature, Message(MessageKind.ACT, parts).encode())


def send(device: Device, connection: Connection, sent: SignedStatement) -> Done:
    """Have a signed act carried out.

    Raises RefusedByServer, and Tampered for an answer that does not verify.
    """
    return answered(connection(sent.message), sent.sent, device.grounds)


def answered(data: bytes, sent: Sent, grounds: Grounds) -> Done:
    """Return what the answer proves about the statement; raises as `send`."""
    answer = answer_of(data)
    if answer.kind is MessageKind.REFUSAL:
        refusal = refusal_of(answer)
        require(refusal.statement in (None, Statement.digest(sent.body)), statement_not_ours)
        raise RefusedByServer(refusal)
    require(answer.kind is MessageKind.REPLY, answer_malformed)
    return verify_reply(answer.parts[0], sent, grounds)


def refusal_of(answer: Message) -> Refusal:
    """Return what a refusal says; raises Tampered `answer_malformed`."""
    with read_or(answer_malformed):
        return Refusal.decode(answer.parts[0])


def answer_of(data: bytes) -> Message:
    """Return the decoded answer; raises Tampered `answer_malformed`."""
    try:
        return Message.decode(data, ANSWERS)
    except Malformed:
        raise answer_malformed() from None
