"""`assign key lost`: end the key of a device, and say what that means and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.input import confirming, inputs
from assigncli.cli.input.prompts import ask, choose, confirm
from assigncli.cli.output import lost_device
from assigncli.cli.session import opened, unlocked
from assigncli.domain.losses import IN_OTHER_HANDS, LossCause
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _
from assigncli.profiles import load_profile

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.lost import HeldDevice
    from assigncli.lookups.about_members import IssuedKey

LOST_HELP = N_(
    "End the key of a device that was lost or stolen, for example. Says which open briefs it "
    "could open, and what to do next."
)


def lost(
    handle: Annotated[
        str | None,
        typer.Argument(
            metavar=N_("HANDLE"), help=N_("Whose device it is; without it, one of your own.")
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            "--device",
            metavar=N_("NAME"),
            help=N_("The device by its name or its certificate; without it you are asked."),
        ),
    ] = None,
    cause: Annotated[
        LossCause | None,
        typer.Option("--cause", help=N_("What happened; without it you are asked.")),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar=N_("DAY"),
            help=N_("The first day on which somebody else may have had the device."),
        ),
    ] = None,
) -> None:
    from assigncli.client import lost as action
    from assigncli.lookups.about_assignments import READERS, WantedReaders

    profile = load_profile(current_globals().profile, environ())
    with opened(profile) as session:
        client, whose = session.client, handle or profile.handle
        ending = _chosen(action.held_devices(client, whose), device)
        if ending.is_this:
            raise InvalidInput("device_in_use")
        why = cause or _cause()
        doubtful = _doubtful(session, ending, why, since)
        before = session.look(READERS, WantedReaders(whose)).items
        opens = [each for each in before if ending.certificate_id in each.can_read]
        counting = [each for each in doubtful if each.counts]
        confirm(*confirming.about_device(ending, len(opens), counting))
        begins = action.suspected_from(client, ending, why, doubtful)
        done = action.end_device(unlocked(session).client, ending, why, begins)
        left = {each.id: each for each in session.look(READERS, WantedReaders(whose)).items}
        issued = action.certified_by(client, ending) if done.suspended else ()
        suspended = [each for each in issued if each.certificate_id in done.suspended]
        still = [left.get(each.id, each) for each in opens]
        out().result(*lost_device.ended(done, why, still, suspended, client.member_id))


def _chosen(held: tuple[HeldDevice, ...], name: str | None) -> HeldDevice:
    """Return the device that is meant; raises InvalidInput `device_not_found`, `device_unclear`."""
    if name is not None:
        found = [each for each in held if name in (each.device, str(each.certificate_id))]
        if not found:
            raise InvalidInput("device_not_found")
        if len(found) > 1:
            raise InvalidInput("device_unclear")
        return found[0]
    if len(held) == 1:
        return held[0]
    others = [each for each in held if not each.is_this] or list(held)
    if len(others) == 1:
        return others[0]
    return others[choose(_("Which device?"), [each.device for each in others], option="--device")]


def _cause() -> LossCause:
    causes = list(LossCause)
    said = [lost_device.cause_in_words(each) for each in causes]
    return causes[choose(_("What happened?"), said, option="--cause")]


def _doubtful(
    session: Session, device: HeldDevice, cause: LossCause, since: str | None
) -> tuple[IssuedKey, ...]:
    """Return what the device certified while somebody else may have had it; asks since when."""
    from assigncli.client.lost import certified_by
    from assigncli.domain.deadlines import start_of_day

    if cause not in IN_OTHER_HANDS or not device.is_staff:
        return ()
    client = session.client
    if not any(each.counts for each in certified_by(client, device)):
        return ()
    asked = _("The first day on which somebody else may have had it")
    day = inputs.day(since or ask(asked, option="--since"))
    if day is None:
        raise InvalidInput("date_invalid")
    return certified_by(client, device, start_of_day(day, client.zone))
