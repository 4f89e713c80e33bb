"""Fill an office's store with years of history, by SQL, in seconds.

The rows are shaped like real ones and stand where real ones would: all but the newest thousand have
ended. Their signatures are not theirs, so they can be listed and shown, and not opened. Guards are
taken away for the filling and put back word for word.

It is the history of a store that is swept as it should be: nothing of it is due. What was completed
a month ago has no share in the vault any more, and nothing is a year old, since it would be in the
archive; so more than a year's number of assignments is closer together instead.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any

from assigncli.protocol.tree import appended
from tests import slots
from tests.office import Office

MENTORS = 200
MINUTES_APART = 26
"""About twenty thousand assignments a year; those before the recent ones are closer if need be."""

RECENT = 1000
"""How many of the newest may still be open."""

HISTORY = timedelta(days=340)
"""What ended longer ago is nearly due for the archive."""

REMINDED_AFTER, KEPT_FOR = timedelta(days=9), timedelta(days=29)
"""Ten and thirty local calendar days are over within the tenth and thirtieth day, at midnight."""

ID = "lower(hex(randomblob(16)))"


def fill(office: Office, count: int, *, mentors: int = MENTORS, live: bool = False) -> None:
    """Bring the store to `count` assignments; it must hold one that was really dispatched.

    With `live` all of them are as the newest thousand are otherwise: each has a share in the vault.
    """
    with closing(sqlite3.connect(office.store, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA foreign_keys = OFF")
        with _unguarded(db):
            db.execute("BEGIN")
            _add_mentors(db, mentors)
            _number(db, office, count, mentors, max(count, RECENT) if live else RECENT)
            _add_assignments(db, office.now)
            for step in (_add_keys, _add_logs, _add_audit, _add_outbox):
                step(db)
            _add_sweep(db, office.now)
            db.execute("COMMIT")
        keys = db.execute("SELECT key FROM filling WHERE dead_at IS NULL")
        _add_shares(office, keys)


@contextmanager
def _unguarded(db: sqlite3.Connection) -> Iterator[None]:
    guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _sql in guards:
        db.execute(f"DROP TRIGGER {name}")
    yield
    for _name, sql in guards:
        db.execute(sql)


def _copy(db: sqlite3.Connection, table: str, source: str, **changes: str) -> None:
    """Insert a copy of the table's first row for each row of `source`, with other values."""
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    values = [changes.get(name, f"t.{name}") for name in columns]
    db.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source}"
        f" CROSS JOIN (SELECT * FROM {table} ORDER BY rowid LIMIT 1) AS t"
    )


def _add_mentors(db: sqlite3.Connection, mentors: int) -> None:
    db.execute(
        f"CREATE TEMP TABLE mentors AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1"
        f" FROM n WHERE i < {mentors - 1}) SELECT i, {ID} AS id, printf('mentor%03d', i) AS handle"
        " FROM n"
    )
    _copy(
        db,
        "members",
        "mentors AS m",
        id="m.id",
        handle="m.handle",
        display_name="'Mentor ' || m.i",
        status="'active'",
    )
    _copy(db, "member_roles", "mentors AS m", member_id="m.id", role="'peer_mentor'")
    _copy(db, "certificates", "mentors AS m", id=ID, member_id="m.id", revoked_at="NULL")
    _copy(
        db,
        "peer_mentor_profiles",
        "mentors AS m",
        member_id="m.id",
        status="CASE WHEN m.i % 10 = 3 THEN 'paused' ELSE 'active' END",
        paused_until="NULL",
    )


