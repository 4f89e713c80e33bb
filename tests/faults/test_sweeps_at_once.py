"""Two sweeps at once, each a process of its own: together they do what one does alone, once each.

They begin at the same moment, behind a barrier, and wait for one another at every transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from assigncli.server.vault.vault import Vault
from tests.due import Amounts, Due, bring_due
from tests.must_hold import require_nothing_left_in_vault, require_whole, state_of
from tests.office import Office, Result
from tests.processes import Command, at_once
from tests.refusals import rows
from tests.sweeping import ARCHIVED, CLOSED, EXPIRED, LAPSED, LEFT_BEHIND, REMINDED, SHREDDED, STRAY

pytestmark = pytest.mark.slow  # processes of their own, started and killed

LATER = timedelta(days=402)
"""Tuesday 28 December 2027, noon: the year before is over, and notifications may go."""

MANY = Amounts(expire=520, remind=300, shred=80, archive=100, leave=20)
ONCE = {
    "expire": "SELECT a.number FROM assignment_status_logs AS l JOIN assignments AS a"
    " ON a.id = l.assignment_id WHERE l.to_status = 'expired'",
    "expire, in the audit log": "SELECT a.number FROM audit_log AS l JOIN assignments AS a"
    " ON a.id = l.subject_id WHERE l.action = 'assignment.expired'",
    "remind": "SELECT a.number FROM notifications AS n JOIN assignments AS a"
    " ON a.id = n.assignment_id WHERE n.kind = 'reminder'",
    "remind, the coordinator": "SELECT a.number FROM notifications AS n JOIN assignments AS a"
    " ON a.id = n.assignment_id WHERE n.kind = 'reminded'",
    "remind, in the audit log": "SELECT a.number FROM audit_log AS l JOIN assignments AS a"
    " ON a.id = l.subject_id WHERE l.action = 'assignment.reminded'",
    "archive": "SELECT number FROM archived_assignments",
    "archive, in the audit log": "SELECT a.number FROM audit_log AS l JOIN archived_assignments"
    " AS a ON a.id = l.subject_id WHERE l.action = 'assignment.archived'",
    "shred, in the audit log": "SELECT json_extract(details, '$.number') FROM audit_log"
    " WHERE action = 'payload.shredded'",
}
"""Where it is written, by which kind of thing: one row for each that was due, and no other row."""


def made_due(office: Office, amounts: Amounts) -> Due:
    """Make what is due; beside it a year to close, a certification to lapse, a share to nothing."""
    Vault.open(office.vault).put(uuid4(), bytes(32))
    office.ok("member invite liv --name 'Liv Lie' --here --keys keyring --certified-until 1.2.2027")
    return bring_due(office, amounts, office.now + LATER)


def require_done_once(office: Office, due: Due) -> None:
    """Assert that all that was due is done, each thing once, and nothing else."""
    for kind, query in ONCE.items():
        found = sorted(number for (number,) in rows(office, query))
        assert found == sorted(getattr(due, kind.split(",")[0])), kind
    assert rows(office, "SELECT count(*) FROM audit_log WHERE action = 'cycle.closed'") == [(1,)]
    assert rows(office, "SELECT count(*) FROM audit_log WHERE action = 'member.lapsed'") == [(1,)]
    require_ledger_lines(office, due)
    require_untouched(office, due.leave)
    require_nothing_left_in_vault(office)
    require_whole(office)


def require_ledger_lines(office: Office, due: Due) -> None:
    """Assert that a dispatch that expired is taken back by one line; a draft has none."""
    lines = rows(
        office,
        "SELECT a.number, l.dispatched_change FROM assignment_threshold_logs AS l JOIN assignments"
        " AS a ON a.id = l.assignment_id WHERE l.kind = 'expired' ORDER BY 1",
    )
    sent = rows(
        office,
        "SELECT number, -1 FROM assignments WHERE status = 'expired'"
        " AND dispatched_at IS NOT NULL ORDER BY 1",
    )
    assert lines == sent
    assert 0 < len(sent) < len(due.expire)


def require_untouched(office: Office, numbers: Iterable[int]) -> None:
    found = {
        number
        for (number,) in rows(
            office,
            "SELECT number FROM assignments WHERE status = 'dispatched'"
            " AND reminder_sent_at IS NULL AND updated_at = dispatched_at",
        )
    }
    assert found == set(numbers)


def said(*results: Result) -> Counter[str]:
    """Return the lines the sweeps said together, with how often; they must have ended well."""
    for result in results:
        assert (result.code, result.stderr) == (0, ""), result.said
    lines = Counter(line for result in results for line in result.stdout.splitlines())
    # Said of the share to nothing, and where one sweep begins before the other has deleted the
    # shares of what it has ended.
    del lines[LEFT_BEHIND], lines[STRAY]
    return lines


def require_named_once(lines: Counter[str], due: Due) -> None:
    """Assert that each thing that was due has a line of its own; the rest is of notifications."""
    kinds = {
        EXPIRED: due.expire,
        REMINDED: due.remind,
        SHREDDED: due.shred,
        ARCHIVED: due.archive,
        CLOSED: ("2026",),
        LAPSED: ("Liv Lie",),
    }
    expected = Counter(line.format(name) for line, names in kinds.items() for name in names)
    assert Counter({line: lines[line] for line in expected}) == expected
    told = lines - expected
    assert told
    assert all(" has no channel for notifications" in line for line in told)


def test_two_sweeps_at_once_do_each_thing_once(office: Office, tmp_path: Path) -> None:
    due = made_due(office, MANY)
    alone = office.copy_to(tmp_path / "alone")
    expected = said(alone.run("sweep"))
    require_done_once(alone, due)
    require_named_once(expected, due)
    together = at_once(office, Command("sweep"), Command("sweep"))
    assert said(*together) == expected
    require_done_once(office, due)
    assert state_of(office) == state_of(alone)
    assert said(office.run("sweep")) == Counter()
