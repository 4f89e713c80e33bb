"""The organisation's keys as rows, each sealed to one device.

`addresses` seals notification addresses; `imports` keys the import hashes. Coordinators and
administrators have both. The service has only `addresses`, so that it cannot test whether a guessed
row was in a sheet (PROTOCOL.md 6.4).
"""

from __future__ import annotations

from sqlmodel import Session as Transaction

from assigncli.protocol.sealed_keys import OrganizationWrap
from assigncli.server.store.wraps import OrganizationKeyWrap
from assigncli.server.turn import Turn


def store(turn: Turn, tx: Transaction, wrap: OrganizationWrap) -> None:
    """Keep a checked wrap, replacing an earlier one for the same device."""
    tx.merge(
        OrganizationKeyWrap(
            organization_id=turn.organization_id,
            key_id=wrap.key,
            use=wrap.use,
            certificate_id=wrap.wrap.certificate,
            wrap=wrap.wrap.wrap,
            maker_certificate_id=wrap.wrap.maker,
            signature=wrap.wrap.signature,
            created_at=turn.now,
        )
    )
    tx.flush()
