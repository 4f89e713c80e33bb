"""Attacks on what the sweep destroys by: it deletes and archives on the word of a signed entry.

Whoever writes to the database may date, mark and move what they like; no share of a brief that has
not ended is deleted, and the sweep says which assignment it is about, every time.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from assigncli.domain.actions import Action
from tests import slots
from tests.attacker import (
    alter,
    column,
    forge_assignment,
    forget_heads,
    guards_down,
    hex_id,
    insert,
    write,
)
from tests.due import Amounts, bring_due
from tests.office import Office
from tests.quick import a_few, only
from tests.sweeping import (
    ARCHIVED,
    SHREDDED,
    held_shares,
    key_id,
    outcomes,
    put_back,
    settled,
    share,
    stored,
    sweep,
)

REFUSED = "ending_unsigned"


ASIDE = ("notified", "cycle_closed")


def told(office: Office, code: int = 5) -> list[tuple[object, ...]]:
    """Sweep; return each outcome but those of messages and cycles."""
    return [each for each in outcomes(office, code=code) if each[0] not in ASIDE]


def refused(office: Office, *numbers: int, done: str, code: str = REFUSED) -> None:
    """Sweep twice, a day apart: only this is said of these, by number, and no share goes."""
    held = held_shares(office)
    for _day in range(2):
        said = told(office)
        assert sorted(said, key=str) == sorted(
            ((done, number, None, code) for number in numbers), key=str
        )
        office.later(days=1)
    for line in sweep(office, code=5):
        if "notif" not in line and "cycle" not in line:
            assert f"ssignment {numbers[0]}" in line or len(numbers) > 1
            assert f" Code: {code}." in line
            assert len(line) <= 160 or code == "manifest_invalid"
    assert held_shares(office) == held


@pytest.mark.slow
def test_fourteen_live_keys_marked_as_dead(office: Office) -> None:
    amounts = Amounts(expire=0, remind=0, shred=0, leave=14)
    due = bring_due(office, amounts, office.now + timedelta(days=40))
    settled(office)
    assert held_shares(office) == 14
    write(office, "UPDATE encryption_keys SET revoked_at = ?", stored(office.now))
    refused(office, *due.leave, done="share_deleted")
    assert held_shares(office) == 14


@pytest.mark.slow
@pytest.mark.parametrize(
    "columns",
    [
        ("revoked_at",),
        *(
            pytest.param(each, marks=pytest.mark.slow)
            for each in (
                ("revoked_at", "shredded_at"),
                ("revoked_at", "retired_at", "shredded_at"),
            )
        ),
    ],
)
@pytest.mark.parametrize(
    "days", [0, *(pytest.param(days, marks=pytest.mark.slow) for days in (-400, 400))]
)
def test_a_live_key_marked_as_dead(office: Office, columns: tuple[str, ...], days: int) -> None:
    number, other = office.dispatch(), office.dispatch()
    settled(office)
    when = stored(office.now + timedelta(days=days))
    values = [when for _each in columns]
    assigned = ", ".join(f"{each} = ?" for each in columns)
    key = key_id(office, number).hex
    write(office, f"UPDATE encryption_keys SET {assigned} WHERE id = ?", *values, key)
    found = share(office, number)
    office.later(days=1)  # the first sweep of a day looks at every share
    refused(office, number, done="share_deleted")
    assert share(office, number) == found
    office.read(other)


def completed(office: Office) -> int:
    number = office.dispatch("--expires 31.3.2027")
    office.to_status(number, "completed")
    settled(office)
    return number


@pytest.mark.slow
@pytest.mark.parametrize("days", [31, pytest.param(4000, marks=pytest.mark.slow)])
def test_a_completion_dated_back(office: Office, days: int) -> None:
    number = completed(office)
    early = stored(office.now - timedelta(days=days))
    alter(office, number, completed_at=early)
    write(
        office,
        "UPDATE encryption_keys SET retired_at = ? WHERE id = ?",
        early,
        key_id(office, number).hex,
    )
    refused(office, number, done="shredded")


@pytest.mark.slow
@pytest.mark.parametrize(
    "status", only("completed", "recalled", of=["completed", "recalled", "cancelled", "expired"])
)
@pytest.mark.parametrize(
    "at",
    [
        "completed_at",
        *(pytest.param(at, marks=pytest.mark.slow) for at in ("recalled_at", "cancelled_at")),
    ],
)
def test_an_open_one_made_to_look_as_though_it_had_ended(
    office: Office, status: str, at: str
) -> None:
    number = office.dispatch("--expires 31.12.2027 --deadline-days 365")
    settled(office)
    early = stored(office.now - timedelta(days=500))
    alter(office, number, status=status, updated_at=early, **{at: early})
    refused(office, number, done="archived", code="manifest_invalid")
    assert column(office, number, "status") == status


def test_an_open_one_made_to_look_as_though_its_retention_were_over(office: Office) -> None:
    number = office.dispatch("--expires 31.12.2027 --deadline-days 365")
    settled(office)
    early = stored(office.now - timedelta(days=40))
    alter(office, number, status="completed", completed_at=early)
    write(office, "UPDATE encryption_keys SET retired_at = ?", early)
    refused(office, number, done="shredded")


def test_a_completed_one_made_to_look_old_is_not_archived(office: Office) -> None:
    number = completed(office)
    alter(office, number, updated_at=stored(office.now - timedelta(days=500)))
    refused(office, number, done="archived")


@pytest.mark.parametrize("name", only("completed_at", of=["completed_at", "created_at"]))
def test_what_the_archive_would_keep_is_as_signed(office: Office, name: str) -> None:
    number = completed(office)
    office.later(days=400)
    alter(office, number, **{name: "2026-11-01T11:00:00.000000Z"})
    said = outcomes(office, code=5)
    assert ("archived", number, None, "assignment_altered") in said


@pytest.mark.parametrize(
    "end", only("recall {} --yes", of=["recall {} --yes", "cancel {} --reason Moved --yes"])
)
def test_another_assignment_s_key_is_not_deleted_with_a_draft(office: Office, end: str) -> None:
    """The row may name another's key; which is its own, its entries say."""
    draft, number = office.create(), office.dispatch()
    key = key_id(office, draft)
    found = share(office, number)
    alter(office, draft, encryption_key_id=key_id(office, number).hex)
    office.ok(end.format(draft))
    assert share(office, number) == found
    office.read(number)
    assert key.bytes not in slots.shares(office.vault)


