"""Who has a place among the connections, and who gives way where there is too little room.

Bookkeeping only: it closes nothing, and is told the time. Connections without a hello give way
first, then those that have been idle longest. Of requests that arrive, the one that has taken
longest gives way, and only to its own account or from the account that holds most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from uuid import UUID

from assigncli.server.serve.limits import Limits

Party = tuple[int, UUID | None]
"""An account, and the member who came by it where that may be any member."""


class State(Enum):
    """What a connection is doing."""

    GREETING = auto()
    """It has said no hello yet."""
    RESTING = auto()
    ARRIVING = auto()
    """A request has begun to arrive."""
    WORKING = auto()
    """A request waits or is being answered."""
    ANSWERING = auto()
    """An answer is being read."""
    CLOSING = auto()


@dataclass(eq=False)
class Guest:
    """One connection: its account (uid), what it does, and since when on the loop's clock.

    `party` is the member that it named, where many members come by the account. `held` are the
    bytes of its requests that are here, `unread` those of its answers.
    """

    uid: int = -1
    party: UUID | None = None
    state: State = State.GREETING
    since: float = 0.0
    held: int = 0
    unread: int = 0

    @property
    def account(self) -> Party:
        """Whose connection it is, as far as is known before a signature: account and member."""
        return self.uid, self.party


@dataclass(eq=False)
class _Account:
    """The connections of one account, or of one party in it, by what they do.

    Each kind is in the order in which it began. `held` are all bytes of its requests.
    """

    by_state: dict[State, dict[Guest, None]] = field(
        default_factory=lambda: {state: {} for state in State}
    )
    held: int = 0

    def first(self, state: State) -> Guest | None:
        return next(iter(self.by_state[state]), None)

    def __len__(self) -> int:
        return sum(map(len, self.by_state.values()))


@dataclass(eq=False)
class Room:
    """The places of one server; `trusted` are the accounts that many members come by.

    Such an account has half of all places, and each member in it as many as another account.
    """

    limits: Limits
    trusted: frozenset[int]
    count: int = 0
    held: int = 0
    unread: int = 0
    _accounts: dict[Party, _Account] = field(default_factory=dict, repr=False)

    def enter(self, guest: Guest) -> None:
        """Give a connection a place."""
        self._accounts.setdefault(guest.account, _Account()).by_state[guest.state][guest] = None
        self.count += 1

    def leave(self, guest: Guest) -> None:
        """Take the place back; what the connection held no longer counts. May be repeated."""
        if guest not in self:
            return
        self.hold(guest, 0)
        self.leave_unread(guest, 0)
        account = self._accounts[guest.account]
        del account.by_state[guest.state][guest]
        self.count -= 1
        if not len(account):
            del self._accounts[guest.account]

    def name(self, guest: Guest, party: UUID) -> None:
        """Count a connection through a trusted account among those of the member it named."""
        held, unread = guest.held, guest.unread
        if guest in self:
            self.leave(guest)
            guest.party = party
            self.enter(guest)
            self.hold(guest, held)
            self.leave_unread(guest, unread)

    def become(self, guest: Guest, state: State, now: float) -> None:
        """Note what a connection does from now on."""
        if guest in self:
            by_state = self._accounts[guest.account].by_state
            del by_state[guest.state][guest]
            by_state[state][guest] = None
        guest.state, guest.since = state, now

    def hold(self, guest: Guest, size: int) -> None:
        """Count the bytes of a connection's requests."""
        if guest in self:
            self._accounts[guest.account].held += size - guest.held
            self.held += size - guest.held
            guest.held = size

    def leave_unread(self, guest: Guest, size: int) -> None:
        """Count the bytes of a connection's answer that were not read."""
        if guest in self:
            self.unread += size - guest.unread
            guest.unread = size

    def is_full_for(self, guest: Guest) -> bool:
        """Return whether a connection that has entered is one too many."""
        own = len(self._accounts[guest.account])
        return self.count > self.limits.connections or own > self._most(guest)

    def giving_way_to(self, guest: Guest, now: float) -> Guest | None:
        """Return the connection that gives way to a new one, or None if none may be asked to.

        It is one of the same account if that has too many, else of the account that has most.
        """
        account = self._accounts[guest.account]
        if len(account) <= self._most(guest):
            account = max(self._accounts.values(), key=len)
        for state, after in (
            (State.GREETING, self.limits.displaced_after),
            (State.RESTING, self.limits.idle_displaced_after),
        ):
            first = account.first(state)
            if first is not None and first is not guest and now - first.since > after:
                return first
        return None

    def overfull(self, guest: Guest) -> Guest | None:
        """Return the arriving request that ends, if this one makes too many bytes; else None."""
        account = self._accounts.get(guest.account)
        if account is None:
            return None
        if account.held <= self.limits.held_by(is_shared=self._is_shared(guest)):
            if self.held <= self.limits.held:
                return None
            account = max(self._accounts.values(), key=lambda each: each.held)
        return account.first(State.ARRIVING) or guest

    def overlong(self) -> Guest | None:
        """Return the connection that has read its answer longest, if too much is unread."""
        if self.unread <= self.limits.unread:
            return None
        reading = (each for each in self if each.unread)
        return min(reading, key=lambda each: each.since, default=None)

    def late(self, now: float) -> list[Guest]:
        """Return the connections that take too long for what they do, or have been idle too long.

        Costs nothing for those that are idle or wait for the server.
        """
        limits, found = self.limits, []
        for account in self._accounts.values():
            for state, within in (
                (State.GREETING, limits.hello_within),
                (State.RESTING, limits.idle_within),
                (State.CLOSING, limits.goodbye),
            ):
                for guest in account.by_state[state]:
                    if now - guest.since <= within:
                        break
                    found.append(guest)
            arriving = account.by_state[State.ARRIVING]
            found += [each for each in arriving if limits.is_slow(each.held, now - each.since)]
        return found

    def answering(self) -> list[Guest]:
        """Return the connections that are reading an answer."""
        return [
            guest
            for account in self._accounts.values()
            for guest in account.by_state[State.ANSWERING]
        ]

    def __contains__(self, guest: Guest) -> bool:
        """Return whether the connection has a place."""
        account = self._accounts.get(guest.account)
        return account is not None and guest in account.by_state[guest.state]

    def __iter__(self) -> Iterator[Guest]:
        """Yield every connection."""
        for account in list(self._accounts.values()):
            for guests in account.by_state.values():
                yield from list(guests)

    def _most(self, guest: Guest) -> int:
        return self.limits.connections_of(is_shared=self._is_shared(guest))

    def _is_shared(self, guest: Guest) -> bool:
        """Return whether it counts among those of an account who have named no member yet."""
        return guest.uid in self.trusted and guest.party is None
