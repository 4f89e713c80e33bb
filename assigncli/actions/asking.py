"""From a session to the server in this process: the member's device, and the same bytes as ever.

What the member's half has read and verified it still reads from the store itself; what it does goes
through the server.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session as Transaction

from assigncli.actions import service
from assigncli.actions.session import Session
from assigncli.client import exchange
from assigncli.client.exchange import Device, Intent, RefusedByServer
from assigncli.client.refusals import error_of
from assigncli.client.reply import Done
from assigncli.errors import AssignError
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.refusal import Refusal

Explain = Callable[[Refusal], AssignError | None]
"""Returns what a refusal means for what was asked, None where it says nothing better."""


def device(session: Session, tx: Transaction, actor: Certificate) -> Device:
    """Return the acting member's device; raises IdentityUnavailable and Tampered."""
    ours = service.own(session, tx).certificate
    return Device(
        session.organization_id, actor.id, ours.id, ours.keys.signing_key, session.identity.sign
    )


def act(session: Session, signer: Device, intent: Intent, explain: Explain) -> Done:
    """Have one act carried out, and keep the head that it has led to.

    Raises what a refusal means, StoreUnavailable, and Tampered for what does not verify.
    """
    try:
        done = exchange.act(
            signer,
            lambda message: session.server.handle(message, session.now),
            session.witness.kept,
            intent,
            session.now,
        )
    except RefusedByServer as refused:
        raise explain(refused.refusal) or error_of(refused.refusal) from None
    session.now = done.at
    session.witness.acted(done.head)
    return done
