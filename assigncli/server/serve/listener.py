"""Everybody who is connected, and the way from them to the workers and back.

One event loop reads and writes for all, so that an idle or slow connection costs a few kilobytes
and no thread. `Room` says who gives way where there is too little room.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, cast
from uuid import UUID

from assigncli import __version__
from assigncli.protocol.codes import CODES, COUNTED
from assigncli.protocol.greeting import Welcome
from assigncli.protocol.message import Message, MessageKind
from assigncli.server.attempt_log import Counters
from assigncli.server.serve.desk import Desk, is_long
from assigncli.server.serve.limits import Limits
from assigncli.server.serve.room import Guest, Room, State
from assigncli.server.serve.socket_file import BACKLOG
from assigncli.server.serve.stream import Stream
from assigncli.server.serve.workers import Job, Queue, Workers
from assigncli.server.turn import NOBODY

_TICK: Final = 0.5
_UNTIL_EMPTY: Final = 0.02
_KIND: Final = 1


@dataclass(eq=False)
class Listener:
    """The connections of one server; `trusted` are the accounts that may name any member."""

    workers: Workers
    clock: Callable[[], datetime]
    trusted: frozenset[int]
    limits: Limits = field(default_factory=Limits)
    counters: Counters = field(default_factory=Counters)
    is_stopping: bool = False
    _room: Room = field(init=False, repr=False)
    _loop: asyncio.AbstractEventLoop = field(init=False, repr=False)

    async def serve(self, bound: socket.socket, stopped: asyncio.Event) -> None:
        """Accept connections until `stopped` is set; answer what was begun; then return."""
        self._loop = asyncio.get_running_loop()
        self._room = Room(self.limits, self.trusted)
        made = partial(Stream, self)
        server = await self._loop.create_unix_server(made, sock=bound, backlog=BACKLOG)
        watching = asyncio.create_task(self._watch())
        try:
            await stopped.wait()
            self.is_stopping = True
            server.close()
            await self._emptied()
        finally:
            watching.cancel()

    def time(self) -> float:
        """Return the loop's clock, in seconds."""
        return self._loop.time()

    def enter(self, stream: Stream) -> bool:
        """Give a new connection a place; return False where there is none."""
        self._room.enter(stream)
        return not self.is_stopping and self._has_room(stream)

    def leave(self, stream: Stream) -> None:
        """Forget a connection that is closed."""
        self._room.leave(stream)

    def become(self, stream: Stream, state: State) -> None:
        """Note what a connection does from now on."""
        self._room.become(stream, state, self.time())

    def hold(self, stream: Stream, size: int) -> None:
        """Count the bytes of its requests; where they are too many, refuse one that arrives."""
        is_more = size > stream.held
        self._room.hold(stream, size)
        leaving = self._room.overfull(stream) if is_more else None
        if leaving is not None and leaving.state is State.ARRIVING:
            cast(Stream, leaving).refuse("store_busy")

    def leave_unread(self, stream: Stream, size: int) -> None:
        """Count the bytes of its answer; where too many are unread, drop the slowest reader."""
        self._room.leave_unread(stream, size)
        leaving = self._room.overlong()
        if leaving is not None:
            self._drop(leaving)

    def greet(self, stream: Stream, member: UUID | None) -> None:
        """Answer a hello, once a worker has looked whom the account may act for."""

        def agreed(found: bool | None) -> None:
            if found is None:
                stream.answered(None)
                return
            stream.member = member  # whose questions they are is decided again for each
            welcome = Welcome(self.clock(), __version__, found)
            stream.answered(Message(MessageKind.WELCOME, (welcome.encode(),)).encode())

        if stream.uid in self.trusted:
            self._room.name(stream, member or NOBODY)
            if not self._has_room(stream):
                stream.refuse("store_busy")
                return
        if member is None or stream.uid in self.trusted:
            agreed(member is not None)
            return
        work = partial(Desk.may_act_for, uid=stream.uid, member=member)
        self._hand_in(self.workers.questions, stream, work, agreed)

    def ask(self, stream: Stream, data: bytes) -> None:
        """Hand a request to the workers; where too many wait, refuse it as `store_busy`."""
        queue = self.workers.acts
        if data[_KIND] == MessageKind.ASK:
            queue = self.workers.long if is_long(data) else self.workers.questions
        work = partial(Desk.answer, uid=stream.uid, member=stream.member, data=data)
        self._hand_in(queue, stream, work, stream.answered)

    def refused(self, code: str) -> None:
        """Count what was refused before a server was asked, if it is to be counted."""
        if CODES[code].recorded == COUNTED:
            self.counters.note(code)

    def _has_room(self, stream: Stream) -> bool:
        """Return whether there is a place for a connection, once another has given way for it."""
        if not self._room.is_full_for(stream):
            return True
        leaving = self._room.giving_way_to(stream, self.time())
        if leaving is not None:
            self._drop(leaving)
        return leaving is not None

    def _hand_in(
        self,
        queue: Queue,
        stream: Stream,
        work: Callable[[Desk], Any],
        done: Callable[[Any], None],
    ) -> None:
        def back(outcome: Any) -> None:
            self._loop.call_soon_threadsafe(done, outcome)

        busy = partial(stream.refuse, "store_busy")
        if not queue.offer(stream.account, Job(work, back, busy)):
            busy()

    async def _watch(self) -> None:
        """Drop what takes too long, now and then."""
        while True:
            await asyncio.sleep(_TICK)
            now = self.time()
            for guest in self._room.late(now):
                self._drop(guest)
            for stream in self._room.answering():
                if cast(Stream, stream).is_slow_reader(now):
                    self._drop(stream)

    async def _emptied(self) -> None:
        """Wait until all that was begun is answered, and the answers read or given up."""
        for guest in self._room:
            if guest.state in (State.GREETING, State.RESTING, State.ARRIVING):
                cast(Stream, guest).end()
        while self._room.count:
            await asyncio.sleep(_UNTIL_EMPTY)

    def _drop(self, guest: Guest) -> None:
        stream = cast(Stream, guest)
        stream.drop()
        self._room.leave(stream)
