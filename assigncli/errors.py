"""Every error a user can meet: one sentence on what is wrong, one on what to do, a stable code.

The class gives the exit code, the instance the stable code. Nothing here prints or exits; the one
boundary that does is `assigncli.cli`. No message or hint may hold a value from a payload, a CSV
cell or a key.
"""

from __future__ import annotations

from typing import ClassVar


class AssignError(Exception):
    """The root of all errors of this tool.

    `message` says what is wrong, `hint` what to do next, `code` names it for scripts.
    """

    exit_code: ClassVar[int] = 1
    default_code: ClassVar[str] = "failure"

    def __init__(self, message: str, hint: str, *, code: str | None = None) -> None:
        """Keep both sentences; `code` defaults to the class's own."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code


class InvalidInput(AssignError):
    """What was typed, or a file that was named, cannot be used as it is."""

    exit_code = 2
    default_code = "invalid_input"


class NotFound(AssignError):
    """There is no such assignment, member, cycle or profile in this organisation."""

    exit_code = 3
    default_code = "not_found"


class IdentityUnavailable(AssignError):
    """The private keys are missing or locked."""

    exit_code = 4
    default_code = "identity_unavailable"


class NotAllowed(AssignError):
    """The acting member may not do this."""

    exit_code = 4
    default_code = "not_allowed"


class RuleRefused(AssignError):
    """A rule of SPEC section 4 refused; the code is the rule's name."""

    exit_code = 6

    def __init__(self, rule: str, message: str, hint: str) -> None:
        """Take the rule's name as the code."""
        super().__init__(message, hint, code=str(rule))


class Tampered(AssignError):
    """Something signed or sealed does not verify: it is reported, never obeyed."""

    default_code = "tampered"


class StoreUnavailable(AssignError):
    """The store or the vault is busy, out of reach, unsafe or not ours."""

    exit_code = 7
    default_code = "store_unavailable"


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
    default_code = "partly_done"


class Interrupted(AssignError):
    """The user stopped the command."""

    exit_code = 130
    default_code = "interrupted"
