"""The terms of the field in words: roles, payload fields, kinds of personal data.

Every error imports this, so a table keyed by a slow import uses its text as key; a test verifies
that the tables are complete.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from assigncli.domain.lifecycle import Role
from assigncli.locale import N_, _

_ROLES: Final = {
    Role.COORDINATOR: N_("a coordinator"),
    Role.ORG_ADMIN: N_("an administrator"),
    Role.PEER_MENTOR: N_("a peer mentor"),
}
"""In the order in which they are named. The service is left out, since it cannot be asked."""

LABELS: Final = {
    "full_name": N_("Name"),
    "address": N_("Address"),
    "postal_code": N_("Postal code"),
    "city": N_("City"),
    "phone": N_("Telephone"),
    "medical_summary": N_("Medical summary"),
    "practical_notes": N_("Practical notes"),
}
"""The name of each payload field for people; the key is its name in JSON."""

KINDS: Final = {
    "national_id": N_("a national identity or account number"),
    "phone": N_("a phone number"),
    "email": N_("an e-mail address"),
    "birth_date": N_("a birth date"),
    "street_address": N_("a street address"),
    "name": N_("a name from the payload"),
    "reference": N_("a number or reference from the payload"),
}
"""The words for each `ShapeKind` of personal data."""
COLUMNS: Final = {
    "title": N_("title"),
    "subject_reference": N_("subject reference"),
    "coordinator_notes": N_("coordinator notes"),
    "internal_notes": N_("internal notes"),
    "reason": N_("reason"),
}
"""The name of each free-text column."""


def roles_in_words(roles: Collection[Role]) -> str:
    """Return "a coordinator or an administrator", in the language in use."""
    named = [_(words) for role, words in _ROLES.items() if role in roles]
    *others, last = named
    return _("{roles} or {role}").format(roles=", ".join(others), role=last) if others else last
