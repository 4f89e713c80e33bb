"""Certify the server's new key: from then on it signs the log, and the old one no longer.

An administrator does it, after the typed comparison. That the digits were compared is the signer's
word; the certificate must be for exactly the key that waits here. The files with the keys are the
business of whoever runs the server.
"""

from __future__ import annotations

from assigncli.crypto.identity import PublicIdentity
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role
from assigncli.protocol.certificate import SERVICE_ROLES, SERVICE_TEXTS, Certificate
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.signed import Signed
from assigncli.server import gathering, service, vouch
from assigncli.server.approve import (
    attached_to,
    keep_wraps,
    of_organization,
    require_short_chain,
)
from assigncli.server.asked import Answering
from assigncli.server.carrying import Carrying
from assigncli.server.certified import facts_of
from assigncli.server.member import mark_certificates
from assigncli.server.new_keys import service_keys
from assigncli.server.recipients import own_wraps
from assigncli.server.record import record
from assigncli.server.refused import Refused
from assigncli.server.service import Service
from assigncli.server.store import members


def offered(asked: Answering) -> Evidence:
    """Answer an administrator with the keys that wait for a certificate, if there are any.

    The head is then signed by them, under the id of the certificate in force.
    """
    if Role.ORG_ADMIN not in asked.asker.certificate.roles:
        raise Refused("role_missing", roles=[Role.ORG_ADMIN.value])
    new = service.waiting(asked.turn, asked.tx)
    told = {"service_keys": [] if new is None else [service_keys(new.public)]}
    return gathering.about_members(asked, [], told, own_wraps(asked))


def replace(doing: Carrying) -> None:
    """Let the key that waits here sign from this entry on, itself included."""
    attached = attached_to(doing)
    doing.require_role(Role.ORG_ADMIN)
    certificate, signed = of_organization(doing, attached)
    old, new = service.in_use(doing.turn, doing.tx), service.waiting(doing.turn, doing.tx)
    if new is None:
        raise Refused("member_not_waiting")
    member = members.by_id(doing.tx, doing.turn.organization_id, old.member)
    if member is None or not _is_for(doing, certificate, signed, old, new.public):
        raise Refused("certificate_invalid")
    require_short_chain(doing, signed)
    facts = {**facts_of(certificate), "replaced": str(old.id)}
    happened = doing.happening(Action.SERVICE_REPLACED, facts)
    mark_certificates(doing, happened, [old.id])
    vouch.keep_service(doing.tx, member, happened, certificate, signed)
    keep_wraps(doing, attached, certificate)
    service.replaced(doing.tx, Service(certificate, new))
    record(doing.turn, doing.tx, doing.actor, Action.SERVICE_REPLACED, doing.about, **facts)


def _is_for(
    doing: Carrying, certificate: Certificate, signed: Signed, old: Certificate, new: PublicIdentity
) -> bool:
    """Return whether it is the service's, for the key that waits, and issued by the signer."""
    return (
        str(certificate.id) == doing.arguments["certificate"]
        and members.certificate(doing.tx, certificate.id) is None
        and (certificate.member, certificate.roles) == (old.member, SERVICE_ROLES)
        and certificate.keys == new
        and certificate.issuer == doing.actor.id
        and all(certificate.texts[name] == text.digest() for name, text in SERVICE_TEXTS.items())
        and Certificate.is_signed(signed.body, signed.signature, doing.actor.keys.signing_key)
    )
