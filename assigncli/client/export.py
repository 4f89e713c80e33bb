"""Record an export of figures: which report, of which mentors, and up to which ledger line.

`--since` counts from the newest recorded export. The report is written first, so that no export is
recorded that was not made. If recording then fails, the user is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from assigncli.client import asking
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.inquiry import Wanted
from assigncli.domain.actions import Action
from assigncli.errors import AssignError, OutcomeUnknown, PartlyDone
from assigncli.protocol.forms import MAX_ITEMS
from assigncli.trust.signers import ACTORS

_RECORDED: Final = ACTORS[Action.HONORARIUM_EXPORTED]


@dataclass(frozen=True)
class ExportedFigures:
    """What is exported: which report, of which cycles, of one mentor or of all.

    `up_to` is the last line of the ledger that was read.
    """

    report: str
    cycles: Sequence[UUID]
    mentor_id: UUID | None
    up_to: int


def export(
    client: Client, found: ExportedFigures, format_: str, put_in_place: Callable[[], None]
) -> bool:
    """Put the report in place and record the export; return whether it was recorded.

    A mentor's export of their own figures is not recorded. Raises what a refusal of this device's
    question means, and what `put_in_place` raises; then nothing is recorded. Raises PartlyDone
    `export_not_recorded` where the report was put in place but the export not recorded.
    """
    # Signed, so that the server checks this device's clock as for the export itself, but before the
    # file is put in place.
    proven = asking.read(client, Wanted("read.head"), is_signed=True)
    signer = asking.this_device(client, proven)
    roles = asking.own_certificate(client, proven).roles
    put_in_place()
    recorded = bool(roles & _RECORDED)
    for intent in _intents(client, found, format_) if recorded else ():
        try:
            asking.act(client, signer, intent, lambda _refusal: None)
        except OutcomeUnknown:
            raise
        except AssignError:
            raise _not_recorded() from None
    return recorded


def _not_recorded() -> PartlyDone:
    return PartlyDone("export_not_recorded")


def _intents(client: Client, found: ExportedFigures, format_: str) -> Iterator[Intent]:
    """Yield the acts that record the export, each with as many cycles as a statement may hold."""
    cycles = sorted(map(str, found.cycles))
    for start in range(0, len(cycles), MAX_ITEMS):
        arguments = {
            "format": format_,
            "report": found.report,
            "cycles": cycles[start : start + MAX_ITEMS],
            "member": None if found.mentor_id is None else str(found.mentor_id),
            "up_to": found.up_to,
        }
        yield Intent(Action.HONORARIUM_EXPORTED.value, client.organization_id, arguments)
