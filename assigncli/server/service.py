"""The organisation's service: its certificate in force and the key that signs entries.

If client and server run in one process, every command has the key, from the file beside the store.
The key can state what the service alone states and countersign statements of members; it can forge
no act of a member.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlmodel import Session as Transaction

from assigncli.crypto.identity import Identity
from assigncli.errors import IdentityUnavailable
from assigncli.protocol.certificate import SERVICE_ROLES, Certificate
from assigncli.server.certified import chained
from assigncli.server.store import members
from assigncli.server.turn import Turn

_OWN: Final = "assigncli_service"


@dataclass(frozen=True)
class Service:
    """The certificate in force, and its private keys."""

    certificate: Certificate
    identity: Identity = field(repr=False)


def own(turn: Turn, tx: Transaction) -> Service:
    """Return the service that signs the entries of this transaction.

    Raises IdentityUnavailable `service_key_missing` or `service_key_differs`, and Tampered
    `certificate_invalid`.
    """
    found: Service | None = tx.info.get(_OWN)
    if found is None:
        key = turn.service
        known = [row for row in members.preloaded(tx, key.member_id) if row.revoked_at is None]
        row = known[0] if known else members.live_certificate(tx, key.member_id)
        certificate = None if row is None else chained(turn, tx, row)
        if (
            certificate is None
            or certificate.roles != SERVICE_ROLES
            or certificate.keys != key.identity.public
        ):
            raise _differs()
        found = tx.info[_OWN] = Service(certificate, key.identity)
    return found


def _differs() -> IdentityUnavailable:
    return IdentityUnavailable("service_key_differs")
