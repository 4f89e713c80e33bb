"""`store move`: take an office from one process to a server's account, or back.

Asks before it moves anything. It opens the store as the account that owns it, and makes the new
files as the account that is to own them.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assigncli.cli import session as clock
from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.input import confirming
from assigncli.cli.input.prompts import confirm
from assigncli.cli.machine.as_account import (
    SystemAccount,
    account_named,
    acting_as,
    acting_as_started,
    owner_of,
)
from assigncli.cli.output import Record, views
from assigncli.cli.session import VAULT_SUFFIX, vault_beside
from assigncli.errors import AssignError, InvalidInput, StoreUnavailable
from assigncli.locale import N_, _
from assigncli.private_files import FOLDER_MODE, make_folder, sync_folder
from assigncli.profiles import list_profiles, load_profile, save_profile
from assigncli.server_address import LocalStore, SshServer, StoreAddress, read_address, written

if TYPE_CHECKING:
    from assigncli.server.in_force import MemberInForce
    from assigncli.server.serve.accounts import Accounts
    from assigncli.server.store.engine import Store
    from assigncli.server.store.move import Move
    from assigncli.server.store.move_files import StorePlace

MOVE_HELP: Final = N_(
    "Move the store, its vault and the service's keys into another folder, as from one person's "
    "account to the server's, or back. Nothing is left where they were but a note that says where "
    "they went. Root can hand them to another account."
)


@dataclass(frozen=True)
class _Plan:
    """What is moved: the store's file from where to where, and from whose account to whose."""

    old: Path
    new: Path
    giver: SystemAccount
    owner: SystemAccount

    @property
    def changes_hands(self) -> bool:
        """Whether another account is to have it."""
        return self.giver.uid != self.owner.uid


def move(
    to: Annotated[
        Path,
        typer.Option("--to", metavar=N_("FOLDER"), help=N_("The folder that is to have it.")),
    ],
    store: Annotated[
        Path | None,
        typer.Option("--store", help=N_("The store to move; without it, the profile's.")),
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner",
            metavar=N_("ACCOUNT"),
            help=N_("The account that is to own it; without it, the one that does."),
        ),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            metavar=N_("ADDRESS"),
            help=N_("Where a server will answer for it: unix:PATH or ssh://HOST."),
        ),
    ] = None,
) -> None:
    from assigncli.server.store import move
    from assigncli.server.store.engine import Store

    reached_at = None if address is None else read_address(address)
    plan = _planned(store, to, owner)
    _make_folder(plan)
    moving = _move(plan)
    if move.was_carried_out(moving):  # an earlier run was killed: what is left of it is done first
        move.carry_out(moving)
        people = _people(moving.new, Store.inspect)  # a server may have it by now
    else:
        people = _people(moving.old, Store.open)
        move.require_possible(moving)
        confirm(*_asking(plan, store, owner))
        move.carry_out(_completed(plan, moving, people))
    out().committed = True
    _point_profiles(plan)
    _say_moved(plan, people, reached_at or LocalStore(plan.new))


def _planned(store: Path | None, to: Path, owner: str | None) -> _Plan:
    old = store or load_profile(current_globals().profile, environ()).store
    old = old.absolute().parent.resolve() / old.name
    giver = owner_of(old.parent)
    new = to.absolute().resolve() / old.name
    if new == old:
        raise InvalidInput("same_folder")
    return _Plan(old, new, giver, giver if owner is None else account_named(owner))


def _asking(plan: _Plan, store: Path | None, owner: str | None) -> confirming.Asking:
    words = ["assign", "store", "move", "--to", str(plan.new.parent)]
    words += [] if store is None else ["--store", str(store)]
    words += [] if owner is None else ["--owner", owner]
    told = _("The store {path}, its vault and its keys are to be moved to {folder}.")
    owned = _("They will belong to the account {owner}.").format(owner=plan.owner.name)
    question = _("Until profiles name the new place, their commands are refused. Go on?")
    return (
        (told.format(path=plan.old, folder=plan.new.parent), owned, question),
        shlex.join(words),
    )


def _make_folder(plan: _Plan) -> None:
    """Make the new folder for its owner, to disk; an empty one of root's is handed over.

    Raises StoreUnavailable `folder_unwritable`, NotAllowed `root_needed`.
    """
    folder = plan.new.parent
    with acting_as(plan.owner):  # refused here, before anything is made
        pass
    if os.geteuid() == plan.owner.uid:
        make_folder(folder)
    else:
        try:
            _hand_over(folder, plan.owner)
        except OSError:
            raise StoreUnavailable("folder_unwritable", "not_made", folder=str(folder)) from None
    with suppress(OSError):  # one that may be entered and not listed cannot be waited for
        sync_folder(folder.parent)


