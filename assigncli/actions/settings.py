"""The organisation's settings as the store has them, and changing one.

A setting is never overwritten: the newest row counts and the older ones are its history. Reading
needs no cryptography, so what changes one imports it only then.
"""

from __future__ import annotations

from sqlmodel import Session as Transaction

from assigncli.actions.session import Session
from assigncli.domain.settings import Settings, as_kept, typed, with_defaults
from assigncli.store import organizations


def in_force(session: Session, tx: Transaction) -> Settings:
    """Return the organisation's settings, defaults where nothing was set.

    Raises Tampered `setting_damaged` for a number that is none.
    """
    return typed(values(session, tx))


def values(session: Session, tx: Transaction) -> dict[str, str]:
    """Return every setting's value as text, by name."""
    return with_defaults(organizations.settings(tx, session.organization_id))


def list_values(session: Session) -> dict[str, str]:
    """Return every setting's value as text, by name."""
    with session.store.read() as tx:
        return values(session, tx)


def change(session: Session, name: str, value: str) -> str:
    """Set one setting; only an org_admin may. Return the value as it is kept.

    Raises NotFound `setting_not_found`, InvalidInput `setting_invalid`, NotAllowed `role_missing`.
    """
    from assigncli.actions import asking
    from assigncli.client import settings as client
    from assigncli.client.asking import Wanted

    kept = as_kept(name, value.strip())
    found = asking.read(session, Wanted("read.settings"))
    signer = asking.this_device(session, found)
    client.require_changeable(found, session.member_id, name, kept)
    asking.act(session, signer, client.changing(session.organization_id, name, kept))
    return kept
