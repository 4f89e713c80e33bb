"""Whether one may act at all: what is said to who is no member, or has another key."""

from __future__ import annotations

from assigncli.errors import IdentityUnavailable
from assigncli.locale import _


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