def _hand_over(folder: Path, owner: SystemAccount) -> None:
    with suppress(FileExistsError):
        folder.mkdir(mode=FOLDER_MODE)
    if folder.stat().st_uid == os.getuid() != owner.uid and not any(folder.iterdir()):
        folder.chmod(FOLDER_MODE)
        os.chown(folder, owner.uid, owner.gid)


def _move(plan: _Plan) -> Move:
    from assigncli.server.store.move import Move

    return Move(
        old=_place(plan.old, plan.giver),
        new=_place(plan.new, plan.owner),
        acting=acting_as_started,
        shares_owner=not plan.changes_hands,
        complete=lambda: None,
    )


def _place(store: Path, account: SystemAccount) -> StorePlace:
    from assigncli.cli.session.service_turns import SERVICE_SUFFIX
    from assigncli.cli.session.vault_copies import NOTES_SUFFIX
    from assigncli.server.serve.accounts import SUFFIX as ACCOUNTS_SUFFIX
    from assigncli.server.store.move_files import Parts, StorePlace
    from assigncli.server.store.swap import BEFORE_SUFFIX, JOURNAL_SUFFIX

    before = (BEFORE_SUFFIX, BEFORE_SUFFIX + JOURNAL_SUFFIX)
    parts = Parts(VAULT_SUFFIX, SERVICE_SUFFIX, plain=(ACCOUNTS_SUFFIX, NOTES_SUFFIX, *before))
    return StorePlace(store, parts, _acting(account))


def _acting(account: SystemAccount) -> Callable[[], AbstractContextManager[None]]:
    return lambda: acting_as(account)


def _people(place: StorePlace, open_store: Callable[[Path], Store]) -> list[MemberInForce]:
    """Return the members with a device in force, from the store at this place.

    Raises StoreUnavailable, as for any command that opens store and vault.
    """
    from assigncli.cli.session.served_store import hosts
    from assigncli.server.in_force import people_in_force
    from assigncli.server.turn import NOBODY, Turn
    from assigncli.server.vault.vault import Vault

    with place.acting():
        Vault.open(vault_beside(place.store))
        with open_store(place.store) as store:
            turns = [Turn(host, clock.utc_now()) for host in hosts(store)]
            return [
                each
                for turn in turns
                if turn.organization_id != NOBODY
                for each in people_in_force(turn)
            ]


def _completed(plan: _Plan, moving: Move, people: list[MemberInForce]) -> Move:
    """Return the move that also says which account reads for whom, if another is to own it."""
    if not plan.changes_hands:
        return moving

    def complete() -> None:
        from assigncli.server.serve.accounts import AccountLine, Accounts, beside

        accounts = Accounts(beside(plan.new), lambda _number: None)
        if not _was_a_members(accounts, plan.giver):
            return
        for each in people:
            for key in each.keys:
                line = AccountLine(plan.giver.uid, each.id, key)
                accounts.note(line, is_first=True)

    return replace(moving, complete=complete)


def _was_a_members(accounts: Accounts, giver: SystemAccount) -> bool:
    """Return whether people used the store from the account that had it: no server's account."""
    known = accounts.uids()
    return not known or giver.uid in known


def _point_profiles(plan: _Plan) -> None:
    """Let the profiles of this account that name the old place name the new one, if it is ours."""
    if plan.owner.uid != os.geteuid():
        return
    for name in list_profiles(environ()):
        try:
            profile = load_profile(name, environ())
        except AssignError:  # a damaged one is said to be by `profile list`
            continue
        if profile.server is None and profile.store.absolute() == plan.old:
            place = LocalStore(plan.new)
            moved = replace(profile, address=place, vault_path=vault_beside(plan.new))
            save_profile(moved, environ())


def _say_moved(plan: _Plan, people: list[MemberInForce], reached_at: StoreAddress) -> None:
    sentence = _("The store is moved to {path}. It belongs to the account {owner}.")
    also = []
    if not isinstance(reached_at, LocalStore):
        start = _("Start the server with assign serve --store {path}.")
        also = [start.format(path=plan.new)]
    command = f"assign profile address {shlex.quote(written(reached_at))}"
    if plan.changes_hands or also:
        also.append(_("Then run, for each profile of yours: {command}.").format(command=command))
    by_ssh = isinstance(reached_at, SshServer)
    if by_ssh:
        also.append(_("Each member's line for SSH ends with their own public SSH key."))
    records = [_reader(each) for each in people] if by_ssh or out().mode == "json" else []
    out().listing(
        "members",
        sentence.format(path=plan.new, owner=plan.owner.name),
        records,
        extra={"store": plan.new, "vault": vault_beside(plan.new), "owner": plan.owner.name},
        also=also,
    )


def _reader(person: MemberInForce) -> Record:
    from assigncli.cli.serve import default_socket, relay_line

    line = relay_line(default_socket(), person.id).strip()
    return views.record(person, "display_name handle authorized_keys", authorized_keys=line)
