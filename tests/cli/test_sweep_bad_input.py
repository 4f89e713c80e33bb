"""The sweep where something is in its way: it says so, does the rest, and makes up for it later."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from assigncli.client import looking_after
from assigncli.server import member
from assigncli.server.store.engine import Store
from assigncli.server.sweep import duties
from assigncli.server.vault.vault import Vault
from tests import slots
from tests.acting import process
from tests.attacker import alter, column
from tests.office import Office
from tests.refusals import everything, refused, require_three_lines
from tests.sweeping import (
    EXPIRED,
    REMINDED,
    held_shares,
    moment,
    opened,
    outcomes,
    settled,
    sweep,
    swept,
    whole,
)

if os.name != "posix":
    pytest.skip("locks and modes are POSIX only", allow_module_level=True)

NIGHT = moment("2026-12-01T02:00:00")
UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@pytest.fixture(scope="module")
def prepared(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office in the night after which number 1 has expired and number 2 lacks contact."""
    office = founded.copy_to(tmp_path_factory.mktemp("prepared") / "office")
    office.dispatch("--expires 28.11.2026")
    office.dispatch("--deadline-days 2")
    settled(office)
    office.now = NIGHT
    return office


@pytest.fixture
def due(prepared: Office, tmp_path: Path) -> Office:
    """Such an office of a test's own."""
    return prepared.copy_to(tmp_path / "due")


DUE = (EXPIRED.format(1), REMINDED.format(2))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a twentieth of a second for a busy file instead of thirty."""
    for opening in (Store.open, Store.inspect, Vault.open):
        monkeypatch.setitem(opening.__kwdefaults__, "busy_seconds", 0.05)


@contextmanager
def held(path: Path, how: str) -> Iterator[None]:
    """Hold the file as another program would, until the end of the block."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"BEGIN {how}")
        yield


@pytest.mark.usefixtures("impatient")
def test_a_store_that_another_program_holds(due: Office) -> None:
    with held(due.store, "EXCLUSIVE"):
        refused_as_it_stands(due, "store_busy", 7)
    swept(due, *DUE)


def refused_as_it_stands(office: Office, code: str, exit_code: int) -> None:
    """Hold that a sweep is refused whole; its files cannot be asked now."""
    said = office.refused("sweep", code, exit_code)
    require_three_lines(said.stderr, code)


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_a_store_that_another_program_writes_to(due: Office) -> None:
    before = everything(due)
    with held(due.store, "IMMEDIATE"):
        said = outcomes(due, code=5)
        assert said[:1] == [("swept", None, None, "store_busy")]
        lines = sweep(due, code=5)
        assert lines[0].startswith("The sweep could not go on: ")
        assert lines[0].endswith(" Code: store_busy.")
        assert len(outcomes(due, "--dry-run")) == 2
    assert everything(due) == before
    swept(due, *DUE)


