"""`serve`: answer for a store through a Unix socket, until it is told to stop.

It asks nothing and needs no terminal. What it prints is for the operator: that it listens, what the
sweep did, the line that founds an organisation, and the line that lets a new member in by SSH.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import socket as sockets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import typer

from assigncli.cli import session as clock
from assigncli.cli.frame import command, environ, out
from assigncli.cli.session import default_store, vault_beside
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _
from assigncli.server_address import UnixServer, read_address, written

if TYPE_CHECKING:
    from assigncli.cli.session.sweeper import Sweeping
    from assigncli.server.serve.limits import Limits
    from assigncli.server.serve.listener import Listener

_SOCKET_NAME: Final = "socket"
_SOCKET_FOLDER: Final = Path("/run/assign")
_FOUNDING_SECONDS: Final = 3_600
_STOPS: Final = (signal.SIGTERM, signal.SIGINT)
_SWITCH_AFTER: Final = 0.0005
"""Seconds after which a thread that only computes gives way to another.

An act lets go of the interpreter some sixty times, at each statement and each write, and waits for
this long each time while a long read goes on; Python's own 0.005 s made it six times as long.
"""
_FILES_BESIDE: Final = 64
"""Open files that are not connections: stores, vaults, the log, the mail."""


@command(
    N_(
        "Serve the store to the other accounts of this machine, and by SSH to other machines. It "
        "makes the store if there is none, runs the sweep, and goes on until it is stopped."
    )
)
def serve(
    store: Annotated[
        Path | None, typer.Option("--store", help=N_("Where the store is, or is to be."))
    ] = None,
    socket: Annotated[
        Path | None,
        typer.Option("--socket", help=N_("Where clients connect; by default /run/assign/socket.")),
    ] = None,
    relay_account: Annotated[
        str | None,
        typer.Option(
            "--relay-account",
            metavar=N_("NAME"),
            help=N_("The account that SSH brings people in with."),
        ),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            metavar=N_("ADDRESS"),
            help=N_("Where the founder reaches the server, such as ssh://HOST."),
        ),
    ] = None,
    sweep_every: Annotated[
        int,
        typer.Option(
            "--sweep-every",
            metavar=N_("MINUTES"),
            min=1,
            max=1_440,
            help=N_("How often the sweep runs."),
        ),
    ] = 10,
    new_key: Annotated[
        bool,
        typer.Option(
            "--new-key",
            help=N_("Make a new key for the server, which an administrator then confirms."),
        ),
    ] = False,
    print_units: Annotated[
        bool,
        typer.Option("--print-units", help=N_("Show how to set it up as a service, and stop.")),
    ] = False,
) -> None:
    place = (store or default_store()).absolute()
    at = (socket or default_socket()).absolute()
    if print_units:
        from assigncli.cli.machine.service_files import service_files

        out().plain(service_files())
        return
    from assigncli.cli.session.served_store import store_served
    from assigncli.cli.session.sweeper import sweeping
    from assigncli.server.serve.socket_file import listening, require_system

    require_system()
    if new_key and _is_only_ours(place):
        _make_new_key(place)
        return
    reached_at = written(
        UnixServer(PurePosixPath(at)) if address is None else read_address(address)
    )
    trusted = frozenset({os.geteuid(), *_relay(relay_account)})
    sys.setswitchinterval(_SWITCH_AFTER)
    with (
        store_served(place, must_exist=new_key),
        _told_of_new_keys(place, wanted=new_key),
        listening(at) as bound,
        sweeping(place, vault_beside(place), sweep_every * 60, _fault) as sweeps,
    ):
        threading.excepthook = lambda _problem: _fault("internal_error")
        serving = _Serving(place, at, reached_at, trusted, sweeps)
        asyncio.run(serving.run(bound))
    out().note(_("The server has stopped."))


def _is_only_ours(store: Path) -> bool:
    """Say whether this account's own profile opens the store itself, so that nothing is served."""
    from assigncli.profiles import list_profiles, load_profile
    from assigncli.server_address import LocalStore

    found = (load_profile(name, environ()) for name in list_profiles(environ()))
    return any(each.address == LocalStore(store) for each in found)


def _make_new_key(store: Path) -> None:
    """Make a new key for a store that nobody serves, and say its digits."""
    from assigncli.cli.output.new_keys import made
    from assigncli.cli.session.new_service_keys import make
    from assigncli.cli.session.served_store import store_served
    from assigncli.server.store.engine import Store

    with store_served(store, must_exist=True), Store.open(store) as opened:
        out().result(*made(make(opened)))


@contextmanager
def _told_of_new_keys(store: Path, *, wanted: bool) -> Iterator[None]:
    """Make new keys if they are `wanted`, and say the digits of those that wait."""
    from assigncli.cli.output.new_keys import said
    from assigncli.cli.session.new_service_keys import make, waiting
    from assigncli.server.store.engine import Store

    with Store.open(store) as opened:
        found = make(opened) if wanted else list(waiting(opened))
    for line in said(found, wanted=wanted):
        out().plain(line)
    yield


def default_socket() -> Path:
    """Return where the socket is unless another place is named: where systemd puts it."""
    given = environ().get("RUNTIME_DIRECTORY")
    return (Path(given) if given else _SOCKET_FOLDER) / _SOCKET_NAME


