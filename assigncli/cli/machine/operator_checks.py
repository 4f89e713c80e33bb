"""Look at a store as the account that has it: no profile, no member's key, and no passphrase.

A server may be at work beside this. Nothing is locked, and each look reads a few rows; what reads a
whole store or vault is left out while it is served. Each check returns a sentence if all is well,
and raises if something needs attention. What is needed is imported with this module: the account
may not be able to read the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn

from assigncli import __version__
from assigncli.cli import session as clock
from assigncli.cli.frame import environ, out
from assigncli.cli.machine import StoreFiles, lock_check, old_blocks, upkeep_checks
from assigncli.cli.machine import disk_room as room
from assigncli.cli.machine import network_file_system as on_network
from assigncli.cli.machine.as_account import SystemAccount, owner_of
from assigncli.cli.machine.vault_copy_check import none_is_past
from assigncli.cli.output.words import Calendar
from assigncli.cli.session import vault_beside, zone_named
from assigncli.cli.session.new_service_keys import require_none_waiting
from assigncli.cli.session.service_turns import SERVICE_SUFFIX
from assigncli.cli.session.service_turns import service_key as load
from assigncli.client.connection import open_server
from assigncli.errors import AssignError
from assigncli.locale import _, ngettext
from assigncli.lookups import Nothing
from assigncli.lookups.about_office import Swept, Upkeep
from assigncli.private_files import require_private
from assigncli.protocol.greeting import Welcome
from assigncli.server.host import Host
from assigncli.server.reads import inspect, upkeep
from assigncli.server.serve.accounts import Accounts, beside
from assigncli.server.store import organizations
from assigncli.server.store.check import check_store
from assigncli.server.store.engine import Store, require_current
from assigncli.server.store.file_place import require_file
from assigncli.server.store.move_note import require_settled
from assigncli.server.store.served import require_unserved
from assigncli.server.turn import Turn
from assigncli.server.vault.vault import Vault
from assigncli.server_address import UnixServer, written
from assigncli.words.problems import in_store


@dataclass(frozen=True)
class StoreHere:
    """A store on this machine, and the socket where its server is to answer."""

    store: Path
    socket: Path

    @property
    def vault(self) -> Path:
        """The vault's file."""
        return vault_beside(self.store)

    @property
    def owner(self) -> SystemAccount:
        """The account that owns the folder; raises StoreUnavailable `store_unreachable`."""
        return owner_of(self.store.parent)


def access(here: StoreHere) -> str:
    """Say who may read the files: their owner alone, else AssignError `store_unsafe`."""
    require_file(here.store)
    for path in _files(here):
        require_private(path)
    said = _("Store, vault and keys belong to the account {owner}, and nobody else may read them.")
    return said.format(owner=here.owner.name)


def _files(here: StoreHere) -> Iterator[Path]:
    yield from sorted(here.store.parent.glob(f"{here.store.name}*"))
    keys = here.store.with_name(here.store.name + SERVICE_SUFFIX)
    yield from sorted(keys.glob("*"))


def moved(here: StoreFiles) -> str:
    """Say that no move of the store is unfinished, else raise StoreUnavailable."""
    require_settled(here.store)
    return _("No move of the store is unfinished.")


def store(here: StoreHere) -> str:
    """Say that the store is intact, or of this version where a server has it; else raise."""
    with Store.inspect(here.store) as opened:
        require_current(opened.schema_version())
        if _is_served(here):
            return _("The store is of this version. It is checked whole when no server has it.")
        problems = check_store(opened)
    if problems:
        hint = _("Run assign store check to see them all.")
        raise AssignError("failure", "told", message=in_store(problems[0]), hint=hint)
    return _("The store is intact.")


def vault(here: StoreHere) -> str:
    """Say that the vault is in place, and has the key of each assignment; else raise."""
    Vault.open(here.vault)
    if _is_served(here):
        return _("The vault is in place. It is checked whole when no server has it.")
    with Store.inspect(here.store) as opened:
        bad = inspect.bad_share_count(opened, here.vault)
    if bad:
        raise AssignError("failure", "shares", count=bad)
    return _("The vault is in place. It holds the key of every assignment.")


def vault_copies(here: StoreHere) -> str:
    """Say that no copy of the vault is kept past its day, as far as is known; else raise."""
    return none_is_past(here.store)


def service_key(here: StoreHere) -> str:
    """Say that the service's key of each organisation is here, and no new one waits; else raise."""
    with _inspected(here) as (opened, hosts):
        for host in hosts:
            load(here.store, host.organization_id)
        require_none_waiting(opened)
    return _("The service's key is beside the store.")


