"""Wraps that are added later: by whom, for which devices, and of which key; all else is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from assigncli.client import asking, seal
from assigncli.client.open import secret_half
from assigncli.crypto.identity import Identity
from assigncli.domain.actions import Action
from assigncli.protocol.attachments import encode_wraps
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.sealed_keys import Wrap
from assigncli.server import certification
from tests.acting import acting, identity_of
from tests.attacker import alter, certificate_id, column, enrol, insert, value, write
from tests.devices import device, given, joins
from tests.hostile import Answer, Hostile
from tests.office import Office
from tests.quick import a_few

pytestmark = pytest.mark.slow  # each makes its own office, and verifies the whole log

ADD = "wrap.added"


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where eva coordinates; a brief is open with kari, who then got a telephone."""
    office = founded.copy_to(tmp_path_factory.mktemp("reseal") / "office")
    enrol(office, "eva", "coordinator")
    office.dispatch()
    office.create()
    phone(office)
    return office


def phone(office: Office, handle: str = "kari") -> Identity:
    """Certify one more device of a member, and return its keys."""
    keys = joins(office, handle)
    assert given(office, "anne", handle, keys).send(office, "anne").code == ""
    return keys


def certificate(office: Office, certificate: str) -> Certificate:
    body = value(office, "SELECT body FROM certificates WHERE id = ?", UUID(certificate).hex)
    assert isinstance(body, bytes)
    return Certificate.decode(body)


def wraps(
    office: Office, number: int, maker: str, readers: Sequence[str], profile: str = "anne"
) -> list[Wrap]:
    """Return wraps of the secret as the dispatcher's machine makes them, in the name of `maker`."""
    with acting(office, profile) as session:
        case = asking.case(session.client, str(number), is_signed=True)
        secret = secret_half(session.client, case)
        made = certificate(office, maker), [certificate(office, each) for each in readers]
        return seal.wraps(session.client, case.manifest.context, secret, *made)


def adds(
    office: Office, profile: str, number: int, given_: Sequence[Wrap], key: str | None = None
) -> Answer:
    encryption_key = key or str(UUID(str(column(office, number, "encryption_key_id"))))
    said = {"encryption_key": encryption_key}
    client = Hostile(office, profile, certificate=first(office, profile))
    return client.does(ADD, number, said, attachments=[encode_wraps(given_)])


def first(office: Office, handle: str) -> str:
    """Return the certificate of the device whose key the test keyring holds."""
    public = identity_of(office, handle).public
    with acting(office, handle) as session, session.host.store.read() as tx:
        held = certification.own_certificates(session.turn, tx)
        return next(str(each.id) for each in held if each.keys == public)


def test_the_dispatcher_adds_one_for_the_new_device(office: Office) -> None:
    new, own = certificate_id(office, "kari"), device(office, "anne")
    (entry,) = adds(office, "anne", 1, wraps(office, 1, own, [new])).entries
    assert dict(entry.facts) == {"number": 1, "certificates": [str(UUID(new))]}
    office.ok("audit verify")
    office.ok("store check")


def stranger(office: Office, case: str) -> tuple[str, int, list[Wrap]]:
    """Return who adds what to which assignment."""
    own, new = device(office, "anne"), certificate_id(office, "kari")
    profile, number, maker, readers = {
        "another mentor": ("ola", 1, device(office, "ola"), [new]),
        "another coordinator": ("eva", 1, device(office, "eva"), [new]),
        "for another mentor": ("anne", 1, own, [device(office, "ola")]),
        "for a device that has one": ("anne", 1, own, [own]),
        "twice": ("anne", 1, own, [new, new]),
        "by another maker": ("anne", 1, device(office, "eva"), [new]),
        "a draft, for its mentor": ("anne", 2, own, [new]),
        "a draft, by its mentor": ("kari", 2, first(office, "kari"), [new]),
        "for nobody": ("anne", 1, own, [new]),
    }[case]
    made = wraps(office, number, maker, readers)
    if case == "for nobody":
        made = [replace(each, certificate=uuid4()) for each in made]
    return profile, number, made


