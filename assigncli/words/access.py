"""The sentences on who may do what, and on which assignment is meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from assigncli.domain.lifecycle import Role, Status
from assigncli.locale import N_, _
from assigncli.words.form import Catalogue, Sentences
from assigncli.words.terms import roles_in_words

_WITHDRAWN: Final = {
    Status.RECALLED: N_("Assignment {number} is recalled, and its brief can no longer be read."),
    Status.CANCELLED: N_("Assignment {number} is cancelled, and its brief can no longer be read."),
}
_ARCHIVED: Final = N_("Assignment {number} is archived, since it ended more than a year ago.")


def _withdrawn(status: Status, number: int) -> Sentences:
    return (
        _(_WITHDRAWN[status]).format(number=number),
        _("Ask your coordinator if you think that is wrong."),
    )


def _role_missing(roles: tuple[Role, ...]) -> Sentences:
    return _only(*roles), _(
        "Ask your administrator for access. If you have more than one profile, choose another "
        "with --profile."
    )


def _with_inbox(roles: tuple[Role, ...]) -> Sentences:
    return _only(*roles), _("Run assign inbox to see your assignments.")


def _own_figures(roles: tuple[Role, ...], handle: str) -> Sentences:
    command = f"assign honorarium report --mentor {handle}"
    return _only(*roles), _("For your own figures, run {command}.").format(command=command)


def _only_coordinator() -> Sentences:
    return _only(Role.COORDINATOR), _("Ask a coordinator.")


def _only(*roles: Role) -> str:
    return _("Only {roles} can do this.").format(roles=roles_in_words(roles))


def _no_assignment(hint: str) -> Callable[[int | None], Sentences]:
    def said(number: int | None) -> Sentences:
        if number is None:
            return _("There is no such assignment."), _(hint)
        return _("There is no assignment {number}.").format(number=number), _(hint)

    return said


ACCESS: Final[Catalogue] = {
    "expired_payload_inaccessible": (
        N_("Assignment {number} has expired, and its brief can no longer be read."),
        N_("Ask your coordinator for a new assignment if the visit is still needed."),
    ),
    "not_your_assignment": (
        N_("Assignment {number} is for another member."),
        N_("Run assign inbox to see your assignments."),
    ),
    "not_your_assignment.dispatcher": (
        N_("Assignment {number} was sent by another coordinator, {name}."),
        N_("Ask {name} to reassign it."),
    ),
    "audit_all_access": (
        N_("This access is not recorded in the audit log, so nothing is released."),
        N_("Run assign audit verify, and tell your administrator."),
    ),
    "organization_scope_isolation": (
        N_("Assignment {number} belongs to another organisation."),
        N_("Check the number, and the profile you are using."),
    ),
    "consent_before_payload_access": (
        N_("Assignment {number} needs your consent before you can open it."),
        N_("Run assign consent {number}, then assign open {number}."),
    ),
    "assignment_ambiguous": (
        N_("More than one assignment has an id that begins like that."),
        N_("Give more of the id, or the assignment's number."),
    ),
    "valid_status_transition.withdrawn": _withdrawn,
    "role_missing": _role_missing,
    "only_coordinator_can_dispatch": _only_coordinator,
    "assignment_not_found.inbox": _no_assignment(N_("Run assign inbox to see your assignments.")),
    "assignment_not_found.list": _no_assignment(N_("Run assign list to see the numbers.")),
    "assignment_archived": (
        _ARCHIVED,
        N_("Its content is gone. Run assign inbox to see your assignments."),
    ),
    "assignment_archived.log": (
        _ARCHIVED,
        N_("Its content is gone. Run assign audit log --assignment {number} to see the acts."),
    ),
    "changed_meanwhile": (
        N_("What you were asked about was changed while you answered. Nothing was done."),
        N_("Run the command again to be told how it is now."),
    ),
    "not_approved": (
        N_("Your membership is not approved yet."),
        N_("Ask your coordinator to compare the fingerprint with you and approve it."),
    ),
    "not_approved.this_way": (
        N_("The server does not answer this account for your membership, or not yet."),
        N_(
            "Once you are approved, use the account you joined from; by SSH, ask the server's "
            "operator to put the printed line before your key."
        ),
    ),
    "membership_revoked": (
        N_("Your membership has been revoked."),
        N_("Ask your administrator if you think that is wrong."),
    ),
    "membership_revoked.or_key": (
        N_("Your membership, or the key of this device, has been ended."),
        N_("Ask your administrator if you think that is wrong."),
    ),
    "key_not_certified": (
        N_("The private key on this machine is not the one your certificate is for."),
        N_("Use the machine you joined from, or ask your administrator for a new approval."),
    ),
    "token_invalid": (
        N_("This invitation cannot be used: it was used already, has ended, or is for nobody."),
        N_("Ask your coordinator to invite you again."),
    ),
    "consent_invalid": (
        N_("The consent on record was not signed by the mentor for this assignment."),
        N_("Do not rely on it. Tell your administrator: the store has been changed."),
    ),
    "only_coordinator_can_dispatch.draft": (
        N_("Assignment {number} is a draft of another coordinator, {name}."),
        N_("Ask {name}, or create a new one with assign create."),
    ),
    "role_missing.inbox": _with_inbox,
    "role_missing.own_figures": _own_figures,
    "role_missing.server": (
        N_("You do not have the role that this needs."),
        N_("Ask a coordinator or an administrator."),
    ),
    "not_your_assignment.server": (
        N_("The assignment is for another member."),
        N_("Run assign inbox to see your assignments."),
    ),
    "assignment_not_found.server": (
        N_("There is no such assignment."),
        N_("Run assign list or assign inbox to see the numbers."),
    ),
}
