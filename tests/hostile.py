"""A client that signs whatever it likes with a member's key, and talks to the server directly.

It asks no rule, verifies nothing and keeps no head: only the server's own checks stand between it
and the store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_bytes
from typing import Any
from uuid import UUID

from assigncli.crypto.identity import Identity
from assigncli.protocol.entry import Entry
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.message import ANSWERS, Message, MessageKind
from assigncli.protocol.question import Question
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.reply import Reply
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text, encode_texts
from tests.acting import acting, identity_of
from tests.attacker import certificate_id, column, value
from tests.office import Office


@dataclass(frozen=True)
class Answer:
    """What the server said: a refusal, a reply with its entries, or evidence."""

    refusal: Refusal | None = None
    reply: Reply | None = None
    shown: Evidence | None = None

    @property
    def code(self) -> str:
        """The refusal's code; empty where the act was carried out."""
        return "" if self.refusal is None else self.refusal.code

    @property
    def entries(self) -> list[Entry]:
        """The entries of the reply."""
        assert self.reply is not None, self.code
        return [Entry.decode(each.body) for each in self.reply.entries]


@dataclass
class Hostile:
    """One member's key, and the server of their office in this process.

    `certificate` is of another device of the member than the newest, with that device's `key`.
    `connection` is the member by whose connection everything comes, where that is another.
    """

    office: Office
    profile: str
    key: Identity | None = None
    certificate: str | None = None
    connection: UUID | None = None
    sent: list[bytes] = field(default_factory=list)

    def statement(self, act: str, about: UUID, /, **changes: Any) -> Statement:
        """Return a statement as an honest client makes it, but for `changes`."""
        made = Statement(
            organization=UUID(str(value(self.office, "SELECT id FROM organizations"))),
            service=UUID(certificate_id(self.office, "service")),
            certificate=UUID(self.certificate or certificate_id(self.office, self.profile)),
            act=act,
            about=about,
            at=self.office.now,
            nonce=token_bytes(16),
            seen=NOTHING_SEEN,
            arguments={},
            texts={},
            attachments=(),
        )
        return replace(made, **changes)

    def does(
        self,
        act: str,
        about: UUID | int,
        arguments: Mapping[str, Any] | None = None,
        *,
        texts: Mapping[str, Text] | None = None,
        attachments: Sequence[bytes] = (),
        **changes: Any,
    ) -> Answer:
        """Sign an act and send it; `about` may be an assignment's number."""
        subject = self.assignment(about) if isinstance(about, int) else about
        given = texts or {}
        signed = {
            "arguments": arguments or {},
            "texts": {name: text.digest() for name, text in given.items()},
            "attachments": tuple(hashlib.sha256(each).digest() for each in attachments),
            **changes,
        }
        body = self.statement(act, subject, **signed).encode()
        return self.send(body, encode_texts(given), *attachments)

    def send(self, body: bytes, *more: bytes, kind: MessageKind = MessageKind.ACT) -> Answer:
        """Sign these bytes as a statement and send them."""
        key = self.key or identity_of(self.office, self.profile)
        parts = (body, key.sign(Statement.purpose, body), *more)
        return self.raw(Message(kind, parts).encode())

    def asks(
        self,
        act: str,
        about: UUID | None = None,
        arguments: Mapping[str, Any] | None = None,
        *,
        signed: bool = True,
        **changes: Any,
    ) -> Answer:
        """Ask, by a signed question or by the member's own connection."""
        said = self.statement(act, UUID(int=1))
        made = Question(
            organization=said.organization,
            service=said.service,
            certificate=said.certificate if signed else None,
            act=act,
            about=about,
            at=said.at,
            nonce=said.nonce,
            seen=NOTHING_SEEN,
            arguments=arguments or {},
        )
        body = replace(made, **changes).encode()
        key = self.key or identity_of(self.office, self.profile)
        signature = key.sign(Question.purpose, body) if signed else b""
        return self.raw(Message(MessageKind.ASK, (body, signature)).encode())

    def outcome(self, body: bytes) -> Answer:
        """Ask what became of a statement."""
        return self.send(body, kind=MessageKind.OUTCOME)

    def raw(self, message: bytes, *, now: datetime | None = None) -> Answer:
        """Send bytes as they are."""
        self.sent.append(message)
        answer = Message.decode(self.carried(message, now or self.office.now), ANSWERS)
        if answer.kind is MessageKind.REFUSAL:
            return Answer(refusal=Refusal.decode(answer.parts[0]))
        if answer.kind is MessageKind.EVIDENCE:
            return Answer(shown=Evidence.decode(answer.parts[0]))
        return Answer(reply=Reply.decode(answer.parts[0]))

    def carried(self, message: bytes, now: datetime) -> bytes:
        """Bring bytes to the server of this process, and return its answer."""
        with acting(self.office, self.profile) as session:
            member = self.connection or session.client.member_id
            return session.server.handle(message, now, member)

    def assignment(self, number: int) -> UUID:
        """Return the id of an assignment."""
        return UUID(str(column(self.office, number, "id")))

    @staticmethod
    def hash_of(message: bytes) -> bytes:
        """Return the hash of a message's statement."""
        return Statement.digest(Message.decode(message, {MessageKind.ACT}).parts[0])
