"""Answer a key that has no certificate yet: at a founding, and with an invitation.

PROTOCOL.md section 6.3. Anybody may ask. They are told who the service is, what an invitation says
to whoever has its token, and at a founding the service's keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assigncli.crypto.identity import PublicIdentity
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.question import Question
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.server import answer, gathering
from assigncli.server.asked import Answering
from assigncli.server.store import invitations, members, organizations
from assigncli.server.store.tables import Member
from assigncli.server.turn import Turn


def invited(asked: Answering) -> Evidence:
    """Answer with the service, and what is known of the invitation and the key that are named."""
    told = {"invited": _invitation(asked), "joined": _joined(asked)}
    return gathering.about_members(asked, [], told, [])


def _invitation(asked: Answering) -> list[Mapping[str, Any]]:
    """Return what the invitation with this token says, spent or not; nothing for another token.

    Who has joined with it asks again where their answer was lost.
    """
    token, about = asked.question.arguments["token"], asked.question.about
    organization_id = asked.turn.organization_id
    if token is None or about is None:
        return []
    now = asked.turn.now
    found = invitations.by_token(asked.tx, organization_id, about, bytes.fromhex(token), now)
    member = members.by_id(asked.tx, organization_id, about)
    organization = organizations.by_id(asked.tx, organization_id)
    if found is None or member is None or organization is None:
        return []
    return [
        {
            "handle": member.handle,
            "display_name": member.display_name,
            "organization": organization.name,
        }
    ]


def _joined(asked: Answering) -> list[Mapping[str, Any]]:
    """Return whether the member has this signing key here, for who is not sure."""
    key, about = asked.question.arguments["signing_key"], asked.question.about
    if key is None or about is None:
        return []
    member = members.by_id(asked.tx, asked.turn.organization_id, about)
    return [{"is_here": member is not None and _has_key(asked, member, bytes.fromhex(key))}]


def _has_key(asked: Answering, member: Member, key: bytes) -> bool:
    """Return whether a device with this key has joined as the member, approved or not."""
    if key == member.signing_key or invitations.joined(asked.tx, member.id, key) is not None:
        return True
    given = members.with_certificates(asked.tx, [member.id])
    return any(Certificate.decode(row.body).keys.signing_key == key for _member, row in given)


def offered(turn: Turn, question: Question) -> Evidence:
    """Answer, before there is a log, with the keys of the service that a founder certifies.

    The head of size 0 is signed by them, under the id that the question gives the service.
    """
    public, named = turn.service.identity.public, question.service
    head = answer.head_by(turn.service, named, question.organization, NOTHING_SEEN)
    return Evidence(
        organization=question.organization,
        act=question.act,
        about=question.about,
        now=turn.now,
        zone="UTC",
        service=named,
        head=head,
        consistency=(),
        rows={"service_keys": [service_keys(public)]},
    )


def service_keys(public: PublicIdentity) -> Mapping[str, Any]:
    """Return the row with the keys of a service that nobody has certified yet."""
    return {
        "signing_key": public.signing_key.hex(),
        "encryption_key": public.encryption_key.hex(),
    }
