"""Get a passphrase, from the named file or from the person at the terminal.

It is in one spelling (Unicode NFC), never shown and never kept. What it unlocks is for `session`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from unicodedata import normalize

from assigncli.cli.frame import current_globals
from assigncli.cli.input.prompts import ask_secret
from assigncli.cli.input.sources import first_line, opened_source
from assigncli.errors import InvalidInput
from assigncli.locale import _

MIN_PASSPHRASE: Final = 12
_MAX_PASSPHRASE: Final = 4096


def known() -> bytes:
    """Return the passphrase of existing keys."""
    path = current_globals().passphrase_file
    if path is not None:
        return _encoded(_first_line(path))
    return _encoded(ask_secret(_("Passphrase"), option="--passphrase-file"))


def new(name: str) -> bytes:
    """Return a new passphrase of at least 12 characters for the keys of `name`; typed twice.

    Raises InvalidInput `passphrase_short`.
    """
    return new_for(_labelled(name))


def new_for(label: str) -> bytes:
    """Return a new passphrase of at least 12 characters, asked for by `label`; raises as `new`."""
    return _chosen(label, current_globals().passphrase_file, "--passphrase-file")


def changed(name: str, path: Path | None, option: str) -> bytes:
    """Return a new passphrase as `new` does: from the file at `path`, which `option` names."""
    return _chosen(_labelled(name), path, option)


def _labelled(name: str) -> str:
    return _("New passphrase for the private keys of {name}").format(name=name)


def _chosen(label: str, path: Path | None, option: str) -> bytes:
    said = ask_secret(label, twice=True, option=option) if path is None else _first_line(path)
    if len(normalize("NFC", said)) < MIN_PASSPHRASE:
        raise InvalidInput("passphrase_short", count=MIN_PASSPHRASE)
    return _encoded(said)


def _encoded(said: str) -> bytes:
    return normalize("NFC", said).encode()


def _first_line(path: Path) -> str:
    try:
        with opened_source(path) as file:
            line = first_line(file, _MAX_PASSPHRASE).decode().rstrip("\r\n")
    except (OSError, ValueError):
        raise InvalidInput("passphrase_file_unreadable") from None
    if not line:
        raise InvalidInput("passphrase_file_empty")
    return line
