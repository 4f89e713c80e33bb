"""Who may be sent an assignment, for who is still being asked: nothing here is relied on later."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from assigncli.actions import asking
from assigncli.actions.session import Session
from assigncli.client.recipient import Recipient, named, not_active
from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import Role
from assigncli.errors import AssignError
from assigncli.locale import _
from assigncli.store import members

_MOST_VERIFIED: Final = 30


def fit_recipient(session: Session, handle: str) -> Recipient:
    """Return the mentor with this handle, if an assignment may be sent to them now.

    Raises as `recipient.named`.
    """
    handle = handle.strip().lower()
    found = asking.recipients(session, [handle])
    return named(found, handle, local_day(session.now, session.zone))


def choices(session: Session, at_most: int) -> list[Recipient] | None:
    """Return who may be sent an assignment now, by handle; None where they are too many to choose.

    Of many members not each is verified, only to ask a question.
    """
    with session.store.read() as tx:
        mentors = members.everyone(tx, session.organization_id, role=Role.PEER_MENTOR)
        handles = [mentor.handle for mentor in mentors]
    if len(handles) > _MOST_VERIFIED:
        return None
    shown, today = asking.recipients(session, handles), local_day(session.now, session.zone)
    found = []
    for handle in handles:
        with suppress(AssignError):
            found.append(named(shown, handle, today))
    return found if len(found) <= at_most else None


def nobody_fit() -> AssignError:
    """Return the refusal of an assignment where nobody could be sent one."""
    return not_active(
        _("There is no mentor who can be sent an assignment now."),
        _("Run assign member list to see who is paused or not approved yet."),
    )
