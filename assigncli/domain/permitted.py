"""The refusals of what a member may not do: each names the roles that may.

Which act takes which role is for the server.
"""

from __future__ import annotations

from assigncli.domain.lifecycle import Role
from assigncli.domain.rules import Rule
from assigncli.errors import IdentityUnavailable, NotAllowed, RuleRefused


def role_missing(*roles: Role, has_inbox: bool = False) -> NotAllowed:
    """Return the refusal of an act that only `roles` may do; a mentor is shown to the inbox."""
    if has_inbox:
        return NotAllowed("role_missing", "inbox", roles=roles)
    return NotAllowed("role_missing", roles=roles)


def only_ones_own(handle: str, *roles: Role) -> NotAllowed:
    """Return the refusal of figures that only `roles` may see, to a mentor who has their own."""
    return NotAllowed("role_missing", "own_figures", roles=roles, handle=handle)


def only_coordinator() -> RuleRefused:
    """Return the refusal of who is no coordinator, of what only a coordinator does with drafts."""
    return RuleRefused(Rule.ONLY_COORDINATOR_CAN_DISPATCH)


def not_approved() -> IdentityUnavailable:
    """Return the error for who is no member yet."""
    return IdentityUnavailable("not_approved")


def membership_revoked() -> IdentityUnavailable:
    """Return the error for who is no member any more."""
    return IdentityUnavailable("membership_revoked")


def key_not_certified() -> IdentityUnavailable:
    """Return the error for keys that are not those of a certificate in force."""
    return IdentityUnavailable("key_not_certified")
