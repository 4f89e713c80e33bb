"""Answer any member with the organisation's cycles and settings."""

from __future__ import annotations

from assigncli.protocol.evidence import Evidence
from assigncli.server import gathering
from assigncli.server.asked import Answering
from assigncli.server.row_cells import cycle_rows, setting_rows


def cycles(asked: Answering) -> Evidence:
    """Answer with every cycle, open or closed."""
    told = {"reporting_cycles": cycle_rows(asked.turn, asked.tx)}
    return gathering.about_assignments(asked, [], told)


def settings(asked: Answering) -> Evidence:
    """Answer with every setting's value; the default if it was never set."""
    told = {"settings": setting_rows(asked.turn, asked.tx)}
    return gathering.about_assignments(asked, [], told)
