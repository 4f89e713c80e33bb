"""Ask the server as the member's device, verify the answers, and send acts.

What an act needs is asked for in one question and verified. Only the server carries out acts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final
from uuid import UUID

from assigncli import kept_heads
from assigncli.client import exchange, inquiry, outcome, references, settle
from assigncli.client.case import Case, case_of, require_members
from assigncli.client.client import Client
from assigncli.client.exchange import Device, Intent, RefusedByServer
from assigncli.client.inquiry import Answer, Asker, Signer, Wanted
from assigncli.client.refusals import error_of
from assigncli.crypto.identity import Identity
from assigncli.crypto.organization_key import unwrap_organization_key
from assigncli.domain.member_names import is_handle
from assigncli.domain.naming import INBOX
from assigncli.domain.permitted import (
    certificate_suspended,
    key_not_certified,
    not_approved,
    only_coordinator,
)
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, IdentityUnavailable
from assigncli.kept_heads import KnownService
from assigncli.protocol.acts import ACTS, NEW_KEY
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.sealed_keys import OrganizationWrap
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.trust.replies import Done, Grounds
from assigncli.trust.verification import Verified

Explain = Callable[[Refusal], AssignError | None]
"""Returns the error that a refusal means for what was asked, or None for the code's usual meaning.
"""


_ENDED: Final = frozenset({"certificate_revoked", "certificate_unknown", "signature_invalid"})
"""Refusals of a signed question that a device meets once it has another certificate."""

Named = Callable[[UUID], None]
"""Called with the id of the assignment that the server says was meant."""


def ignored(_about: UUID) -> None:
    """Do nothing with the id that the server gives."""


def by_code(_refusal: Refusal) -> None:
    """Give a refusal no other meaning than that of its code."""


def case(
    client: Client,
    reference: str,
    *,
    is_signed: bool = False,
    named: Named = ignored,
    meaning: Explain | None = None,
    hint: str = INBOX,
) -> Case:
    """Return the verified assignment that `reference` names by number, id, or beginning of the id.

    Where the question `is_signed`, the envelope is included, which requires the member's key.
    `named` is called with the assignment's id as soon as the server gives it, before anything is
    verified. `meaning` explains a refusal (by default as to a mentor), and `hint` says where to
    look. Raises NotFound `assignment_not_found` or `assignment_archived`, InvalidInput
    `assignment_ambiguous`, NotAllowed `not_your_assignment`, Tampered for what does not verify, and
    as `_answer`.
    """
    said = meaning or references.meaning(reference)

    def explained(refusal: Refusal) -> AssignError | None:
        about = refusal.facts.get("assignment")
        if about is not None:
            named(UUID(about))
        return said(refusal)

    answer = _answer(client, references.wanted(reference, hint), explained, is_signed=is_signed)
    if answer.about is not None:
        named(answer.about)
    return case_of(proven(client, answer))


def unproven(
    client: Client, wanted: Wanted, explain: Explain, *, is_signed: bool = False
) -> Answer:
    """Return the answer to a question, not verified yet; raises what a refusal means."""
    return _answer(client, wanted, explain, is_signed=is_signed)


def proven(client: Client, answer: Answer) -> Verified:
    """Return what an answer proves, and keep its head; raises Tampered."""
    return kept(client, answer.verified(client.root_public_key, client.member_id))


def kept(client: Client, found: Verified) -> Verified:
    """Keep the head and the service that an answer proves."""
    client.witness.answered(found.head.seen(), service(found))
    return found


def service(found: Verified) -> KnownService:
    """Return the service that gave a verified answer."""
    host = found.people.person(found.head.service).certificate
    return KnownService(host.id, host.keys.signing_key)


def recipients(client: Client, handles: Collection[str], *, is_signed: bool = False) -> Verified:
    """Return what new assignments for these members need; coordinators only.

    Strings that are no valid handle are left out: they may be anything that was typed. Where the
    question `is_signed`, the organisation's keys are included. Raises RuleRefused
    `only_coordinator_can_dispatch`, and as `_answer`.
    """
    asked = sorted({handle for handle in handles if is_handle(handle)})
    wanted = Wanted("read.recipients", None, {"handles": asked})
    found = read(client, wanted, _of_a_coordinator, is_signed=is_signed)
    require_members(found)
    return found


def _of_a_coordinator(refusal: Refusal) -> AssignError | None:
    return only_coordinator() if refusal.code == Rule.ONLY_COORDINATOR_CAN_DISPATCH else None


def members(client: Client, *handles: str, is_signed: bool = False) -> Verified:
    """Return what acts about these members need, and what proves the asking member.

    Strings that are no valid handle are left out, as in `recipients`. Where the question
    `is_signed`, the organisation's keys are included. Raises as `_answer`, IdentityUnavailable
    `key_not_certified`, and Tampered for what does not verify, `organization_key_altered` for those
    keys.
    """
    asked = sorted({handle for handle in handles if is_handle(handle)})
    wanted = Wanted("read.members", None, {"handles": asked, "role": None})
    if not asked:  # no handles would mean all members
        wanted = Wanted("read.head")
    found = read(client, wanted, _of_another_key, is_signed=is_signed)
    require_members(found)
    return found


def _of_another_key(refusal: Refusal) -> AssignError | None:
    return key_not_certified() if refusal.code == "signature_invalid" else None


def read(
    client: Client, wanted: Wanted, explain: Explain = by_code, *, is_signed: bool = False
) -> Verified:
    """Return what the answer to a read proves.

    Raises what a refusal means, Tampered for what does not verify, and as `_answer`.
    """
    return proven(client, _answer(client, wanted, explain, is_signed=is_signed))


def imported(client: Client, keys: Collection[bytes]) -> Verified:
    """Return what was created under these import keys; coordinators only.

    Raises as `recipients`.
    """
    wanted = Wanted("read.imports", None, {"keys": sorted(each.hex() for each in keys)})
    return read(client, wanted, _of_a_coordinator)


def standing(client: Client) -> Verified:
    """Return what proves the asking member and the service, nothing else; raises as `read`."""
    return read(client, Wanted("read.head"))


def this_device(client: Client, found: Verified) -> Device:
    """Return the acting member's device, with this machine's keys; raises as `own_certificate`."""
    return Device(
        client.organization_id,
        own_certificate(client, found).id,
        found.head.service,
        Grounds(found.people, found.entries),
        client.identity.sign,
    )


def new_key(client: Client, token: bytes | None = None, key: bytes | None = None) -> Verified:
    """Return what anybody may know who has a key without a certificate: who the service is.

    With the `token` of an invitation for this member, the rows say what it is for; with a public
    signing `key`, whether the member has it at the server. Raises as `read`.
    """
    said = {
        "token": None if token is None else token.hex(),
        "signing_key": None if key is None else key.hex(),
    }
    wanted = Wanted("device.joined", client.member_id, said)
    answer = _answer(client, wanted, by_code, is_signed=False)
    return kept(client, answer.verified(client.root_public_key, None))


def joining_device(client: Client, found: Verified, identity: Identity) -> Device:
    """Return a device without a certificate, with keys that were generated on this machine."""
    grounds = Grounds(found.people, found.entries)
    return Device(client.organization_id, None, found.head.service, grounds, identity.sign)


def own_certificate(client: Client, found: Verified) -> Certificate:
    """Return the acting member's certificate in force for the keys on this machine.

    Raises IdentityUnavailable `key_not_certified` or `certificate_suspended`.
    """
    keys, now = client.identity.public, found.head.size + 1
    for each in found.standing.held(client.member_id, now):
        certificate = found.people.person(each).certificate
        if certificate.keys == keys:
            if not found.standing.counts(each, now):
                raise certificate_suspended()
            client.witness.signs_as(certificate.id)
            return certificate
    raise key_not_certified()


def organization_key(client: Client, found: Verified, use: str) -> bytes | None:
    """Return the organisation's key for this use, or None where it is not sealed to this device.

    Raises Tampered `organization_key_altered`.
    """
    return next((key for each, key in organization_keys(client, found) if each.use == use), None)


def organization_keys(client: Client, found: Verified) -> Iterator[tuple[OrganizationWrap, bytes]]:
    """Yield the organisation's keys that are sealed to this device, with their wraps.

    Raises Tampered `organization_key_altered`.
    """
    own = own_certificate(client, found).id
    for each in found.organization_wraps:
        if each.wrap.certificate == own:
            info = each.info(client.organization_id)
            yield each, unwrap_organization_key(each.wrap.wrap, info, client.identity)


def _answer(client: Client, wanted: Wanted, explain: Explain, *, is_signed: bool) -> Answer:
    """Return an answer that is not verified yet.

    Raises IdentityUnavailable `not_approved` or `membership_revoked`, Tampered `log_behind` or
    `log_forked`, and what another refusal means.
    """
    witness = client.witness
    known = None if witness.service is None else witness.service.certificate
    asker = Asker(client.organization_id, witness.kept, known, client.connection)
    kept = witness.certificate
    signer = _signer(client) if is_signed else None
    try:
        return inquiry.asked(asker, wanted, client.now, signer)
    except RefusedByServer as refused:
        refusal = refused.refusal
        if is_signed and kept is not None and refusal.code in _ENDED:
            # This device may have another certificate by now: look it up, and ask once more.
            witness.certificate = None
            return _answer(client, wanted, explain, is_signed=True)
        raise explain(refusal) or _of_the_asker(client, refusal) or error_of(refusal) from None


def _signer(client: Client) -> Signer:
    """Return the signer of a question, with this device's last used or its current certificate."""
    certificate = client.witness.certificate
    if certificate is None:
        certificate = own_certificate(client, standing(client)).id
    return Signer(certificate, client.identity.sign)