def _number(db: sqlite3.Connection, office: Office, count: int, mentors: int, recent: int) -> None:
    """Make a table of the rows to come: number, ids, mentor, status, moment, key's end."""
    (first,) = db.execute("SELECT max(number) + 1 FROM assignments").fetchone()
    newest = office.now - timedelta(minutes=MINUTES_APART)
    recently = timedelta(minutes=MINUTES_APART) * RECENT
    apart = min(
        timedelta(minutes=MINUTES_APART), (HISTORY - recently) / max(1, count - recent)
    ).total_seconds()
    at = _moment(
        f"'{newest:%Y-%m-%d %H:%M:%S}'",
        f"printf('-%d seconds', min(age, {recent}) * {recently.total_seconds() / recent}"
        f" + max(age - {recent}, 0) * {apart})",
    )
    db.execute(
        f"""CREATE TEMP TABLE filling AS
        WITH RECURSIVE n(number) AS (SELECT {first} UNION ALL SELECT number + 1 FROM n
          WHERE number < {count}),
        aged AS (SELECT number, {count} - number AS age FROM n),
        placed AS (SELECT number, {ID} AS id, {ID} AS key,
          (SELECT m.id FROM mentors AS m WHERE m.i = number % {mentors}) AS mentor,
          CASE WHEN age < {recent} THEN CASE number % 10
              WHEN 0 THEN 'pending' WHEN 1 THEN 'dispatched' WHEN 2 THEN 'delivered'
              WHEN 3 THEN 'read' WHEN 4 THEN 'acknowledged' WHEN 5 THEN 'contact_made'
              ELSE 'completed' END
            ELSE CASE number % 50 WHEN 0 THEN 'cancelled' WHEN 1 THEN 'expired'
              ELSE 'completed' END END AS status,
          {at} AS at
        FROM aged)
        SELECT *, CASE WHEN status IN ('cancelled', 'expired') THEN at
          WHEN status = 'completed' AND at < '{_stored(office.now - KEPT_FOR)}'
            THEN {_later("at", KEPT_FOR)} END AS dead_at
        FROM placed"""
    )
    db.execute("CREATE INDEX temp.filling_number ON filling (number)")


def _moment(base: str, *modifiers: str) -> str:
    """Return the expression of a moment as the store writes it."""
    return f"strftime('%Y-%m-%dT%H:%M:%S.000000Z', {', '.join((base, *modifiers))})"


def _later(moment: str, span: timedelta) -> str:
    return _moment(f"substr({moment}, 1, 19)", f"'+{span.days} days'")


def _stored(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.000000Z}"


def _add_assignments(db: sqlite3.Connection, now: datetime) -> None:
    _copy(
        db,
        "encryption_keys",
        "filling AS f",
        id="f.key",
        assignment_id="f.id",
        created_at="f.at",
        retired_at="CASE WHEN f.status = 'completed' THEN f.at END",
        revoked_at="f.dead_at",
        shredded_at="f.dead_at",
    )
    sent = "CASE WHEN f.status <> 'pending' THEN f.at END"
    later = "CASE WHEN f.status IN ({}) THEN f.at END"
    read = "'read', 'acknowledged', 'contact_made', 'completed'"
    waiting = "'dispatched', 'delivered', 'read', 'acknowledged'"
    _copy(
        db,
        "assignments",
        "filling AS f",
        id="f.id",
        number="f.number",
        recipient_user_id="f.mentor",
        encryption_key_id="f.key",
        status="f.status",
        created_at="f.at",
        updated_at="f.at",
        dispatched_at=sent,
        priority="CASE WHEN f.number % 20 = 0 THEN 'urgent' ELSE 'normal' END",
        expires_at=_later("f.at", timedelta(days=30)),
        reminder_sent_at=f"CASE WHEN f.status IN ({waiting})"
        f" AND f.at < '{_stored(now - REMINDED_AFTER)}' THEN {_later('f.at', REMINDED_AFTER)} END",
        delivered_at=later.format(f"'delivered', {read}"),
        first_read_at=later.format(read),
        acknowledged_at=later.format("'acknowledged', 'contact_made', 'completed'"),
        contact_made_at=later.format("'contact_made', 'completed'"),
        completed_at=later.format("'completed'"),
        cancelled_at=later.format("'cancelled'"),
        threshold_sequence_number="CASE WHEN f.status <> 'pending' THEN 1 END",
        reporting_cycle_id="CASE WHEN f.status <> 'pending' THEN t.reporting_cycle_id END",
    )