def test_what_somebody_made_up_can_be_recalled_and_its_key_is_nobody_s(office: Office) -> None:
    number = forge_assignment(office, "ola")
    held = held_shares(office)
    office.refused(f"recall {number} --yes", "key_unsigned", 5)
    assert column(office, number, "status") == "recalled"
    assert held_shares(office) == held


@pytest.mark.slow
def test_a_key_said_to_be_that_of_an_assignment_that_ended(office: Office) -> None:
    ended, number = office.dispatch(), office.dispatch()
    office.ok(f"recall {ended} --yes")
    settled(office)
    write(
        office,
        "UPDATE encryption_keys SET assignment_id = ?, revoked_at = ? WHERE id = ?",
        str(column(office, ended, "id")),
        stored(office.now),
        key_id(office, number).hex,
    )
    found = share(office, number)
    refused(office, ended, done="share_deleted")
    assert share(office, number) == found


@pytest.mark.slow
def test_a_setting_that_no_administrator_signed(office: Office) -> None:
    number = completed(office)
    query = (
        "INSERT INTO organization_settings (organization_id, name, value, set_by, set_at)"
        " SELECT id, 'retention_days', '1', ?, ? FROM organizations"
    )
    write(office, query, hex_id(office, "anne"), stored(office.now))
    found = share(office, number)
    for _day in range(3):
        office.later(days=2)
        assert outcomes(office, code=5) == [("retention_checked", None, None, "setting_unsigned")]
    assert share(office, number) == found
    office.later(days=30)
    assert ("shredded", number, None, None) in outcomes(office, code=5)


