"""From a session to the server in this process: the member's device, and the same bytes as ever.

What the member's half has read and verified it still reads from the store itself; what it does goes
through the server.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session as Transaction

from assigncli.actions import outstanding, service
from assigncli.actions.session import Session
from assigncli.client import exchange, outcome
from assigncli.client.exchange import Device, Intent, RefusedByServer
from assigncli.client.refusals import error_of
from assigncli.client.reply import Done
from assigncli.crypto.identity import Identity
from assigncli.errors import AssignError
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.seen import NOTHING_SEEN

Explain = Callable[[Refusal], AssignError | None]
"""Returns what a refusal means for what was asked, None where it says nothing better."""


def by_code(_refusal: Refusal) -> None:
    """Explain nothing beyond what a code means by itself."""


def device(session: Session, tx: Transaction, actor: Certificate) -> Device:
    """Return the acting member's device; raises IdentityUnavailable and Tampered."""
    ours = service.own(session, tx).certificate
    return Device(
        session.organization_id, actor.id, ours.id, ours.keys.signing_key, session.identity.sign
    )


def new_key(session: Session, tx: Transaction, identity: Identity) -> Device:
    """Return a device that has no certificate yet; raises as `device`."""
    ours = service.own(session, tx).certificate
    return Device(session.organization_id, None, ours.id, ours.keys.signing_key, identity.sign)


def act(session: Session, signer: Device, intent: Intent, explain: Explain = by_code) -> Done:
    """Have one act carried out, and keep the head that it has led to.

    What became of earlier acts without an answer is said first, and this one is noted before it is
    sent. Raises what a refusal means, StoreUnavailable, and Tampered for what does not verify.
    """
    outstanding.settle(session)
    seen = NOTHING_SEEN if signer.certificate is None else session.witness.kept
    sent = exchange.signed(signer, seen, intent, session.now)
    notes = None if session.waiting is None else session.waiting.notes
    try:
        with outcome.noted(notes, sent):
            done = exchange.send(signer, session.connection, sent)
            session.now = done.at
            if signer.certificate is not None or session.witness.kept == NOTHING_SEEN:
                session.witness.acted(done.head)
    except RefusedByServer as refused:
        raise explain(refused.refusal) or error_of(refused.refusal) from None
    return done