def clock_goes(here: StoreHere) -> str:
    """As `upkeep_checks.clock_goes`, for the organisation that was written to last."""
    with _upkeep(here) as found:
        if found is None:
            return _nothing_yet()
        return upkeep_checks.clock_goes(clock.utc_now(), found)


def swept(here: StoreHere) -> str:
    """As `upkeep_checks.swept`, for the organisation whose last sweep is the oldest."""
    with _upkeep(here) as found:
        if found is None:
            return _nothing_yet()
        return upkeep_checks.swept(clock.utc_now(), found)


def accounts(here: StoreHere) -> str:
    """Say how many accounts may read lists by the socket; raise for a line that nobody can read."""
    damaged: list[int] = []
    count = len(Accounts(beside(here.store), damaged.append).uids())
    if damaged:
        raise AssignError("failure", "accounts", number=damaged[0], path=str(beside(here.store)))
    if not count:
        return _("Lists are answered to no other account.")
    return ngettext(
        "Lists are answered for members at {count} other account.",
        "Lists are answered for members at {count} other accounts.",
        count,
    ).format(count=count)


def server(here: StoreHere) -> str:
    """Say whether a server has the store, and that it answers at the socket if so; else raise."""
    if not _is_served(here):
        return _("No server has this store now.")
    _welcomed(here)
    address = written(UnixServer(PurePosixPath(here.socket)))
    return _("A server has this store, and answers at {address}.").format(address=address)


def versions(here: StoreHere) -> str:
    """Say that the server that runs is of this version; raise if it was not started again."""
    if not _is_served(here):
        return _("Every command of this program is of the same version.")
    theirs = _welcomed(here).program
    if theirs != __version__:
        raise AssignError("failure", "restart", ours=__version__, theirs=theirs)
    return _("The server that runs has this version.")


CHECKS: Final = (
    ("store", store),
    ("vault", vault),
    ("vault_copies", vault_copies),
    ("move", moved),
    ("service_key", service_key),
    ("accounts", accounts),
    ("network_file_system", on_network),
    ("old_blocks", old_blocks.written_over),
    ("locks", lock_check.kept_apart),
    ("disk_room", room),
    ("server", server),
    ("version", versions),
    ("clock", clock_goes),
    ("sweep", swept),
)
"""What is looked at, as the owner, once `access` has found that the owner alone may read it."""


def _is_served(here: StoreHere) -> bool:
    try:
        require_unserved(here.store)
    except AssignError:
        return True
    return False


def _welcomed(here: StoreHere) -> Welcome:
    with open_server(UnixServer(PurePosixPath(here.socket)), None, environ()) as connection:
        return connection.welcome()


@contextmanager
def _inspected(here: StoreHere) -> Iterator[tuple[Store, list[Host]]]:
    """Yield the store, open beside a server, and its organisations; nothing of it asks for keys."""
    with Store.inspect(here.store) as opened:
        with opened.read() as tx:
            rows = organizations.everyone(tx)
        yield (
            opened,
            [
                Host(
                    store=opened,
                    organization_id=row.id,
                    root_public_key=row.root_public_key,
                    zone=row.time_zone,
                    open_vault=partial(Vault.open, here.vault),
                    load_service=_no_key,
                )
                for row in rows
            ],
        )


@contextmanager
def _upkeep(here: StoreHere) -> Iterator[Upkeep | None]:
    """Yield the worst of the organisations' upkeep; None where none is founded yet."""
    with _inspected(here) as (_opened, hosts):
        now = clock.utc_now()
        found = [upkeep.look(Turn(host, now), Nothing()) for host in hosts]
        if hosts:
            out().calendar = Calendar.at(now, zone_named(hosts[0].zone))
    yield _worst(found) if found else None


def _worst(found: list[Upkeep]) -> Upkeep:
    sweeps = [each.last_sweep for each in found if each.last_sweep is not None]
    failed = sum(each.failed for each in sweeps)
    written_at = [each.newest_entry for each in found if each.newest_entry is not None]
    return Upkeep(
        newest_entry=max(written_at, default=None),
        last_sweep=(
            Swept(min(each.at for each in sweeps), failed) if len(sweeps) == len(found) else None
        ),
        service_members=(),
        coverage=None,
    )


def _nothing_yet() -> str:
    return _("No organisation is founded here yet.")


def _no_key() -> NoReturn:
    raise AssertionError("a look at the upkeep needs no key")
