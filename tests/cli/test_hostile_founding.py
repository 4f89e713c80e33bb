"""Nothing is founded but with the token, for the server's own key, by certificates of the root."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from assigncli.client import exchange, organization_keys
from assigncli.client.exchange import Device, Intent
from assigncli.crypto.identity import Identity, PublicIdentity, RootKey
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import SERVICE_TEXTS, Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.message import ANSWERS, Message, MessageKind
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.reply import Reply
from assigncli.protocol.sealed_keys import OrganizationWrap
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.protocol.texts import Text
from assigncli.server.handle import Server
from assigncli.server.host import Host, ServiceKey
from assigncli.server.store.engine import Store
from assigncli.server.store.tables import AuditEntry, Member, Organization
from assigncli.server.vault.vault import Vault
from assigncli.trust.people import OneService
from assigncli.trust.replies import Grounds
from tests.office import NOON

ACT = "organization.founded"


def text(word: str) -> Text:
    return Text(hashlib.sha256(word.encode()).digest()[:16], word)


@dataclass
class Founder:
    """A founder who signs what they like, and the server that they talk to."""

    server: Server
    service: Identity
    root: RootKey = field(default_factory=RootKey.generate)
    own: Identity = field(default_factory=Identity.generate)
    organization: UUID = field(default_factory=uuid4)
    member: UUID = field(default_factory=uuid4)
    helper: UUID = field(default_factory=uuid4)
    texts: dict[str, Text] = field(
        default_factory=lambda: {
            "name": text("Nyforeningen"),
            "handle": text("bo"),
            "display_name": text("Bo B"),
            "device": text("laptop"),
        }
    )

    def certificate(self, **changes: Any) -> Certificate:
        """Return the founder's certificate as an honest one makes it, but for `changes`."""
        names = {name: each.digest() for name, each in self.texts.items() if name != "name"}
        roles = frozenset({"org_admin", "coordinator"})
        public, number = self.own.public, uuid4()
        made = Certificate(number, self.organization, self.member, roles, public, names, None)
        return replace(made, **changes)

    def helpers(self, **changes: Any) -> Certificate:
        """Return the service's certificate, likewise."""
        names = {name: each.digest() for name, each in SERVICE_TEXTS.items()}
        made = Certificate(
            uuid4(),
            self.organization,
            self.helper,
            frozenset({"service"}),
            self.service.public,
            names,
            None,
        )
        return replace(made, **changes)

    def message(
        self,
        token: bytes,
        founder: Certificate | None = None,
        helper: Certificate | None = None,
        *,
        root: RootKey | None = None,
        key: Identity | None = None,
        maker: Identity | None = None,
        wraps: Callable[[list[OrganizationWrap]], list[OrganizationWrap]] = lambda wraps: wraps,
        texts: dict[str, Text] | None = None,
        service: UUID | None = None,
        at: timedelta = timedelta(0),
        **arguments: str,
    ) -> exchange.SignedStatement:
        """Return a signed founding, honest but for what is given."""
        founder, helper = founder or self.certificate(), helper or self.helpers()
        said = {
            "founder": str(self.member),
            "service_member": str(self.helper),
            "signing_key": self.own.public.signing_key.hex(),
            "encryption_key": self.own.public.encryption_key.hex(),
            "root_key": self.root.public.hex(),
            "time_zone": "Europe/Oslo",
            "token": token.hex(),
            **arguments,
        }
        signer, bodies = root or self.root, [each.encode() for each in (founder, helper)]
        sealed = organization_keys.drawn(maker or self.own, founder, (founder, helper))
        attached = Certificates(
            tuple(NewCertificate(each, signer.sign(Certificate.purpose, each)) for each in bodies),
            tuple(wraps(list(sealed))),
        ).encode()
        device = Device(
            self.organization,
            None,
            service or helper.id,
            Grounds(OneService(service or helper.id, self.service.public.signing_key)),
            (key or self.own).sign,
        )
        intent = Intent(ACT, self.organization, said, texts or self.texts, (attached,))
        return exchange.signed(device, NOTHING_SEEN, intent, NOON + at)

    def send(
        self, sent: exchange.SignedStatement, later: timedelta = timedelta(0)
    ) -> Refusal | Reply:
        return self.raw(sent.message, later)

    def raw(self, message: bytes, later: timedelta = timedelta(0)) -> Refusal | Reply:
        answer = Message.decode(self.server.handle(message, NOON + later), ANSWERS)
        if answer.kind is MessageKind.REFUSAL:
            return Refusal.decode(answer.parts[0])
        return Reply.decode(answer.parts[0])

    def outcome(self, sent: exchange.SignedStatement) -> Refusal | Reply:
        return self.raw(Message(MessageKind.OUTCOME, (sent.body, sent.signature)).encode())

    def token(self) -> bytes:
        return self.server.offer_founding(NOON)

    def count(self, table: type[Any]) -> int:
        with self.server.host.store.read() as tx:
            return len(tx.exec(select(table)).all())


