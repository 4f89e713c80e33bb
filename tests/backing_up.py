"""Backups of an office: made, restored in place of its store or on another machine."""

from __future__ import annotations

from pathlib import Path

from tests.must_hold import require_ledger, require_shares, require_steps
from tests.office import Office, Result
from tests.refusals import rows

PASSPHRASE = "correct horse battery"


def passphrase_file(office: Office, text: str = PASSPHRASE, name: str = "passphrase") -> Path:
    """Write a passphrase file outside the home, and return its path."""
    path = office.folder / name
    path.write_text(f"{text}\n", encoding="utf-8")
    return path


def with_passphrase(office: Office) -> str:
    """Return the option that gives the passphrase."""
    return f"--passphrase-file {passphrase_file(office)}"


def backed_up(office: Office, name: str = "backup", more: str = "") -> Path:
    """Back the office's store up, and return the file."""
    path = office.folder / name
    office.ok(f"store backup {path} {with_passphrase(office)} {more}")
    return path


def list_of_deletions(office: Office, name: str = "deletions") -> Path:
    """Write the list of deletions alone, and return the file."""
    path = office.folder / name
    office.ok(f"store backup {path} --only-deletions")
    return path


def lose_store(office: Office) -> None:
    """Lose the store's disk, but for the vault and the service's key."""
    for path in (office.store, office.store.with_name("assign.db-journal")):
        path.unlink(missing_ok=True)


def lose_machine(office: Office) -> None:
    """Lose all that lies beside the store; profiles and members' keys are on other machines."""
    lose_store(office)
    office.vault.unlink()
    folder = office.store.with_name("assign.db.service")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def restored(office: Office, backup: Path, more: str = "", *, code: int = 0) -> Result:
    """Restore a backup to where the office's store was."""
    line = f"store restore {backup} --store {office.store} {with_passphrase(office)} --yes {more}"
    result = office.run(line, profile=None)
    assert result.code == code, result.said
    return result


def confirmed(office: Office, more: str = "") -> Result:
    """Have the administrator sign that the store was restored."""
    return office.ok(f"store restore --confirm --cause disk_failed {more}")


def agreed(office: Office, *profiles: str) -> None:
    """Let these members agree to what is gone."""
    for profile in profiles:
        office.ok("store restore --accept --yes", profile=profile)


def before_restore(office: Office) -> Path:
    """Return where the store is kept that a restore replaced."""
    return office.store.with_name("assign.db.before-restore")


def require_sound(office: Office) -> None:
    """Assert all that must hold of a restored office; numbers may have a gap, and none is twice."""
    assert "is whole" in office.ok("audit verify").stdout
    assert office.ok("store check --json").json == {"problems": []}
    require_steps(office)
    require_ledger(office)
    require_shares(office)
    numbers = [number for (number,) in rows(office, "SELECT number FROM assignments")]
    assert len(numbers) == len(set(numbers))