def _of_the_asker(client: Client, refusal: Refusal) -> AssignError | None:
    """Return what a refusal says about the asking member, or about their kept head."""
    if refusal.code == "certificate_unknown":
        return not_approved()
    if refusal.code == "certificate_revoked":
        return IdentityUnavailable("membership_revoked", "or_key")
    kept = client.witness.kept.size
    if refusal.code == "log_behind":
        return kept_heads.log_behind(kept - refusal.facts["size"])
    return kept_heads.log_forked(kept) if refusal.code == "log_forked" else None


def act(client: Client, signer: Device, intent: Intent, explain: Explain = by_code) -> Done:
    """Have one act carried out, and keep the resulting head.

    Earlier acts without an answer are settled first, and this one is noted before it is sent.
    Raises what a refusal means, StoreUnavailable, and Tampered for what does not verify.
    """
    settle.settle(client)
    is_new_key = ACTS[intent.act].signers == (NEW_KEY,)
    seen = NOTHING_SEEN if is_new_key else client.witness.kept
    sent = exchange.signed(signer, seen, intent, client.now)
    notes = None if client.waiting is None else client.waiting.notes
    try:
        with outcome.noted(notes, sent):
            done = exchange.send(signer, client.connection, sent)
            client.now = done.at
            if not is_new_key or client.witness.kept == NOTHING_SEEN:
                client.witness.acted(done.head)
            client.note_done(done)
    except RefusedByServer as refused:
        raise explain(refused.refusal) or error_of(refused.refusal) from None
    return done
