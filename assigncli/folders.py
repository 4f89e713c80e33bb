"""Where this user's files are: the platform's own folders, or all under ASSIGN_HOME.

Names places only: makes and reads nothing. The environment is an argument; without ASSIGN_HOME the
platform's rules apply, and they read the environment of the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """The folders: `config` for profiles and settings, `data` for stores, vaults and key files.

    Under ASSIGN_HOME they are the same folder. All belong to this user alone (0700).
    """

    config: Path
    data: Path

    @property
    def profiles(self) -> Path:
        """Return the folder with a JSON file for each profile."""
        return self.config / "profiles"

    @property
    def heads(self) -> Path:
        """Return the folder with the newest head of the log for each profile."""
        return self.config / "heads"

    @property
    def lists(self) -> Path:
        """Return the folder with what completion offers to each profile of a server."""
        return self.config / "lists"

    @property
    def outstanding(self) -> Path:
        """Return the folder with the statements of each profile that have no answer yet."""
        return self.data / "outstanding"

    @property
    def current(self) -> Path:
        """Return the file that names the current profile."""
        return self.config / "current"

    @property
    def settings(self) -> Path:
        """Return the file with this machine's settings."""
        return self.config / "settings.json"

    @property
    def keys(self) -> Path:
        """Return the folder for passphrase-protected key files."""
        return self.data / "keys"

    @property
    def auditor(self) -> Path:
        """Return the folder with what an auditor keeps: their key's name, and each log."""
        return self.data / "auditor"


def folders(environ: Mapping[str, str]) -> Folders:
    """Return where this user's files are; makes nothing."""
    home = environ.get("ASSIGN_HOME")
    if home:
        return Folders(Path(home), Path(home))
    import platformdirs

    return Folders(
        platformdirs.user_config_path("assigncli", appauthor=False),
        platformdirs.user_data_path("assigncli", appauthor=False),
    )
