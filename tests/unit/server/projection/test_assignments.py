"""What entries make of an assignment's row, of its keys, ledger lines and messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel

import assigncli.server.store.scheduled  # noqa: F401 - its tables
from assigncli.domain.actions import STEP_ACTION
from assigncli.domain.lifecycle import STEP_MOMENTS, Status
from assigncli.domain.tiers import Counts, LedgerKind, Tier
from assigncli.protocol.texts import Text
from assigncli.server.projection import assignments, consents, keys, ledger, notifications, steps
from assigncli.server.projection.happening import Happening
from assigncli.server.store.tables import Assignment, EncryptionKey
from tests.quick import all_in_one

from .conftest import (
    CYCLE,
    DISPATCHER,
    KEY,
    NEW_KEY,
    NOON,
    OTHER,
    RECIPIENT,
    SERVICE,
    created,
    dispatched,
    edited,
    happened,
    sealed,
    step,
)

EDITED = sealed("pending", NEW_KEY, "Another visit")
SENT = sealed("dispatched", NEW_KEY, "Another visit")
COURSE = [
    (created(sealed()), sealed()),
    (
        edited(sealed("pending", NEW_KEY, "Another visit")),
        sealed("pending", NEW_KEY, "Another visit"),
    ),
    (dispatched(SENT), SENT),
    (step("dispatched", "delivered", SERVICE, 3), None),
    (happened("consent.completed", RECIPIENT, 4), None),
    (step("delivered", "read", RECIPIENT, 5), None),
    (step("read", "acknowledged", RECIPIENT, 6), None),
    (happened("assignment.reminded", SERVICE, 7), None),
    (step("acknowledged", "contact_made", RECIPIENT, 8), None),
    (
        step("contact_made", "completed", RECIPIENT, 9, cycle=str(CYCLE), count=1, tier="none"),
        None,
    ),
]
"""A whole course, and what each entry's manifest vouches for."""


@all_in_one("length", range(1, len(COURSE) + 1))
def test_acts_one_by_one_write_what_verifying_expects(length: int) -> None:
    """What an act writes to the row in hand adds up to the row made from the log alone."""
    written: dict[str, Any] = {}
    in_force = None
    for told, said in COURSE[:length]:
        written |= assignments.change(told, said)
        in_force = said or in_force
    whole = assignments.row([told for told, _said in COURSE[:length]], in_force)
    assert written == whole


def test_every_column_of_the_row_is_told_by_some_entry() -> None:
    ended = [
        step("dispatched", status, DISPATCHER, 3, cycle=str(CYCLE), count=0)
        for status in ("recalled", "cancelled")
    ]
    declined = replace(
        happened("assignment.declined", RECIPIENT, 4), arguments={"reason": "too_far"}
    )
    told = assignments.row([*(told for told, _said in COURSE), declined, *ended], SENT)
    assert told.keys() == Assignment.model_fields.keys()
    assert Assignment.model_fields.keys() >= assignments.SEALED


@all_in_one("status", STEP_MOMENTS)
def test_each_step_writes_its_own_moment_once(status: Status) -> None:
    told = step("pending", status.value, RECIPIENT, 5)
    assert assignments.change(told)[STEP_MOMENTS[status]] == NOON + timedelta(minutes=5)
    others = set(STEP_MOMENTS.values()) - {STEP_MOMENTS[status]}
    assert not others & assignments.change(told).keys()


def test_who_withdrew_it_is_named() -> None:
    for status in ("recalled", "cancelled"):
        told = assignments.change(step("dispatched", status, OTHER, 3))
        assert told[f"{status}_by_user_id"] == OTHER
    assert "recalled_by_user_id" not in assignments.change(step("read", "read", RECIPIENT, 3))


def test_a_dispatch_is_counted_as_its_entry_says() -> None:
    told = assignments.change(dispatched(SENT), SENT)
    assert told["threshold_sequence_number"] == 3
    assert told["honorarium_tier"] is Tier.STANDARD
    assert told["reporting_cycle_id"] == CYCLE
    assert "title" not in told


def test_an_absent_text_is_no_text_and_a_title_is_one() -> None:
    told = assignments.signed(sealed(title="Visit"))
    assert told["title"] == "Visit"
    assert told["coordinator_notes"] is None
    assert told["coordinator_notes_salt"] == bytes(16)


def test_an_entry_about_something_else_writes_nothing() -> None:
    told = happened("payload_decrypted", RECIPIENT, 5)
    assert assignments.change(told) == {}
    assert steps.row(told) is None
    assert keys.change(told, KEY) == {}
    assert ledger.line(told, RECIPIENT, Counts()) is None
    assert notifications.owed(told, RECIPIENT, DISPATCHER) == []


def test_the_archive_keeps_when_it_ended_and_when_it_was_archived() -> None:
    ended, kept = step("read", "expired", SERVICE, 3), happened("assignment.archived", SERVICE, 9)
    told = assignments.archived(ended.at, kept.at)
    assert told == {"closed_at": ended.at, "archived_at": kept.at, "erased_at": None}
    assert assignments.ends(ended)
    assert not assignments.ends(kept)