@pytest.fixture
def bo(tmp_path: Path) -> Iterator[Founder]:
    """A founder, and a server on an empty store that knows nothing but its own key."""
    service = Identity.generate()
    vault = Vault.create(tmp_path / "assign.db.vault")
    with Store.create(tmp_path / "assign.db", now=NOON) as store:
        host = Host(
            store=store,
            organization_id=uuid4(),
            root_public_key=bytes(32),
            zone="UTC",
            open_vault=lambda: vault,
            load_service=lambda: ServiceKey(uuid4(), service),
        )
        yield Founder(Server(host), service)


def refused(bo: Founder, code: str, answer: Refusal | Reply) -> None:
    """Hold that it was refused so, and that the store is as empty as before."""
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.entry, answer.head) == (code, None, None)
    assert [bo.count(table) for table in (Organization, Member, AuditEntry)] == [0, 0, 0]


def test_a_founding_makes_one_entry_and_the_service_opens_the_first_cycle(bo: Founder) -> None:
    founder, helper = bo.certificate(), bo.helpers()
    answer = bo.send(bo.message(bo.token(), founder, helper))
    assert isinstance(answer, Reply)
    (entry,) = (Entry.decode(each.body) for each in answer.entries)
    assert (entry.act, entry.sequence, entry.actor, entry.service) == (ACT, 1, None, helper.id)
    assert entry.facts["certificate"] == str(founder.id)
    assert entry.facts.keys() == {"certificate", "digest", "service_digest"}
    assert answer.head.size == 1
    with bo.server.host.store.read() as tx:
        assert [row.action for row in tx.exec(select(AuditEntry))] == [ACT, "cycle.opened"]


def test_a_founding_that_is_sent_again_is_known_though_its_token_is_spent(bo: Founder) -> None:
    sent = bo.message(bo.token())
    bo.send(sent)
    for answer in (bo.send(sent), bo.outcome(sent)):
        assert isinstance(answer, Reply)
        assert answer.known
    assert [bo.count(table) for table in (Organization, AuditEntry)] == [1, 2]


def test_the_token_founds_once(bo: Founder) -> None:
    token = bo.token()
    bo.send(bo.message(token))
    other = Founder(bo.server, bo.service)
    answer = other.send(other.message(token, texts={**bo.texts, "name": text("Another")}))
    assert isinstance(answer, Refusal)
    assert (answer.code, bo.count(Organization)) == ("token_invalid", 1)


def test_without_an_offer_nothing_is_founded(bo: Founder) -> None:
    refused(bo, "token_invalid", bo.send(bo.message(bytes(16))))


def test_another_token_founds_nothing_and_leaves_the_offer(bo: Founder) -> None:
    token = bo.token()
    refused(bo, "token_invalid", bo.send(bo.message(bytes(16))))
    assert bo.server.counters.snapshot() == {"token_invalid": 1}
    assert isinstance(bo.send(bo.message(token)), Reply)


def test_a_newer_token_ends_the_one_before(bo: Founder) -> None:
    earlier = bo.token()
    bo.token()
    refused(bo, "token_invalid", bo.send(bo.message(earlier)))


@pytest.mark.parametrize(("late", "is_founded"), [(0, True), (1, False)])
def test_the_token_holds_for_an_hour(bo: Founder, late: int, is_founded: bool) -> None:
    then = timedelta(hours=1, microseconds=late)
    answer = bo.send(bo.message(bo.token(), at=then), then)
    assert isinstance(answer, Reply) == is_founded


def test_a_token_is_kept_nowhere_in_the_store(bo: Founder, tmp_path: Path) -> None:
    token = bo.token()
    refused(bo, "certificate_invalid", bo.send(bo.message(token, bo.certificate(member=uuid4()))))
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert token not in kept
    assert token.hex().encode() not in kept


def test_a_clock_that_is_apart_is_counted_and_not_recorded(bo: Founder) -> None:
    sent = bo.message(bo.token(), at=timedelta(minutes=6))
    refused(bo, "clock_apart", bo.send(sent))
    assert bo.server.counters.snapshot() == {"clock_apart": 1}


