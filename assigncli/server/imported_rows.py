"""Answer which rows of a sheet were sent before, by import key; never with their content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assigncli.domain.lifecycle import Role
from assigncli.domain.rules import Rule
from assigncli.protocol.evidence import Evidence
from assigncli.server import gathering
from assigncli.server.asked import Answering
from assigncli.server.refused import Refused
from assigncli.server.store.imports import by_import_key


def imports(asked: Answering) -> Evidence:
    """Answer a coordinator with the assignments made under these import keys, archived ones too.

    Raises Refused `only_coordinator_can_dispatch`.
    """
    if Role.COORDINATOR.value not in asked.asker.certificate.roles:
        raise Refused(Rule.ONLY_COORDINATOR_CAN_DISPATCH)
    keys = [bytes.fromhex(each) for each in asked.question.arguments["keys"]]
    found = by_import_key(asked.tx, asked.turn.organization_id, keys)
    rows: list[Mapping[str, Any]] = [
        {
            "import_key": key.hex(),
            "import_digest": each.digest.hex(),
            "id": str(each.id),
            "number": each.number,
            "status": each.status.value,
        }
        for key, each in sorted(found.items())
    ]
    return gathering.about_assignments(asked, [], {"imported": rows})
