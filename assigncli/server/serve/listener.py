"""Everybody who is connected: who may stay, who gives way, and the way to the workers.

One event loop reads and writes for all, so that an idle or slow connection costs a few hundred
bytes and no thread. When there is no room, connections without a hello give way first, then those
that have been idle; whoever is in the middle of something stays.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from assigncli import __version__
from assigncli.protocol.greeting import Welcome
from assigncli.protocol.message import Message, MessageKind
from assigncli.server.serve.desk import Desk
from assigncli.server.serve.limits import Limits
from assigncli.server.serve.socket_file import BACKLOG
from assigncli.server.serve.stream import State, Stream
from assigncli.server.serve.workers import Job, Queue, Workers

_TICK: Final = 0.5
_KIND: Final = 1


@dataclass(eq=False)
class Listener:
    """The connections of one server."""

    workers: Workers
    clock: Callable[[], datetime]
    trusted: frozenset[int]
    limits: Limits = field(default_factory=Limits)
    is_stopping: bool = False
    _loop: asyncio.AbstractEventLoop = field(init=False, repr=False)
    _server: asyncio.Server = field(init=False, repr=False)
    _streams: dict[int, dict[Stream, None]] = field(default_factory=dict, init=False)
    """By account, and in the order of their last rest: the longest idle comes first."""
    _watched: set[Stream] = field(default_factory=set, init=False)
    """Those that wait for something that may take too long."""
    _count: int = 0
    _held: Counter[int] = field(default_factory=Counter, init=False)
    _unread: int = 0

    async def serve(self, bound: socket.socket, stopped: asyncio.Event) -> None:
        """Accept connections until `stopped` is set; answer what was begun; then return."""
        self._loop = asyncio.get_running_loop()
        self._server = await self._loop.create_unix_server(
            partial(Stream, self), sock=bound, backlog=BACKLOG
        )
        watching = asyncio.create_task(self._watch())
        try:
            await stopped.wait()
            self._stop()
            await self._emptied()
        finally:
            watching.cancel()
            for stream in self._all():
                stream.drop()

    def time(self) -> float:
        """Return the loop's clock, in seconds."""
        return self._loop.time()

    def enter(self, stream: Stream) -> bool:
        """Give a new connection a place; return False where there is none."""
        own = self._streams.setdefault(stream.uid, {})
        own[stream] = None
        self._count += 1
        self._watched.add(stream)
        if self.is_stopping:
            return False
        if len(own) > self.limits.connections_of(is_trusted=stream.uid in self.trusted):
            return self._make_room(own, stream)
        if self._count > self.limits.connections:
            return self._make_room(max(self._streams.values(), key=len), stream)
        return True

    def leave(self, stream: Stream) -> None:
        """Forget a connection that is closed."""
        own = self._streams.get(stream.uid, {})
        if stream not in own:
            return
        del own[stream]
        if not own:
            del self._streams[stream.uid]
        self._count -= 1
        self._watched.discard(stream)
        self.hold(stream, 0)
        self.unread(stream, 0)

    def watch(self, stream: Stream) -> None:
        """Look at the connection until it rests."""
        if stream in self._streams.get(stream.uid, {}):
            self._watched.add(stream)

    def busy(self, stream: Stream) -> None:
        """Note that a request has begun to arrive."""
        stream.since = self.time()
        self.watch(stream)

    def rest(self, stream: Stream) -> None:
        """Note that the connection is idle from now on."""
        own = self._streams[stream.uid]
        del own[stream]
        own[stream] = None
        self._watched.discard(stream)

    def hold(self, stream: Stream, size: int) -> None:
        """Count the bytes of requests held for a connection; too many end the slowest's."""
        self._held[stream.uid] += size - stream.held
        stream.held = size
        if not self._held[stream.uid]:
            del self._held[stream.uid]
        most = self.limits.held_by(is_trusted=stream.uid in self.trusted)
        if self._held[stream.uid] > most:
            self._end_slowest(stream.uid)
        elif self._held.total() > self.limits.held:
            self._end_slowest(self._held.most_common(1)[0][0])

    def unread(self, stream: Stream, size: int) -> None:
        """Count the bytes of an answer that waits to be read; too many end the slowest reader's."""
        self._unread += size - stream.unread
        stream.unread = size
        if self._unread > self.limits.unread:
            reading = (each for each in self._watched if each.unread)
            self._drop(min(reading, key=lambda each: each.since, default=None))

    def greet(self, stream: Stream, member: UUID | None) -> None:
        """Answer a hello, once a worker has looked who the account may act for."""

        def agreed(found: bool | None) -> None:
            if found is None:
                stream.answered(None)
                return
            stream.member = member if found else None
            welcome = Welcome(self.clock(), __version__, found)
            stream.answered(Message(MessageKind.WELCOME, (welcome.encode(),)).encode())

        work = partial(Desk.may_act_for, uid=stream.uid, member=member)
        self._hand_in(self.workers.questions, stream, work, agreed)

    def ask(self, stream: Stream, data: bytes) -> None:
        """Hand a request to the workers; where too many wait, refuse it as `store_busy`."""
        is_question = data[_KIND] == MessageKind.ASK
        queue = self.workers.questions if is_question else self.workers.acts
        work = partial(Desk.answer, uid=stream.uid, member=stream.member, data=data)
        self._hand_in(queue, stream, work, stream.answered)

    def _hand_in(
        self,
        queue: Queue,
        stream: Stream,
        work: Callable[[Desk], Any],
        done: Callable[[Any], None],
    ) -> None:
        def back(outcome: Any) -> None:
            self._loop.call_soon_threadsafe(done, outcome)

        if not queue.offer(Job(work, back)):
            stream.refuse("store_busy")

    def _make_room(self, among: dict[Stream, None], new: Stream) -> bool:
        """Close the connection that may best be missed; return False if there is none."""
        now = self.time()
        for each in among:
            late = {
                State.GREETING: self.limits.displaced_after,
                State.READING: self.limits.idle_displaced_after,
            }.get(each.state)
            if each is not new and late is not None and not each.buffer:
                if now - each.since > late:
                    each.drop()
                    self.leave(each)
                    return True
                if each.state is State.READING:
                    break
        return False

    def _end_slowest(self, uid: int) -> None:
        """Refuse the request that has been arriving longest of this account's."""
        arriving = (
            each for each in self._streams.get(uid, {}) if each.held and each.state is State.READING
        )
        slowest = min(arriving, key=lambda each: each.since, default=None)
        if slowest is not None:
            slowest.refuse("store_busy")

    def _drop(self, stream: Stream | None) -> None:
        if stream is not None:
            stream.drop()
            self.leave(stream)

    async def _watch(self) -> None:
        """Close what takes too long, and what has been idle too long."""
        while True:
            await asyncio.sleep(_TICK)
            now = self.time()
            for stream in [each for each in self._watched if each.is_late(now)]:
                self._drop(stream)
            for own in list(self._streams.values()):
                for stream in self._idle(own, now):
                    stream.end()

    def _idle(self, own: Iterable[Stream], now: float) -> list[Stream]:
        """Return the connections that have been idle too long: the first of those that rest."""
        found = []
        for each in own:
            if each.state is not State.READING or each.buffer:
                continue
            if now - each.since <= self.limits.idle_within:
                break
            found.append(each)
        return found

    def _stop(self) -> None:
        """Take no connection and no request any more."""
        self.is_stopping = True
        self._server.close()
        for stream in self._all():
            if stream.state in (State.GREETING, State.READING):
                stream.end()

    async def _emptied(self) -> None:
        """Wait until every request that was begun is answered, and its answer read or given up."""
        while self._count:
            await asyncio.sleep(0.02)

    def _all(self) -> list[Stream]:
        return [stream for own in self._streams.values() for stream in own]