def test_another_key_than_the_one_in_the_arguments_cannot_sign(bo: Founder) -> None:
    sent = bo.message(bo.token(), key=Identity.generate())
    refused(bo, "signature_invalid", bo.send(sent))


def test_a_withdrawn_founding_is_carried_out_no_more(bo: Founder) -> None:
    sent = bo.message(bo.token())
    refused(bo, "statement_unknown", bo.outcome(sent))
    refused(bo, "statement_unknown", bo.outcome(sent))
    refused(bo, "statement_withdrawn", bo.send(sent))


def test_what_is_withdrawn_has_a_limit(bo: Founder) -> None:
    bo.token()
    assert bo.server.offer is not None
    bo.server.offer.withdrawn |= {bytes([high, low]) for high in range(4) for low in range(250)}
    refused(bo, "store_busy", bo.outcome(bo.message(bytes(16))))


FOREIGN = Identity.generate()

BAD: dict[str, Callable[[Founder], dict[str, Any]]] = {
    "for another service's key": lambda bo: {"helper": bo.helpers(keys=FOREIGN.public)},
    "for half of the service's key": lambda bo: {
        "helper": bo.helpers(
            keys=PublicIdentity(bo.service.public.signing_key, FOREIGN.public.encryption_key)
        )
    },
    "by another root": lambda _bo: {"root": RootKey.generate()},
    "by no root": lambda bo: {"founder": bo.certificate(issuer=uuid4())},
    "for a service by nobody": lambda bo: {"helper": bo.helpers(issuer=uuid4())},
    "for other keys than sign": lambda bo: {
        "founder": bo.certificate(keys=FOREIGN.public),
        "maker": FOREIGN,
    },
    "for another founder": lambda bo: {"founder": bo.certificate(member=uuid4())},
    "for another service": lambda bo: {"helper": bo.helpers(member=uuid4())},
    "for one who is both": lambda bo: {
        "helper": bo.helpers(member=bo.member),
        "service_member": str(bo.member),
    },
    "named otherwise": lambda _bo: {"service": uuid4()},
    "for a mentor": lambda bo: {
        "founder": bo.certificate(roles=frozenset({"peer_mentor", "org_admin"}))
    },
    "for a coordinator": lambda bo: {"founder": bo.certificate(roles=frozenset({"coordinator"}))},
    "with another founder's name": lambda bo: {
        "founder": bo.certificate(
            texts={**bo.certificate().texts, "display_name": text("Somebody").digest()}
        )
    },
    "with another handle": lambda bo: {
        "founder": bo.certificate(texts={**bo.certificate().texts, "handle": text("else").digest()})
    },
    "with another name of the service": lambda bo: {
        "helper": bo.helpers(texts={**bo.helpers().texts, "handle": text("service").digest()})
    },
}


@pytest.mark.parametrize("how", BAD)
def test_a_certificate_that_is_bad_founds_nothing(bo: Founder, how: str) -> None:
    answer = bo.send(bo.message(bo.token(), **BAD[how](bo)))
    refused(bo, "certificate_invalid", answer)


def test_a_founder_who_calls_two_certificates_the_same_founds_nothing(bo: Founder) -> None:
    founder, helper = bo.certificate(), bo.helpers()
    answer = bo.send(bo.message(bo.token(), replace(founder, id=helper.id), helper))
    assert isinstance(answer, Refusal)
    assert bo.count(Organization) == 0


@pytest.mark.parametrize("whose", ["founder", "helper"])
def test_a_certificate_of_another_organisation_founds_nothing(bo: Founder, whose: str) -> None:
    made = {"founder": bo.certificate, "helper": bo.helpers}[whose](organization=uuid4())
    answer = bo.send(bo.message(bo.token(), **{whose: made}))
    refused(bo, "organization_scope_isolation", answer)


WRAPS: dict[str, Callable[[list[OrganizationWrap]], list[OrganizationWrap]]] = {
    "none": lambda _wraps: [],
    "one too few": lambda wraps: wraps[:-1],
    "one twice": lambda wraps: [*wraps, wraps[0]],
    "a key of its own for each device": lambda wraps: [
        replace(wraps[0], key=uuid4()),
        *wraps[1:],
    ],
    "a signature that is not theirs": lambda wraps: [
        replace(wraps[0], wrap=replace(wraps[0].wrap, signature=bytes(64))),
        *wraps[1:],
    ],
    "another maker": lambda wraps: [
        replace(wraps[0], wrap=replace(wraps[0].wrap, maker=uuid4())),
        *wraps[1:],
    ],
    "the import key for the service": lambda wraps: [
        *wraps,
        replace(wraps[-1], wrap=replace(wraps[-1].wrap, certificate=wraps[1].wrap.certificate)),
    ],
}


