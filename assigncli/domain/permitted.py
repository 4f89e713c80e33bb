"""The refusals of acts that a member may not do; each names the roles that may.

Which act needs which role is decided in the server.
"""

from __future__ import annotations

from assigncli.domain.lifecycle import Role
from assigncli.domain.rules import Rule
from assigncli.errors import IdentityUnavailable, NotAllowed, RuleRefused


def role_missing(*roles: Role, has_inbox: bool = False) -> NotAllowed:
    """Return the refusal of an act for `roles` only; `has_inbox` points a mentor to the inbox."""
    if has_inbox:
        return NotAllowed("role_missing", "inbox", roles=roles)
    return NotAllowed("role_missing", roles=roles)


def only_ones_own(handle: str, *roles: Role) -> NotAllowed:
    """Return the refusal of figures for `roles` only, to a mentor who may see their own."""
    return NotAllowed("role_missing", "own_figures", roles=roles, handle=handle)


def only_coordinator() -> RuleRefused:
    """Return the refusal of an act on drafts that only a coordinator may do."""
    return RuleRefused(Rule.ONLY_COORDINATOR_CAN_DISPATCH)


def not_approved() -> IdentityUnavailable:
    """Return the error for somebody who is not yet a member."""
    return IdentityUnavailable("not_approved")


def membership_revoked() -> IdentityUnavailable:
    """Return the error for somebody whose membership is revoked."""
    return IdentityUnavailable("membership_revoked")


def key_not_certified() -> IdentityUnavailable:
    """Return the error for keys without a certificate in force."""
    return IdentityUnavailable("key_not_certified")


def certificate_suspended() -> IdentityUnavailable:
    """Return the error for keys whose certificate is suspended until it is compared again."""
    return IdentityUnavailable("certificate_suspended")
