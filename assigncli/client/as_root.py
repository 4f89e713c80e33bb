"""Ask the server as the holder of the organisation's root key, which has no certificate."""

from __future__ import annotations

from uuid import UUID

from assigncli.client import asking, inquiry
from assigncli.client.client import Client
from assigncli.client.exchange import Device, RefusedByServer
from assigncli.client.inquiry import Answer, Asker, Signer, Wanted
from assigncli.client.refusals import error_of
from assigncli.crypto.identity import RootKey
from assigncli.errors import AssignError, NotFound
from assigncli.protocol.refusal import Refusal
from assigncli.trust.replies import Grounds
from assigncli.trust.verification import Verified


def read(client: Client, root: RootKey, wanted: Wanted) -> Verified:
    """Return what the answer to a question proves that the organisation's root key signs.

    The client's organisation becomes that of the root key, if it is another. Raises NotFound
    `kit_of_another` where nobody at the server has this root key, and as `asking.read`.
    """
    try:
        answer = _as_root(client, root, wanted)
    except RefusedByServer as refused:
        answer = _at_home(client, root, wanted, refused.refusal)
    return asking.kept(client, answer.verified(client.root_public_key, None))


def _as_root(client: Client, root: RootKey, wanted: Wanted) -> Answer:
    witness = client.witness
    known = None if witness.service is None else witness.service.certificate
    asker = Asker(client.organization_id, witness.kept, known, client.connection)
    return inquiry.asked(asker, wanted, client.now, Signer(None, root.sign))


def _at_home(client: Client, root: RootKey, wanted: Wanted, refusal: Refusal) -> Answer:
    """Ask once more, about the organisation that the server names; raises what else it said."""
    if refusal.code != "organization_differs":
        raise _of_another_root(refusal) or error_of(refusal)
    client.organization_id = UUID(refusal.facts["organization"])
    try:
        return _as_root(client, root, wanted)
    except RefusedByServer as refused:
        raise _of_another_root(refused.refusal) or error_of(refused.refusal) from None


def _of_another_root(refusal: Refusal) -> AssignError | None:
    is_unknown = refusal.code in ("organization_not_found", "signature_invalid")
    return NotFound("kit_of_another") if is_unknown else None


def device(client: Client, found: Verified, root: RootKey) -> Device:
    """Return what signs as the organisation's root key, which has no certificate."""
    grounds = Grounds(found.people, found.entries)
    return Device(client.organization_id, None, found.head.service, grounds, root.sign)
