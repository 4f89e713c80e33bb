"""No certificate gets in but for the keys that asked to join, from who may vouch for its roles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session as Transaction

from assigncli.cli.session.in_process import Session
from assigncli.client import organization_keys
from assigncli.crypto.identity import Identity, PublicIdentity
from assigncli.domain.lifecycle import Role
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.sealed_keys import USES, OrganizationWrap, Wrap
from assigncli.protocol.texts import Text
from assigncli.server.store import invitations, members
from assigncli.trust.envelopes import may_hold
from tests.acting import acting, held_key, identity_of, own_certificate
from tests.attacker import certificate_id, enrol, hex_id, value
from tests.hostile import Answer, Hostile
from tests.office import Office
from tests.quick import a_few

APPROVE = "member.approved"


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where eva coordinates, and dag waits for approval."""
    office = founded.copy_to(tmp_path_factory.mktemp("approval") / "office")
    enrol(office, "eva", "coordinator")
    office.join("dag", "Dag Dal")
    return office


@dataclass(frozen=True)
class Given:
    """What somebody sends to approve dag: a certificate, who signed it, and the keys wrapped."""

    certificate: Certificate
    wraps: tuple[OrganizationWrap, ...]
    signer: Identity
    arguments: dict[str, object] = field(default_factory=dict)

    def send(self, office: Office, profile: str, about: UUID) -> Answer:
        body = self.certificate.encode()
        new = NewCertificate(body, self.signer.sign(Certificate.purpose, body))
        said = {"certificate": str(self.certificate.id), "certified_until": None, **self.arguments}
        attached = Certificates((new,), self.wraps).encode()
        return Hostile(office, profile).does(APPROVE, about, said, attachments=[attached])


def given(office: Office, profile: str, handle: str = "dag", *roles: Role) -> Given:
    """Return what an honest client would send, whoever's it is."""
    with acting(office, profile) as session, session.host.store.read() as tx:
        member = members.by_handle(tx, session.client.organization_id, handle)
        assert member is not None
        actor = own_certificate(session, tx)
        asked = invitations.joined(tx, member.id, member.signing_key)
        said = None if asked is None else asked.device
        device = Text(b"" if asked is None else asked.device_salt or b"", said or "")
        public = PublicIdentity(member.signing_key or b"", member.encryption_key or b"")
        wanted = frozenset(role.value for role in roles or (Role.PEER_MENTOR,))
        texts = {
            "handle": Text(member.handle_salt, member.handle).digest(),
            "display_name": Text(member.display_name_salt, member.display_name).digest(),
            "device": device.digest(),
        }
        certificate = Certificate(
            id=uuid4(),
            organization=session.client.organization_id,
            member=member.id,
            roles=wanted,
            keys=public,
            texts=texts,
            issuer=actor.id,
        )
        wraps = sealed(session, tx, actor, certificate)
        return Given(certificate, wraps, session.client.identity)


def sealed(
    session: Session, tx: Transaction, maker: Certificate, reader: Certificate
) -> tuple[OrganizationWrap, ...]:
    """Seal to a device each of the organisation's keys that it may hold and the maker has."""
    held = {use: held_key(session, tx, use) for use in USES if may_hold(use, reader)}
    return tuple(
        organization_keys.seal(session.client.identity, *own, use, maker, reader)
        for use, own in held.items()
        if own is not None
    )


def dag(office: Office) -> UUID:
    return UUID(hex_id(office, "dag"))


def held(office: Office, code: str, answer: Answer, handle: str = "dag") -> None:
    """Hold that it was refused so, that nothing came of it, and that this is on record."""
    assert answer.code == code
    count = "SELECT count(*) FROM certificates WHERE member_id = ?"
    assert value(office, count, hex_id(office, handle)) == (0 if handle == "dag" else 1)
    assert value(office, "SELECT count(*) FROM audit_log WHERE action = 'attempt.refused'") == 1
    assert office.ok("audit verify").code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "roles"),
    a_few(
        2,
        of=[
            ("eva", (Role.PEER_MENTOR,)),
            ("anne", (Role.PEER_MENTOR,)),
            ("anne", (Role.COORDINATOR,)),
            ("anne", (Role.ORG_ADMIN, Role.PEER_MENTOR)),
        ],
    ),
)
def test_the_entry_names_the_certificate(
    office: Office, profile: str, roles: tuple[Role, ...]
) -> None:
    sent = given(office, profile, "dag", *roles)
    answer = replace(sent, arguments={"certified_until": "2027-12-31"}).send(
        office, profile, dag(office)
    )
    (entry,) = answer.entries
    assert entry.facts["certificate"] == str(sent.certificate.id)
    assert entry.facts.keys() == {"certificate", "digest"}
    shown = office.ok("member show dag --json").json
    assert shown["certified_until"] == ("2027-12-31" if Role.PEER_MENTOR in roles else None)
    office.ok("inbox" if roles == (Role.PEER_MENTOR,) else "member list", profile="dag")
    assert office.ok("audit verify").code == 0


