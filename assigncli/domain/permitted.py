"""Say who may do what a member may not: the refusal names the roles, and whom to ask.

Which act takes which role is for the server; here are only the words.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from assigncli.domain.lifecycle import Role
from assigncli.domain.rules import Rule
from assigncli.errors import IdentityUnavailable, NotAllowed, RuleRefused
from assigncli.locale import N_, _

_ROLES: Final = {
    Role.COORDINATOR: N_("a coordinator"),
    Role.ORG_ADMIN: N_("an administrator"),
    Role.PEER_MENTOR: N_("a peer mentor"),
}
"""In the order in which they are named. The service is nobody whom one could ask."""


def role_missing(*roles: Role, instead: str | None = None) -> NotAllowed:
    """Return the refusal of an act that only `roles` may do.

    `instead` is a hint for who has another way to what they want, already translated.
    """
    named = roles_in_words(roles)
    return NotAllowed(
        _("Only {roles} can do this.").format(roles=named),
        instead
        or _(
            "Ask your administrator for access. If you have more than one profile, choose "
            "another with --profile."
        ),
        code="role_missing",
    )


def only_coordinator() -> RuleRefused:
    """Return the refusal of who is no coordinator, of what only a coordinator does with drafts."""
    return RuleRefused(
        Rule.ONLY_COORDINATOR_CAN_DISPATCH,
        _("Only {roles} can do this.").format(roles=roles_in_words([Role.COORDINATOR])),
        _("Ask a coordinator."),
    )


def roles_in_words(roles: Collection[Role]) -> str:
    """Return "a coordinator or an administrator", in the language in use."""
    named = [_(words) for role, words in _ROLES.items() if role in roles]
    *others, last = named
    return _("{roles} or {role}").format(roles=", ".join(others), role=last) if others else last


def not_approved() -> IdentityUnavailable:
    """Return the error for who is no member yet."""
    return IdentityUnavailable(
        _("Your membership is not approved yet."),
        _("Ask your coordinator to compare the fingerprint with you and approve it."),
        code="not_approved",
    )


def membership_revoked() -> IdentityUnavailable:
    """Return the error for who is no member any more."""
    return IdentityUnavailable(
        _("Your membership has been revoked."),
        _("Ask your administrator if you think that is wrong."),
        code="membership_revoked",
    )


def key_not_certified() -> IdentityUnavailable:
    """Return the error for keys that are not those of a certificate in force."""
    return IdentityUnavailable(
        _("The private key on this machine is not the one your certificate is for."),
        _("Use the machine you joined from, or ask your administrator for a new approval."),
        code="key_not_certified",
    )
