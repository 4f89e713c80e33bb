"""Where one thread of the server answers requests: a store of its own, a server per organisation.

The threads share what `Shared` holds and nothing else. A request is handled as in process, and what
follows from an act is told to whoever runs the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.errors import AssignError, StoreUnavailable
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codes import CODES
from assigncli.protocol.message import REQUESTS, Message, MessageKind
from assigncli.protocol.question import Question
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.reply import Reply
from assigncli.protocol.statement import Statement
from assigncli.server.allowance import Allowance
from assigncli.server.answering import Inquiry, is_signed_by_root
from assigncli.server.attempt_log import Counters
from assigncli.server.handle import Server
from assigncli.server.host import Host
from assigncli.server.in_force import keys_in_force
from assigncli.server.init import Offer
from assigncli.server.serve.accounts import AccountLine, Accounts
from assigncli.server.store.engine import Store
from assigncli.server.turn import NOBODY, Turn

FAULT: Final = "server_fault"
_ANSWERED: Final = ("store_busy", "disk_full", "store_outcome_unknown")
"""Faults of the store that a client understands; any other is `server_fault`."""
_LONG: Final = frozenset({"show.check"})
"""Lookups for whose answer the whole store is read."""
_APPROVALS: Final = (Action.MEMBER_APPROVED, Action.DEVICE_APPROVED)


@dataclass(frozen=True)
class Reports:
    """What whoever runs the server is told. Called from the threads; must be quick."""

    fault: Callable[[str], None]
    """A request met a fault with this code."""
    approved: Callable[[UUID], None]
    """This member was approved, or a device of theirs."""
    acted: Callable[[], None]
    """An act was carried out: notifications may be due."""
    founded: Callable[[], None]
    """An organisation was founded: its first sweep is due."""


@dataclass(eq=False)
class Shared:
    """What the threads have in common."""

    clock: Callable[[], datetime]
    accounts: Accounts
    trusted: frozenset[int]
    """The accounts (uids) that may name any member: the server's own, and the relay's."""
    hosts: Callable[[Store], Sequence[Host]]
    """Finds the organisations of a store whose service key is here; one without any is waiting."""
    reports: Reports
    allowance: Allowance
    counters: Counters = field(default_factory=Counters)
    offer: Offer | None = None
    changed: int = 0
    """How often an organisation was founded, or a service key replaced, in this process."""


@dataclass(eq=False)
class Desk:
    """One thread's store and servers."""

    store: Store
    shared: Shared
    _servers: dict[UUID, Server] = field(default_factory=dict)
    _as_of: int = -1

    def may_act_for(self, uid: int, member: UUID | None) -> bool:
        """Return whether unsigned questions from this account are answered for the member.

        Raises StoreUnavailable and Tampered.
        """
        if member is None or uid in self.shared.trusted:
            return member is not None
        keys = self.shared.accounts.keys(uid, member)
        return bool(keys) and any(
            self._is_in_force(server, member, keys) for server in self.find().values()
        )

    def answer(self, uid: int, member: UUID | None, data: bytes) -> bytes:
        """Answer one request of a connection from this account, which may act for `member`.

        Never raises: a fault of the store or the keys is reported, and refused without a value.
        """
        now = self.shared.clock()
        try:
            return self._answer(uid, member, data, now)
        except AssignError as fault:
            self.shared.reports.fault(fault.code)
            return refusal(_code_for(fault), now)
        except Exception:
            self.shared.reports.fault("internal_error")
            return refusal(FAULT, now)

    def offer_founding(self) -> bytes | None:
        """Return a new token for founding an organisation here; None if there is one already."""
        server = self.find().get(NOBODY)
        if server is None:
            return None
        token = server.offer_founding(self.shared.clock())
        self.shared.offer = server.offer
        return token

    def _answer(self, uid: int, member: UUID | None, data: bytes, now: datetime) -> bytes:
        found = _read(data)
        said = None if found is None else _statement(found)
        server = self._server_of(found, said)
        if found is not None and found.kind is MessageKind.ASK and not found.parts[1]:
            member = member if self.may_act_for(uid, member) else None
        answer = server.handle(data, now, member)
        if said is not None:
            try:
                self._follow_up(uid, said, answer)
            except Exception as fault:  # what was committed is answered all the same
                self.shared.reports.fault(getattr(fault, "code", "internal_error"))
        return answer

    def _server_of(self, found: Message | None, said: Statement | None) -> Server:
        """Return the server of the organisation that a request names, or any, which refuses it."""
        servers = self.find()
        first = next(iter(servers.values()))
        if found is None or len(servers) == 1:
            return first
        if said is not None:
            return servers.get(said.organization, first)
        asked = _asked_of(found)
        return first if asked is None else _asked_server(servers, asked, first)

    def _follow_up(self, uid: int, said: Statement, answer: bytes) -> None:
        """Note and report what a statement that was carried out brings with it."""
        if answer[1] != MessageKind.REPLY:
            return
        known = Reply.decode(_part(answer)).known
        line = _joined(uid, said)
        if line is not None:
            # A repeated statement may come from anybody who saw it; but where the server was killed
            # before it wrote the line, its own device repeats it.
            self.shared.accounts.note(line, is_first=known)
        if known:
            return
        if said.act == Action.ORGANIZATION_FOUNDED:
            self.shared.offer = None
            self.shared.changed += 1
            self.find()
            self.shared.reports.founded()
        if said.act == Action.SERVICE_REPLACED:
            self.shared.changed += 1
            self.shared.reports.founded()
        if said.act in _APPROVALS:
            self.shared.reports.approved(said.about)
        self.shared.reports.acted()

    def find(self) -> dict[UUID, Server]:
        """Return the servers by organisation, found again after a change; NOBODY's waits for one.

        Raises as `Shared.hosts`.
        """
        if self._as_of != self.shared.changed:
            as_of = self.shared.changed
            self._servers = {
                host.organization_id: Server(
                    host, self.shared.counters, allowance=self.shared.allowance
                )
                for host in self.shared.hosts(self.store)
            }
            self._as_of = as_of
        waiting = self._servers.get(NOBODY)
        if waiting is not None:
            waiting.offer = self.shared.offer
        return self._servers

    def _is_in_force(self, server: Server, member: UUID, keys: frozenset[bytes]) -> bool:
        turn = Turn(server.host, self.shared.clock())
        with self.store.read() as tx:
            return bool(keys & set(keys_in_force(turn, tx, member)))


