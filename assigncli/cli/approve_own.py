"""A sole administrator's further device, which nobody else can approve: the key kit does.

Half of `assigncli.cli.member`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assigncli.cli import session as clock
from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.input.prompts import choose
from assigncli.cli.input.root_kit import read_kit
from assigncli.cli.input.telephone import compared
from assigncli.cli.key import share_keys
from assigncli.cli.output import device_views
from assigncli.errors import NotAllowed
from assigncli.locale import _
from assigncli.profiles import load_profile

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.device_request import WaitingDevice


def approve_own(
    session: Session, handle: str, fingerprint: str | None, refusal: NotAllowed
) -> None:
    """Approve the acting member's own device with the root key, typed from its paper form.

    Only for the one administrator there is: raises `refusal` where somebody else can approve it.
    """
    from assigncli.client import device_request

    is_own = (refusal.code, refusal.why) == ("may_not_vouch", "own_device")
    if not is_own or not device_request.is_sole_administrator(session.client):
        raise refusal
    waiting = device_request.own_waiting(session.client, handle)
    if not waiting:  # suspended devices are compared by somebody else
        raise refusal
    out().note(
        _(
            "Nobody else can approve your device, because you are the only administrator. The "
            "organisation's root key approves it, from its printed key kit."
        )
    )
    digits = fingerprint or device_compared(waiting)
    root = read_kit(load_profile(current_globals().profile, environ()).root_public_key)
    session.client.now = clock.utc_now()
    approved = device_request.approve_by_root(session.client, root, handle, digits)
    out().result(*device_views.approved(approved))
    share_keys(session)


def device_compared(waiting: Sequence[WaitingDevice]) -> str:
    """Return the typed digits of a device; where several wait, a person says which."""
    chosen = 0
    if len(waiting) > 1:
        names = [each.device for each in waiting]
        chosen = choose(_("Which device?"), names, option="--fingerprint")
    asked = waiting[chosen]
    about = device_views.to_approve(
        asked.display_name, asked.device, is_suspended=asked.is_suspended
    )
    return compared(asked.display_name, about, asked.fingerprint, "--fingerprint")
