"""What verifying the log finds: a place and a code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ALTERED: Final = "audit_altered"
MISSING: Final = "audit_missing"
REORDERED: Final = "audit_reordered"
FORGED: Final = "audit_forged"
STATEMENT_ALTERED: Final = "statement_altered"
STATEMENT_MISSING: Final = "statement_missing"
STATEMENT_UNUSED: Final = "statement_unused"
TREE_DIFFERS: Final = "tree_differs"
LOG_BEHIND: Final = "log_behind"
LOG_FORKED: Final = "log_forked"


@dataclass(frozen=True)
class Finding:
    """What is wrong at `sequence`; for several entries, up to and including `through`."""

    sequence: int
    code: str
    through: int | None = None
