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
from assigncli.errors import IdentityUnavailable, StoreUnavailable
from assigncli.protocol.certificate import SERVICE_ROLES, Certificate
from assigncli.server.certified import chained
from assigncli.server.store import members
from assigncli.server.turn import Turn

_OWN: Final = "assigncli_service"
_IN_USE: Final = "assigncli_service_certificate"


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
        certificate = in_use(turn, tx)
        identity = turn.service.of(certificate.keys)
        if identity is None:
            raise _differs()
        found = tx.info[_OWN] = Service(certificate, identity)
    return found


def in_use(turn: Turn, tx: Transaction) -> Certificate:
    """Return the service's certificate in force, which statements name.

    Raises IdentityUnavailable `service_key_differs`, and Tampered `certificate_invalid`.
    """
    found: Certificate | None = tx.info.get(_IN_USE)
    if found is not None:
        return found
    member_id = turn.service.member_id
    known = [row for row in members.preloaded(tx, member_id) if row.revoked_at is None]
    row = known[0] if known else members.live_certificate(tx, member_id)
    certificate = None if row is None else chained(turn, tx, row)
    if certificate is None or certificate.roles != SERVICE_ROLES:
        raise _differs()
    tx.info[_IN_USE] = certificate
    return certificate


def waiting(turn: Turn, tx: Transaction) -> Identity | None:
    """Return the server's new key as long as no administrator has certified it; raises as `own`."""
    new = turn.service.new
    return None if new is None or new.public == in_use(turn, tx).keys else new


def require_certified(turn: Turn, tx: Transaction) -> None:
    """Refuse to append anything while a new key waits: StoreUnavailable `service_uncertified`."""
    if waiting(turn, tx) is not None:
        raise uncertified()


def replaced(tx: Transaction, new: Service) -> None:
    """Let the new service sign from here on in this transaction."""
    tx.info[_OWN], tx.info[_IN_USE] = new, new.certificate


def uncertified() -> StoreUnavailable:
    """Return the error for a server whose new key no administrator has certified yet."""
    return StoreUnavailable("service_uncertified")


def _differs() -> IdentityUnavailable:
    return IdentityUnavailable("service_key_differs")