@pytest.mark.parametrize(
    ("case", "code"),
    a_few(
        5,
        of=[
            ("another mentor", "not_your_assignment"),
            ("for another mentor", "wrap_invalid"),
            ("for a device that has one", "wrap_invalid"),
            ("for nobody", "wrap_invalid"),
            ("a draft, by its mentor", "valid_status_transition"),
            ("another coordinator", "not_your_assignment"),
            ("twice", "wrap_invalid"),
            ("by another maker", "wrap_invalid"),
            ("a draft, for its mentor", "wrap_invalid"),
        ],
    ),
)
def test_what_is_not_added(office: Office, case: str, code: str) -> None:
    before = value(office, "SELECT count(*) FROM key_wraps")
    profile, number, made = stranger(office, case)
    assert adds(office, profile, number, made).code == code
    assert value(office, "SELECT count(*) FROM key_wraps") == before
    office.ok("audit verify")


def test_of_another_key_or_what_has_ended_none_is_added(office: Office) -> None:
    made = wraps(office, 1, device(office, "anne"), [certificate_id(office, "kari")])
    assert adds(office, "anne", 1, made, str(uuid4())).code == "encryption_key_exists"
    office.later(days=31)
    assert adds(office, "anne", 1, made).code == "expired_payload_inaccessible"
    assert column(office, 1, "status") == "expired"


def test_of_what_was_recalled_none_is_added(office: Office) -> None:
    made = wraps(office, 1, device(office, "anne"), [certificate_id(office, "kari")])
    office.ok("recall 1 --yes")
    assert adds(office, "anne", 1, made).code == "valid_status_transition"


def test_a_stolen_device_seals_nothing_to_a_device_that_nobody_approved(office: Office) -> None:
    """A thief who has kari's key lets a machine of their own join: nobody compares its digits."""
    thief = joins(office, "kari")
    made = wraps(office, 1, first(office, "kari"), [certificate_id(office, "kari")], "kari")
    waiting = [Wrap(uuid4(), each.maker, each.wrap, each.signature) for each in made]
    assert adds(office, "kari", 1, waiting).code == "wrap_invalid"
    machine = Hostile(office, "kari", key=thief, certificate=str(uuid4()))
    asked = machine.asks("read.assignment", None, {"number": 1, "prefix": None})
    assert asked.code == "certificate_unknown"


@pytest.mark.parametrize("name", a_few(1, of=["signature", "created_at", "maker_certificate_id"]))
def test_an_added_wrap_that_was_altered_is_found(office: Office, name: str) -> None:
    new = UUID(certificate_id(office, "kari")).hex
    adds(office, "anne", 1, wraps(office, 1, device(office, "anne"), [new]))
    other = {
        "signature": bytes(64),
        "created_at": "2026-11-20T11:00:00.000000Z",
        "maker_certificate_id": UUID(device(office, "kari")).hex,
    }[name]
    write(office, f"UPDATE key_wraps SET {name} = ? WHERE certificate_id = ?", other, new)
    assert office.run("audit verify").code == 1


def test_an_added_wrap_that_is_gone_and_one_that_no_entry_adds_are_found(office: Office) -> None:
    new = UUID(certificate_id(office, "kari")).hex
    copied = (
        "INSERT INTO key_wraps SELECT assignment_id, ?, encryption_key_id, wrap,"
        " maker_certificate_id, signature, created_at FROM key_wraps WHERE certificate_id = ?"
        " AND assignment_id = ?"
    )
    where = UUID(device(office, "anne")).hex, column(office, 1, "id")
    write(office, copied, new, *where)
    assert office.run("audit verify").error_code == "wrap_altered"
    write(office, "DELETE FROM key_wraps WHERE certificate_id = ?", new)
    office.ok("audit verify")
    adds(office, "anne", 1, wraps(office, 1, device(office, "anne"), [new]))
    write(office, "DELETE FROM key_wraps WHERE certificate_id = ?", new)
    assert office.run("audit verify").error_code == "wrap_missing"


@pytest.mark.parametrize("profile", a_few(1, of=["eva", "ola"]))
def test_an_entry_by_who_may_not_is_found(office: Office, profile: str) -> None:
    """As a service that lies could write it for somebody who signs it."""
    said = {"encryption_key": str(UUID(str(column(office, 1, "encryption_key_id"))))}
    named = [str(UUID(certificate_id(office, "kari")))]
    facts = {"number": 1, "certificates": named}
    about = UUID(str(column(office, 1, "id")))
    insert(office, profile, Action.WRAP_ADDED, about, said, **facts)
    assert office.run("audit verify").code == 1
    assert office.run("open 1 --reveal", profile="kari").error_code == "entry_invalid"
    alter(office, 2, updated_at="2026-11-21T11:00:00.000000Z")
