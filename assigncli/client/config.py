"""Change a setting of the organisation, as an administrator.

The settings in force are the server's word; it applies the same rule to them itself.
"""

from __future__ import annotations

from secrets import token_bytes
from uuid import UUID

from assigncli.client import asking, directory
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.inquiry import Wanted
from assigncli.client.office import settings
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role
from assigncli.domain.setting_values import TEXTS, as_kept, require_in_order
from assigncli.protocol.texts import SALT_BYTES, Text
from assigncli.trust.verification import Verified


def require_changeable(found: Verified, member: UUID, name: str, value: str) -> None:
    """Refuse a valid value that the member may not set now.

    Raises NotAllowed `role_missing`, InvalidInput `thresholds_invalid`.
    """
    directory.require_role(found, member, Role.ORG_ADMIN)
    require_in_order(settings(found), name, value)


def changing(organization: UUID, name: str, value: str) -> Intent:
    """Return the act that changes a setting; free text goes in a text, not in the statement."""
    is_text = name in TEXTS
    return Intent(
        Action.SETTING_CHANGED.value,
        organization,
        {"name": name, "value": None if is_text else value},
        {"value": Text(token_bytes(SALT_BYTES), value)} if is_text else {},
    )


def change(client: Client, name: str, value: str) -> str:
    """Set one setting and return the value as it is kept; only an administrator may.

    Raises NotFound `setting_not_found`, InvalidInput `setting_invalid` or `thresholds_invalid`,
    NotAllowed `role_missing`.
    """
    kept = as_kept(name, value.strip())
    found = asking.read(client, Wanted("read.settings"))
    signer = asking.this_device(client, found)
    require_changeable(found, client.member_id, name, kept)
    asking.act(client, signer, changing(client.organization_id, name, kept))
    return kept