def _add_keys(db: sqlite3.Connection) -> None:
    mentors = "(SELECT c.id FROM certificates AS c WHERE c.member_id = f.mentor LIMIT 1)"
    for reader in (mentors, "t.certificate_id"):
        _copy(
            db,
            "key_wraps",
            "filling AS f",
            assignment_id="f.id",
            encryption_key_id="f.key",
            certificate_id=reader,
            created_at="f.at",
        )


def _add_logs(db: sqlite3.Connection) -> None:
    for source, target in (
        ("NULL", "'pending'"),
        ("'pending'", "'dispatched'"),
        ("'dispatched'", "'delivered'"),
        ("'delivered'", "f.status"),
    ):
        _copy(
            db,
            "assignment_status_logs",
            "filling AS f",
            id="NULL",
            assignment_id="f.id",
            from_status=source,
            to_status=target,
            at="f.at",
        )
    # All dispatches of a mentor come first, then all completions; the counts are accordingly.
    counted = (
        "(SELECT *, row_number() OVER (PARTITION BY mentor ORDER BY number) AS nth,"
        " count(*) OVER (PARTITION BY mentor) AS own FROM filling ORDER BY number) AS f"
    )
    for kind, sent, done in (("dispatched", 1, 0), ("completed", 0, 1)):
        _copy(
            db,
            "assignment_threshold_logs",
            counted,
            id="NULL",
            assignment_id="f.id",
            member_id="f.mentor",
            kind=f"'{kind}'",
            dispatched_change=str(sent),
            completed_change=str(done),
            dispatched_count="f.nth" if sent else "f.own",
            completed_count="f.nth" if done else "0",
            from_earlier_count="0",
            in_person_count="0",
            not_in_person_count="0",
            at="f.at",
        )


def _add_audit(db: sqlite3.Connection) -> None:
    (tail,) = db.execute("SELECT max(sequence) FROM audit_log").fetchone()
    for action in ("assignment.created", "assignment.dispatched", "assignment.read"):
        _copy(
            db,
            "audit_log",
            "(SELECT *, row_number() OVER (ORDER BY number) AS i FROM filling) AS f",
            id="NULL",
            sequence=f"{tail} + f.i",
            subject_id="f.id",
            action=f"'{action}'",
            at="f.at",
        )
        (tail,) = db.execute("SELECT max(sequence) FROM audit_log").fetchone()
    _add_nodes(db, tail)


def _add_nodes(db: sqlite3.Connection, size: int) -> None:
    """Let the tree grow over the new entries, by leaves that are not theirs."""
    found = db.execute("SELECT organization_id, level, place, hash FROM log_nodes").fetchall()
    nodes = {(level, place): hash_ for _organization, level, place, hash_ in found}

    def node_at(level: int, place: int) -> bytes:
        return bytes(nodes[level, place])

    for at in range(sum(level == 0 for level, _place in nodes), size):
        made = appended(at, secrets.token_bytes(32), node_at)
        nodes.update({(level, place): hash_ for level, place, hash_ in made})
        db.executemany(
            "INSERT INTO log_nodes (organization_id, level, place, hash) VALUES (?, ?, ?, ?)",
            [(found[0][0], *each) for each in made],
        )


def _add_outbox(db: sqlite3.Connection) -> None:
    for kind in ("dispatched", "completed"):
        _copy(
            db,
            "notifications",
            "filling AS f",
            id=ID,
            assignment_id="f.id",
            recipient_id="f.mentor",
            kind=f"'{kind}'",
            created_at="f.at",
            due_at="f.at",
            status="'sent'",
        )


def _add_sweep(db: sqlite3.Connection, now: datetime) -> None:
    """Say that it was swept an hour ago; the first sweep of a day looks at more."""
    db.execute(
        "INSERT OR REPLACE INTO sweep_runs (organization_id, at, done, failed)"
        f" SELECT id, '{_stored(now - timedelta(hours=1))}', 0, 0 FROM organizations"
    )


def _add_shares(office: Office, keys: Any) -> None:
    with office.vault.open("ab") as vault:
        for (key,) in keys:
            vault.write(slots.live(bytes.fromhex(key), os.urandom(32)))
    top = office.vault.stat().st_size // slots.SLOT - 1
    slots.write_at(office.vault, slots.header(top), 0)
