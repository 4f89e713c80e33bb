"""`schema.sql` writes out words and numbers of the domain; here the two are held together.

Every pair of statuses is tried against the database in `test_guards_steps`.
"""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from itertools import product
from unicodedata import category

import pytest

from assigncli.domain.actions import Action
from assigncli.domain.characters import has_formatting, is_blank
from assigncli.domain.declining import DECLINABLE
from assigncli.domain.lifecycle import (
    OPEN,
    TERMINAL,
    UNREAD,
    CycleStatus,
    MemberStatus,
    ProfileStatus,
    Role,
    Status,
    may_move,
)
from assigncli.domain.notification import NotificationStatus
from assigncli.domain.setting_values import SETTINGS
from assigncli.domain.tiers import (
    CHANGES,
    DEFAULT_THRESHOLDS,
    Change,
    LedgerKind,
    Thresholds,
    Tier,
    tier_for,
)
from assigncli.server.store.column_types import moment_text
from assigncli.server.store.schema import statements
from tests.quick import all_in_one

from .conftest import World, moment

CODE = "\n".join(
    re.sub(r"--.*|RAISE\(ABORT, '\w+'\)", "", text)
    for text in statements()
    if not re.search(r"CREATE VIEW (moments|hidden_characters|personal_shapes)", text)
)


def test_the_steps_are_those_of_the_lifecycle(raw: sqlite3.Connection) -> None:
    steps = raw.execute("SELECT from_status, to_status FROM steps").fetchall()
    legal = [pair for pair in product(Status, Status) if may_move(*pair)]
    assert sorted(steps[1:]) == sorted(legal)
    assert steps[0] == (None, Status.PENDING)


@pytest.mark.parametrize("kind", LedgerKind)
def test_a_ledger_line_of_each_kind_carries_its_change_and_no_other(
    world: World, kind: LedgerKind
) -> None:
    key = world.sent("completed" if kind is LedgerKind.COMPLETED else "dispatched")
    if kind is LedgerKind.DISPATCHED:
        key = world.draft()
        world.change("assignments", key, **world.dispatch_columns(key))
    elif kind is not LedgerKind.COMPLETED:
        world.step(key, kind, days=31)
    for pair in product((-2, -1, 0, 1, 2, None), repeat=2):
        if pair != CHANGES[kind]:
            change = dict(zip(Change._fields, pair, strict=True))
            with world.refused("threshold_honorarium_counting"):
                world.line(key, kind, **change)
    world.line(key, kind, **CHANGES[kind]._asdict())


@pytest.mark.parametrize("thresholds", [DEFAULT_THRESHOLDS, Thresholds(2, 5), Thresholds(1, 2)])
def test_each_number_earns_the_tier_that_the_domain_says(
    world: World, thresholds: Thresholds
) -> None:
    if thresholds is not DEFAULT_THRESHOLDS:
        world.setting("honorarium_standard_from", str(thresholds.standard))
        world.setting("honorarium_elevated_from", str(thresholds.elevated))
    for number in range(1, thresholds.elevated + 2):
        key, earned = world.draft(), tier_for(number, thresholds)
        for tier in Tier:
            if tier is not earned:
                with world.refused("threshold_honorarium_trigger"):
                    world.dispatch(key, honorarium_tier=tier)
        world.dispatch(key, honorarium_tier=earned)
        assert world.value("assignments", key, "threshold_sequence_number") == number


@all_in_one("action", Action)
def test_no_entry_but_a_decryption_lets_an_assignment_count_as_read(
    world: World, action: Action
) -> None:
    key = world.sent("delivered")
    world.audit(subject_id=key, actor_id=world.own.mentor, action=action)
    read = {"status": "read", "first_read_at": moment(2)}
    if action is Action.PAYLOAD_DECRYPTED:
        world.change("assignments", key, **read)
        return
    with world.refused("audit_all_access"):
        world.change("assignments", key, **read)


def test_a_moment_has_the_form_in_which_the_store_writes_it(raw: sqlite3.Connection) -> None:
    written = moment_text(datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
    others = [written[:at] + "x" + written[at + 1 :] for at in range(len(written))]
    others += [
        written + "Z",
        written[:-1],
        "2026-20-01" + written[10:],
        "2026-12-40" + written[10:],
    ]
    asked = "SELECT ? GLOB shape FROM moments"
    assert raw.execute(asked, [written]).fetchone() == (1,)
    assert [other for other in others if raw.execute(asked, [other]).fetchone() != (0,)] == []


def test_a_character_that_the_database_refuses_is_refused_by_the_program(
    raw: sqlite3.Connection,
) -> None:
    """Of those that Unicode has assigned; the count keeps any from being left out unseen."""
    unreadable, blank = (
        {chr(code) for (code,) in raw.execute(EVERY_CODE.format(condition))}
        for condition in ("char(code) GLOB unreadable", "trim(char(code), blanks) = ''")
    )
    assert (len(unreadable), len(blank)) == (231, 50)
    assigned = {character for character in unreadable if category(character) != "Cn"}
    assert [character for character in assigned if not has_formatting(character)] == []
    assert [character for character in blank if not is_blank(character)] == []


EVERY_CODE = (
    "WITH RECURSIVE codes (code) AS"
    " (SELECT 1 UNION ALL SELECT iif(code = 65535, 917504, code + 1) FROM codes"
    " WHERE code < 921599)"
    " SELECT code FROM codes, hidden_characters WHERE code NOT BETWEEN 55296 AND 57343 AND {}"
)

WORDS = {
    *(*Status, *Role, *MemberStatus, *ProfileStatus, *CycleStatus, *LedgerKind, *Tier),
    *(Action.PAYLOAD_DECRYPTED, NotificationStatus.SENT),
    *(setting.name for setting in SETTINGS),
}
NO_WORDS = {"integer", "+1 day", "-1 day", " ", ""}
"""A storage class of SQLite's, the leniency for time zones, a padded text's ends, and no text."""

READ_OR_LATER = set(OPEN) - set(UNREAD)
LISTS = {
    *(frozenset(TERMINAL), frozenset({*TERMINAL, Status.PENDING}), frozenset(READ_OR_LATER)),
    frozenset({Status.DISPATCHED, Status.DELIVERED, Status.READ}),  # need a live key
    frozenset(TERMINAL) - {Status.COMPLETED},  # withdrawn
    frozenset(DECLINABLE),
}


def test_every_word_is_one_of_the_domains() -> None:
    assert set(re.findall(r"'([^']*)'", CODE)) - WORDS <= NO_WORDS


def test_every_list_of_words_is_one_of_the_domains() -> None:
    listed = re.findall(r"IN \(('[^)]*')\)", CODE)
    assert {frozenset(re.findall(r"'(\w+)'", words)) for words in listed} == LISTS
