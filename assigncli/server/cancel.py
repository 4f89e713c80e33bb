"""Cancel: call off an assignment, with a reason."""

from __future__ import annotations

from assigncli.domain.deadlines import local_day
from assigncli.domain.lifecycle import Status
from assigncli.domain.personal_data import require_no_personal_data, require_note
from assigncli.server.carrying import Carrying
from assigncli.server.refused import Refused, by_code
from assigncli.server.withdraw import withdraw


def cancel(doing: Carrying) -> None:
    """Call off an assignment before its completion.

    The argument `read` is whether the signer was shown it as read.
    """
    _salt, reason = doing.text("reason")
    today = local_day(doing.turn.now, doing.turn.zone)
    with by_code(field="reason"):
        require_note(reason)
        require_no_personal_data({"reason": reason}, None, today=today)
    if not reason.strip():
        raise Refused("reason_missing", field="reason", place=None)
    withdraw(doing, Status.CANCELLED)