@pytest.mark.parametrize("how", WRAPS)
def test_organisation_keys_that_are_not_as_they_should_be_found_nothing(
    bo: Founder, how: str
) -> None:
    answer = bo.send(bo.message(bo.token(), wraps=WRAPS[how]))
    refused(bo, "wrap_invalid", answer)


@pytest.mark.parametrize(
    ("field", "said", "code"),
    [
        ("name", " Nyforeningen", "name_invalid"),
        ("name", "\u200b", "name_invalid"),
        ("handle", "Bo", "handle_invalid"),
        ("handle", "service", "handle_taken"),
        ("display_name", "Bo  B", "name_invalid"),
        ("display_name", "x" * 101, "name_invalid"),
        ("device", "d" * 41, "name_invalid"),
        ("device", "", "name_invalid"),
    ],
)
def test_a_name_that_is_none_founds_nothing(bo: Founder, field: str, said: str, code: str) -> None:
    bo.texts[field] = text(said)
    answer = bo.send(bo.message(bo.token()))
    refused(bo, code, answer)


def test_a_zone_that_is_none_founds_nothing(bo: Founder) -> None:
    answer = bo.send(bo.message(bo.token(), time_zone="Europe/Atlantis"))
    refused(bo, "time_zone_unknown", answer)


def test_a_text_that_does_not_fit_founds_nothing(bo: Founder) -> None:
    sent = bo.message(bo.token())
    parts = list(Message.decode(sent.message, {MessageKind.ACT}).parts)
    parts[2] = parts[2].replace(b"Nyforeningen", b"Xyforeningen")
    refused(bo, "text_differs", bo.raw(Message(MessageKind.ACT, tuple(parts)).encode()))


def test_certificates_of_another_form_found_nothing(bo: Founder) -> None:
    sent = bo.message(bo.token())
    parts = list(Message.decode(sent.message, {MessageKind.ACT}).parts)
    parts[3] = b"{}"
    refused(bo, "attachment_differs", bo.raw(Message(MessageKind.ACT, tuple(parts)).encode()))


def test_an_organisation_is_founded_once(bo: Founder) -> None:
    bo.send(bo.message(bo.token()))
    again = bo.send(bo.message(bo.token(), texts={**bo.texts, "name": text("Another")}))
    assert isinstance(again, Refusal)
    assert (again.code, again.entry) == ("organization_exists", 3)
    with bo.server.host.store.read() as tx:
        tried = tx.exec(select(AuditEntry)).all()[-1]
        assert '"certificate":null' in tried.details
    assert bo.count(Organization) == 1


def test_a_name_that_another_organisation_has_founds_nothing(bo: Founder) -> None:
    bo.send(bo.message(bo.token()))
    other = Founder(bo.server, bo.service, texts={**bo.texts, "name": text("NYFORENINGEN")})
    answer = other.send(other.message(bo.token()))
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.entry, answer.head) == ("organization_exists", None, None)
    assert bo.count(Organization) == 1


def test_a_server_does_not_answer_for_an_organisation_of_another(bo: Founder) -> None:
    sent = bo.message(bo.token())
    bo.send(sent)
    other = replace(
        bo.server.host, organization_id=uuid4(), load_service=lambda: ServiceKey(uuid4(), FOREIGN)
    )
    answer = replace(bo, server=Server(other)).send(sent)
    assert isinstance(answer, Refusal)
    assert answer.code == "token_invalid"


def test_after_its_founding_a_server_takes_the_acts_of_its_members(bo: Founder) -> None:
    founder, helper = bo.certificate(), bo.helpers()
    bo.send(bo.message(bo.token(), founder, helper))
    grounds = Grounds(OneService(helper.id, bo.service.public.signing_key))
    device = Device(bo.organization, founder.id, helper.id, grounds, bo.own.sign)
    said = {"name": "retention_days", "value": "90"}
    intent = Intent("setting.changed", bo.organization, said)
    done = exchange.send(
        device,
        lambda message: bo.server.handle(message, NOON),
        exchange.signed(device, NOTHING_SEEN, intent, NOON),
    )
    assert done.head.size == 3
