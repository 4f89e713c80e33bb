"""What is read in several transactions shows what one would show, and lets a writer in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from assigncli.cli.session.in_process import Session
from assigncli.client import config
from assigncli.domain.lifecycle import Priority
from assigncli.lookups import AnyLookup
from assigncli.lookups.about_assignments import (
    ATTENTION,
    LIST,
    AssignmentFilter,
    WantedAttention,
    WantedPage,
)
from assigncli.lookups.about_log import LOG, WantedLog
from assigncli.protocol.entry import Entry
from assigncli.server.reads import attention, follow, recorded
from assigncli.server.store import comparing, log_pages, raw
from assigncli.server.verify import whole
from tests.acting import acting
from tests.office import Office

URGENT = AssignmentFilter(priority=Priority.URGENT)
ASKED: list[tuple[AnyLookup, Any]] = [
    (LIST, WantedPage(AssignmentFilter(), None, 5)),
    (LIST, WantedPage(AssignmentFilter(), None, 50)),
    (LIST, WantedPage(AssignmentFilter(), 5, 3)),
    (LIST, WantedPage(AssignmentFilter(overdue=True), None, 50)),
    (LIST, WantedPage(AssignmentFilter(overdue=True), None, 3)),
    (LIST, WantedPage(URGENT, None, 50)),
    (LIST, WantedPage(URGENT, None, 2)),
    (ATTENTION, WantedAttention(1, None)),
    (ATTENTION, WantedAttention(2, 3)),
    (LOG, WantedLog(None, None, 9)),
    (LOG, WantedLog(None, 8, 50)),
    (LOG, WantedLog("2", None, 50)),
]


@pytest.fixture(scope="module")
def told(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Eight assignments, of which some are urgent, all late; the tests only read, and set."""
    office = founded.copy_to(tmp_path_factory.mktemp("told") / "office")
    for number in range(8):
        office.dispatch(
            "--priority urgent --deadline-days 1" if number % 2 else "--deadline-days 1"
        )
    office.later(days=5)
    return office


def seen(office: Office) -> list[object]:
    with acting(office, "anne") as session:
        return [session.look(lookup, asked) for lookup, asked in ASKED]


def test_a_list_read_in_several_batches_is_the_same_list(
    told: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = seen(told)
    for module in (follow, attention, recorded):
        monkeypatch.setattr(module, "_BATCH", 2)
    assert seen(told) == before


def test_no_more_are_shown_at_once_than_may_be_and_where_the_next_begin(
    told: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (follow, recorded):
        monkeypatch.setattr(module, "MOST", 3)
    with acting(told, "anne") as session:
        listed = session.look(LIST, WantedPage(AssignmentFilter(), None, 10**9))
        logged = session.look(LOG, WantedLog(None, None, 10**9))
    assert [each.number for each in listed.items] == [8, 7, 6]
    assert (listed.before, listed.total) == (6, 8)
    assert (len(logged.entries), logged.before) == (3, logged.total - 2)


@contextmanager
def somebody_else(office: Office) -> Iterator[Session]:
    """A second process of the office, as far as the store can tell."""
    with acting(office, "anne") as session:
        yield session


def test_a_writer_acts_while_the_log_is_verified_and_nothing_false_is_found(
    told: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a page is verified that is not the last, and the new entries are read too."""
    monkeypatch.setattr(log_pages, "_PART", 4)
    waits = list[float]()
    may_act = whole._Check._may_act

    with acting(told, "anne") as session, somebody_else(told) as other:

        def acting_meanwhile(check: Any, entry: Entry) -> bool:
            if entry.sequence in (18, 22):
                began = time.monotonic()
                config.change(other.client, "expires_after_days", str(entry.sequence))
                waits.append(time.monotonic() - began)
            return may_act(check, entry)

        monkeypatch.setattr(whole._Check, "_may_act", acting_meanwhile)
        verdict = whole.verify(session.turn)
        assert verdict.findings == ()
        assert len(waits) == 2
        assert max(waits) < 10  # a lock that is held would be waited for for 30 s, in vain
        assert verdict.entries == verdict.head.size


def test_settings_and_cycles_are_compared_in_one_transaction_with_their_entries(
    told: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one that somebody makes in between would be a setting that no entry speaks of."""
    for days in (40, 41, 42):
        told.ok(f"config set retention_days {days}")
    monkeypatch.setattr(raw, "PART", 1)
    with (
        acting(told, "anne") as session,
        session.turn.store.read() as tx,
        monkeypatch.context() as patch,
    ):
        patch.setattr(tx, "commit", lambda: pytest.fail("a transaction ended"))
        organization = session.turn.organization_id
        assert len(comparing.settings(tx, organization)) >= 3
        assert comparing.cycles(tx, organization)