def relay_line(socket: Path, member: UUID) -> str:
    """Return the beginning of the `authorized_keys` line that admits a member by SSH.

    The member's public SSH key, one line, is to follow it.
    """
    said = shlex.join([_program(), "relay", "--socket", str(socket), "--member", str(member)])
    quoted = said.replace('"', '\\"')
    return f'restrict,command="{quoted}" '


def _program() -> str:
    """Return the command as sshd finds it, which looks in few folders."""
    started = Path(sys.argv[0])
    return str(started.absolute()) if started.name == "assign" else "assign"


@dataclass(eq=False)
class _Serving:
    """The server while it runs: its socket, its threads, and what it tells its operator."""

    store: Path
    socket: Path
    address: str
    """Where the founder reaches it."""
    trusted: frozenset[int]
    sweeps: Sweeping
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _stopped: asyncio.Event = field(init=False)
    _listener: Listener = field(init=False)
    _next_offer: asyncio.TimerHandle | None = None

    async def run(self, bound: sockets.socket) -> None:
        """Answer until a signal stops it."""
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(_unexpected)
        with self._working() as self._listener, self._signals():
            self._offer_founding()
            out().note(_("Listening at {path}.").format(path=self.socket))
            _notify("READY=1")
            await self._listener.serve(bound, self._stopped)

    @contextmanager
    def _working(self) -> Iterator[Listener]:
        """Yield the listener with its threads; they finish what they have begun."""
        from assigncli.cli.session.served_store import hosts
        from assigncli.server.allowance import Allowance
        from assigncli.server.attempt_log import Counters
        from assigncli.server.serve import accounts, desk
        from assigncli.server.serve.listener import Listener
        from assigncli.server.serve.workers import queues
        from assigncli.server.store.engine import Store

        limits = _limits()
        shared = desk.Shared(
            clock=clock.utc_now,
            accounts=accounts.Accounts(accounts.beside(self.store), self._damaged),
            trusted=self.trusted,
            hosts=hosts,
            reports=desk.Reports(_fault, self._approved, self.sweeps.acted, self.sweeps.founded),
            allowance=Allowance(limits.signed_at_once, limits.signed_a_second),
            counters=Counters(clock.utc_now()),
        )
        open_desk = partial(desk.opened, partial(Store.open, self.store), shared)
        workers = queues(limits.waiting_acts, limits.waiting_questions, limits.waiting_long)
        workers.start(open_desk, _fault)
        try:
            yield Listener(workers, clock.utc_now, self.trusted, limits, shared.counters)
        finally:
            workers.stop()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        for number in _STOPS:
            self._loop.add_signal_handler(number, self._stop)
        self._loop.add_signal_handler(signal.SIGHUP, self._offer_founding)
        yield

    def _stop(self) -> None:
        """Stop once what was begun is done; a second signal ends the process at once."""
        for number in _STOPS:
            self._loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        _notify("STOPPING=1")
        self.sweeps.stop()
        self._stopped.set()

    def _offer_founding(self) -> None:
        """Print a line that founds an organisation, if there is none, and a new one every hour."""
        from assigncli.server.serve.desk import Desk
        from assigncli.server.serve.workers import Job

        ours = os.geteuid(), None

        def told(token: bytes | None) -> None:
            self._loop.call_soon_threadsafe(self._offered, token)

        self._listener.workers.acts.offer(ours, Job(Desk.offer_founding, told))

    def _offered(self, token: bytes | None) -> None:
        if token is None:
            return
        from assigncli.cli.session.served_store import founding_line

        out().plain(founding_line(self.store, self.address, token))
        if self._next_offer is not None:
            self._next_offer.cancel()
        self._next_offer = self._loop.call_later(_FOUNDING_SECONDS, self._offer_founding)

    def _approved(self, member: UUID) -> None:
        out().text(
            _(
                "A member is approved. To let them in by SSH, add this line to the relay account's "
                "authorized keys, with their own public SSH key at its end."
            )
        )
        out().plain(relay_line(self.socket, member))

    def _damaged(self, number: int) -> None:
        from assigncli.server.serve import accounts

        path = accounts.beside(self.store)
        out().warn(_("Line {number} of {path} cannot be read.").format(number=number, path=path))


def _relay(name: str | None) -> list[int]:
    """Return the relay account's uid; raises InvalidInput `account_unknown`."""
    import pwd

    if name is None:
        return []
    try:
        return [pwd.getpwnam(name).pw_uid]
    except KeyError:
        raise InvalidInput("account_unknown") from None


def _limits() -> Limits:
    """Return the limits, with as many connections as this process may have open files."""
    import resource

    from assigncli.server.serve.limits import Limits

    limits = Limits()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + _FILES_BESIDE
    allowed = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return replace(limits, connections=allowed - _FILES_BESIDE)


def _fault(code: str) -> None:
    """Report a fault by its code and the moment: whatever else is known of it may be a secret."""
    moment = clock.utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")
    out().remark(_("Fault at {moment}. Code: {code}.").format(moment=moment, code=code))


def _unexpected(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    _fault("internal_error")


def _notify(state: str) -> None:
    """Tell systemd, if it started us and wants to know."""
    address = environ().get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), sockets.socket(sockets.AF_UNIX, sockets.SOCK_DGRAM) as told:
        told.connect(address)
        told.sendall(state.encode())
