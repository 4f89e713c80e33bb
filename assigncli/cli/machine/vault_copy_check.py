"""Look for copies of the vault that were made here and should be gone.

What is known of a copy is where `store backup --with-vault` wrote it, and its last day. A copy that
was moved or copied on is not known, and nothing is said of it.
"""

from __future__ import annotations

from pathlib import Path

from assigncli.cli import session as clock
from assigncli.cli.frame import out
from assigncli.cli.session.vault_copies import past
from assigncli.errors import AssignError
from assigncli.locale import _


def none_is_past(store: Path) -> str:
    """Say that no copy is still where it was written after its last day; else raise AssignError.

    Its `failure.vault_copy` names the first of them.
    """
    found = past(store, clock.utc_now().date())
    if found:
        day = out().calendar.day(found[0].until)
        raise AssignError("failure", "vault_copy", path=str(found[0].path), day=day)
    return _("No copy of the vault that was made here is kept past its last day.")