@pytest.mark.parametrize(
    ("profile", "role", "code"),
    a_few(
        2,
        of=[
            ("kari", Role.PEER_MENTOR, "role_missing"),
            ("eva", Role.COORDINATOR, "may_not_vouch"),
            ("eva", Role.ORG_ADMIN, "may_not_vouch"),
        ],
    ),
)
def test_roles_that_the_signer_may_not_give(
    office: Office, profile: str, role: Role, code: str
) -> None:
    held(office, code, given(office, profile, "dag", role).send(office, profile, dag(office)))


def test_nobody_becomes_a_service(office: Office) -> None:
    sent = given(office, "anne")
    forged = replace(sent.certificate, roles=frozenset({"service"}))
    with acting(office, "anne") as session, session.host.store.read() as tx:
        actor = own_certificate(session, tx)
        wraps = sealed(session, tx, actor, forged)
    answer = replace(sent, certificate=forged, wraps=wraps).send(office, "anne", dag(office))
    held(office, "may_not_vouch", answer)


def thief(sent: Given, _office: Office) -> Given:
    """Certify other keys than those that asked."""
    return replace(sent, certificate=replace(sent.certificate, keys=Identity.generate().public))


def renamed(sent: Given, _office: Office) -> Given:
    """Certify another name."""
    texts = {**sent.certificate.texts, "display_name": bytes(32)}
    return replace(sent, certificate=replace(sent.certificate, texts=texts))


def another_device(sent: Given, _office: Office) -> Given:
    """Certify another name of the device."""
    texts = {**sent.certificate.texts, "device": bytes(32)}
    return replace(sent, certificate=replace(sent.certificate, texts=texts))


def another_member(sent: Given, office: Office) -> Given:
    """Certify the keys of one for another."""
    other = UUID(hex_id(office, "ola"))
    return replace(sent, certificate=replace(sent.certificate, member=other))


def by_another(sent: Given, office: Office) -> Given:
    """Name another as issuer, with whose key it is signed too."""
    issuer = UUID(certificate_id(office, "anne"))
    certificate = replace(sent.certificate, issuer=issuer)
    return replace(sent, certificate=certificate, signer=identity_of(office, "anne"))


def by_the_root(sent: Given, _office: Office) -> Given:
    """Say that the root issued it."""
    return replace(sent, certificate=replace(sent.certificate, issuer=None))


def badly_signed(sent: Given, _office: Office) -> Given:
    """Sign with some key."""
    return replace(sent, signer=Identity.generate())


def another_id(sent: Given, _office: Office) -> Given:
    """Name another certificate in the statement than the attached one."""
    return replace(sent, arguments={"certificate": str(uuid4())})


def id_taken(sent: Given, office: Office) -> Given:
    """Take the id of a certificate that is there."""
    id_ = UUID(certificate_id(office, "kari"))
    return replace(sent, certificate=replace(sent.certificate, id=id_))


@pytest.mark.parametrize(
    "forge",
    a_few(
        2,
        of=[
            thief,
            renamed,
            another_device,
            another_member,
            by_another,
            by_the_root,
            badly_signed,
            another_id,
            id_taken,
        ],
    ),
)
def test_a_certificate_that_is_not_for_who_asked(
    office: Office, forge: Callable[[Given, Office], Given]
) -> None:
    sent = forge(given(office, "eva"), office)
    held(office, "certificate_invalid", sent.send(office, "eva", dag(office)))


