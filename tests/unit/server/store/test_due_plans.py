"""Each question of the sweep is answered from the index that is made for it, whatever the history.

So is a list of one mentor's assignments with one status, else all of that mentor's would be walked.

The planner has no statistics to go by, so what it plans for an empty store it plans for a million
rows. Indexes are searched, none is read from end to end, and nothing is sorted but what falls on
one and the same moment.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlmodel import Session

from assigncli.domain.lifecycle import Status
from assigncli.domain.notification import NotificationStatus
from assigncli.server.store import (
    assignments,
    audit_log,
    comparing,
    due,
    keys,
    log_pages,
    notifications,
)
from assigncli.server.store.assignments import Filters
from assigncli.server.store.due import Due
from assigncli.server.store.engine import Store
from assigncli.server.store.notifications import QueuedNotification
from assigncli.server.store.scheduled import COMPLETIONS, ENDINGS, Notification
from tests.quick import all_in_one

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
OWN, OTHER = uuid4(), uuid4()
PLACE = Due(uuid4(), 7, NOW)
RETIRED = keys.Retired(uuid4(), uuid4(), 7, NOW)
THEIR_READ = Filters(statuses=(Status.READ,), recipient_id=OTHER)
NOTIFICATION = Notification(
    id=uuid4(),
    organization_id=OWN,
    assignment_id=uuid4(),
    recipient_id=OTHER,
    kind="expired",
    status=NotificationStatus.QUEUED,
    created_at=NOW,
    due_at=NOW,
)
WAITING = QueuedNotification(NOTIFICATION, 7, Status.READ, "Kari")

Ask = Callable[[Session], object]
Plan = list[tuple[str, str]]
"""The indexes that are searched, in order, and by what."""

BEFORE, BETWEEN = "{}<?", "{0}>? AND {0}<?"
KEY = ("sqlite_autoindex_encryption_keys_1", "id=?")
ASSIGNMENT = ("sqlite_autoindex_assignments_1", "id=?")
MEMBER = ("sqlite_autoindex_members_1", "id=?")
COMPLETED = ("ix_assignments_completed_key", "encryption_key_id=?")


def expiry(moment: str) -> Plan:
    by = moment.format("expires_at")
    return [("ix_assignments_expiry_due", f"organization_id=? AND {by}")]


def reminder(moment: str) -> Plan:
    by = moment.format("dispatched_at")
    return [
        (
            "ix_assignments_reminder_due",
            f"organization_id=? AND contact_deadline_days=? AND {by}",
        )
    ]


def archive(moment: str) -> Plan:
    by = moment.format("updated_at")
    return [("ix_assignments_archive_due", f"organization_id=? AND {by}")]


def retired() -> Plan:
    by = BETWEEN.format("retired_at")
    return [("ix_encryption_keys_retired", f"organization_id=? AND {by}"), COMPLETED]


def notification(more: str = "") -> tuple[str, str]:
    return ("ix_notifications_due", f"organization_id=? AND status=?{more}")


def mentors(more: str = "") -> tuple[str, str]:
    return ("ix_assignments_recipient_status", f"recipient_user_id=? AND status=?{more}")


UP_TO_NOW, FROM_PLACE = " AND due_at<?", " AND due_at>? AND due_at<?"

ASKED: dict[str, tuple[Ask, Plan]] = {
    "expired": (lambda tx: due.expired(tx, OWN, NOW, None), expiry(BEFORE)),
    "expired, after": (lambda tx: due.expired(tx, OWN, NOW, PLACE), expiry(BETWEEN)),
    "without_contact": (
        lambda tx: due.without_contact(tx, OWN, 10, NOW, NOW, None),
        reminder(BEFORE),
    ),
    "without_contact, after": (
        lambda tx: due.without_contact(tx, OWN, 10, NOW, NOW, PLACE),
        reminder(BETWEEN),
    ),
    "deadlines": (
        lambda tx: list(due.deadlines(tx, OWN)),
        [("ix_assignments_reminder_due", "organization_id=? AND contact_deadline_days>?")],
    ),
    "ended": (lambda tx: due.ended(tx, OWN, NOW, None), archive(BEFORE)),
    "ended, after": (lambda tx: due.ended(tx, OWN, NOW, PLACE), archive(BETWEEN)),
    "retired": (lambda tx: keys.retired(tx, OWN, NOW, None, 200), retired()),
    "retired, after": (lambda tx: keys.retired(tx, OWN, NOW, RETIRED, 200), retired()),
    "said_to_have_ended": (
        lambda tx: due.said_to_have_ended(tx, OWN, ENDINGS, 7),
        [("ix_audit_log_endings", "organization_id=? AND sequence>?")],
    ),
    "said to be completed": (
        lambda tx: due.said_to_have_ended(tx, OWN, COMPLETIONS, 7),
        [("ix_audit_log_completions", "organization_id=? AND sequence>?")],
    ),
    "number_of": (
        lambda tx: keys.number_of(tx, OWN, OTHER),
        [ASSIGNMENT, ("sqlite_autoindex_archived_assignments_1", "id=?")],
    ),
    "assignment_of": (lambda tx: keys.assignment_of(tx, OWN), [KEY]),
    "dead": (lambda tx: keys.dead(tx, OWN, [OTHER]), [KEY]),
    "is_live": (lambda tx: keys.is_live(tx, OWN), [KEY]),
    "nodes": (
        lambda tx: audit_log.nodes(tx, OWN, [(0, 7), (3, 1)]),
        [
            *(None, None, None),  # the pairs that are asked for, which are in the query itself
            ("sqlite_autoindex_log_nodes_1", "organization_id=? AND level=? AND place=?"),
        ],
    ),
    "live": (
        lambda tx: keys.live(tx, OTHER, 200),
        [
            ("sqlite_autoindex_encryption_keys_1", "id>?"),
            ("sqlite_autoindex_organizations_1", "id=?"),
            ASSIGNMENT,
        ],
    ),
    "unshredded": (
        lambda tx: keys.unshredded(tx, OWN, None, 200),
        [("ix_encryption_keys_unshredded", "organization_id=?")],
    ),
    "unshredded, after": (
        lambda tx: keys.unshredded(tx, OWN, OTHER, 200),
        [("ix_encryption_keys_unshredded", "organization_id=? AND id>?")],
    ),
    "registered": (lambda tx: keys.registered(tx, [OWN, OTHER]), [KEY]),
    "revoke": (lambda tx: keys.write(tx, {OWN: {"revoked_at": NOW}}), [KEY]),
    "retire": (lambda tx: keys.write(tx, {OWN: {"retired_at": NOW}}), [KEY]),
    "shredded_among": (lambda tx: keys.shredded_among(tx, [OWN, OTHER]), [KEY]),
    "shredded": (lambda tx: keys.shredded(tx, [OWN, OTHER], NOW), [KEY]),
    "waiting": (
        lambda tx: notifications.waiting(tx, OWN, NOW, None),
        [notification(UP_TO_NOW), ASSIGNMENT, MEMBER],
    ),
    "waiting, after": (
        lambda tx: notifications.waiting(tx, OWN, NOW, WAITING),
        [notification(FROM_PLACE), ASSIGNMENT, MEMBER],
    ),
    "waiting, urgent": (
        lambda tx: notifications.waiting(tx, OWN, NOW, None, urgent_only=True),
        [notification(UP_TO_NOW), ASSIGNMENT, MEMBER],
    ),
    "begun": (lambda tx: notifications.begun(tx, OWN), [notification()]),
    "stuck": (lambda tx: notifications.stuck(tx, OWN, 20), [notification(), notification()]),
    "by_id": (
        lambda tx: notifications.by_id(tx, OWN, OTHER),
        [("sqlite_autoindex_notifications_1", "id=?")],
    ),
    "page of a mentor's, by status": (
        lambda tx: assignments.page(tx, OWN, THEIR_READ, before=None, limit=20),
        [mentors()],
    ),
    "page of a mentor's, by status, after": (
        lambda tx: assignments.page(tx, OWN, THEIR_READ, before=7, limit=20),
        [mentors(" AND number<?")],
    ),
    "declined": (
        lambda tx: assignments.declined(tx, OWN, 20),
        [("ix_assignments_declined", "organization_id=?")],
    ),
    "of_assignments": (
        lambda tx: notifications.of_assignments(tx, OWN, [OWN, OTHER]),
        [("sqlite_autoindex_notifications_2", "assignment_id=?")],
    ),
}
SORTS = {"of_assignments"}
"""The handful of messages of a few assignments."""


def planned(store: Store, ask: Ask) -> list[str]:
    """Return what SQLite plans for each statement that is sent, a line a step."""
    sent: list[tuple[str, Any]] = []

    def note(
        _connection: object, _cursor: object, sql: str, values: object, *_more: object
    ) -> None:
        sent.append((sql, values))

    with store.write() as tx:
        engine = tx.connection().engine
        event.listen(engine, "before_cursor_execute", note)
        ask(tx)
        event.remove(engine, "before_cursor_execute", note)
        return [
            row[3]
            for sql, values in sent
            for row in tx.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        ]


@all_in_one("name", ASKED)
def test_its_own_index_is_searched(store: Store, name: str) -> None:
    ask, plan = ASKED[name]
    steps = planned(store, ask)
    tables = [step for step in steps if not step.startswith("USE TEMP B-TREE")]
    found = [re.search(r"^SEARCH .*USING .*INDEX (\w+) \((.*)\)", step) for step in tables]
    assert [each.groups() if each else None for each in found] == plan
    assert ("USE TEMP B-TREE FOR ORDER BY" in steps) is (name in SORTS)


@pytest.mark.parametrize(
    ("ask", "tables"),
    [
        (lambda tx: due.open_cycles_ended(tx, OWN, NOW.date()), {"reporting_cycles"}),
        (
            lambda tx: due.lapsed_profiles(tx, OWN, NOW.date()),
            {"peer_mentor_profiles", "members"},
        ),
    ],
)
def test_cycles_and_certifications_look_at_no_assignment(
    store: Store, ask: Ask, tables: set[str]
) -> None:
    """Their cost is that of cycles and mentors, which are few."""
    steps = planned(store, ask)
    found = {each[1] for step in steps if (each := re.search(r"^(?:SEARCH|SCAN) (\w+)", step))}
    assert found == tables


@pytest.mark.parametrize(
    "ask",
    [
        lambda tx: log_pages.naming_again(tx, OWN),
        lambda tx: log_pages.unused_statements(tx, OWN),
        lambda tx: list(comparing.strays(tx, OWN, Notification)),
        lambda tx: [list(part) for part in comparing.subjects(tx, OWN)],
    ],
    ids=["naming_again", "unused_statements", "strays", "subjects"],
)
def test_what_reads_everything_goes_by_windows(store: Store, ask: Ask) -> None:
    """By an index of the organisation's, each window would walk the whole history."""
    steps = planned(store, ask)
    assert [
        step for step in steps if re.search(r"organization_id=\?\)|USE TEMP B-TREE", step)
    ] == []
    assert any("INTEGER PRIMARY KEY" in step for step in steps)
