"""Members acting at the same moment, each in a process of its own, and what must hold afterwards.

The processes come from a fork server that has everything imported, so that a race begins within
milliseconds; each has a store of its own open on the same file.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Barrier
from typing import Any

import assigncli.server.sweep  # noqa: F401 - so that a race of sweeps begins at once, too
from assigncli.cli.session.in_process import Session
from assigncli.client import cancel, config, create, dispatch, open, recall
from assigncli.domain.payload import Payload
from assigncli.domain.tiers import Counts
from assigncli.errors import AssignError
from assigncli.server.store.check import check_store
from assigncli.server.vault.vault import Vault
from assigncli.server.verify import whole
from assigncli.words.errors import said
from tests import slots, steps
from tests.acting import acting, identity_of
from tests.office import PERSON, Office, Result

PATIENCE = 120
LONG_PATIENCE = 900
"""For whole commands that have a thousand things to do, on a machine that has others."""

EVER_MADE = " UNION ALL ".join(
    f"SELECT id, number, recipient_user_id, status, dispatched_at FROM {table}"
    for table in ("assignments", "archived_assignments")
)


@dataclass(frozen=True)
class Outcome:
    """How one act ended: `kind` is the error's class, empty for who got through."""

    kind: str = ""
    code: str = ""
    detail: str = ""

    @property
    def won(self) -> bool:
        """Whether the act got through."""
        return not self.kind


@dataclass(frozen=True)
class Contender:
    """One member, what they do, and on which assignment in each round."""

    profile: str
    verb: str
    references: tuple[str, ...]


def race(office: Office, *contenders: Contender) -> list[tuple[Outcome, ...]]:
    """Let the contenders act at once, round by round; return each round's outcomes."""
    context = _context()
    start = context.Barrier(len(contenders))
    ends = [_started(context, office, contender, start) for contender in contenders]
    told = []
    for process, end in ends:
        assert end.poll(LONG_PATIENCE), "a contender did not come to an end"
        told.append(end.recv())
        process.join(PATIENCE)
        assert process.exitcode == 0
    return list(zip(*told, strict=True))


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.racing"])
    return context


def _started(
    context: ForkServerContext, office: Office, contender: Contender, start: Barrier
) -> tuple[Any, Connection]:
    ours, theirs = context.Pipe()
    process = context.Process(target=_contend, args=(office, contender, start, theirs))
    process.start()
    theirs.close()
    return process, ours


def _contend(office: Office, contender: Contender, start: Barrier, end: Connection) -> None:
    identity = identity_of(office, contender.profile)
    outcomes = []
    with acting(office, contender.profile, identity=identity) as session:
        for reference in contender.references:
            start.wait(PATIENCE)
            outcomes.append(_outcome(VERBS[contender.verb], session, reference))
    end.send(outcomes)


def run_at_once(office: Office, lines: Sequence[str], profile: str = "anne") -> list[Result]:
    """Run whole commands at the same moment, at the office's; return what each said."""
    context = _context()
    start = context.Barrier(len(lines))
    running = []
    for line in lines:
        ours, theirs = context.Pipe()
        process = context.Process(target=_run, args=(office, line, profile, start, theirs))
        process.start()
        theirs.close()
        running.append((process, ours))
    said = []
    for process, end in running:
        assert end.poll(LONG_PATIENCE), "a command did not come to an end"
        said.append(end.recv())
        process.join(PATIENCE)
    return said


def _run(office: Office, line: str, profile: str, start: Barrier, end: Connection) -> None:
    start.wait(PATIENCE)
    end.send(office.run(line, profile=profile))


def _outcome(act: Callable[[Session, str], object], session: Session, reference: str) -> Outcome:
    try:
        act(session, reference)
    except AssignError as error:
        return Outcome(type(error).__name__, error.code, said(error)[0])
    except BaseException as error:
        return Outcome(f"foreign {type(error).__name__}", "", str(error))
    return Outcome()


def _create(session: Session, recipient: str) -> object:
    return create.create(session.client, create.Draft(recipient, "Home visit"), _payload())


def _send(session: Session, recipient: str) -> object:
    return create.create_and_dispatch(
        session.client, create.Draft(recipient, "Home visit"), _payload()
    )


def _payload() -> Payload:
    return Payload.from_fields(PERSON)


VERBS: dict[str, Callable[[Session, str], object]] = {
    "create": _create,
    "send": _send,
    "dispatch": lambda session, number: dispatch.dispatch(session.client, number),
    "recall": lambda session, number: recall.recall(session.client, number),
    "cancel": lambda session, number: cancel.cancel(session.client, number, "No longer needed."),
    "open": lambda session, number: open.open_brief(session.client, number),
    "ack": steps.acknowledge,
    "contact": steps.contact,
    "complete": steps.complete,
    "set": lambda session, value: config.change(session.client, "contact_deadline_days", value),
}


def make(office: Office, profile: str, verb: str, references: Sequence[str]) -> None:
    """Do an act for each reference, one after the other, in this process."""
    identity = identity_of(office, profile)
    with acting(office, profile, identity=identity) as session:
        for reference in references:
            VERBS[verb](session, reference)


def drafts(office: Office, count: int, *, to: str = "kari") -> tuple[str, ...]:
    """Create drafts and return their numbers."""
    return _numbered(office, "create", count, to)


def sent(office: Office, count: int, *, to: str = "kari") -> tuple[str, ...]:
    """Create and dispatch assignments and return their numbers."""
    return _numbered(office, "send", count, to)


def _numbered(office: Office, verb: str, count: int, to: str) -> tuple[str, ...]:
    (before,) = rows(office, "SELECT coalesce(max(number), 0) FROM assignments")[0]
    make(office, "anne", verb, [to] * count)
    return tuple(str(before + step) for step in range(1, count + 1))


def rows(office: Office, query: str, *values: object) -> list[Any]:
    """Read the store's file past the program."""
    with closing(sqlite3.connect(office.store)) as connection:
        return connection.execute(query, values).fetchall()


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
        "SELECT k.id, a.status, k.revoked_at FROM assignments AS a"
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
