"""How long a completed brief is kept: by the signed setting, not by the setting's row.

A row written into the settings by other means neither ends nor keeps a brief.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.deadlines import due_before
from assigncli.domain.setting_values import default
from assigncli.errors import Tampered
from assigncli.server import settings_in_force
from assigncli.server.endings import verified
from assigncli.server.record import about, told_by
from assigncli.server.turn import Turn

_NAME: Final = "retention_days"


def over_before(turn: Turn, tx: Transaction) -> datetime:
    """Return the time before which a completion's retention is over (aware UTC).

    Raises Tampered `setting_unsigned` if the newest entry about the setting does not verify, or if
    the statement of a newer entry cannot be read, so that it may be about it.
    """
    return due_before(turn.now, _signed_days(turn, tx), turn.zone)


def difference(turn: Turn) -> Tampered | None:
    """Return the problem if the setting's row differs from what was signed; None if not.

    Raises as `over_before`.
    """
    with turn.store.read() as tx:
        signed = _signed_days(turn, tx)
        if settings_in_force.values(turn, tx)[_NAME] == str(signed):
            return None
    return Tampered("setting_unsigned", "differs")


def _signed_days(turn: Turn, tx: Transaction) -> int:
    try:
        rows = about(turn, tx, turn.organization_id, [Action.SETTING_CHANGED])
        for row in reversed(rows):
            said = told_by(tx, row).arguments
            if said["name"] == _NAME:
                verified(turn, tx, row)
                return max(1, int(said["value"]))
    except (Tampered, ValueError, TypeError, KeyError, AttributeError):
        raise Tampered("setting_unsigned", "entry") from None
    return int(default(_NAME))
