"""The advice on an assignment that is open with a mentor who takes none, or declined it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from assigncli.domain.availability import Unavailability
from assigncli.domain.lifecycle import UNREAD, Status
from assigncli.locale import _


def what_to_do(why: Unavailability, status: Status, number: int, handle: str) -> str:
    """Return the advice on one such assignment, with its commands."""
    if status is Status.PENDING:
        send = _("Choose another mentor with assign edit {number} --to HANDLE.")
    elif status in UNREAD:
        send = _("Recall it with assign recall {number}, and create it again for another mentor.")
    else:
        send = _("Cancel it with assign cancel {number}, and create it again for another mentor.")
    said = send.format(number=number)
    otherwise = _OTHERWISE.get(why)
    return said if otherwise is None else f"{said} {otherwise().format(handle=handle)}"


def after_decline(number: int, dispatcher: str | None) -> str:
    """Return the advice on a declined assignment; `dispatcher` is who sent it, None for oneself."""
    if dispatcher is None:
        said = _("Give it to another mentor with assign reassign {number} --to HANDLE.")
    else:
        said = _("Ask {name} to give it to another mentor with assign reassign {number}.")
    return said.format(number=number, name=dispatcher)


_OTHERWISE: Final[dict[Unavailability, Callable[[], str]]] = {
    Unavailability.LAPSED: lambda: _("Or run assign member certify {handle}."),
    Unavailability.PAUSED: lambda: _("Or run assign member resume {handle}."),
}
