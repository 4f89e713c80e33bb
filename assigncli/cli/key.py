"""`assign key`: the keys of a member's devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli.frame import current_globals, environ, group, out
from assigncli.cli.lost import LOST_HELP, lost
from assigncli.cli.output import Record, device_views, listing_columns, views
from assigncli.cli.session import opened, unlocked, witness_of
from assigncli.cli.session.private_keys import (
    identity_in,
    keychain,
    own_fingerprint,
    place_words,
)
from assigncli.errors import IdentityUnavailable, PartlyDone
from assigncli.locale import N_, ngettext
from assigncli.profiles import Profile, load_profile

if TYPE_CHECKING:
    from assigncli.lookups.about_members import Key

app = group()
app.command("lost", help=LOST_HELP)(lost)


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
        left = sum(not each.can_be_read for each in done)
        if left:
            raise PartlyDone("not_all_resealed", count=left)


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
