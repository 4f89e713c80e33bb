"""Taking over an office with its key kit."""

from __future__ import annotations

from assigncli.crypto.identity import RootKey
from tests.office import Office, Result
from tests.paper import kept_root, typed_in_lines


def root_of(office: Office) -> RootKey:
    """Return the root's private key, from the office's key store."""
    root = kept_root(office)
    assert root is not None
    return root


def take_over(
    office: Office, machine: Office, more: str = "--handle anne", at: str | None = None
) -> Result:
    """Join another machine with the office's kit, given on standard input."""
    line = f"join --kit {at or office.store} --keys keyring {more}"
    return machine.run(line, profile=None, stdin=typed_in_lines(office))
