"""Record that figures left the house: a signed entry for each cycle, up to which ledger line.

`--since` counts from the newest one. The report itself is put in place inside the same transaction,
so that no export goes unrecorded, and none is recorded that was not made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from assigncli.actions import trust
from assigncli.actions.record import Act, record_all
from assigncli.actions.report.basis import ACTIVITY, HONORARIUM
from assigncli.actions.report.standing import Report
from assigncli.actions.report.visits import Activity
from assigncli.actions.session import Session
from assigncli.domain.audit import ACTORS, Action
from assigncli.errors import OutcomeUnknown, PartlyDone, StoreUnavailable
from assigncli.locale import _

_RECORDED: Final = frozenset(role.value for role in ACTORS[Action.HONORARIUM_EXPORTED])


def export(session: Session, found: Report | Activity, put_in_place: Callable[[], None]) -> bool:
    """Record the export of `found` and put it in place; return whether it was recorded.

    A mentor's export of their own figures is theirs alone, and is not recorded. Raises what
    `trust.acting` and `put_in_place` raise; then nothing is recorded. Raises PartlyDone
    `export_not_recorded` where the report was put in place and the disk then failed.
    """
    in_place = False
    try:
        with session.write() as tx:
            actor = trust.acting(session, tx)
            recorded = bool(actor.roles & _RECORDED)
            if recorded:
                record_all(session, tx, actor, _acts(found))
            put_in_place()
            in_place = True
    except OutcomeUnknown:
        raise
    except StoreUnavailable:
        if in_place:
            raise _not_recorded() from None
        raise
    return recorded


def _not_recorded() -> PartlyDone:
    return PartlyDone(
        _("The figures are written, but the store's disk failed before the export was recorded."),
        _("Run the same command again, with --force where it writes to a file."),
        code="export_not_recorded",
    )


def _acts(found: Report | Activity) -> Sequence[Act]:
    facts: dict[str, str | int] = {
        "report": HONORARIUM if isinstance(found, Report) else ACTIVITY,
    }
    if found.mentor_id is not None:
        facts["mentor"] = str(found.mentor_id)
    return [
        (
            Action.HONORARIUM_EXPORTED,
            each.basis.cycle_id,
            {**facts, "up_to": each.up_to},
        )
        for each in found.cycles
    ]
