"""An association's auditor in tests: a machine of their own, and the files that are handed over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.office import Office, Result
from tests.refusals import refused

NAME = "example.org/anna"


@dataclass
class Auditing:
    """An office, its auditor's machine, and the folder through which files go."""

    office: Office
    auditor: Office
    folder: Path

    @classmethod
    def of(cls, office: Office) -> Auditing:
        """Return the office with an auditor who has cosigned nothing."""
        folder = office.folder / "handed"
        folder.mkdir()
        machine = Office(office.folder / "auditor", office.now)
        machine.folder.mkdir(mode=0o700)
        return cls(office, machine, folder)

    def taken(self, name: str, since: Path | None = None) -> Path:
        """Take a checkpoint at the office, and return the file that is handed to the auditor."""
        path = self.folder / name
        more = "" if since is None else f"--since {since}"
        self.office.ok(f"audit checkpoint {path} {more}")
        return path

    def shown(self) -> dict[str, Any]:
        """Return what the office shows of its checkpoint now."""
        document: dict[str, Any] = self.office.ok("audit checkpoint --json").json
        return document

    def introduction(self) -> str:
        """Return the options that the auditor's first command needs."""
        said = self.shown()
        return (
            f"--key '{said['key']}' --fingerprint '{said['key_fingerprint']}' "
            f"--name {NAME} --keys keyring"
        )

    def run(self, line: str) -> Result:
        """Run an auditor's command: no profile, no store."""
        return self.auditor.run(f"audit cosign {line}", profile=None)

    def refuses(self, path: Path, code: str, exit_code: int) -> Result:
        """Require that the auditor refuses a file, and that nothing is changed by it."""
        return refused(self.auditor, f"audit cosign {path}", code, exit_code, profile=None)

    def cosigned(self, path: Path, more: str = "") -> Path:
        """Let the auditor cosign a file, and return theirs."""
        result = self.auditor.ok(f"audit cosign {path} {more} --json", profile=None)
        return Path(result.json["output"])

    def first(self) -> Path:
        """Let the auditor cosign for the first time, and return their file."""
        return self.cosigned(self.taken("first.txt"), self.introduction())
