"""Change a setting: a new row is written, and the older rows are its history."""

from __future__ import annotations

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role
from assigncli.domain.setting_values import TEXTS, as_kept, require_in_order
from assigncli.errors import InvalidInput
from assigncli.server import settings_in_force
from assigncli.server.carrying import Carrying
from assigncli.server.projection import settings as projected
from assigncli.server.record import record
from assigncli.server.refused import Refused, by_code
from assigncli.server.store import ready
from assigncli.server.store.tables import OrganizationSetting


def change(doing: Carrying) -> None:
    """Keep a setting's new value, which must be in the setting's normal form."""
    doing.require_role(Role.ORG_ADMIN)
    name, value = doing.arguments["name"], doing.arguments["value"]
    salt = None
    if value is None:
        salt, value = doing.text("value")
    _require_form(name, value, is_text=salt is not None)
    with by_code():
        require_in_order(settings_in_force.values(doing.turn, doing.tx), name, value)
    turn, tx, actor, act = doing.turn, doing.tx, doing.actor, Action.SETTING_CHANGED
    happened = doing.happening(act)
    ready.insert_all(tx, OrganizationSetting, [projected.row(happened)])
    record(turn, tx, actor, act, turn.organization_id)


def _require_form(name: str, value: str, *, is_text: bool) -> None:
    with by_code():
        try:
            kept = as_kept(name, value)
        except InvalidInput as fault:
            if fault.code == "name_invalid":
                raise Refused("setting_invalid") from None
            raise
    if kept != value or is_text != (name in TEXTS):
        raise Refused("setting_invalid")
