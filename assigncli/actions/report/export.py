"""Record that figures left the house: which, of whom, and up to which ledger line.

`--since` counts from the newest export. The report is put in place first, so that no export is
recorded that was not made; where it then cannot be recorded, that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from assigncli.actions import asking
from assigncli.actions.report.basis import ACTIVITY, HONORARIUM
from assigncli.actions.report.standing import Report
from assigncli.actions.report.visits import Activity
from assigncli.actions.session import Session
from assigncli.client.asking import Wanted
from assigncli.client.exchange import Intent
from assigncli.domain.audit import ACTORS, Action
from assigncli.errors import AssignError, OutcomeUnknown, PartlyDone
from assigncli.locale import _
from assigncli.protocol.forms import MAX_ITEMS

_RECORDED: Final = frozenset(role.value for role in ACTORS[Action.HONORARIUM_EXPORTED])


def export(
    session: Session, found: Report | Activity, format_: str, put_in_place: Callable[[], None]
) -> bool:
    """Put `found` in place and record the export; return whether it was recorded.

    A mentor's export of their own figures is theirs alone, and is not recorded. Raises what a
    refusal to answer this device means, and what `put_in_place` raises; then nothing is recorded.
    Raises PartlyDone `export_not_recorded` where the report was put in place and the export then
    not recorded.
    """
    # Signed, so that clocks are looked at as they are for the export itself: before the file is put
    # in place.
    proven = asking.read(session, Wanted("read.head"), is_signed=True)
    signer = asking.this_device(session, proven)
    roles = asking.own_certificate(session, proven).roles
    put_in_place()
    recorded = bool(roles & _RECORDED)
    for intent in _intents(session, found, format_) if recorded else ():
        try:
            asking.act(session, signer, intent, lambda _refusal: None)
        except OutcomeUnknown:
            raise
        except AssignError:
            raise _not_recorded() from None
    return recorded


def _not_recorded() -> PartlyDone:
    return PartlyDone(
        _("The figures are written, but the export could not be recorded."),
        _("Run the same command again, with --force where it writes to a file."),
        code="export_not_recorded",
    )


def _intents(session: Session, found: Report | Activity, format_: str) -> Iterator[Intent]:
    """Yield what is to be recorded: as many cycles at once as a statement holds."""
    cycles = sorted(str(each.basis.cycle_id) for each in found.cycles)
    for start in range(0, len(cycles), MAX_ITEMS):
        arguments = {
            "format": format_,
            "report": HONORARIUM if isinstance(found, Report) else ACTIVITY,
            "cycles": cycles[start : start + MAX_ITEMS],
            "member": None if found.mentor_id is None else str(found.mentor_id),
            # Of all cycles, which were read at once: later lines have higher numbers.
            "up_to": max(each.up_to for each in found.cycles),
        }
        yield Intent(Action.HONORARIUM_EXPORTED.value, session.organization_id, arguments)
