"""The vault's file: what a new one holds, by which marks it is known, whether it may be read.

Reads no share.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from assigncli.errors import VaultUnavailable
from assigncli.locale import _
from assigncli.permissions import look

APPLICATION_ID: Final = int.from_bytes(b"ASGV")
VERSION: Final = 1

# Narrow rows of one size, and an index that holds ids only: measured, no deleted share could be
# found in the file afterwards; a wide or text-keyed table left some behind. AUTOINCREMENT: a row
# id never comes again, which the watermark counts on.
_SCHEMA: Final = """
CREATE TABLE shares (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key_id BLOB NOT NULL CHECK (length(key_id) = 16),
  share BLOB NOT NULL CHECK (typeof(share) = 'blob' AND length(share) = 32)
);
CREATE UNIQUE INDEX shares_key_id ON shares (key_id);
CREATE TRIGGER shares_append_only BEFORE UPDATE ON shares
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TABLE watermark (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  checked_id INTEGER NOT NULL
);
INSERT INTO watermark (id, checked_id) VALUES (1, 0);
"""
FILL: Final = (
    f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA application_id = {APPLICATION_ID};"
    f" PRAGMA user_version = {VERSION}; COMMIT;"
)
"""One transaction: the file is filled, or as empty as it was."""


def require_readable_file(path: Path) -> None:
    """Refuse a file behind a folder that we may not enter, or that we may not read.

    Raises VaultUnavailable `vault_out_of_reach`; nothing where there is no file.
    """
    try:
        may = look(path) is None or os.access(path, os.R_OK)
    except OSError:
        may = False
    if not may:
        raise VaultUnavailable(
            _("You may not read the vault at {path}.").format(path=path),
            _("Ask the owner of the file and its folders, or check the path in your profile."),
            code="vault_out_of_reach",
        )
