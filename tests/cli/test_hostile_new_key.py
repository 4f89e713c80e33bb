"""A server's new key and everybody who would misuse it: members, administrators, and old keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.cli.session.service_turns import service_key
from assigncli.client import organization_keys, replace_service
from assigncli.crypto.identity import Identity
from assigncli.errors import InvalidInput
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import SERVICE_ROLES, SERVICE_TEXTS, Certificate
from assigncli.protocol.message import MessageKind
from assigncli.protocol.sealed_keys import ADDRESSES, USES
from assigncli.server.finding import FORGED
from tests.acting import acting, held_key, own_certificate
from tests.attacker import certificate_id, enrol, forget_heads, found, hex_id, value, write
from tests.cli.test_new_key import confirm, make
from tests.hostile import Answer, Hostile
from tests.office import Office
from tests.rewriting import Item, log, rewrite

ACT = "service.replaced"

pytestmark = pytest.mark.slow  # a whole office each


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose server has a new key that nobody has certified."""
    office = founded.copy_to(tmp_path_factory.mktemp("hostile") / "office")
    enrol(office, "eva", "coordinator")
    office.dispatch()
    office.ok("inbox", profile="kari")  # a delivery, which the service states alone
    make(office)
    return office


def organization(office: Office) -> UUID:
    return UUID(str(value(office, "SELECT id FROM organizations")))


def waiting_key(office: Office) -> Identity:
    new = service_key(office.store, organization(office)).new
    assert new is not None
    return new


@dataclass(frozen=True)
class Replacing:
    """What somebody sends to certify a new key of the server."""

    certificate: Certificate
    wraps: tuple[Any, ...]
    signer: Identity

    def send(self, office: Office, profile: str = "anne", **said: object) -> Answer:
        body = self.certificate.encode()
        new = NewCertificate(body, self.signer.sign(Certificate.purpose, body))
        attached = Certificates((new,), self.wraps).encode()
        arguments = {"certificate": str(self.certificate.id), **said}
        about = organization(office)
        return Hostile(office, profile).does(ACT, about, arguments, attachments=[attached])


def replacing(office: Office, profile: str = "anne", **changes: Any) -> Replacing:
    """Return what an honest client would send, but for `changes` of the certificate."""
    uses = changes.pop("uses", (ADDRESSES,))
    with acting(office, profile) as session, session.host.store.read() as tx:
        actor = own_certificate(session, tx)
        made = Certificate(
            id=uuid4(),
            organization=session.client.organization_id,
            member=UUID(hex_id(office, "service")),
            roles=SERVICE_ROLES,
            keys=waiting_key(office).public,
            texts={name: text.digest() for name, text in SERVICE_TEXTS.items()},
            issuer=actor.id,
        )
        certificate = replace(made, **changes)
        held = [(use, held_key(session, tx, use)) for use in uses]
        wraps = tuple(
            organization_keys.seal(session.client.identity, *own, use, actor, certificate)
            for use, own in held
            if own is not None
        )
        return Replacing(certificate, wraps, session.client.identity)


def test_the_honest_certificate_is_taken(office: Office) -> None:
    (entry,) = replacing(office).send(office).entries
    assert (entry.act, str(entry.service)) == (ACT, entry.facts["certificate"])
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("certificate_invalid", {"keys": Identity.generate().public}),
        ("certificate_invalid", {"member": uuid4()}),
        ("certificate_invalid", {"roles": frozenset({"org_admin"}), "uses": USES}),
        ("certificate_invalid", {"issuer": uuid4()}),
        ("certificate_invalid", {"issuer": None}),
        ("certificate_invalid", {"texts": dict.fromkeys(SERVICE_TEXTS, bytes(32))}),
        ("organization_scope_isolation", {"organization": uuid4()}),
        ("wrap_invalid", {"uses": ()}),
        ("wrap_invalid", {"uses": USES}),
    ],
)
def test_another_certificate_than_that_for_the_waiting_key(
    office: Office, code: str, changes: dict[str, Any]
) -> None:
    assert replacing(office, **changes).send(office).code == code
    assert service_key(office.store, organization(office)).new is not None


def test_an_id_that_the_statement_does_not_name_or_that_is_taken(office: Office) -> None:
    honest = replacing(office)
    assert honest.send(office, certificate=str(uuid4())).code == "certificate_invalid"
    taken = UUID(certificate_id(office, "kari"))
    assert replacing(office, id=taken).send(office).code == "certificate_invalid"


@pytest.mark.parametrize("profile", ["eva", "kari"])
def test_nobody_but_an_administrator_certifies_or_is_shown_the_key(
    office: Office, profile: str
) -> None:
    assert replacing(office, profile, uses=()).send(office, profile).code in (
        "wrap_invalid",
        "role_missing",
    )
    assert Hostile(office, profile).asks(ACT).code == "role_missing"
    office.refused("member approve service --fingerprint 1", "role_missing", 4, profile=profile)


def test_nothing_is_certified_where_nothing_waits(office: Office) -> None:
    honest = replacing(office)
    confirm(office, digits(office))
    assert honest.send(office).code == "member_not_waiting"
    office.refused("member approve service --fingerprint 1", "service_not_waiting", 2)