@pytest.mark.usefixtures("impatient")
def test_a_busy_store_is_said_once(due: Office) -> None:
    with held(due.store, "IMMEDIATE"):
        assert len(sweep(due, code=5)) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_a_store_that_becomes_busy_between_two_things(
    due: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done stays done, the rest is said to be left, and the next sweep does it."""
    with closing(sqlite3.connect(due.store, isolation_level=None)) as db:
        monkeypatch.setattr(duties.due, "deadlines", holding(duties.due.deadlines, db))
        said = outcomes(due, code=5)
        db.execute("ROLLBACK")
    assert said[:2] == [("expired", 1, None, None), ("swept", None, None, "store_busy")]
    assert column(due, 1, "status") == "expired"
    assert column(due, 2, "reminder_sent_at") is None
    monkeypatch.undo()
    swept(due, REMINDED.format(2))
    assert held_shares(due) == 1
    whole(due)


def holding(function: Callable[..., Any], db: sqlite3.Connection) -> Callable[..., Any]:
    """Return the function, which takes the store first: for reading, so that none can commit."""

    def held_then(*arguments: Any) -> Any:
        if not db.in_transaction:
            db.execute("BEGIN")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return function(*arguments)

    return held_then


@pytest.mark.usefixtures("impatient")
def test_a_vault_that_cannot_be_written_to(due: Office) -> None:
    """The brief ends for every reader; its share goes once the vault is free again."""
    with slots.held(due.vault):
        said = outcomes(due, code=5)
        assert {problem for *_facts, problem in said} - {None} == {"store_busy"}
        assert opened(due, 1).stdout == ""
        assert opened(due, 1).error_code == "expired_payload_inaccessible"
    settled(due)
    assert held_shares(due) == 1
    assert column(due, 1, "status") == "expired"
    whole(due)


def test_a_missing_vault(due: Office) -> None:
    aside = due.folder / "aside"
    due.vault.rename(aside)
    refused(due, "sweep", "vault_missing", 7)
    refused(due, "sweep --dry-run", "vault_missing", 7)
    assert not due.vault.exists()
    aside.rename(due.vault)
    swept(due, *DUE)


@pytest.mark.parametrize("content", [b"hello", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_vault_that_is_none(due: Office, content: bytes) -> None:
    due.vault.write_bytes(content)
    refused_as_it_stands(due, "vault_not_ours", 7)
    assert column(due, 1, "status") == "dispatched"


def test_a_missing_store_and_an_unknown_profile(office: Office) -> None:
    refused(office, "sweep", "profile_missing", 3, profile="nobody")
    refused(office, f"sweep --store {office.home / 'other.db'}", "store_missing", 7, profile=None)
    assert not (office.home / "other.db").exists()
    office.store.rename(office.folder / "aside")
    refused(office, "sweep", "store_missing", 7)
    refused(office, f"sweep --store {office.home}", "store_not_ours", 7, profile=None)


@pytest.mark.parametrize(
    ("more", "code", "exit_code"),
    [
        ("--retry 0", "usage", 2),
        ("--retry one", "usage", 2),
        ("now", "usage", 2),
        ("--retry 99", "assignment_not_found", 3),
        ("--retry 1", "nothing_stuck", 2),
    ],
)
def test_words_that_make_no_sense(due: Office, more: str, code: str, exit_code: int) -> None:
    refused(due, f"sweep {more}", code, exit_code)


@pytest.mark.slow
def test_altered_assignments_are_named_and_the_rest_is_done(office: Office) -> None:
    sooner, shorter, honest, late, later = (
        office.dispatch(more)
        for more in ("", "", "--expires 28.11.2026", "--deadline-days 2", "--expires 28.11.2026")
    )
    settled(office)
    alter(office, sooner, expires_at="2026-11-22T11:00:00.000000Z")
    alter(office, shorter, contact_deadline_days=1)
    alter(office, later, title="Another visit")
    office.now = NIGHT
    told = [
        ("expired", sooner, None, "manifest_invalid"),
        ("expired", honest, None, None),
        ("expired", later, None, "manifest_invalid"),
        ("reminded", shorter, None, "manifest_invalid"),
        ("reminded", late, None, None),
    ]
    assert outcomes(office, code=5) == told
    assert [column(office, number, "status") for number in (sooner, honest, later)] == [
        "dispatched",
        "expired",
        "dispatched",
    ]
    assert column(office, shorter, "reminder_sent_at") is None
    # It is said every time, until somebody looks at it.
    lines = sweep(office, code=5)
    assert len(lines) == 3
    for line in lines:
        assert line.endswith(" Code: manifest_invalid.")
        assert "Another visit" not in line


@pytest.mark.parametrize("suffix", [".key", ".root"])
def test_a_key_that_others_may_read(due: Office, suffix: str) -> None:
    (path,) = (due.home / "assign.db.service").glob(f"*{suffix}")
    for each, wide in ((path, 0o640), (path, 0o604), (path.parent, 0o750)):
        mode = each.stat().st_mode
        each.chmod(wide)
        refused(due, "sweep", "key_file_unsafe", 4)
        each.chmod(mode)
    swept(due, *DUE)


def test_a_damaged_key(due: Office) -> None:
    (path,) = (due.home / "assign.db.service").glob("*.key")
    for content in (b"", b"hello", path.read_bytes()[:-1], b"\xff" * 20_000):
        path.write_bytes(content)
        refused(due, "sweep", "key_file_damaged", 4)
    path.unlink()
    refused(due, "sweep", "service_identity_missing", 4)


def test_a_key_without_the_root_key_it_believes(due: Office) -> None:
    (path,) = (due.home / "assign.db.service").glob("*.root")
    path.write_bytes(bytes(32))
    assert {problem for *_facts, problem in outcomes(due, code=5)} == {"certificate_invalid"}
    path.unlink()
    refused(due, "sweep", "key_missing", 4)
    assert column(due, 1, "status") == "dispatched"


def revoke_service(office: Office) -> None:
    """Revoke the service with a program that does not refuse it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looking_after, "SERVICE", "nobody")
        patch.setattr(member, "require_no_service", lambda _roles: None)
        # Carried out; the reply is by who is no service any more, and is not believed.
        office.refused("member revoke --yes service", "certificate_invalid", 1)


def test_the_service_cannot_be_revoked(due: Office) -> None:
    refused(due, "member revoke --yes service", "may_not_vouch", 4)
    due.ok("sweep")


def test_a_service_whose_membership_was_revoked(due: Office) -> None:
    revoke_service(due)
    assert {problem for *_facts, problem in outcomes(due, code=5)} == {"membership_revoked"}
    assert column(due, 1, "status") == "dispatched"


def test_a_revoked_service_is_noticed_also_where_nothing_is_due(office: Office) -> None:
    revoke_service(office)
    assert office.run("sweep").code != 0


@pytest.mark.slow
def test_a_folder_that_is_read_only(due: Office) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root without setpriv cannot be held back by file modes")
    words = [*(UNPRIVILEGED if os.geteuid() == 0 else ()), *process(due, "sweep")]
    before = everything(due)
    for path in (due.store, due.vault):
        path.chmod(0o400)
    due.home.chmod(0o500)
    try:
        done = subprocess.run(
            words, env=due.process_env(), capture_output=True, text=True, check=False
        )
    finally:
        due.home.chmod(0o700)
    assert (done.returncode, done.stderr) == (5, "")
    for line in done.stdout.splitlines():
        assert " could not " in line
        assert line.endswith(" Code: store_read_only.")
    for path in (due.store, due.vault):
        path.chmod(0o600)
    assert everything(due) == before
    swept(due, *DUE)
