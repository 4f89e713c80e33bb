"""One request in, one answer out: the same bytes in one process, through a socket, or over SSH.

The order of the checks is that of PROTOCOL.md section 7. What is wrong with the store, the vault or
the service's own keys is raised: only who runs the server can put that right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import log, record, service, shred
from assigncli.actions.service import Service
from assigncli.actions.session import ServiceKey, Session
from assigncli.crypto.identity import Identity
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError
from assigncli.protocol.acts import ACTS
from assigncli.protocol.codes import CODES, COUNTED
from assigncli.protocol.message import Kind, Message
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.texts import fits
from assigncli.server import admission, answer, recording, request
from assigncli.server.acts import CARRY_OUT
from assigncli.server.answer import Proven
from assigncli.server.attempts import Counters
from assigncli.server.carrying import Carrying, Release
from assigncli.server.expiry import expire_if_due
from assigncli.server.refused import Expires, Refused, RefusedBefore, by_code
from assigncli.server.request import Request
from assigncli.store import assignments, audit, keys
from assigncli.store.engine import Store
from assigncli.vault import Vault


@dataclass(frozen=True)
class Carried:
    """What is committed: its proofs, by which service, and the keys whose shares are to go."""

    proven: Proven
    ours: Service
    known: bool
    dead: Sequence[UUID] = ()
    release: Release | None = None


@dataclass(eq=False)
class Server:
    """The server of one organisation: its store, its vault, and the service's private key."""

    store: Store
    organization_id: UUID
    root_public_key: bytes = field(repr=False)
    zone: str
    open_vault: Callable[[], Vault] = field(repr=False)
    load_service: Callable[[], ServiceKey] = field(repr=False)
    counters: Counters = field(default_factory=Counters)

    def handle(self, data: bytes, now: datetime) -> bytes:
        """Answer one message, by the server's clock (aware UTC).

        Raises StoreUnavailable, IdentityUnavailable `service_key_missing` and
        `service_key_differs`, Tampered for a store that does not verify.
        """
        asked: Request | None = None
        try:
            asked = request.act_of(request.read(data))
            return Message(Kind.REPLY, (self._act(asked, now),)).encode()
        except Refused as refused:
            return Message(Kind.REFUSAL, (self._refuse(refused, asked, now),)).encode()

    def _act(self, asked: Request, now: datetime) -> bytes:
        session = self._session(now)
        carry_out = partial(self._carry_out, session, asked)
        ends_a_payload = ACTS[asked.statement.act].deletes_share
        try:
            done = shred.with_ballast(session, carry_out) if ends_a_payload else carry_out()
        except Expires as met:
            self._expire(now, met.assignment_id)
            raise Refused(Rule.EXPIRED_PAYLOAD_INACCESSIBLE) from None
        if done is None:
            raise Refused("statement_unknown")
        deleted = shred.delete_shares(session, done.dead) if done.dead else None
        share = None
        if done.release is not None:
            to = done.release
            share = session.vault.release(to.key_id, to.request, to.receipt)
        return answer.reply(
            done.ours,
            self.organization_id,
            asked.hash,
            done.proven,
            share=share,
            known=done.known,
            deleted=deleted,
        )

    def _carry_out(self, session: Session, asked: Request) -> Carried | None:
        """Do steps 3 to 11 of the page; None for an unknown outcome.

        Shares of what is not written are taken back.

        An interruption may come just after the commit: what stands in the store keeps its share.
        Where the store cannot say, none is deleted; the sweep looks again.
        """
        put: list[UUID] = []
        try:
            return self._in_one_transaction(session, asked, put)
        except BaseException:
            with suppress(AssignError):
                if put:
                    with self.store.read() as tx:
                        written = keys.registered(tx, put)
                    session.vault.revoke([each for each in put if each not in written])
            raise

    def _in_one_transaction(
        self, session: Session, asked: Request, put: list[UUID]
    ) -> Carried | None:
        with by_code(), self.store.write() as tx:
            admitted = admission.admit(session, tx, asked)
            ours = service.own(session, tx)
            if admitted.known:
                return Carried(self._known(tx, asked, admitted), ours, known=True)
            if not asked.is_act:
                recording.withdraw(session, tx, asked)
                return None
            _require_content(asked)
            act = CARRY_OUT.get(asked.statement.act)
            if act is None:
                raise Refused("act_unknown")
            doing = Carrying(session, tx, admitted.certificate, asked, put=put)
            kept = {"hash": asked.hash, "body": asked.body, "signature": asked.signature}
            record.carry_out(tx, admitted.certificate.id, kept)
            act(doing)
            return Carried(
                self._appended(tx, asked), ours, known=False, dead=doing.dead, release=doing.release
            )

    def _appended(self, tx: Transaction, asked: Request) -> Proven:
        """Prove what this transaction has appended to the log."""
        end = log.of(tx)
        new = [(entry.sequence, body, signature) for entry, body, signature in end.appended]
        return answer.prove(
            tx, self.organization_id, end.size, end.nodes, asked.statement.seen, new
        )

    def _known(self, tx: Transaction, asked: Request, admitted: admission.Admitted) -> Proven:
        """Prove what was appended when the statement was carried out, in the log as it stands."""
        end = audit.tail(tx, self.organization_id)
        entries = answer.stored(admitted.known)
        return answer.prove(
            tx, self.organization_id, end.size, end.nodes, asked.statement.seen, entries
        )

    def _expire(self, now: datetime, assignment_id: UUID) -> None:
        """Record an expiry that a refused act has met; it stays."""
        session = self._session(now)
        with recording.appending(session) as tx:
            row = assignments.by_id(tx, self.organization_id, assignment_id)
            dead = None if row is None else expire_if_due(session, tx, row)
        if dead is not None:
            shred.delete_shares(session, [dead])

    def _refuse(self, refused: Refused, asked: Request | None, now: datetime) -> bytes:
        """Return the refusal, once it is counted or recorded as section 8.4 of the page says."""
        if CODES[refused.code].recorded == COUNTED:
            self.counters.note(refused.code)
        statement = None if asked is None else asked.hash
        if asked is None or refused.code == "organization_not_found":
            return Refusal(refused.code, now, refused.facts, statement).encode()
        if isinstance(refused, RefusedBefore):
            entry, known = refused.entry, True
        else:
            entry, known = recording.record_refused(self._session(now), asked, refused), False
        head = recording.head_now(self._session(now))
        return Refusal(
            refused.code, now, refused.facts, statement, head, entry, known=known
        ).encode()

    def _session(self, now: datetime) -> Session:
        return Session(
            store=self.store,
            now=now,
            organization_id=self.organization_id,
            member_id=UUID(int=0),
            root_public_key=self.root_public_key,
            zone=self.zone,
            open_vault=self.open_vault,
            load_identity=_no_member,
            load_service=self.load_service,
        )


def _require_content(asked: Request) -> None:
    """Refuse texts and attachments that are not those whose digests are signed."""
    if not fits(asked.texts, asked.statement.texts):
        raise Refused("text_differs", place=None)
    hashes = tuple(hashlib.sha256(each).digest() for each in asked.attachments)
    if hashes != asked.statement.attachments:
        raise Refused("attachment_differs", place=None)


def _no_member() -> Identity:
    raise AssertionError("A server holds no member's key.")