OTHER_STATEMENTS = [
    "UPDATE statements SET body = CAST(replace(body, 'unread_attention_days', 'retention_days')"
    " AS BLOB) WHERE CAST(body AS TEXT) LIKE '%unread_attention_days%'",
    "UPDATE statements SET body = CAST(replace(body, 'retention_days', 'expires_after_days')"
    " AS BLOB) WHERE CAST(body AS TEXT) LIKE '%retention_days%'",
    "DELETE FROM statements WHERE CAST(body AS TEXT) LIKE '%retention_days%'",
]


@pytest.mark.parametrize("change", a_few(1, of=OTHER_STATEMENTS))
def test_a_setting_whose_statement_is_another(office: Office, change: str) -> None:
    """Neither an altered nor a missing statement lets an older value hold again."""
    office.ok("config set retention_days 60")
    office.ok("config set unread_attention_days 1")
    number = completed(office)
    write(office, change)
    found = share(office, number)
    office.later(days=40)
    assert outcomes(office, code=5) == [("shredded", None, None, "setting_unsigned")]
    assert share(office, number) == found


@pytest.mark.slow
def test_a_setting_that_was_signed_counts(office: Office) -> None:
    office.ok("config set retention_days 3")
    number = completed(office)
    office.later(days=4)
    assert SHREDDED.format(number) in sweep(office)


@pytest.mark.parametrize(
    "value", ["soon", *(pytest.param(each, marks=pytest.mark.slow) for each in ("", "-1"))]
)
def test_a_setting_that_is_no_number_stops_no_expiry(office: Office, value: str) -> None:
    number = office.dispatch("--expires 28.11.2026")
    settled(office)
    query = (
        "INSERT INTO organization_settings (organization_id, name, value, set_by, set_at)"
        " SELECT id, 'retention_days', ?, ?, ? FROM organizations"
    )
    write(office, query, value, hex_id(office, "anne"), stored(office.now))
    office.later(days=10)
    said = outcomes(office, code=5)
    assert ("expired", number, None, None) in said
    assert ("retention_checked", None, None, "setting_unsigned") in said


# Entries that say so, and do not count


def dead(office: Office, number: int) -> None:
    key = key_id(office, number).hex
    write(office, "UPDATE encryption_keys SET revoked_at = ? WHERE id = ?", stored(office.now), key)


def subject(office: Office, number: int) -> UUID:
    return UUID(str(column(office, number, "id")))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "action"),
    [
        ("ola", Action.ASSIGNMENT_EXPIRED),  # anybody may say so, once its day has come
        ("ola", Action.ASSIGNMENT_RECALLED),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (
                ("kari", Action.ASSIGNMENT_EXPIRED),
                ("anne", Action.PAYLOAD_SHREDDED),
                ("kari", Action.ASSIGNMENT_CANCELLED),
                ("ola", Action.PAYLOAD_SHREDDED),
                ("anne", Action.ASSIGNMENT_ARCHIVED),
                ("kari", Action.ASSIGNMENT_COMPLETED),
            )
        ),
    ],
)
def test_an_entry_by_somebody_who_cannot_end_it(
    office: Office, profile: str, action: Action
) -> None:
    number = office.dispatch()
    settled(office)
    insert(office, profile, action, subject(office, number))
    dead(office, number)
    refused(office, number, done="share_deleted")


@pytest.mark.slow
def test_a_completion_by_another_mentor(office: Office) -> None:
    number = office.dispatch("--expires 31.12.2027")
    settled(office)
    for verb in ("DELIVERED", "READ", "ACKNOWLEDGED", "CONTACT_MADE", "COMPLETED"):
        insert(office, "ola", Action[f"ASSIGNMENT_{verb}"], subject(office, number))
    write(office, "UPDATE encryption_keys SET retired_at = ?", stored(office.now))
    alter(office, number, status="completed", completed_at=stored(office.now))
    office.later(days=60)
    refused(office, number, done="shredded")


@pytest.mark.slow
def test_an_edit_after_the_dispatch_replaces_no_key(office: Office) -> None:
    number = office.dispatch()
    settled(office)
    key = str(key_id(office, number))
    insert(
        office,
        "anne",
        Action.ASSIGNMENT_EDITED,
        subject(office, number),
        key=str(uuid4()),
        replaces=key,
    )
    dead(office, number)
    refused(office, number, done="share_deleted")


