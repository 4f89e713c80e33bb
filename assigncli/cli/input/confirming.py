"""The texts shown before an act that cannot be undone, with the command that needs no question.

Each function returns the arguments of `prompts.confirm`: lines, of which the last is the question,
and the command without `--yes`. Nothing here asks.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assigncli.cli.frame import out
from assigncli.cli.output import memberships
from assigncli.domain.lifecycle import status_word
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.client.ending import Ending
    from assigncli.client.lost import HeldDevice
    from assigncli.client.member import Leaving
    from assigncli.domain.reporting_cycles import Cycle
    from assigncli.lookups.about_members import IssuedKey
    from assigncli.lookups.about_privacy import PersonAssignment

Asking = tuple[tuple[str, ...], str]


def about_new_key() -> Asking:
    """Return the question about a new key for sheets, where nobody has the old one any more."""
    return (
        _("No device that counts has the organisation's key for sheets any more."),
        _(
            "With a new one, sheets can be sent again. A sheet that was sent before is not "
            "recognised: running it again would send it twice."
        ),
        _("If another device may come back that has the old key, wait. Make a new one?"),
    ), "assign key reseal"


def about_recall(ending: Ending) -> Asking:
    """Return the question about recalling an unread assignment, or a draft."""
    if ending.was_dispatched:
        line = _("Assignment {number}, {title}, sent to {name}, is to be recalled.")
    else:
        line = _("Draft {number}, {title}, for {name}, is to be recalled.")
    return (_filled(line, ending), _for_good()), f"assign recall {ending.number}"


def about_cancel(ending: Ending) -> Asking:
    """Return the question about cancelling an assignment, read or not, or a draft."""
    reason = _("REASON")
    command = f"assign cancel {ending.number} --reason {reason}"
    if not ending.was_dispatched:
        line = _("Draft {number}, {title}, for {name}, is to be recalled.")
        return (_filled(line, ending), _for_good()), command
    line = _("Assignment {number}, {title}, sent to {name}, is to be cancelled.")
    if ending.disclosed:
        read = _("The mentor has read it, and a cancellation does not undo that.")
    else:
        read = _("The mentor has not read it.")
    return (_filled(line, ending), read, _for_good()), command


def about_reassign(ending: Ending, handle: str, name: str) -> Asking:
    """Return the question about sending an assignment to another mentor, called `name`."""
    line = _("Assignment {number}, {title}, is to go from {old} to {new}.")
    about = line.format(
        number=ending.number, title=ending.title, old=ending.recipient_name, new=name
    )
    read = _("{name} has read it, and that is not undone.").format(name=ending.recipient_name)
    question = _("It gets a new number, and {name} can no longer open it. Go on?").format(
        name=ending.recipient_name
    )
    told = (about, read, question) if ending.disclosed else (about, question)
    return told, f"assign reassign {ending.number} --to {handle}"


def about_member(leaving: Leaving) -> Asking:
    """Return the question about ending a membership: name, roles and number of open assignments."""
    count = leaving.open_assignments
    about = _("The membership of {name}, {roles}, is to end.").format(
        name=leaving.display_name, roles=memberships.together(leaving.roles)
    )
    still_open = ngettext(
        "{count} open assignment with this member.",
        "{count} open assignments with this member.",
        count,
    ).format(count=count)
    question = _("The certificate is revoked, and this cannot be undone. Go on?")
    told = (about, still_open, question) if count else (about, question)
    return told, f"assign member revoke {leaving.handle}"


def about_device(ending: HeldDevice, opens: int, doubtful: Sequence[IssuedKey]) -> Asking:
    """Return the question about ending a device's key: what it could open and had certified."""
    about = _("The key of the device {device}, of {name}, is to be ended.").format(
        device=ending.device, name=ending.display_name
    )
    could = ngettext(
        "It can open {count} open assignment.", "It can open {count} open assignments.", opens
    ).format(count=opens)
    told = [about, could] if opens else [about]
    told += [
        _("The device {device}, of {name}, is suspended until it is compared again.").format(
            device=each.device, name=each.display_name
        )
        for each in doubtful
    ]
    told.append(_("Nothing is read with this key again, and this cannot be undone. Go on?"))
    return tuple(told), f"assign key lost {ending.handle}"


def about_root_key(*, check: bool) -> Asking:
    """Return the question about removing the root key, which then is on paper alone."""
    about = _("The organisation's root key is to be removed from this machine.")
    question = _("Once the kit is typed right, this cannot be undone without the paper. Go on?")
    return (about, question), f"assign key kit{' --check' if check else ''} --remove"


def about_cycle(closing: Cycle, *, force: bool) -> Asking:
    """Return the question about closing a cycle: name and days; `force` if it covers today."""
    return (
        _("Cycle {name}, from {first} to {last}, is to be closed.").format(
            name=closing.name,
            first=out().calendar.day(closing.starts_on),
            last=out().calendar.day(closing.ends_on),
        ),
        _("While it is closed, nothing can be sent in it. Go on?"),
    ), f"assign cycle close {shlex.quote(closing.name)}{' --force' if force else ''}"


def about_erasing(found: Sequence[PersonAssignment], reference: str) -> Asking:
    """Return the question about erasing every assignment with a reference: what they are."""
    count = len(found)
    heading = ngettext(
        "{count} assignment with this reference is to be erased:",
        "{count} assignments with this reference are to be erased:",
        count,
    ).format(count=count)
    shared = _("Stop if one of them is about another person with the same reference.")
    question = _("Their keys and texts are deleted, and this cannot be undone. Go on?")
    command = f"assign privacy erase --reference {shlex.quote(reference)}"
    return (heading, *to_be_erased(found), shared, question), command


def to_be_erased(found: Sequence[PersonAssignment]) -> tuple[str, ...]:
    """Return a line for each assignment that is to be erased: number, title, mentor, status."""
    line = _("Assignment {number}, {title}, for {name}, {status}.")
    return tuple(
        line.format(
            number=each.number,
            title=each.title,
            name=each.recipient_name,
            status=status_word(each.status),
        )
        for each in found
    )


def _filled(line: str, ending: Ending) -> str:
    return line.format(number=ending.number, title=ending.title, name=ending.recipient_name)


def _for_good() -> str:
    return _("Its key is deleted, and this cannot be undone. Go on?")
