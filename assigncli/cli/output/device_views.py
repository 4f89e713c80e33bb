"""Show a member's devices: invited, waiting, approved, and the keys of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from assigncli.cli.frame import out
from assigncli.cli.output import Line, Record, act_names, views
from assigncli.cli.output.states import next_line
from assigncli.locale import _, ngettext, pgettext

if TYPE_CHECKING:
    from assigncli.client.device_request import ApprovedDevice
    from assigncli.client.invite import Invited
    from assigncli.client.reseal import Resealed
    from assigncli.client.rotate import Rotation
    from assigncli.client.share import Giving
    from assigncli.lookups.about_assignments import Attention
    from assigncli.lookups.about_members import Key


def invited(found: Invited, own: UUID) -> tuple[str, Record]:
    """Return an invitation of a further device; `own` is the member who invites."""
    when = out().calendar.time(found.expires_at)
    if found.member_id == own:
        sentence = _("One more device of yours is invited, until {when}.").format(when=when)
        theirs = _("assign join with this invitation, on that machine")
    else:
        said = _("One more device of {name} is invited, until {when}.")
        sentence = said.format(name=found.display_name, when=when)
        theirs = _("assign join with this invitation, on their own machine")
    return sentence, views.record(
        found,
        "handle display_name id invitation invitation.expires_at",
        (next_line(theirs), views.line("invitation", found.line)),
        id=found.member_id,
        invitation=found.line,
    )


def to_approve(name: str, device: str, *, is_suspended: bool) -> str:
    """Return the sentence on the device that is to be approved, before the comparison."""
    if is_suspended:
        said = _("The device {device} of {name} is suspended, and is to count again.")
        return said.format(name=name, device=device)
    return _("One more device of {name} is to be approved: {device}.").format(
        name=name, device=device
    )


def approved(found: ApprovedDevice) -> tuple[str, Record]:
    """Return a further device that has just got a certificate, and how it gets what is open."""
    if found.was_suspended:
        said = _("The device {device} of {name} is compared, and counts again.")
        sentence = said.format(device=found.device, name=found.display_name)
        return sentence, views.record(found, "handle display_name device certificate_id", ())
    said = _("The device {device} of {name} is approved. New assignments can be read on it.")
    return said.format(device=found.device, name=found.display_name), views.record(
        found,
        "handle display_name device certificate_id",
        (next_line(f"assign key reseal --for {found.handle}"),),
    )


def listed(found: Key, place: views.Said | None) -> Record:
    """Return one key of a member; `place` is where this machine keeps it, None for others."""
    status = views.Said(found.status, _status(found))
    values = {
        "status": status,
        "approved_by": views.Said(found.approved_by, _approver(found)),
        "keys": place or views.Said(None, None, shown=False),
        "is_this_device": views.Said(place is not None, _("yes"), shown=place is not None),
    }
    issued = found.issued_at and out().calendar.day_of(found.issued_at)
    shown = "device fingerprint status"
    shown += " is_this_device keys" if place is not None else ""
    return views.record(
        found,
        "device handle display_name status fingerprint is_this_device keys issued_at approved_by"
        " certified_until suspended_at revoked_at certificate_id",
        views.lines(
            found,
            f"{shown} issued_at approved_by certified_until",
            issued_at=issued,
            **{**values, "approved_by": _approver(found)},
        ),
        **values,
    )


def _approver(found: Key) -> str | None:
    """Return who approved a device, if anybody did; the root key has no name."""
    is_of_root = found.approved_by is None and found.certificate_id is not None
    return act_names.root_key() if is_of_root else found.approved_by


def _status(found: Key) -> str:
    return {
        "active": pgettext("certificate", "active"),
        "requested": _("waiting for approval"),
        "revoked": pgettext("certificate", "revoked"),
        "suspended": pgettext("certificate", "suspended until it is compared again"),
    }[found.status]


def resealed(done: Sequence[Resealed]) -> tuple[str, Record]:
    """Return how much of what is open can be read with the new key, and what cannot."""
    readable = sum(each.can_be_read for each in done)
    read = sum(each.was_read for each in done if each.can_be_read)
    left = [each for each in done if not each.can_be_read]
    lines = tuple(Line(_resealing(each), each.title) for each in left)
    record = views.record(
        None,
        "readable open_assignments -read_before assignments",
        lines,
        readable=readable,
        open_assignments=len(done),
        read_before=read,
        assignments=tuple(
            views.record(each, "number title outcome was_read", (), outcome=each.outcome.value)
            for each in done
        ),
    )
    return _sentence(readable, len(done), read), record


def key_for_sheets_lost() -> str:
    """Return that nobody has the key for sheets any more, and how a new one is made."""
    return _(
        "No device that counts has the organisation's key for sheets any more. Make a new one with "
        "{command}."
    ).format(command="assign key reseal --yes")


def shared(each: Giving) -> str:
    """Return to how many devices a key of the organisation was sealed, and what a new one means."""
    count = len(each.readers)
    if each.is_new:
        return _(
            "A new key for sheets is made. A sheet that was sent before is not recognised any "
            "more: running it again would send it twice."
        )
    return ngettext(
        "A key of the organisation is sealed to {count} device that had none.",
        "A key of the organisation is sealed to {count} devices that had none.",
        count,
    ).format(count=count)


def _sentence(readable: int, total: int, read: int) -> str:
    if not total:
        return _("Nothing is open, so there is nothing to seal again.")
    said = ngettext(
        "{readable} of {count} open assignment can be read with the new key.",
        "{readable} of {count} open assignments can be read with the new key.",
        total,
    ).format(readable=readable, count=total)
    if not read:
        return said
    disclosed = ngettext(
        "{count} was read before and stays disclosed.",
        "{count} were read before and stay disclosed.",
        read,
    ).format(count=read)
    return f"{said} {disclosed}"


def _resealing(each: Resealed) -> str:
    """Return why an assignment could not be sealed again."""
    said = {
        "not_held": _("Assignment {number} cannot be read on this device either"),
        "ended": _("Assignment {number} has ended meanwhile"),
    }[each.outcome.value]
    return said.format(number=each.number)


def rotated(found: Rotation, handle: str) -> tuple[str, Record]:
    """Return how far an exchange of keys is, and what to do next."""
    if found.state.value == "done":
        said = _("This device uses its new keys, and the old ones are ended.")
        if found.resealed:
            said = f"{said} {resealed(found.resealed)[0]}"
        return said, _rotation(found, ())
    theirs = _("somebody else, after comparing: assign member approve {handle}")
    lines = (
        *views.lines(None, "your.fingerprint", fingerprint=found.fingerprint),
        next_line(theirs.format(handle=handle)),
        next_line(_("then here: assign key rotate")),
    )
    said = _("This device has new keys, which wait for approval. The old ones are in use.")
    return said, _rotation(found, lines)


def _rotation(found: Rotation, lines: tuple[Line, ...]) -> Record:
    return views.record(
        None, "state fingerprint", lines, state=found.state.value, fingerprint=found.fingerprint
    )


def to_follow_up(found: Attention) -> Iterator[str]:
    """Yield a sentence for each key that waits for a comparison, and each brief that is lost."""
    for key in found.keys:
        if key.is_suspended:
            said = _(
                "The device {device} of {name} is suspended: nothing is sent to it until it is "
                "compared, with assign member approve {handle}."
            )
        elif key.is_first:
            said = _(
                "{name} asks to join. Compare the fingerprint on the telephone, with assign member "
                "approve {handle}."
            )
        else:
            said = _(
                "{name} has a new key, on the device {device}: nothing is sent to it until it is "
                "compared, with assign member approve {handle}."
            )
        yield said.format(device=key.device, name=key.display_name, handle=key.handle)
    for each in found.unreadable:
        if each.lacks_share:
            said = _(
                "Assignment {number}, {title}, can be read by nobody any more: since the store was "
                "restored, the vault has no key for it. Call it off, and send it again."
            )
        elif each.by_nobody:
            said = _(
                "Assignment {number}, {title}, can be read by nobody any more: no key of {name} or "
                "{by} opens it. Call it off, and send it again."
            )
        else:
            said = _(
                "Assignment {number}, {title}, can be read on no device of {name} until {by} runs "
                "assign key reseal --for {handle}."
            )
        yield said.format(
            number=each.number,
            title=each.title,
            name=each.recipient_name,
            by=each.dispatched_by,
            handle=each.recipient,
        )


def attention(found: Attention) -> dict[str, object]:
    """Return the same for JSON."""
    return {
        "keys": [
            {
                "handle": each.handle,
                "display_name": each.display_name,
                "device": each.device,
                "status": "suspended" if each.is_suspended else "requested",
            }
            for each in found.keys
        ],
        "unreadable": [
            {
                "number": each.number,
                "title": each.title,
                "recipient": each.recipient,
                "recipient_name": each.recipient_name,
                "by_nobody": each.by_nobody,
            }
            for each in found.unreadable
        ],
    }