@pytest.mark.slow
def test_an_ending_of_another_branch_of_the_log(office: Office) -> None:
    """A recall that was undone by an old copy of the store is a good signature, and no ending."""
    number = office.dispatch()
    settled(office)
    old, vault = office.store.read_bytes(), office.vault.read_bytes()
    office.ok(f"recall {number} --yes")
    with closing(sqlite3.connect(office.store)) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(audit_log)") if row[1] != "id"]
        listed = ", ".join(columns)
        query = f"SELECT {listed} FROM audit_log WHERE action = 'assignment.recalled'"
        row = db.execute(query).fetchone()
    office.store.write_bytes(old)
    office.vault.write_bytes(vault)
    forget_heads(office)
    office.create()  # takes the place of the recall in this branch
    office.create()
    place = row[columns.index("sequence")]
    with guards_down(office) as db:
        db.execute("DELETE FROM audit_log WHERE sequence = ?", (place,))
        marks = ", ".join("?" * len(columns))
        db.execute(f"INSERT INTO audit_log ({listed}) VALUES ({marks})", row)
    dead(office, number)
    refused(office, number, done="share_deleted")


# The other way round


def test_a_key_whose_row_was_removed_keeps_its_share(office: Office) -> None:
    number = office.dispatch()
    key = key_id(office, number)
    found = share(office, number)
    with guards_down(office) as db:
        db.execute("DELETE FROM encryption_keys WHERE id = ?", (key.hex,))
    for _again in range(2):
        assert ("stray_deleted", None, None, "key_unregistered") in outcomes(office, code=5)
    assert share(office, number) == found


@pytest.mark.slow
def test_the_archive_counts_from_the_entry(office: Office) -> None:
    number = completed(office)
    ended = stored(office.now)
    office.later(days=366)
    assert ARCHIVED.format(number) in sweep(office)
    with closing(sqlite3.connect(office.store)) as db:
        found = db.execute("SELECT closed_at, completed_at FROM archived_assignments").fetchall()
    assert found == [(ended, ended)]


Hide = Callable[[Office, int], None]


def revoked_never(office: Office, number: int) -> None:
    key = key_id(office, number).hex
    write(
        office,
        "UPDATE encryption_keys SET revoked_at = NULL, shredded_at = NULL WHERE id = ?",
        key,
    )


def retired_late(office: Office, number: int) -> None:
    key = key_id(office, number).hex
    write(
        office,
        "UPDATE encryption_keys SET retired_at = '2099-01-01T00:00:00.000000Z' WHERE id = ?",
        key,
    )


def never_retired(office: Office, number: int) -> None:
    key = key_id(office, number).hex
    write(office, "UPDATE encryption_keys SET retired_at = NULL WHERE id = ?", key)


def open_again(office: Office, number: int) -> None:
    alter(office, number, status="contact_made", completed_at=None)


@pytest.mark.slow
@pytest.mark.parametrize("hide", only(retired_late, of=[retired_late, never_retired, open_again]))
def test_a_completion_that_was_hidden_ends_all_the_same(office: Office, hide: Hide) -> None:
    number = completed(office)
    hide(office, number)
    office.later(days=29)
    assert held_shares(office) == 1
    assert told(office, 0) == []
    office.later(days=2)
    said = told(office)
    assert ("hidden_ending", number, None, "ending_hidden") in said
    assert held_shares(office) == 0
    assert office.run("audit verify").code == 1


@pytest.mark.parametrize(
    "end", only("recall {} --yes", of=["recall {} --yes", "cancel {} --reason Moved --yes"])
)
def test_an_ending_that_was_hidden_deletes_all_the_same(office: Office, end: str) -> None:
    number = office.dispatch("--expires 31.12.2027")
    key, found = key_id(office, number), share(office, number)
    settled(office)
    aside = office.folder / "aside"
    shutil.copyfile(office.store, aside)
    office.ok(end.format(number))
    put_back(office, key, found)
    revoked_never(office, number)
    alter(office, number, status="dispatched", recalled_at=None, cancelled_at=None)
    office.later(hours=1)
    said = told(office)
    assert said == [("hidden_ending", number, None, "ending_hidden")]
    assert held_shares(office) == 0