@contextmanager
def opened(open_store: Callable[[], Store], shared: Shared) -> Iterator[Desk]:
    """Yield a desk for the calling thread; its store is closed afterwards."""
    with open_store() as store:
        yield Desk(store, shared)


def is_long(data: bytes) -> bool:
    """Return whether the whole store is read for the answer to this question."""
    found = _read(data)
    try:
        said = None if found is None else Question.decode(found.parts[0])
    except Malformed:
        return False
    return said is not None and said.act in _LONG


def refusal(code: str, now: datetime, **facts: int) -> bytes:
    """Return an encoded refusal, at the server's clock `now`."""
    return Message(MessageKind.REFUSAL, (Refusal(code, now, facts).encode(),)).encode()


def _code_for(fault: AssignError) -> str:
    is_known = isinstance(fault, StoreUnavailable) and fault.code in CODES
    return fault.code if is_known and fault.code in _ANSWERED else FAULT


def _read(data: bytes) -> Message | None:
    try:
        return Message.decode(data, REQUESTS)
    except Malformed:
        return None


def _statement(found: Message) -> Statement | None:
    if found.kind is MessageKind.ASK:
        return None
    try:
        return Statement.decode(found.parts[0])
    except Malformed:
        return None


def _asked_of(found: Message) -> Inquiry | None:
    """Return the question; None for a malformed one."""
    try:
        return Inquiry(Question.decode(found.parts[0]), *found.parts)
    except Malformed:
        return None


def _asked_server(servers: Mapping[UUID, Server], asked: Inquiry, first: Server) -> Server:
    """Return the server of the organisation that is named, else of that whose root key signed."""
    named = servers.get(asked.question.organization)
    if named is not None:
        return named
    rooted = (
        each for each in servers.values() if is_signed_by_root(asked, each.host.root_public_key)
    )
    return next(rooted, first)


def _part(answer: bytes) -> bytes:
    return Message.decode(answer, (MessageKind.REPLY,)).parts[0]


def _joined(uid: int, said: Statement) -> AccountLine | None:
    """Return the line for a device that joined by this statement; None for any other act."""
    if said.act == Action.DEVICE_JOINED:
        return AccountLine(uid, said.about, bytes.fromhex(said.arguments["signing_key"]))
    if said.act == Action.ORGANIZATION_FOUNDED:
        member = UUID(said.arguments["founder"])
        return AccountLine(uid, member, bytes.fromhex(said.arguments["signing_key"]))
    return None
