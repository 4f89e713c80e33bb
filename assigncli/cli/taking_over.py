"""`join --kit`: become an administrator on this machine with the root key from its paper form.

For who lost every administrator's device, and for a sole administrator's second one. The root key
is typed in, signs what nobody else can, and is not kept.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assigncli.beginnings import Beginning
from assigncli.cli import session as clock
from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.input.prompts import ask, ask_until, choose, require_person
from assigncli.cli.input.root_kit import read_kit
from assigncli.cli.output import views
from assigncli.cli.session import vault_beside
from assigncli.cli.session.beginning import (
    free_profile_name,
    made_facts,
    made_whole,
    require_room,
    taken_up,
)
from assigncli.cli.session.private_keys import Place, choose_place, identity, keychain
from assigncli.cli.session.visiting import become, rooted
from assigncli.domain.lifecycle import Role
from assigncli.domain.member_names import require_handle, require_name
from assigncli.errors import AssignError, InvalidInput
from assigncli.locale import _
from assigncli.profiles import Profile, list_profiles, load_profile
from assigncli.server_address import LocalStore, SshServer, StoreAddress, read_address

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.take_over import Admitting
    from assigncli.crypto.identity import RootKey

_ADMINISTRATOR: Final = frozenset({Role.ORG_ADMIN})
_COORDINATOR_TOO: Final = frozenset({Role.ORG_ADMIN, Role.COORDINATOR})


@dataclass(frozen=True)
class NewAdministrator:
    """What the command line says about who takes over; what it does not say is asked."""

    handle: str | None
    name: str | None
    is_coordinator: bool

    @property
    def roles(self) -> frozenset[Role]:
        """The roles of somebody new."""
        return _COORDINATOR_TOO if self.is_coordinator else _ADMINISTRATOR


def take_over(kit: str, who: NewAdministrator, keys: Place) -> None:
    """Make keys here for an administrator, and certify them with the root key that is typed."""
    address = read_address(kit)
    with rooted(address, read_kit) as (session, root):
        who = who if who.handle is not None else _asked_who(session, root)
        _admit(session, root, address, who, keys)


def _asked_who(session: Session, root: RootKey) -> NewAdministrator:
    """Ask which administrator takes over; raises InvalidInput `input_needed` if nobody is there."""
    from assigncli.client import take_over

    require_person(_("Your handle, a short name"), "--handle")
    organization, known = take_over.administrators(session.client, root)
    out().note(_("This is the root key of {organization}.").format(organization=organization))
    named = [f"{each.display_name}, {each.handle}" for each in known]
    chosen = choose(_("Who are you?"), [*named, _("somebody else, a new administrator")])
    if chosen < len(known):
        return NewAdministrator(known[chosen].handle, None, is_coordinator=False)
    handle = ask_until(_("Your handle, a short name"), require_handle, "--handle")
    name = ask_until(_("Your full name"), require_name, "--name")
    sends = choose(_("Will you send assignments too, as a coordinator?"), (_("yes"), _("no")))
    return NewAdministrator(handle, name, is_coordinator=sends == 0)


@dataclass(frozen=True)
class _TakenOver:
    """Who is an administrator on this machine now."""

    organization: str
    handle: str
    display_name: str


def _admit(
    session: Session, root: RootKey, address: StoreAddress, who: NewAdministrator, keys: Place
) -> None:
    from assigncli.client import take_over

    client, handle = session.client, require_handle(who.handle or "")
    found, known = take_over.member(client, root, handle)
    name = who.name
    if known is None and name is None:
        name = ask(_("Your full name"), option="--name")
    whom = take_over.admitting(found, known, handle, name, who.roles)
    done = _TakenOver(take_over.organization_name(found), whom.handle, whom.display_name)
    client.member_id = whom.id
    profile = taken_up(current_globals().profile or handle) or _here(session, whom)
    if profile is not None and profile.member_id == whom.id:
        _finish(session, root, whom, profile)
    else:
        profile = _begin(session, root, whom, address, keys)
    _say_done(done, profile, is_new=not whom.is_member)


def _here(session: Session, whom: Admitting) -> Profile | None:
    """Return the profile on this machine that holds a key of the member, or None."""
    wanted = session.client.organization_id, whom.id
    for name in list_profiles(environ()):
        with suppress(AssignError):  # a damaged one is of nobody
            found = load_profile(name, environ())
            if (found.organization_id, found.member_id) == wanted:
                return found
    return None


def _finish(session: Session, root: RootKey, whom: Admitting, profile: Profile) -> None:
    """Approve the keys that an earlier run let join; nothing is left to do once they count.

    Raises InvalidInput `device_is_here` for keys of another standing: new ones would replace them.
    """
    from assigncli.client import take_over

    public = identity(profile).public
    if take_over.is_approved(whom, public):
        return
    device = take_over.waiting_device(whom, public)
    if device is None:
        raise InvalidInput("device_is_here", profile=profile.name)
    become(session, profile, lambda: identity(profile))
    session.client.now = clock.utc_now()
    given = take_over.approve(session.client, root, whom, public, device)
    session.client.witness.signs_as(given)


def _begin(
    session: Session, root: RootKey, whom: Admitting, address: StoreAddress, keys: Place
) -> Profile:
    """Make keys and a profile here, and let the root key invite and approve them."""
    from assigncli.client import take_over
    from assigncli.crypto.identity import Identity

    client = session.client
    profile_name = free_profile_name(whom.handle)
    require_room()
    place = choose_place(keys)
    new_keys = keychain(place, new_for=whom.display_name)
    profile = Profile(
        name=profile_name,
        address=address,
        vault_path=vault_beside(address.path) if isinstance(address, LocalStore) else None,
        organization_id=client.organization_id,
        member_id=whom.id,
        handle=whom.handle,
        root_public_key=root.public,
        keys=place,
    )
    own = Identity.generate()
    become(session, profile, lambda: own)
    client.now = clock.utc_now()
    with made_whole(Beginning(profile, own.public.signing_key)):
        device = take_over.let_join(client, new_keys, root, whom)
        client.witness.signs_as(take_over.approve(client, root, whom, own.public, device))
    return profile


def _say_done(done: _TakenOver, profile: Profile, *, is_new: bool) -> None:
    out().committed = True
    out().result(
        _("You are an administrator of {organization} on this machine.").format(
            organization=done.organization
        ),
        views.record(
            done,
            "organization your.handle here.profile store keys",
            (views.line("organization", done.organization), views.line("your.handle", done.handle)),
            **made_facts(profile),
        ),
    )
    out().note(_("The root key is not kept here. Put the paper back where it was."))
    if isinstance(profile.address, SshServer):
        out().note(
            _(
                "Whoever runs the server needs your id for your line in authorized_keys: {id}"
            ).format(id=profile.member_id)
        )
    if not is_new:
        out().note(
            _("End the device that is lost: {command}.").format(
                command=f"assign key lost {done.handle}"
            )
        )
    out().note(
        _(
            "On a device that can read what is open, run {reseal}. Then invite a second "
            "administrator: {invite}."
        ).format(reseal="assign key reseal", invite="assign member invite HANDLE --role org_admin")
    )