def test_a_certificate_of_another_organisation(office: Office) -> None:
    sent = given(office, "eva")
    forged = replace(sent, certificate=replace(sent.certificate, organization=uuid4()))
    held(office, "organization_scope_isolation", forged.send(office, "eva", dag(office)))


def test_a_certification_that_has_ended(office: Office) -> None:
    sent = replace(given(office, "eva"), arguments={"certified_until": "2026-11-20"})
    held(office, "certified_until_past", sent.send(office, "eva", dag(office)))


def test_who_is_a_member_already_and_oneself(office: Office) -> None:
    answer = given(office, "anne", "kari").send(office, "anne", UUID(hex_id(office, "kari")))
    held(office, "member_not_waiting", answer, "kari")
    about = UUID(hex_id(office, "anne"))
    assert given(office, "anne", "anne").send(office, "anne", about).code == "member_not_waiting"


def test_who_is_no_member(office: Office) -> None:
    assert given(office, "eva").send(office, "eva", uuid4()).code == "member_not_found"


def test_an_approval_is_carried_out_once(office: Office) -> None:
    assert given(office, "eva").send(office, "eva", dag(office)).code == ""
    assert given(office, "eva").send(office, "eva", dag(office)).code == "member_not_waiting"
    office.ok("member revoke dag --yes")
    assert given(office, "anne").send(office, "anne", dag(office)).code == "member_not_waiting"


def without_wraps(sent: Given) -> tuple[OrganizationWrap, ...]:
    return ()


def twice(sent: Given) -> tuple[OrganizationWrap, ...]:
    return (*sent.wraps, *sent.wraps)


def for_another_device(sent: Given) -> tuple[OrganizationWrap, ...]:
    return _changed(sent, lambda wrap: replace(wrap, certificate=uuid4()))


def by_another_maker(sent: Given) -> tuple[OrganizationWrap, ...]:
    return _changed(sent, lambda wrap: replace(wrap, maker=uuid4()))


def altered(sent: Given) -> tuple[OrganizationWrap, ...]:
    return _changed(sent, lambda wrap: replace(wrap, wrap=bytes(80)))


def another_key(sent: Given) -> tuple[OrganizationWrap, ...]:
    return tuple(replace(each, key=uuid4()) for each in sent.wraps)


def _changed(sent: Given, change: Callable[[Wrap], Wrap]) -> tuple[OrganizationWrap, ...]:
    first, *rest = sent.wraps
    return (replace(first, wrap=change(first.wrap)), *rest)


@pytest.mark.parametrize(
    "forge",
    a_few(2, of=[without_wraps, twice, for_another_device, by_another_maker, altered, another_key]),
)
def test_wraps_that_are_not_those_of_the_organisation_s_keys(
    office: Office, forge: Callable[[Given], tuple[OrganizationWrap, ...]]
) -> None:
    sent = given(office, "anne", "dag", Role.COORDINATOR)
    answer = replace(sent, wraps=forge(sent)).send(office, "anne", dag(office))
    held(office, "wrap_invalid", answer)


def test_a_mentor_is_given_no_key_of_the_organisation(office: Office) -> None:
    sent, other = given(office, "anne"), given(office, "anne", "dag", Role.COORDINATOR)
    wraps = tuple(
        replace(each, wrap=replace(each.wrap, certificate=sent.certificate.id))
        for each in other.wraps
    )
    held(office, "wrap_invalid", replace(sent, wraps=wraps).send(office, "anne", dag(office)))


@pytest.mark.parametrize("attached", [b"", b"{}", b'{"v":1,"certificates":[]}'])
def test_an_attachment_of_no_allowed_form(office: Office, attached: bytes) -> None:
    said = {"certificate": str(uuid4()), "certified_until": None}
    anne = Hostile(office, "anne")
    answer = anne.does(APPROVE, dag(office), said, attachments=[attached])
    assert answer.code in ("attachment_malformed", "message_malformed")
    assert value(office, "SELECT status FROM members WHERE handle = 'dag'") == "requested"


def test_a_certificate_too_many_steps_from_the_root(office: Office) -> None:
    for handle, by in (("a", "anne"), ("b", "a"), ("c", "b")):
        enrol(office, handle, "org_admin", by=by)
    answer = given(office, "c").send(office, "c", dag(office))
    held(office, "certificate_chain_too_long", answer)
