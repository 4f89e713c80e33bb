"""Ask the server one question, and return an answer that can be verified (PROTOCOL.md 3.2).

One answer has everything that an act needs, and is verified without any store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from secrets import token_bytes
from typing import Any, Final
from uuid import UUID

from assigncli.client.exchange import Connection, RefusedByServer, answer_of, refusal_of
from assigncli.errors import Tampered
from assigncli.protocol.evidence import Evidence, Rows
from assigncli.protocol.message import Message, MessageKind
from assigncli.protocol.question import Question
from assigncli.protocol.seen import Seen
from assigncli.trust.tampering import answer_malformed, read_or, require
from assigncli.trust.verification import Verified, verify_evidence

_NONCE_BYTES: Final = 16
_ELSEWHERE: Final = "service_differs"


@dataclass(frozen=True)
class Asker:
    """The asking device: its organisation, the head that it keeps, and its connection.

    `service` is the service's certificate as this device knows it, None before the first answer.
    """

    organization: UUID
    seen: Seen
    service: UUID | None
    connection: Connection = field(repr=False)


@dataclass(frozen=True)
class Signer:
    """The device that signs a question: its certificate and its signing function.

    The root key has no certificate.
    """

    certificate: UUID | None
    sign: Callable[[str, bytes], bytes] = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """An answer that is not verified yet, and its question; `known` is the asker's service."""

    question: Question
    body: bytes = field(repr=False)
    known: UUID | None = None

    def verified(
        self, root_key: bytes, reader: UUID | None, head_key: bytes | None = None
    ) -> Verified:
        """Return what it proves to this member, None for a key that has none; raises Tampered.

        `head_key` is that of a service without a certificate, which a person has compared.
        """
        return verify_evidence(
            self.body,
            self.question,
            root_key=root_key,
            reader=reader,
            head_key=head_key,
            known=self.known,
        )

    @cached_property
    def evidence(self) -> Evidence:
        """The evidence, decoded and not verified; raises Tampered `answer_malformed`."""
        with read_or(answer_malformed):
            return Evidence.decode(self.body)

    @property
    def rows(self) -> Rows:
        """The rows: the server's word, unsigned; raises Tampered `answer_malformed`."""
        return self.evidence.rows

    @property
    def about(self) -> UUID | None:
        """The one assignment that the server says the answer is about; not verified."""
        with suppress(Tampered, LookupError, ValueError):
            (row,) = self.rows["assignments"]
            return UUID(str(row["id"]))
        return None


@dataclass(frozen=True)
class Wanted:
    """What is asked for: a read, or an act of PROTOCOL.md section 9, its subject and arguments."""

    act: str
    about: UUID | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


def asked(asker: Asker, wanted: Wanted, now: datetime, signer: Signer | None = None) -> Answer:
    """Return the answer to a question; `now` is this device's clock (aware UTC).

    With a `signer` the question is signed, so that wraps and ciphertext are included. A service
    that this device does not know yet names itself in a refusal, and is asked again; its answer
    then proves it. Raises RefusedByServer, and Tampered for a malformed answer.
    """
    # An unknown service is asked under an id that is not its own; its refusal then names it.
    service = asker.service or asker.organization
    try:
        return _asked(asker, service, wanted, now, signer)
    except RefusedByServer as refused:
        named = refused.refusal.facts.get("service")
        if refused.refusal.code != _ELSEWHERE or named is None:
            raise
        return _asked(asker, UUID(named), wanted, now, signer)


def _asked(
    asker: Asker, service: UUID, wanted: Wanted, now: datetime, signer: Signer | None
) -> Answer:
    question = Question(
        organization=asker.organization,
        service=service,
        certificate=None if signer is None else signer.certificate,
        act=wanted.act,
        about=wanted.about,
        at=now,
        nonce=token_bytes(_NONCE_BYTES),
        seen=asker.seen,
        arguments=wanted.arguments,
    )
    body, signature = (question.encode(), b"") if signer is None else question.signed_by(signer)
    answer = answer_of(asker.connection(Message(MessageKind.ASK, (body, signature)).encode()))
    if answer.kind is MessageKind.REFUSAL:
        raise RefusedByServer(refusal_of(answer))
    require(answer.kind is MessageKind.EVIDENCE, answer_malformed)
    return Answer(question, answer.parts[0], asker.service)
