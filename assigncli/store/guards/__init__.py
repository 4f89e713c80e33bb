"""The triggers that hold the rules inside the database, whoever writes to it.

`GUARDS` is the text that `store check` compares with what a store really has; the migrations hold
their own frozen copy. Opening a store does not import this.
"""

from __future__ import annotations

from typing import Final

from assigncli.store.guards.access import ACCESS_GUARDS
from assigncli.store.guards.ledger import LEDGER_GUARDS
from assigncli.store.guards.people import ASSIGNMENT_GUARDS, MEMBER_GUARDS
from assigncli.store.guards.records import RECORD_GUARDS
from assigncli.store.guards.shape import Code, Guard
from assigncli.store.guards.steps import STEP_GUARDS

# SQLite runs the triggers of one event last made first. Nothing depends on that but which rule is
# named where several are broken: the more telling ones stand later.
GUARDS: Final[tuple[Guard, ...]] = (
    *MEMBER_GUARDS,
    *ASSIGNMENT_GUARDS,
    *STEP_GUARDS,
    *ACCESS_GUARDS,
    *LEDGER_GUARDS,
    *RECORD_GUARDS,
)

__all__ = ["GUARDS", "Code", "Guard"]
