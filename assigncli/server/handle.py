"""Answer one message: bytes in, bytes out, whether in one process, over a socket or over SSH.

The checks run in the order of PROTOCOL.md section 7. Faults of the store, the vault or the
service's own keys are raised, not answered: only whoever runs the server can fix those.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError
from assigncli.protocol.acts import ACTS
from assigncli.protocol.codes import CODES, COUNTED
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.message import Message, MessageKind
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.texts import fits
from assigncli.server import (
    admission,
    answer,
    answering,
    init,
    log_end,
    new_keys,
    record,
    recording,
    request,
    service,
)
from assigncli.server.allowance import Allowance
from assigncli.server.answer import Proven
from assigncli.server.answering import Inquiry
from assigncli.server.attempt_log import Counters
from assigncli.server.carry_out import CARRY_OUT
from assigncli.server.carrying import Carrying, Release
from assigncli.server.expiry import expire_if_due
from assigncli.server.host import Host, ServiceKey
from assigncli.server.inbox import Delivers, deliver
from assigncli.server.init import Offer
from assigncli.server.refused import Expires, NotAdmitted, Refused, RefusedBefore, by_code
from assigncli.server.request import Request
from assigncli.server.service import Service
from assigncli.server.store import assignments, audit_log, keys, organizations
from assigncli.server.sweep import shred
from assigncli.server.turn import Turn


@dataclass(frozen=True)
class Carried:
    """What one transaction committed, for the reply.

    `ours` is the service that signs the reply. `known` is true if the statement had been carried
    out before. `dead` are the keys whose shares are now to be deleted.
    """

    proven: Proven
    ours: Service
    known: bool
    dead: Sequence[UUID] = ()
    release: Release | None = None


@dataclass(eq=False)
class Server:
    """The server of one organisation.

    A server without an organisation takes the first one founded with the token of `offer_founding`.
    """

    host: Host
    counters: Counters = field(default_factory=Counters)
    offer: Offer | None = field(default=None, repr=False)
    allowance: Allowance | None = field(default=None, repr=False)
    """Where people share a server: how many signed messages each member may send."""

    def offer_founding(self, now: datetime) -> bytes:
        """Allow one organisation to be founded here within an hour, and return the token for it.

        An earlier token becomes invalid. `now` is aware UTC.
        """
        self.offer, token = init.offer(now)
        return token

    def handle(self, data: bytes, now: datetime, member: UUID | None = None) -> bytes:
        """Answer one message at `now`, the server's clock (aware UTC).

        `member` is the member whose connection the message came by. An unsigned question is
        answered for that member; everything else names its own signer.

        Refusals are answered, not raised. Raises StoreUnavailable, IdentityUnavailable
        `service_key_missing` or `service_key_differs`, and Tampered for a store that does not
        verify.
        """
        asked: Request | None = None
        try:
            found = request.read(data)
            if found.kind is MessageKind.ASK:
                return self._answer(answering.question_of(found), now, member)
            asked = request.act_of(found)
            return Message(MessageKind.REPLY, (self._act(asked, now),)).encode()
        except Refused as refused:
            return Message(MessageKind.REFUSAL, (self._refuse(refused, asked, now),)).encode()

    def _answer(
        self, asked: Inquiry, now: datetime, member: UUID | None, *, is_settled: bool = False
    ) -> bytes:
        """Answer a question, and first record what the answer causes.

        If the assignment is past its date, record that it expired; if an inbox has something new,
        record its delivery. Then answer again with `is_settled`, which prevents a second round.
        """
        turn = self._turn(now)
        if is_settled:  # the same question again, which is counted once
            turn.allowance = None
        if asked.question.act == Action.ORGANIZATION_FOUNDED and self.offer is not None:
            return _evidence(new_keys.offered(turn, asked.question))
        try:
            with self.host.store.read() as tx:
                found = answering.answered(turn, tx, asked, member, is_settled=is_settled)
            evidence = answering.with_what_is_shown(turn, asked, found)
        except Expires as met:
            self._expire(now, met.assignment_id)
            return self._answer(asked, now, member, is_settled=True)
        except Delivers as handed:
            with recording.appending(turn) as tx:
                deliver(turn, tx, handed.numbers)
            return self._answer(asked, now, member, is_settled=True)
        except Refused as refused:
            return Message(MessageKind.REFUSAL, (self._decline(refused, now),)).encode()
        return _evidence(evidence)

    def _decline(self, refused: Refused, now: datetime) -> bytes:
        """Return the refusal of a question: counted if unauthenticated, never recorded."""
        if CODES[refused.code].recorded == COUNTED:
            self.counters.note(refused.code)
        is_here = refused.code != "organization_not_found"
        head = recording.head_now(self._turn(now)) if is_here else None
        return Refusal(refused.code, now, refused.facts, head=head).encode()

    def _act(self, asked: Request, now: datetime) -> bytes:
        turn = self._session_for(asked, now)
        carry_out = partial(self._carry_out, turn, asked)
        ends_a_payload = ACTS[asked.statement.act].deletes_share
        try:
            done = shred.with_ballast(turn, carry_out) if ends_a_payload else carry_out()
        except Expires as met:
            self._expire(now, met.assignment_id)
            raise Refused(Rule.EXPIRED_PAYLOAD_INACCESSIBLE) from None
        if done is None:  # raised only here: inside the transaction it would undo the withdrawal
            raise Refused("statement_unknown")
        if asked.statement.act == Action.ORGANIZATION_FOUNDED and not done.known:
            self._be_of(turn)
        if asked.statement.act == Action.SERVICE_REPLACED:
            with suppress(AssignError):  # what is left undone is done by the next sweep
                self.host.settle_service()
        # Only after the commit (step 12): a share is gone or given away for good.
        deleted = shred.delete_shares(turn, done.dead) if done.dead else None
        share = None
        if done.release is not None:
            to = done.release
            share = turn.vault.release(to.key_id, to.request, to.receipt)
        return answer.reply(
            done.ours,
            asked.statement.organization,
            asked.hash,
            done.proven,
            share=share,
            known=done.known,
            deleted=deleted,
        )

    def _carry_out(self, turn: Turn, asked: Request) -> Carried | None:
        """Run steps 3 to 11 of PROTOCOL.md section 7; None for an unknown statement's outcome.

        On any exception, delete the shares that were put for rows that were not written.
        """
        put: list[UUID] = []
        try:
            return self._in_one_transaction(turn, asked, put)
        except BaseException:
            # An interruption can come just after the commit: a row that was written keeps its
            # share. If the store cannot be read, delete nothing; the sweep looks again.
            with suppress(AssignError):
                if put:
                    with self.host.store.read() as tx:
                        written = keys.registered(tx, put)
                    turn.vault.revoke([each for each in put if each not in written])
            raise

    def _in_one_transaction(self, turn: Turn, asked: Request, put: list[UUID]) -> Carried | None:
        with by_code(), self.host.store.write() as tx:
            admitted = admission.admit(turn, tx, asked, self.offer)
            if admitted.known:
                proven = self._known(tx, asked, admitted)
                return Carried(proven, service.own(turn, tx), known=True)
            if not asked.is_act:
                self._withdraw(turn, tx, asked)
                return None
            _require_content(asked)
            doing = Carrying(turn, tx, admitted.certificate, asked, put=put)
            doing.invitation = admitted.invitation
            kept = {"hash": asked.hash, "body": asked.body, "signature": asked.signature}
            device = admitted.certificate
            record.carry_out(tx, None if device is None else device.id, kept)
            CARRY_OUT[asked.statement.act](doing)
            proven, ours = self._appended(tx, asked), service.own(turn, tx)
            if doing.afterwards is not None:  # after the proof, which is of the act's entries alone
                doing.afterwards()
            return Carried(proven, ours, known=False, dead=doing.dead, release=doing.release)

    def _withdraw(self, turn: Turn, tx: Transaction, asked: Request) -> None:
        """Remember that an unknown statement must not be carried out later.

        A statement that founds an organisation has no place in the store yet. It can be carried out
        only while the offer's token is valid, so the offer remembers it.
        """
        if organizations.by_id(tx, turn.organization_id) is not None:
            recording.withdraw(turn, tx, asked)
        elif self.offer is not None:
            self.offer.withdraw(asked.hash)

    def _appended(self, tx: Transaction, asked: Request) -> Proven:
        """Prove the entries that this transaction has appended to the log."""
        end = log_end.of(tx)
        new = [(entry.sequence, body, signature) for entry, body, signature in end.appended]
        said = asked.statement
        return answer.prove(tx, said.organization, end.size, end.nodes, said.seen, new)

    def _known(self, tx: Transaction, asked: Request, admitted: admission.Admitted) -> Proven:
        """Prove, in the log of today, the entries of a statement that was carried out before."""
        said = asked.statement
        end = audit_log.tail(tx, said.organization)
        entries = answer.stored(admitted.known)
        return answer.prove(tx, said.organization, end.size, end.nodes, said.seen, entries)

    def _expire(self, now: datetime, assignment_id: UUID) -> None:
        """Record an expiry that was met on the way. It stays even if the act itself is refused."""
        turn = self._turn(now)
        dead = shred.with_ballast(turn, partial(self._expired, turn, assignment_id))
        if dead is not None:
            shred.delete_shares(turn, [dead])

    def _expired(self, turn: Turn, assignment_id: UUID) -> UUID | None:
        with recording.appending(turn) as tx:
            row = assignments.by_id(tx, self.host.organization_id, assignment_id)
            return None if row is None else expire_if_due(turn, tx, row)

    def _refuse(self, refused: Refused, asked: Request | None, now: datetime) -> bytes:
        """Return the refusal of a statement, counted or recorded as PROTOCOL.md 8.4 says."""
        is_counted = isinstance(refused, NotAdmitted)
        if is_counted or CODES[refused.code].recorded == COUNTED:
            self.counters.note(refused.code)
        statement = None if asked is None else asked.hash
        if asked is None or not self._is_about_us(asked):
            return Refusal(refused.code, now, refused.facts, statement).encode()
        if isinstance(refused, RefusedBefore):
            entry, known = refused.entry, True
        elif is_counted:
            entry, known = None, False
        else:
            entry, known = recording.record_refused(self._turn(now), asked, refused), False
        head = recording.head_now(self._turn(now))
        return Refusal(
            refused.code, now, refused.facts, statement, head, entry, known=known
        ).encode()

    def _is_about_us(self, asked: Request) -> bool:
        """Return whether the statement is for this server's organisation, once that is founded."""
        if asked.statement.organization != self.host.organization_id:
            return False
        with self.host.store.read() as tx:
            return organizations.by_id(tx, self.host.organization_id) is not None

    def _be_of(self, turn: Turn) -> None:
        """Become the server of the organisation just founded; its token is spent."""
        self.host, self.offer = turn.host, None

    def _session_for(self, asked: Request, now: datetime) -> Turn:
        """Return a turn for the statement.

        A founding names its own organisation, root key and time zone.
        """
        said = asked.statement
        if said.act != Action.ORGANIZATION_FOUNDED:
            return self._turn(now)
        member_id = UUID(said.arguments["service_member"])
        own = self.host.load_service
        host = replace(
            self.host,
            organization_id=said.organization,
            root_public_key=bytes.fromhex(said.arguments["root_key"]),
            zone=said.arguments["time_zone"],
            load_service=lambda: ServiceKey(member_id, own().identity),
        )
        return Turn(host, now)

    def _turn(self, now: datetime) -> Turn:
        return Turn(self.host, now, allowance=self.allowance, counters=self.counters)


def _evidence(found: Evidence) -> bytes:
    return Message(MessageKind.EVIDENCE, (found.encode(),)).encode()


def _require_content(asked: Request) -> None:
    """Refuse texts and attachments that do not match the signed digests (step 9)."""
    if not fits(asked.texts, asked.statement.texts):
        raise Refused("text_differs", place=None)
    hashes = tuple(hashlib.sha256(each).digest() for each in asked.attachments)
    if hashes != asked.statement.attachments:
        raise Refused("attachment_differs", place=None)
