"""`assign key`: the keys of a member's devices."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli.frame import current_globals, environ, group, out
from assigncli.cli.input import confirming
from assigncli.cli.input.prompts import confirm, somebody_there
from assigncli.cli.key_kit import kit
from assigncli.cli.lost import LOST_HELP, lost
from assigncli.cli.output import Record, device_views, listing_columns, views
from assigncli.cli.session import opened, unlocked, witness_of
from assigncli.cli.session.private_keys import (
    identity_in,
    keychain,
    own_fingerprint,
    place_words,
    require_keyring,
)
from assigncli.errors import IdentityUnavailable, InvalidInput, PartlyDone
from assigncli.locale import N_, _, ngettext
from assigncli.profiles import Keys, Profile, load_profile

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.lookups.about_members import Key

app = group()
app.command("lost", help=LOST_HELP)(lost)
app.command(
    "kit",
    help=N_(
        "Print the organisation's root key as digits for paper, and type it back at once. With "
        "--check it is only typed from the paper, which is to be done every year. With --json no "
        "digit is shown: without --check it only says whether the root key is here."
    ),
)(kit)


@app.command(
    "list",
    help=N_("List the devices of a member, your own by default, each with its fingerprint."),
)
def list_(
    handle: Annotated[
        str | None,
        typer.Argument(
            metavar=N_("HANDLE"),
            help=N_("The member whose devices are listed, for coordinators and administrators."),
        ),
    ] = None,
) -> None:
    from assigncli.lookups.about_members import KEYS, WantedKeys

    profile = load_profile(current_globals().profile, environ())
    try:
        with opened(profile) as session:
            found = session.look(KEYS, WantedKeys(handle)).keys
    except IdentityUnavailable as error:
        if error.code not in ("not_approved", "certificate_suspended") or handle is not None:
            raise
        found = (_own(profile),)
    this = _this_device(profile, found) if handle in (None, profile.handle) else None
    out().listing(
        "keys",
        ngettext("{count} key.", "{count} keys.", len(found)).format(count=len(found)),
        [_record(each, profile, is_this=each is this) for each in found],
        columns=listing_columns.KEYS,
    )


def _own(profile: Profile) -> Key:
    """Return the key on this machine, which a server that has not admitted it says nothing of."""
    from assigncli.lookups.about_members import Key

    return Key(None, profile.handle, profile.handle, own_fingerprint(profile))


def _this_device(profile: Profile, found: tuple[Key, ...]) -> Key | None:
    """Return the key of this machine: the one it last signed with, or the one it holds."""
    signs_as = witness_of(profile).certificate
    known = [each for each in found if signs_as is not None and each.certificate_id == signs_as]
    if not known:
        digits = own_fingerprint(profile)
        known = [each for each in found if each.fingerprint == digits]
    return next(iter(known), None)


def _record(found: Key, profile: Profile, *, is_this: bool) -> Record:
    place = views.Said(profile.keys, place_words(profile.keys)) if is_this else None
    return device_views.listed(found, place)


@app.command(
    "reseal",
    help=N_(
        "Make what is open readable on devices that were approved after it was sent. Nothing is "
        "opened."
    ),
)
def reseal(
    member: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar=N_("HANDLE"),
            help=N_("Only what is open between you and this member."),
        ),
    ] = None,
) -> None:
    from assigncli.client import reseal

    with opened() as session:
        found = reseal.open_with(session.client, member)
        done = [reseal.reseal(unlocked(session).client, each) for each in found]
        out().result(*device_views.resealed(done))
        share_keys(session)
        left = sum(not each.can_be_read for each in done)
        if left:
            raise PartlyDone("not_all_resealed", count=left)


def share_keys(session: Session) -> None:
    """Give the organisation's keys to devices that came without them, and say so."""
    from assigncli.client import share

    if not share.is_due(session.client):
        return
    for each in share.giving(unlocked(session).client):
        if each.is_new and not (current_globals().yes or somebody_there()):
            out().note(device_views.key_for_sheets_lost())
            continue
        if each.is_new:
            confirm(*confirming.about_new_key())
        share.give(session.client, each)
        out().note(device_views.shared(each))


@app.command(
    "rotate",
    help=N_(
        "Make new keys for this device. The old ones are used until somebody else has approved the "
        "new ones; then run the same command again."
    ),
)
def rotate() -> None:
    from assigncli.client.rotate import rotate as action

    profile = load_profile(current_globals().profile, environ())
    with opened(profile) as session:
        keys = keychain(profile.keys)
        session.client.load_identity = lambda: identity_in(keys, profile)
        done = action(unlocked(session).client, keys)
        out().result(*device_views.rotated(done, profile.handle))


@app.command(
    "move",
    help=N_(
        "Move this machine's private keys to its key store, or to files protected by a "
        "passphrase. From a file to a file, the passphrase is changed."
    ),
)
def move(
    to: Annotated[Keys, typer.Option("--to", help=N_("Where the keys are kept from then on."))],
    new_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            "--new-passphrase-file",
            metavar=N_("FILE"),
            help=N_("A file whose first line is the new passphrase; without it you are asked."),
        ),
    ] = None,
) -> None:
    from assigncli.cli.input import passphrases
    from assigncli.cli.session.moving_keys import moved, passphrase_files
    from assigncli.folders import folders

    profile = load_profile(current_globals().profile, environ())
    if to == profile.keys == "keyring":
        raise InvalidInput("keys_there_already")
    if to == "keyring":
        require_keyring()
    old = keychain(profile.keys)
    with suppress(IdentityUnavailable):  # asks for the old passphrase before the new one
        identity_in(old, profile)
    new = keychain("keyring")
    if to == "file":
        option = "--new-passphrase-file"
        chosen = passphrases.changed(profile.handle, new_passphrase_file, option)
        new = passphrase_files(folders(environ()).keys, chosen)
    moved(profile, old, new, to, environ())
    same = to == profile.keys
    said = _("The passphrase is changed.") if same else _("The keys are in {place} now.")
    out().result(
        said.format(place=place_words(to)),
        views.record(None, "keys", (), keys=views.Said(to, place_words(to))),
    )
