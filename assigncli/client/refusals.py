"""What a server's refusal means to a person, where nothing better is known than its code."""

from __future__ import annotations

from typing import Final

from assigncli.domain import cycles
from assigncli.domain.rules import GUARDED
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
from assigncli.locale import N_, _
from assigncli.protocol.refusal import Refusal

Meaning = tuple[type[AssignError], str, str]

_LOOK_AGAIN: Final = N_("Run the command again to be told how it is now.")
_TELL: Final = N_("Keep a copy of the store as it is, and tell your administrator.")

_MEANINGS: Final[dict[str, Meaning]] = {
    "clock_behind": (
        AssignError,
        N_("The server's clock is more than five minutes behind the last entry of the log."),
        N_("Set it right and try again. Run assign doctor to see how far it is behind."),
    ),
    "clock_apart": (
        AssignError,
        N_("The clock of this machine is more than five minutes from the server's."),
        N_("Set it right and try again."),
    ),
    "certificate_revoked": (
        IdentityUnavailable,
        N_("Your certificate is revoked."),
        N_("Ask your administrator if you think that is wrong."),
    ),
    "log_behind": (
        Tampered,
        N_("The audit log is shorter than this machine has seen it."),
        N_("Tell your administrator: the store is an older copy, or somebody removed entries."),
    ),
    "log_forked": (
        Tampered,
        N_("The first entries of the audit log are not those this machine has seen."),
        _TELL,
    ),
    "role_missing": (
        NotAllowed,
        N_("You do not have the role that this needs."),
        N_("Ask a coordinator or an administrator."),
    ),
    "not_your_assignment": (
        NotAllowed,
        N_("The assignment is for another member."),
        N_("Run assign inbox to see your assignments."),
    ),
    "assignment_not_found": (
        NotFound,
        N_("There is no such assignment."),
        N_("Run assign list or assign inbox to see the numbers."),
    ),
    "member_not_found": (
        NotFound,
        N_("There is no member with this handle in your organisation."),
        N_("Run assign member list to see the handles."),
    ),
    "member_already_revoked": (
        InvalidInput,
        N_("The membership has ended meanwhile. Nothing was done."),
        N_("Run assign member list to see who is a member."),
    ),
    "member_not_a_mentor": (
        InvalidInput,
        N_("The member is not a peer mentor."),
        N_("Run assign member list --role peer_mentor to see who is."),
    ),
    "paused_until_past": (
        InvalidInput,
        N_("The last day of the pause has already passed."),
        N_("Give a day from today on."),
    ),
    "certified_until_past": (
        InvalidInput,
        N_("The certification would end in the past."),
        N_("Give a day from today on."),
    ),
    "certification_lapsed": (
        InvalidInput,
        N_("The certification has lapsed meanwhile. Nothing was done."),
        N_("Renew it with assign member certify."),
    ),
    "member_not_waiting": (
        InvalidInput,
        N_("The member is not waiting for approval."),
        N_("Run assign member list to see who is waiting for approval."),
    ),
    "certificate_invalid": (
        Tampered,
        N_("The request to join was changed meanwhile, so the member is not approved."),
        N_("Compare the fingerprint once more by telephone before you approve anybody."),
    ),
    "may_not_vouch": (
        NotAllowed,
        N_("You may not do this to a member with these roles, nor to yourself."),
        N_("Ask an administrator."),
    ),
    "thresholds_invalid": (
        InvalidInput,
        N_("The threshold of the elevated honorarium must be higher than the standard one."),
        N_("The standard one must be at least 1, and the elevated one higher."),
    ),
    "changed_meanwhile": (
        AssignError,
        N_("What you were asked about was changed while you answered. Nothing was done."),
        _LOOK_AGAIN,
    ),
    "reason_missing": (
        InvalidInput,
        N_("A cancellation needs a reason."),
        N_("Give it with --reason, without any personal data."),
    ),
    "store_busy": (
        StoreUnavailable,
        N_("The store is in use by another program."),
        N_("Try again in a moment; close other programs that hold the file if it lasts."),
    ),
}


def error_of(refusal: Refusal) -> AssignError:
    """Return the error for a refusal, with its code; it holds no value that the server sent."""
    if refusal.code in cycles.REFUSALS:
        return cycles.refused(code=refusal.code)
    if refusal.code in GUARDED:
        return RuleRefused(refusal.code, "guard")
    if refusal.code in _MEANINGS:
        kind, message, hint = _MEANINGS[refusal.code]
        return kind(_(message), _(hint), code=refusal.code)
    return AssignError(_("The server refused this."), _(_LOOK_AGAIN), code=refusal.code)
