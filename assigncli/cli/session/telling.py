"""Notify the mentor of an act at once, for a short while; the sweep sends the rest.

A failure here never undoes the act: a notification is news of it, not part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from assigncli.cli.frame import out
from assigncli.cli.output import Field, said
from assigncli.cli.output.labels import label
from assigncli.cli.session import post
from assigncli.errors import AssignError
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.ending import Ending
    from assigncli.server.notifications.deliver import Delivery

_WORDS: Final = {
    "sent": N_("sent"),
    "queued": N_("waits for the next sweep"),
    "unknown": N_("nobody knows whether it arrived. Call {name}."),
    "failed": N_("could not be sent. Call {name}."),
    "dropped": N_("not sent. {name} has no notification channel, so call."),
}


def tell_several_at_once(session: Session, assignment_ids: Sequence[UUID]) -> None:
    """Try to send the notifications that these assignments have just caused; show how many went."""
    if session.hosting is None:
        out().note(_("The server sends the notifications."))
        return
    told = _told(session, assignment_ids)
    sent = sum(each.status.value == "sent" and each.problem is None for each in told)
    if sent:
        said = ngettext("{sent} notification is sent.", "{sent} notifications are sent.", sent)
        out().note(said.format(sent=sent))
    if sent < len(assignment_ids):
        out().note(_("The next sweep sends what waits, and says what cannot be sent."))


def tell_at_once(session: Session, assignment_id: UUID, name: str) -> Field:
    """Try to notify the mentor called `name` of an assignment; return the field to show."""
    if session.hosting is None:
        return Field("notification", label("notification"), "queued", _("the server sends it"))
    told = [each.status.value for each in _told(session, [assignment_id])]
    worst = next((word for word in ("failed", "unknown", "dropped") if word in told), None)
    word = worst or ("sent" if told and set(told) == {"sent"} else "queued")
    return Field("notification", label("notification"), word, _(_WORDS[word]).format(name=name))


def tell_of_end(session: Session, ending: Ending) -> tuple[Field, ...]:
    """Try to notify the mentor that an assignment has ended, if it had been sent to them."""
    if not ending.was_dispatched:
        return ()
    return (tell_at_once(session, ending.id, ending.recipient_name),)


def _told(session: Session, assignment_ids: Sequence[UUID]) -> list[Delivery]:
    """Return the outcome of each message tried; show the problems that a person may have to fix."""
    from assigncli.server.notifications import deliver

    try:
        told = deliver.at_once(session.turn, post(), assignment_ids)
    except AssignError:
        return []
    for each in told:
        if each.problem is not None:
            out().note(" ".join(said(each.problem)))
    return told
