"""Every error a user can meet: a stable code and the facts that its sentences need.

The class gives the exit code, the instance the stable code. What is said of an error, in which
language, is the catalogue's business: `assigncli.words`. Nothing here prints or exits; the one
boundary that does is `assigncli.cli`. No fact may be a value from a payload, a CSV cell or a key.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

Fact = int | str | date | tuple[str, ...] | None
"""What an error may be told with: a number, an id, a name, a path, a day, or several names."""


class AssignError(Exception):
    """The root of all errors of this tool.

    `code` names the error for scripts. `why` picks one of the code's sentences where it has
    several. `facts` fill them: `InvalidInput("name_invalid", "blank", limit=100)`. Each name of a
    fact is a placeholder in the sentence, or an argument of the function that makes it.
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
        """What two errors have in common that read the same."""
        return self.code, self.why, tuple(sorted(self.facts.items(), key=str))


class InvalidInput(AssignError):
    """What was typed, or a file that was named, cannot be used as it is."""

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
    """Something signed or sealed does not verify: it is reported, never obeyed."""


class StoreUnavailable(AssignError):
    """The store or the vault is busy, out of reach, unsafe or not ours."""

    exit_code = 7


class OutcomeUnknown(StoreUnavailable):
    """Nobody can say whether something was saved.

    Not the exit code of the other two: scripts try again after 7, and this is to be looked at
    first.
    """

    exit_code = 1


class PartlySaved(StoreUnavailable):
    """The store is busy or out of reach, after an earlier step of the command was saved."""

    exit_code = 5


class VaultUnavailable(StoreUnavailable):
    """The vault is; the store itself may well be at hand."""


class PartlyDone(AssignError):
    """Some of what was asked is done, and some is not."""

    exit_code = 5


class Interrupted(AssignError):
    """The user stopped the command."""

    exit_code = 130
