"""`assign member`: invite, approve and manage members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.beginnings import Beginning
from assigncli.cli.frame import current_globals, environ, group, out
from assigncli.cli.frame.arguments import HandleArgument, KeysOption
from assigncli.cli.input import confirming, inputs
from assigncli.cli.input.prompts import ask, confirm
from assigncli.cli.input.telephone import compared
from assigncli.cli.notify import NOTIFY_HELP, notify
from assigncli.cli.output import Field, Record, device_views, listing_columns, memberships, views
from assigncli.cli.session import opened, unlocked
from assigncli.cli.session.beginning import is_taken, made_whole, require_room, taken_up
from assigncli.cli.session.private_keys import choose_place, keychain
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.errors import InvalidInput, NotAllowed
from assigncli.locale import N_, _, ngettext
from assigncli.profiles import Profile, load_profile
from assigncli.server_address import LocalStore, read_address, written

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.device_request import WaitingDevice
    from assigncli.client.member import Halt
    from assigncli.lookups.about_members import Halted

app = group()
app.command("notify", help=NOTIFY_HELP)(notify)

RolesOption = Annotated[
    list[Role] | None,
    typer.Option("--role", help=N_("The member's role. Repeat it for several.")),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--certified-until",
        metavar=N_("DAY"),
        help=N_("The last day the certification holds; without it, it has no end."),
    ),
]


@app.command("invite", help=N_("Invite somebody to join, or enrol them on this machine."))
def invite(
    handle: HandleArgument,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar=N_("NAME"), help=N_("The member's full name.")),
    ] = None,
    role: RolesOption = None,
    here: Annotated[
        bool,
        typer.Option(
            "--here",
            help=N_("Make the member's keys and profile on this machine, and approve at once."),
        ),
    ] = False,
    certified_until: UntilOption = None,
    keys: KeysOption = "auto",
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            metavar=N_("ADDRESS"),
            help=N_("Where they reach the server, such as ssh://HOST; without it, where you do."),
        ),
    ] = None,
    device: Annotated[
        bool,
        typer.Option(
            "--device",
            help=N_("Invite one more device of a member, your own for example."),
        ),
    ] = False,
) -> None:
    from assigncli.client import device_request
    from assigncli.client import invite as action

    at = None if address is None else written(read_address(address))
    if device:
        _require_nothing_more(name, role, certified_until, here=here)
        with opened(keys=True) as session:
            found = device_request.invite_device(session.client, handle, at)
            out().result(*device_views.invited(found, session.client.member_id))
        return
    roles = frozenset(role or (Role.PEER_MENTOR,))
    full = name or ask(_("Full name of the member"), option="--name")
    if not here:
        with opened(keys=True) as session:
            out().result(
                *memberships.invited(action.invite(session.client, handle, full, roles, at))
            )
        return
    _enrol_here(handle, full, roles, certified_until, keys)


def _require_nothing_more(
    name: str | None, role: list[Role] | None, until: str | None, *, here: bool
) -> None:
    """Refuse options that say what a member already has; raises InvalidInput `device_alone`."""
    if name or role or until or here:
        raise InvalidInput("device_alone")


def _enrol_here(
    handle: str, name: str, roles: frozenset[Role], certified_until: str | None, keys: str
) -> None:
    from assigncli.client import approve
    from assigncli.client import invite as inviting
    from assigncli.domain.member_names import require_handle
    from assigncli.lookups import ByHandle
    from assigncli.lookups.about_members import MEMBER

    mine = load_profile(current_globals().profile, environ())
    handle, until = require_handle(handle), inputs.day(certified_until)
    earlier = taken_up(handle)
    if earlier is not None and earlier.organization_id == mine.organization_id:
        with opened(mine) as session:
            found = session.look(MEMBER, ByHandle(handle))
            if found.status is MemberStatus.REQUESTED:  # the earlier run was killed in between
                mine_too = keychain(earlier.keys)
                approve.finish_here(unlocked(session).client, mine_too, handle, roles, until)
                found = session.look(MEMBER, ByHandle(handle))
            said = memberships.enrolled(
                found.display_name, found.roles, found.certified_until, handle
            )
            _say_enrolled(said, memberships.facts(found), handle)
        return
    if is_taken(handle):
        raise InvalidInput("profile_exists", "handle")
    with opened(mine, keys=True) as session:
        newcomer = inviting.newcomer(session.client, handle, until)
        require_room()
        place = choose_place(keys)  # type: ignore[arg-type]
        new_keys = keychain(place, new_for=name)
        profile = Profile(
            name=handle,
            address=LocalStore(mine.store),
            vault_path=mine.vault,
            organization_id=mine.organization_id,
            member_id=newcomer.member_id,
            handle=handle,
            root_public_key=mine.root_public_key,
            keys=place,
        )
        with made_whole(Beginning(profile, newcomer.identity.public.signing_key)):
            approved = approve.enrol_here(
                session.client, new_keys, handle, name, roles, until, newcomer
            )
    said = memberships.enrolled(
        approved.display_name, approved.roles, approved.certified_until, handle
    )
    _say_enrolled(said, memberships.given(approved), handle)


def _say_enrolled(sentence: str, facts: tuple[Field, ...], profile_name: str) -> None:
    here = views.fields(None, "here.profile", profile=profile_name)
    out().result(sentence, Record((*facts, *here), ()))


@app.command(
    "approve",
    help=N_(
        "Approve a member who has asked to join, after comparing the fingerprint by telephone."
    ),
)
def approve(
    handle: HandleArgument,
    fingerprint: Annotated[
        str | None,
        typer.Option(
            "--fingerprint",
            metavar=N_("DIGITS"),
            help=N_("The digits the member read to you; without it you are asked."),
        ),
    ] = None,
    role: RolesOption = None,
    certified_until: UntilOption = None,
) -> None:
    from assigncli.client import approve, device_request, member
    from assigncli.domain.member_names import SERVICE_HANDLE
    from assigncli.lookups import ByHandle
    from assigncli.lookups.about_members import MEMBER

    if handle == SERVICE_HANDLE:
        from assigncli.cli.new_service import approve_service

        approve_service(fingerprint, has_more=bool(role or certified_until))
        return
    with opened(keys=True) as session:
        if member.restore(session.client, handle):
            restored = session.look(MEMBER, ByHandle(handle))
            out().result(
                _("{name} was approved before, and is a member again in the store too.").format(
                    name=restored.display_name
                ),
                memberships.shown_as_done(restored),
            )
            return
        try:
            waiting = device_request.waiting_devices(session.client, handle)
        except NotAllowed as error:
            from assigncli.cli.approve_own import approve_own

            approve_own(session, handle, fingerprint, error)
            return
        if waiting:
            _approve_device(session, waiting, fingerprint)
            return
        request = approve.requested(session.client, handle)
        # Without a question nobody sees which roles the request asks for: it gets the least.
        asked = frozenset({Role.PEER_MENTOR}) if fingerprint else request.roles
        wanted = frozenset(role) if role else asked
        digits = fingerprint or compared(
            request.display_name,
            memberships.to_approve(request.display_name, wanted),
            request.fingerprint,
            "--fingerprint",
        )
        approved = approve.approve(
            session.client,
            handle,
            digits,
            wanted,
            inputs.day(certified_until),
        )
        out().result(*memberships.approved(approved))


def _approve_device(
    session: Session, waiting: tuple[WaitingDevice, ...], fingerprint: str | None
) -> None:
    """Approve a further device of a member; where several wait, a person says which."""
    from assigncli.cli.approve_own import device_compared
    from assigncli.client import device_request

    digits = fingerprint or device_compared(waiting)
    approved = device_request.approve_device(session.client, waiting[0].handle, digits)
    out().result(*device_views.approved(approved))


@app.command("list", help=N_("List the members of the organisation."))
def list_(
    role: Annotated[
        Role | None, typer.Option("--role", help=N_("Only those who hold this role."))
    ] = None,
) -> None:
    from assigncli.lookups.about_members import MEMBERS, WantedMembers

    with opened() as session:
        found = session.look(MEMBERS, WantedMembers(role)).members
        count = len(found)
        out().listing(
            "members",
            ngettext("{count} member.", "{count} members.", count).format(count=count)
            if count
            else _("No members."),
            [memberships.listed(each) for each in found],
            columns=listing_columns.MEMBERS,
        )


@app.command("show", help=N_("Show one member."))
def show(handle: HandleArgument) -> None:
    from assigncli.lookups import ByHandle
    from assigncli.lookups.about_members import MEMBER

    with opened() as session:
        found = session.look(MEMBER, ByHandle(handle))
        out().result(memberships.title(found), memberships.shown(found))


@app.command("pause", help=N_("Pause a mentor, so that nothing new is sent to them."))
def pause(
    handle: HandleArgument,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar=N_("DAY"),
            help=N_("The last day of the pause. Without it, the pause has no end."),
        ),
    ] = None,
) -> None:
    from assigncli.client import member

    with opened(keys=True) as session:
        found = _halted(session, member.pause(session.client, handle, inputs.day(until)))
        sentence = memberships.with_open(memberships.paused(found), found)
        out().result(sentence, memberships.halted(found))


@app.command("resume", help=N_("End a mentor's pause."))
def resume(handle: HandleArgument) -> None:
    from assigncli.client import member
    from assigncli.lookups import ByHandle
    from assigncli.lookups.about_members import MEMBER

    with opened(keys=True) as session:
        member.resume(session.client, handle)
        found = session.look(MEMBER, ByHandle(handle))
        out().result(
            _("{name} takes assignments again.").format(name=found.display_name),
            memberships.resumed(found),
        )


@app.command("certify", help=N_("Renew a mentor's certification."))
def certify(handle: HandleArgument, until: UntilOption = None) -> None:
    from assigncli.client import member
    from assigncli.lookups import ByHandle
    from assigncli.lookups.about_members import MEMBER

    with opened(keys=True) as session:
        member.certify(session.client, handle, inputs.day(until))
        found = session.look(MEMBER, ByHandle(handle))
        out().result(*memberships.certified(found))


@app.command("revoke", help=N_("End a membership and revoke its certificate."))
def revoke(handle: HandleArgument) -> None:
    from assigncli.client import member

    with opened() as session:
        leaving = member.to_revoke(session.client, handle)
        told = leaving if confirm(*confirming.about_member(leaving)) else None
        found = _halted(session, member.revoke(unlocked(session).client, handle, told))
        sentence = _("The membership of {name} is revoked.").format(name=found.member.display_name)
        out().result(memberships.with_open(sentence, found), memberships.halted(found))


def _halted(session: Session, halt: Halt) -> Halted:
    """Return the member who was paused or has left, with their open assignments."""
    from assigncli.lookups import ByHandle
    from assigncli.lookups.about_members import HALTED

    return session.look(HALTED, ByHandle(halt.handle))
