"""The errors a user can meet: each has a stable code and the facts for its sentences.

The class gives the exit code; the instance gives the stable code. The sentences, in each language,
are in `assigncli.words`. This module does not print or exit; only `assigncli.cli` does. A fact must
never be a value from a payload, a CSV cell or a key.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

Fact = int | str | date | tuple[str, ...] | None
"""A fact of an error: a number, an id, a name, a path, a day, or several names."""


class AssignError(Exception):
    """The root of all errors of this tool.

    `code` names the error for scripts. `why` selects a sentence if the code has several. `facts`
    fill it: `InvalidInput("name_invalid", "blank", limit=100)`. The name of each fact is a
    placeholder in the sentence, or an argument of the function that makes it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, why: str | None = None, /, **facts: Fact) -> None:
        """Keep code and facts."""
        super().__init__(code)
        self.code = code
        self.why = why
        self.facts = facts

    @property
    def likeness(self) -> tuple[object, ...]:
        """A value that is equal for two errors with the same text."""
        return self.code, self.why, tuple(sorted(self.facts.items(), key=str))


class InvalidInput(AssignError):
    """The text typed, or the file named, cannot be used as it is."""

    exit_code = 2


class NotFound(AssignError):
    """There is no such assignment, member, cycle or profile in this organisation."""

    exit_code = 3


class IdentityUnavailable(AssignError):
    """The private keys are missing or locked."""

    exit_code = 4


class NotAllowed(AssignError):
    """The acting member may not do this."""

    exit_code = 4


class RuleRefused(AssignError):
    """A rule of SPEC section 4 refused; the code is the rule's name."""

    exit_code = 6

    def __init__(self, rule: str, why: str | None = None, /, **facts: Fact) -> None:
        """Take the rule's name as the code."""
        super().__init__(str(rule), why, **facts)


class Tampered(AssignError):
    """Something signed or sealed does not verify: it is reported and never used."""


class StoreUnavailable(AssignError):
    """The store or the vault is busy, unreachable, unsafe or not ours."""

    exit_code = 7


class OutcomeUnknown(StoreUnavailable):
    """It is unknown whether something was saved.

    The exit code is not 7 as for its siblings: scripts retry after 7, and this must be looked at
    first.
    """

    exit_code = 1


class PartlySaved(StoreUnavailable):
    """The store is busy or unreachable, after an earlier step of the command was saved."""

    exit_code = 5


class VaultUnavailable(StoreUnavailable):
    """The vault is unavailable; the store itself may be available."""


class PartlyDone(AssignError):
    """Part of the request is done, and part is not."""

    exit_code = 5


class Interrupted(AssignError):
    """The user stopped the command."""

    exit_code = 130