def test_an_erased_assignment_has_none_of_its_texts() -> None:
    ended, gone = step("read", "expired", SERVICE, 3), happened("assignment.erased", OTHER, 9)
    told = assignments.archived(ended.at, gone.at, gone.at)
    assert told == {"closed_at": ended.at, "archived_at": gone.at, **assignments.erased(gone.at)}
    kept = {name: value for name, value in told.items() if not name.endswith("_at")}
    assert not any(kept.values())
    assert steps.ARCHIVED == {"reason": None, "reason_salt": None}


@all_in_one("status", Status)
def test_every_step_has_its_row_of_the_status_log(status: Status) -> None:
    source = None if status is Status.PENDING else "dispatched"
    told = replace(
        happened(STEP_ACTION[status].value, OTHER, 5, **{"from": source}),
        texts={"reason": Text(b"s" * 16, "Moved")} if status is Status.CANCELLED else {},
    )
    row = steps.row(told)
    assert row is not None
    assert (row["from_status"], row["to_status"], row["actor_id"]) == (source, status, OTHER)
    assert (row["reason"] == "Moved") is (status is Status.CANCELLED)
    assert (row["reason_salt"] is not None) is (status is Status.CANCELLED)


def test_a_new_key_commits_to_the_share_that_was_signed() -> None:
    told = keys.change(created(sealed()), None, sealed())[KEY]
    assert told["share_commitment"] == KEY.bytes * 2
    assert told.keys() | {"id", "retired_at", "revoked_at", "shredded_at"} == (
        EncryptionKey.model_fields.keys()
    )


def test_an_edit_ends_the_draft_s_key() -> None:
    told = keys.change(edited(sealed()), KEY, sealed())
    assert told[KEY] == {"revoked_at": NOON + timedelta(minutes=1)}
    assert "created_at" in told[NEW_KEY]


@pytest.mark.parametrize("status", ["recalled", "cancelled", "expired"])
def test_an_early_end_ends_the_key(status: str) -> None:
    told = step("dispatched", status, OTHER, 4)
    assert keys.change(told, KEY) == {KEY: {"revoked_at": told.at}}
    assert keys.change(told, None) == {}


def test_a_completion_begins_the_retention_and_its_end_ends_the_key() -> None:
    done = step("contact_made", "completed", RECIPIENT, 4)
    assert keys.change(done, KEY) == {KEY: {"retired_at": done.at}}
    for act in ("payload.shredded", "assignment.archived", "assignment.erased"):
        told = happened(act, SERVICE, 9, encryption_key=str(KEY))
        assert keys.change(told, None) == {KEY: {"revoked_at": told.at}}


@pytest.mark.parametrize("kind", LedgerKind)
def test_every_kind_of_line_is_told_by_its_entry(kind: LedgerKind) -> None:
    told = replace(
        step("read", kind.value, OTHER, 4, cycle=str(CYCLE)), arguments={"in_person": True}
    )
    line = ledger.line(told, RECIPIENT, Counts())
    assert line is not None
    completed = kind is LedgerKind.COMPLETED
    assert line["kind"] is kind
    assert line["member_id"] == (OTHER if completed else RECIPIENT)
    assert line["in_person"] is (True if completed else None)


def test_a_draft_that_is_withdrawn_counts_nowhere_and_tells_nobody() -> None:
    told = step("pending", "recalled", DISPATCHER, 4, cycle=None, count=None)
    assert ledger.line(told, RECIPIENT, Counts()) is None
    assert notifications.owed(told, RECIPIENT, DISPATCHER) == []


@all_in_one(
    ("told", "messages"),
    [
        (dispatched(SENT), [("dispatched", RECIPIENT)]),
        (step("read", "acknowledged", RECIPIENT, 4), [("acknowledged", DISPATCHER)]),
        (step("contact_made", "completed", RECIPIENT, 4), [("completed", DISPATCHER)]),
        (step("dispatched", "recalled", DISPATCHER, 4), [("recalled", RECIPIENT)]),
        (step("read", "cancelled", DISPATCHER, 4), [("cancelled", RECIPIENT)]),
        (step("read", "expired", SERVICE, 4), [("expired", RECIPIENT), ("expired", DISPATCHER)]),
        (
            happened("assignment.reminded", SERVICE, 4),
            [("reminder", RECIPIENT), ("reminded", DISPATCHER)],
        ),
        (step("dispatched", "delivered", SERVICE, 4), []),
        (step("delivered", "read", RECIPIENT, 4), []),
        (step("acknowledged", "contact_made", RECIPIENT, 4), []),
    ],
)
def test_who_is_told_of_what(told: Happening, messages: list[tuple[str, Any]]) -> None:
    owed = notifications.owed(told, RECIPIENT, DISPATCHER)
    assert [(each["kind"], each["recipient_id"]) for each in owed] == messages
    assert {each["created_at"] for each in owed} <= {told.at}


def test_who_is_both_recipient_and_dispatcher_is_told_once() -> None:
    owed = notifications.owed(step("read", "expired", SERVICE, 4), OTHER, OTHER)
    assert len(owed) == 1


def test_a_consent_is_the_statement_of_its_mentor() -> None:
    told = replace(
        happened("consent.completed", RECIPIENT, 4),
        arguments={"text": "1"},
        statement=b"h" * 32,
    )
    row = consents.row(told)
    assert (row["member_id"], row["text_version"], row["statement_hash"]) == (
        RECIPIENT,
        "1",
        b"h" * 32,
    )
    assert row.keys() | {"id"} == set(SQLModel.metadata.tables["consent_records"].columns.keys())
