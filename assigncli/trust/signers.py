"""Who signs the statement that an entry carries out, by the table of acts (PROTOCOL.md section 9).

Whether a certificate counts at a place in the log, and who the recipient or dispatcher is, is
checked in `log_proof` and `assignment`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF, Role
from assigncli.protocol.act import Act
from assigncli.protocol.acts import ACTS, DISPATCHER, MAY_VOUCH, RECIPIENT, SELF, SERVICE_ENTRIES

ROLES: Final = {
    "coordinator": frozenset({Role.COORDINATOR}),
    "org_admin": frozenset({Role.ORG_ADMIN}),
    DISPATCHER: frozenset({Role.COORDINATOR}),
    RECIPIENT: frozenset({Role.PEER_MENTOR}),
}
"""By kind of signer: the roles of which the actor must have one."""


def _signers(acts: Iterable[Act]) -> dict[str, frozenset[str]]:
    """Return who may sign for each entry that these acts make."""
    found: dict[str, frozenset[str]] = {}
    for act in acts:
        for name in {made.name for made in act.entries}:
            found[name] = found.get(name, frozenset()) | frozenset(act.signers)
    return found


SIGNERS: Final = _signers(ACTS.values())
"""By entry name: who may sign a statement that makes such an entry."""

_IN_ROLES: Final = ROLES | {
    MAY_VOUCH: frozenset(STAFF),
    SELF: frozenset({*STAFF, Role.PEER_MENTOR}),
    "service": frozenset({Role.SERVICE}),
}
_ALONE: Final = _signers(SERVICE_ENTRIES.values())


def _actors(name: str) -> frozenset[Role]:
    signers = SIGNERS.get(name, frozenset()) | _ALONE.get(name, frozenset())
    return frozenset(role for each in signers for role in _IN_ROLES.get(each, ()))


ACTORS: Final = {action.value: _actors(action) for action in Action} | {
    # the founder has no certificate before this entry
    Action.ORGANIZATION_FOUNDED.value: frozenset({Role.ORG_ADMIN}),
    # a dispatcher may open the payload too, but that does not make it read
    Action.ASSIGNMENT_READ.value: ROLES[RECIPIENT],
}
"""By entry name: the roles of which the actor has one; an entry by another actor is forged."""
