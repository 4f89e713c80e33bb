"""What must hold of an office after any race, crash or interruption."""

from __future__ import annotations

from typing import Any

from assigncli.domain.tiers import Counts
from assigncli.server.store.check import check_store
from assigncli.server.vault.vault import Vault
from assigncli.server.verify import whole
from tests import slots
from tests.acting import acting
from tests.office import Office
from tests.refusals import rows

EVER_MADE = " UNION ALL ".join(
    f"SELECT id, number, recipient_user_id, status, dispatched_at FROM {table}"
    for table in ("assignments", "archived_assignments")
)


def require_whole(office: Office) -> None:
    """Assert all that no race, crash or interruption may break."""
    with acting(office, "anne") as session:
        assert check_store(session.host.store) == ()
        assert whole.verify(session.turn).findings == ()
    assert Vault.open(office.vault).check()
    require_numbers(office)
    require_steps(office)
    require_ledger(office)
    require_shares(office)


def require_numbers(office: Office) -> None:
    """Assert that assignments are numbered 1 to N, none skipped, none doubled."""
    numbers = [number for (number,) in rows(office, f"SELECT number FROM ({EVER_MADE}) ORDER BY 1")]
    assert numbers == list(range(1, len(numbers) + 1))


def require_steps(office: Office) -> None:
    """Assert that each status log is one unbroken path, and ends where the row stands."""
    steps: dict[Any, list[tuple[str, str]]] = {}
    for key, source, target in rows(
        office,
        "SELECT assignment_id, from_status, to_status FROM assignment_status_logs ORDER BY id",
    ):
        steps.setdefault(key, []).append((source, target))
    for key, status in rows(office, f"SELECT id, status FROM ({EVER_MADE})"):
        path = steps.pop(key)
        assert path[0][0] is None
        assert [source for source, _ in path[1:]] == [target for _, target in path[:-1]]
        assert path[-1][1] == status
    assert not steps


OTHER_COUNTS = """
SELECT id FROM (
  SELECT l.*,
    sum(dispatched_change) OVER ledger AS dispatched,
    sum(completed_change) OVER ledger AS completed,
    sum(kind = 'completed' AND reporting_cycle_id <> (
      SELECT s.reporting_cycle_id FROM assignment_threshold_logs AS s
      WHERE s.assignment_id = l.assignment_id AND s.kind = 'dispatched')) OVER ledger AS earlier,
    sum(in_person IS 1) OVER ledger AS seen,
    sum(in_person IS 0) OVER ledger AS unseen
  FROM assignment_threshold_logs AS l
  WINDOW ledger AS (PARTITION BY member_id, reporting_cycle_id ORDER BY id)
)
WHERE (dispatched_count, completed_count, from_earlier_count, in_person_count, not_in_person_count)
  <> (dispatched, completed, earlier, seen, unseen)
"""
"""The lines whose counts are not the sums of the changes up to them."""


def require_ledger(office: Office) -> None:
    """Assert that the honorarium ledger says what the assignments say, and adds up line by line."""
    by_line = rows(
        office,
        "SELECT member_id, sum(dispatched_change), sum(completed_change)"
        " FROM assignment_threshold_logs GROUP BY member_id ORDER BY member_id",
    )
    by_row = rows(
        office,
        "SELECT recipient_user_id,"
        " sum(status NOT IN ('recalled', 'cancelled', 'expired')), sum(status = 'completed')"
        f" FROM ({EVER_MADE}) WHERE dispatched_at IS NOT NULL"
        " GROUP BY recipient_user_id ORDER BY recipient_user_id",
    )
    assert by_line == by_row
    assert rows(office, OTHER_COUNTS) == []


def require_shares(office: Office) -> None:
    """Assert that what is open can be opened, and what was withdrawn or shredded cannot.

    A share that nothing refers to may be left by a crash; the sweep deletes it.
    """
    held = shares(office)
    for key, status, revoked_at in rows(
        office,
        "SELECT k.id, a.status, coalesce(k.revoked_at, (SELECT 'lost' FROM lost_endings AS l"
        " WHERE l.kind = 'key' AND l.id = k.id)) FROM assignments AS a"
        " JOIN encryption_keys AS k ON k.id = a.encryption_key_id",
    ):
        dead = revoked_at is not None or status in ("recalled", "cancelled", "expired")
        assert (key in held) is not dead


def require_nothing_left_in_vault(office: Office) -> None:
    """Assert that the vault holds the shares of live keys, each, and no other; all is written."""
    live = rows(office, "SELECT id FROM encryption_keys WHERE revoked_at IS NULL")
    assert shares(office) == {key for (key,) in live}
    unwritten = rows(
        office,
        "SELECT count(*) FROM encryption_keys WHERE (revoked_at IS NULL) <> (shredded_at IS NULL)",
    )
    assert unwritten == [(0,)]


def shares(office: Office) -> set[str]:
    """Return the ids of the keys whose share the vault holds, as the store writes them."""
    return {key.hex() for key in slots.shares(office.vault)}


CHANCE = {
    "assignment_status_logs": {"id"},
    "assignment_threshold_logs": {"id", *Counts._fields},
    "notifications": {"id"},
    "audit_log": {"id", "sequence", "statement_hash", "signature"},
    "statements": {"hash", "body", "signature"},
    "log_nodes": {"hash"},
    "sweep_runs": {"done", "failed"},
    "store_info": {"recent_writes"},
}
"""Columns that may differ between two stores in which the same was done at the same moment."""


def state_of(office: Office) -> dict[str, list[Any]]:
    """Return all that store and vault say, to compare what was done in two copies of an office."""
    tables = rows(office, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    found: dict[str, list[Any]] = {"shares": sorted(shares(office))}
    for (table,) in tables:
        columns = [row[1] for row in rows(office, f"PRAGMA table_info({table})")]
        kept = ", ".join(name for name in columns if name not in CHANCE.get(table, ()))
        found[table] = sorted(rows(office, f"SELECT {kept} FROM {table}"), key=repr)
    return found


def sequence_numbers(office: Office) -> list[int]:
    """Return the honorarium sequence numbers that were given out, in order."""
    found = rows(
        office,
        "SELECT threshold_sequence_number FROM assignments"
        " WHERE threshold_sequence_number IS NOT NULL ORDER BY 1",
    )
    return [number for (number,) in found]
