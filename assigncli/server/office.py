"""What the organisation has settled for everybody: its reporting cycles, shown to every member."""

from __future__ import annotations

from assigncli.protocol.evidence import Evidence
from assigncli.server import evidence
from assigncli.server.asked import Answering
from assigncli.server.cells import cycle_rows


def cycles(asked: Answering) -> Evidence:
    """Answer with every cycle, open or closed."""
    told = {"reporting_cycles": cycle_rows(asked.session, asked.tx)}
    return evidence.about_assignments(asked, [], told)
