"""What each entry writes to `encryption_keys`, the register of the vault's shares.

No entry determines `shredded_at`: only this machine knows that a share was deleted.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from assigncli.domain.actions import EMPTYING, STEP_OF, Action
from assigncli.domain.lifecycle import ENDED_EARLY
from assigncli.server.projection.happening import Happening
from assigncli.server.projection.sealed import SealedColumns

Register = dict[UUID, dict[str, Any]]
"""Columns by key id."""


def change(
    happened: Happening, key_id: UUID | None, sealed: SealedColumns | None = None
) -> Register:
    """Return what an entry writes to its keys, by key id, empty if nothing.

    `key_id` is the key that the assignment had before. A column is written only once: a key that is
    already dead keeps its `revoked_at`.
    """
    named = happened.id("encryption_key")
    if happened.act == Action.ASSIGNMENT_CREATED and named is not None:
        return {named: _new(happened, sealed)}
    if happened.act == Action.ASSIGNMENT_EDITED and named is not None:
        ended = happened.id("ended_key")
        dead: Register = {} if ended is None else {ended: {"revoked_at": happened.at}}
        return dead | {named: _new(happened, sealed)}
    if happened.act == Action.ASSIGNMENT_COMPLETED and key_id is not None:
        return {key_id: {"retired_at": happened.at}}
    if STEP_OF.get(happened.act) in ENDED_EARLY and key_id is not None:
        return {key_id: {"revoked_at": happened.at}}
    if happened.act in EMPTYING and named is not None:
        return {named: {"revoked_at": happened.at}}
    return {}


def _new(happened: Happening, sealed: SealedColumns | None) -> dict[str, Any]:
    written: dict[str, Any] = {
        "organization_id": happened.organization,
        "assignment_id": happened.subject,
        "created_at": happened.at,
    }
    if sealed is not None:
        written["share_commitment"] = sealed.manifest.share_commitment
    return written