def digits(office: Office) -> str:
    return make(office)  # the same as before: a key that waits is not made again


def test_the_second_of_two_administrators_is_told(office: Office) -> None:
    late = replacing(office)
    old = UUID(certificate_id(office, "service"))
    confirm(office, digits(office))
    body = late.certificate.encode()
    new = NewCertificate(body, late.signer.sign(Certificate.purpose, body))
    attached = Certificates((new,), late.wraps).encode()
    said = {"certificate": str(late.certificate.id)}
    answer = Hostile(office, "anne").does(
        ACT, organization(office), said, attachments=[attached], service=old
    )
    assert answer.code == "service_differs"


def test_who_is_overtaken_between_question_and_act_is_told_that_nothing_waits(
    office: Office,
) -> None:
    right = digits(office)
    with acting(office, "anne") as session:
        carry = session.client.connection

        def overtaken(message: bytes) -> bytes:
            if message[1] == MessageKind.ACT:
                confirm(office, right)
            return carry(message)

        session.client.connection = overtaken
        with pytest.raises(InvalidInput) as error:
            replace_service.certify_service(session.client, right)
    assert error.value.code == "service_not_waiting"
    assert value(office, "SELECT count(*) FROM audit_log WHERE action = ?", ACT) == 1


def test_wrong_digits_certify_nothing(office: Office) -> None:
    right = digits(office)
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    office.refused(f"member approve service --fingerprint '{wrong}'", "fingerprint_mismatch", 1)
    office.refused("member approve service --role coordinator", "service_alone", 2)
    office.refused("member pause ola", "service_uncertified", 7)


def test_no_device_ends_or_suspends_the_service(office: Office) -> None:
    confirm(office, digits(office))
    service = certificate_id(office, "service")
    about = UUID(hex_id(office, "service"))
    said = {"certificate": str(UUID(service)), "cause": "lost", "suspects_from": None}
    assert Hostile(office, "anne").does("device.revoked", about, said).code == "may_not_vouch"


Deed = Callable[[list[Item], UUID, UUID], list[Item]]


def signed_by_the_old_one_after(items: list[Item], old: UUID, _new: UUID) -> list[Item]:
    assert items[-1].entry.statement is None
    return [*items[:-1], items[-1].with_(service=old, actor=old)]


def signed_by_the_new_one_before(items: list[Item], _old: UUID, new: UUID) -> list[Item]:
    at = next(at for at, item in enumerate(items) if item.entry.act == ACT) - 1
    assert items[at].entry.statement is None
    items[at] = items[at].with_(service=new, actor=new)
    return items


def countersigned_by_the_old_one(items: list[Item], old: UUID, _new: UUID) -> list[Item]:
    at = next(at for at, item in enumerate(items) if item.entry.act == ACT)
    items[at] = items[at].with_(service=old)
    return items


def replaced_another(items: list[Item], _old: UUID, new: UUID) -> list[Item]:
    at = next(at for at, item in enumerate(items) if item.entry.act == ACT)
    items[at] = items[at].told(replaced=str(new))
    return items


def replaced_twice(items: list[Item], _old: UUID, _new: UUID) -> list[Item]:
    (one,) = [item for item in items if item.entry.act == ACT]
    return [*items, one.with_(at=items[-1].entry.at)]


@pytest.mark.parametrize(
    "deed",
    [
        signed_by_the_old_one_after,
        signed_by_the_new_one_before,
        countersigned_by_the_old_one,
        replaced_another,
        replaced_twice,
    ],
)
def test_what_a_service_signs_out_of_its_time_is_found(office: Office, deed: Deed) -> None:
    old, keys = UUID(certificate_id(office, "service")), service_key_of(office)
    confirm(office, digits(office))
    office.dispatch()
    office.ok("inbox", profile="kari")
    new = UUID(certificate_id(office, "service"))
    items = log(office)
    assert [item.entry.act for item in items].count(ACT) == 1
    rewrite(office, items, {old: keys})
    forget_heads(office)
    office.ok("audit verify")
    rewrite(office, deed(log(office), old, new), {old: keys})
    forget_heads(office)
    assert FORGED in {code for _sequence, code in found(office)}


def service_key_of(office: Office) -> Identity:
    return service_key(office.store, organization(office)).identity


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("revocation_invalid", "UPDATE certificates SET revoked_at = NULL WHERE id = ?"),
        (
            "certificate_differs",
            "UPDATE certificates SET revoked_at = '2026-11-21T11:00:00.000001Z' WHERE id = ?",
        ),
        (
            "certificate_invalid",
            "UPDATE members SET signing_key = zeroblob(32) WHERE handle = 'service' OR id = ?",
        ),
        (
            "organization_key_altered",
            "DELETE FROM organization_key_wraps WHERE certificate_id <> ?",
        ),
    ],
)
def test_rows_that_differ_from_the_replacement_are_found(
    office: Office, code: str, change: str
) -> None:
    old = certificate_id(office, "service")
    confirm(office, digits(office))
    write(office, change, old)
    assert {code} == {each for _sequence, each in found(office)}
