"""The errors for the server's refusals, where little more than the code is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from assigncli.client import directory
from assigncli.domain import reporting_cycles
from assigncli.domain.access import expired, not_your_assignment
from assigncli.domain.declining import assignment_declined
from assigncli.domain.moves import changed_meanwhile
from assigncli.domain.permitted import certificate_suspended
from assigncli.domain.rules import GUARDED, Guard, Rule
from assigncli.errors import (
    AssignError,
    IdentityUnavailable,
    InvalidInput,
    NotAllowed,
    NotFound,
    RuleRefused,
    StoreUnavailable,
    Tampered,
)
from assigncli.protocol.refusal import Refusal
from assigncli.trust.verification import Verified

_ERRORS: Final[dict[str, Callable[[], AssignError]]] = {
    "clock_behind": lambda: AssignError("clock_behind", "server"),
    "clock_apart": lambda: AssignError("clock_apart"),
    "certificate_revoked": lambda: IdentityUnavailable("certificate_revoked"),
    "certificate_suspended": certificate_suspended,
    "log_behind": lambda: Tampered("log_behind", "server"),
    "log_forked": lambda: Tampered("log_forked", "server"),
    "role_missing": lambda: NotAllowed("role_missing", "server"),
    "not_your_assignment": lambda: NotAllowed("not_your_assignment", "server"),
    "assignment_not_found": lambda: NotFound("assignment_not_found", "server"),
    "member_not_found": lambda: NotFound("member_not_found", near=None),
    "member_already_revoked": lambda: InvalidInput("member_already_revoked", "meanwhile"),
    "member_not_a_mentor": lambda: InvalidInput("member_not_a_mentor", "server"),
    "paused_until_past": lambda: InvalidInput("paused_until_past"),
    "certified_until_past": lambda: InvalidInput("certified_until_past"),
    "certification_lapsed": lambda: InvalidInput("certification_lapsed", "meanwhile"),
    "member_not_waiting": lambda: InvalidInput("member_not_waiting", "server"),
    "certificate_invalid": lambda: Tampered("certificate_invalid", "meanwhile"),
    "last_administrator": lambda: NotAllowed("last_administrator"),
    "may_not_vouch": lambda: NotAllowed("may_not_vouch", "server"),
    "thresholds_invalid": lambda: InvalidInput("thresholds_invalid"),
    "changed_meanwhile": changed_meanwhile,
    "assignment_open": lambda: RuleRefused("assignment_open", "meanwhile"),
    "reason_missing": lambda: InvalidInput("reason_missing"),
    "store_busy": lambda: StoreUnavailable("store_busy", "server"),
    "restore_unconfirmed": lambda: StoreUnavailable("restore_unconfirmed"),
    "service_uncertified": lambda: StoreUnavailable("service_uncertified"),
    "log_not_restored": lambda: InvalidInput("log_not_restored"),
    "server_fault": lambda: AssignError("server_fault"),
}
"""By the server's code; `server` marks a sentence that says no more than the code."""


_OF_ONE: Final[dict[str, Callable[[int], AssignError]]] = {
    Rule.VALID_STATUS_TRANSITION: lambda number: RuleRefused(
        Rule.VALID_STATUS_TRANSITION, "of_one", number=number
    ),
    Rule.RECALL_ONLY_BEFORE_READ: lambda number: RuleRefused(
        Rule.RECALL_ONLY_BEFORE_READ, number=number
    ),
    Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH: lambda number: RuleRefused(
        Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH, "of_one", number=number
    ),
    Rule.ENCRYPTION_KEY_EXISTS: lambda number: RuleRefused(
        Rule.ENCRYPTION_KEY_EXISTS, "of_one", number=number
    ),
    Rule.CONSENT_BEFORE_PAYLOAD_ACCESS: lambda number: RuleRefused(
        Rule.CONSENT_BEFORE_PAYLOAD_ACCESS, number=number
    ),
    Rule.EXPIRED_PAYLOAD_INACCESSIBLE: expired,
    Guard.ASSIGNMENT_DECLINED: assignment_declined,
    "not_your_assignment": not_your_assignment,
}
"""By code: the error where this client knows the assignment's number, which refusals do not give.
"""


def of_one(number: int, refusal: Refusal) -> AssignError | None:
    """Return the error for the refusal of an act on the assignment with this number.

    None for a code that is not about the assignment itself.
    """
    make = _OF_ONE.get(refusal.code)
    return None if make is None else make(number)


_OF_A_MEMBER: Final[dict[str, Callable[[str, str], AssignError]]] = {
    "member_already_revoked": lambda name, _handle: InvalidInput(
        "member_already_revoked", "of_one_meanwhile", name=name
    ),
    "member_not_a_mentor": lambda name, _handle: InvalidInput("member_not_a_mentor", name=name),
    "certification_lapsed": lambda name, handle: InvalidInput(
        "certification_lapsed", "of_one_meanwhile", name=name, handle=handle
    ),
}
"""By code: the error where it is known which member it is about."""


def of_a_member(found: Verified, member: UUID, refusal: Refusal) -> AssignError | None:
    """Return the error for the refusal of an act on one member, with name and handle.

    None for a code that is not about the member.
    """
    make = _OF_A_MEMBER.get(refusal.code)
    if make is None:
        return None
    return make(
        directory.name(found, member, "display_name"), directory.name(found, member, "handle")
    )


def error_of(refusal: Refusal) -> AssignError:
    """Return the error for a refusal, with its code; it contains no value that the server sent."""
    if refusal.code in reporting_cycles.REFUSALS:
        return reporting_cycles.refused(code=refusal.code)
    if refusal.code in GUARDED:
        return RuleRefused(refusal.code, "guard")
    if refusal.code in _ERRORS:
        return _ERRORS[refusal.code]()
    return AssignError(refusal.code, "refused")
