"""`audit verify` holds every column of members, and of what hangs on them, against the entries.

Rows that are gone, made up or moved to another member too. The column is named, and the member by
the handle as it was signed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from sqlmodel import SQLModel

import assigncli.server.store.invitations
import assigncli.server.store.scheduled  # noqa: F401 - their tables
from assigncli.server.verify import whole as verifying
from assigncli.server.verify.difference import Difference
from tests.acting import acting
from tests.attacker import alter_member, certificate_id, hex_id, value
from tests.devices import device, given, joins
from tests.office import Office
from tests.quick import a_few, only
from tests.sweeping import whole

OTHER = "2026-11-20T11:00:00.000000Z"
TABLES = (
    *("members", "member_roles", "peer_mentor_profiles"),
    *("certificates", "invitations", "notification_channels"),
)


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where all has happened to members that can. Its guards are gone for good.

    kari has a second device and two channels, ola another device in the place of the first and a
    pause, per a certification that lapsed and was renewed; siv was revoked. ida is invited, dag has
    joined, and kari's third device too.
    """
    office = founded.copy_to(tmp_path_factory.mktemp("stage") / "office")
    for handle, more in (("kari", {}), ("ola", {"replaces": device(office, "ola")})):
        answer = given(office, "anne", handle, joins(office, handle)).send(office, "anne", **more)
        assert answer.code == ""
    for port in (9, 10):
        office.ok("member notify kari --channel -", stdin=f"json://127.0.0.1:{port}")
    office.ok("member notify ola --channel -", stdin="json://127.0.0.1:9")
    office.ok("member notify ola --remove --yes")
    office.ok("member certify per --certified-until 2026-11-30")
    office.ok("member invite siv --name 'Siv Moe' --here --keys keyring")
    office.ok("member revoke --yes siv")
    office.later(days=30)
    office.run("sweep")
    office.ok("member certify per --certified-until 2027-11-30")
    office.ok("member pause per --yes")
    office.ok("member resume per")
    office.ok("member pause ola --until 31.12.2027 --yes")
    office.ok("member invite ida --name 'Ida Dal'")
    office.join("dag", "Dag Dal")
    joins(office, "kari")
    alter_member(office, "kari", status="revoked")
    office.ok("member approve kari")
    whole(office)
    with closing(sqlite3.connect(office.store)) as db:
        for (name,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            db.execute(f"DROP TRIGGER {name}")
    return office


@contextmanager
def altered(office: Office, table: str, column: str, rowid: int, new: object) -> Iterator[bool]:
    """Hold another value in one row's column; false where no database takes it."""
    with closing(sqlite3.connect(office.store)) as db:
        change = f"UPDATE {table} SET {column} = ? WHERE rowid = {rowid}"
        (old,) = db.execute(f"SELECT {column} FROM {table} WHERE rowid = {rowid}").fetchone()
        db.execute("PRAGMA ignore_check_constraints = ON")
        try:
            db.execute(change, (new,))
        except sqlite3.IntegrityError:
            yield False
            return
        db.commit()
        yield new != old
        db.execute(change, (old,))
        db.commit()


def differences(office: Office) -> list[Difference]:
    with acting(office, "anne") as session:
        found = verifying.verify(session.turn).findings
    return [each for each in found if isinstance(each, Difference)]


def named(office: Office) -> set[str]:
    """Return the columns that are named, and the code of what names none."""
    with acting(office, "anne") as session:
        found = verifying.verify(session.turn).findings
    return {getattr(each, "column", None) or each.code for each in found}


COLUMNS = [
    (table, column)
    for table in TABLES
    for column in sorted(SQLModel.metadata.tables[table].columns.keys())
    if (table, column) != ("invitations", "id")  # this machine's business
]
SAID_OF = {
    ("members", "id"): ("member_missing",),
    ("members", "status"): ("member_status_differs",),
    ("members", "handle_salt"): ("handle",),
    ("members", "display_name_salt"): ("display_name",),
    ("member_roles", "member_id"): ("member_roles.role",),
    ("member_roles", "role"): ("member_roles.role",),
    ("peer_mentor_profiles", "member_id"): ("profile_missing",),
    ("certificates", "id"): ("certificate_invalid", "certificate_unrecorded"),
    ("certificates", "body"): ("certificate_invalid",),
    ("certificates", "signature"): ("certificate_invalid",),
    ("certificates", "device_salt"): ("device",),
    ("invitations", "member_id"): ("invitation_missing",),
    ("invitations", "device_salt"): ("device",),
    ("notification_channels", "id"): ("channels_differ",),
    ("notification_channels", "member_id"): ("channels_differ",),
    ("notification_channels", "sealed"): ("channels_differ",),
}
"""What is said of a column where it is not its name."""


@pytest.mark.slow
@pytest.mark.parametrize(("table", "column"), a_few(2, of=COLUMNS))
def test_every_column_of_every_row(office: Office, table: str, column: str) -> None:
    wanted = SAID_OF.get((table, column), ())
    other = value(office, f"SELECT max({column}) FROM {table}")
    told = 0
    with closing(sqlite3.connect(office.store)) as db:
        rows = [row for (row,) in db.execute(f"SELECT rowid FROM {table}").fetchall()]
    for rowid in rows:
        for new in ("rubbish", OTHER, other, None, 7, b"\x01" + bytes(40)):
            with altered(office, table, column, rowid, new) as is_other:
                if not is_other:
                    continue
                found = named(office)
                assert found & {column, *wanted}, (rowid, new, found)
                told += 1
    assert told
    assert "whole" in office.ok("audit verify").stdout


def test_a_pause_removed_and_one_made_up(office: Office) -> None:
    for handle, status in (("ola", "active"), ("kari", "paused")):
        where = f"member_id = '{hex_id(office, handle)}'"
        rowid = int(str(value(office, f"SELECT rowid FROM peer_mentor_profiles WHERE {where}")))
        with altered(office, "peer_mentor_profiles", "status", rowid, status):
            (found,) = differences(office)
        assert (found.code, found.name, found.column) == ("profile_differs", handle, "status")


def test_a_handle_is_said_only_as_it_was_signed(office: Office) -> None:
    rowid = int(str(value(office, "SELECT rowid FROM members WHERE handle = 'ida'")))
    with altered(office, "members", "handle", rowid, "somebody"):
        (found,) = differences(office)
        said = office.run("audit verify")
    assert (found.code, found.name, found.column) == ("member_differs", None, "handle")
    assert "somebody" not in said.said
    assert "Code: member_differs\n" in said.stdout
    assert "Column: handle\n" in said.stdout


def run(office: Office, *statements: str) -> set[tuple[str, str | None]]:
    """Write something, and return code and handle of what is found."""
    with closing(sqlite3.connect(office.store)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            assert db.execute(statement).rowcount > 0, statement
        db.commit()
    with acting(office, "anne") as session:
        found = verifying.verify(session.turn).findings
    return {(each.code, getattr(each, "name", None)) for each in found}


GONE = {
    "members": ("member_missing", None, "ida"),
    "member_roles": ("certificate_invalid", "ola", "ola"),
    "peer_mentor_profiles": ("profile_missing", "ola", "ola"),
    "certificates": ("certificate_invalid", None, "kari"),
    "invitations": ("invitation_missing", "ida", "ida"),
    "notification_channels": ("channels_differ", "kari", "kari"),
}


@pytest.mark.parametrize("table", only("peer_mentor_profiles", of=TABLES))
def test_a_row_that_is_gone(office: Office, table: str) -> None:
    code, name, whose = GONE[table]
    column = "id" if table == "members" else "member_id"
    where = f"{column} = '{hex_id(office, whose)}'"
    row = f"(SELECT max(rowid) FROM {table} WHERE {where})"
    assert (code, name) in run(office, f"DELETE FROM {table} WHERE rowid = {row}")


MADE_UP = {
    "members": ("member_unrecorded", None, {"id": "'f'", "handle": "'eve'"}),
    "peer_mentor_profiles": ("profile_unrecorded", "anne", {"member_id": "'{anne}'"}),
    "member_roles": ("certificate_invalid", "anne", {"member_id": "'{anne}'"}),
    "certificates": ("certificate_unrecorded", "kari", {"id": "'f'"}),
    "invitations": ("invitation_unrecorded", "kari", {"id": "NULL"}),
    "notification_channels": ("channels_differ", "kari", {"id": "'f'"}),
}


@pytest.mark.parametrize("table", only("invitations", of=TABLES))
def test_a_row_that_somebody_made_up_or_doubled(office: Office, table: str) -> None:
    code, name, others = MADE_UP[table]
    columns = SQLModel.metadata.tables[table].columns.keys()
    anne, kari = hex_id(office, "anne"), hex_id(office, "kari")
    values = ", ".join(others.get(each, each).format(anne=anne) for each in columns)
    where = f"{'id' if table == 'members' else 'member_id'} = '{kari}' LIMIT 1"
    statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}"
    assert (code, name) in run(office, f"{statement} WHERE {where}")


MOVED = {
    "member_roles": ("ola", "anne", ["certificate_invalid ola", "certificate_invalid anne"]),
    "peer_mentor_profiles": ("ola", "anne", ["profile_missing ola", "profile_unrecorded anne"]),
    "certificates": ("kari", "ola", ["certificate_differs kari"]),
    "invitations": ("ida", "dag", ["invitation_missing ida", "invitation_unrecorded dag"]),
    "notification_channels": ("kari", "ola", ["channels_differ kari", "channels_differ ola"]),
}


@pytest.mark.parametrize("table", only("notification_channels", of=MOVED))
def test_a_row_moved_to_another_member(office: Office, table: str) -> None:
    whose, other, wanted = MOVED[table]
    row = f"(SELECT max(rowid) FROM {table} WHERE member_id = '{hex_id(office, whose)}')"
    change = f"UPDATE {table} SET member_id = '{hex_id(office, other)}' WHERE rowid = {row}"
    assert sorted(f"{code} {name}" for code, name in run(office, change)) == sorted(wanted)


@pytest.mark.parametrize(
    ("table", "column"),
    a_few(
        1,
        of=[
            ("invitations", "token_hash"),
            ("notification_channels", "id"),
            ("notification_channels", "rowid"),
        ],
    ),
)
def test_two_rows_that_changed_places(office: Office, table: str, column: str) -> None:
    with closing(sqlite3.connect(office.store)) as db:
        query = f"SELECT rowid, {column} FROM {table} ORDER BY rowid LIMIT 2"
        (first, mine), (second, other) = db.execute(query).fetchall()
    swap = f"UPDATE {table} SET {column} = "
    found = run(
        office,
        f"{swap} {quoted(-1)} WHERE rowid = {first}",
        f"{swap} {quoted(mine)} WHERE rowid = {second}",
        f"{swap} {quoted(other)} WHERE {column} = {quoted(-1)}",
    )
    assert {code for code, _name in found} <= {
        *("invitation_differs", "invitation_missing", "invitation_unrecorded", "channels_differ")
    }
    assert found


def quoted(given: object) -> str:
    if isinstance(given, bytes):
        return f"x'{given.hex()}'"
    return str(given) if isinstance(given, int) else f"'{given}'"


def test_a_service_s_certificate_revoked_for_nobody(office: Office) -> None:
    rowid = int(
        str(
            value(
                office,
                f"SELECT rowid FROM certificates WHERE id = '{certificate_id(office, 'service')}'",
            )
        )
    )
    with altered(office, "certificates", "revoked_at", rowid, OTHER):
        (found,) = differences(office)
    assert (found.code, found.name, found.column) == ("revocation_invalid", "service", "revoked_at")


ENTRIES = (
    *("member.paused", "member.resumed", "member.lapsed", "member.certified", "member.revoked"),
    *("member.invited", "device.invited", "device.joined", "device.revoked", "device.approved"),
    *("member.approved", "member.restored", "member.channels_changed"),
)


@pytest.mark.parametrize("act", only("member.paused", of=ENTRIES))
@pytest.mark.parametrize("which", ["max", "min"])
def test_an_entry_that_is_gone_explains_what_it_would_have_said(
    office: Office, act: str, which: str
) -> None:
    """That the entry is missing is found; what it wrote is not told again, nor of anybody else."""
    entry = f"(SELECT {which}(id) FROM audit_log WHERE action = '{act}')"
    found = {code for code, _name in run(office, f"DELETE FROM audit_log WHERE id = {entry}")}
    of_certificates = (
        {"certificate_unrecorded", "revocation_invalid"} if "approved" in act else set()
    )
    assert found - of_certificates == {"audit_missing"}


def test_one_entry_that_is_gone_explains_no_two_members(office: Office) -> None:
    entry = "(SELECT max(id) FROM audit_log WHERE action = 'member.paused')"
    found = run(
        office,
        f"DELETE FROM audit_log WHERE id = {entry}",
        "UPDATE peer_mentor_profiles SET status = 'expired'",
    )
    assert {name for code, name in found if code == "profile_differs"} == {
        *("kari", "ola", "per", "siv")
    }
