"""A key of the organisation goes to who may hold it and lacks it, from who has it, and once."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from assigncli.client import organization_keys
from assigncli.crypto.organization_key import new_organization_key
from assigncli.protocol.attachments import encode_organization_wraps
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.sealed_keys import IMPORTS
from tests.acting import acting, held_key, own_certificate
from tests.attacker import certificate_id, enrol, value, write
from tests.hostile import Answer, Hostile
from tests.kit import take_over
from tests.office import Office

SHARE = "organization_key.shared"


@pytest.fixture
def lacking(office: Office, machine: Office) -> Office:
    """An office where bo, approved by the root key, lacks the key for sheets."""
    assert take_over(office, machine, "--handle bo --name 'Bo Dahl'").code == 0
    return office


def certificate(office: Office, handle: str) -> Certificate:
    own = UUID(certificate_id(office, handle)).hex
    body = value(office, "SELECT body FROM certificates WHERE id = ?", own)
    assert isinstance(body, bytes)
    return Certificate.decode(body)


def shares(
    office: Office, to: str, by: str = "anne", use: str = IMPORTS, key: UUID | None = None
) -> Answer:
    """Seal a key to somebody's device and send it; `key` is a new one's id."""
    reader = certificate(office, to)
    with acting(office, by) as session, session.host.store.read() as tx:
        maker = own_certificate(session, tx)
        own = held_key(session, tx, use) or (new_organization_key(), uuid4())
        named = own if key is None else (new_organization_key(), key)
        wrap = organization_keys.seal(session.client.identity, *named, use, maker, reader)
    said = {"key": str(named[1]), "use": use}
    about = UUID(str(value(office, "SELECT id FROM organizations")))
    attached = [encode_organization_wraps([wrap])]
    return Hostile(office, by).does(SHARE, about, said, attachments=attached)


def wraps(office: Office) -> object:
    return value(office, "SELECT count(*) FROM organization_key_wraps")


def test_it_is_given_once(lacking: Office) -> None:
    (entry,) = shares(lacking, "bo").entries
    assert entry.facts["certificates"] == [str(UUID(certificate_id(lacking, "bo")))]
    before = wraps(lacking)
    assert shares(lacking, "bo").code == "wrap_invalid"
    assert wraps(lacking) == before
    assert "whole" in lacking.ok("audit verify").stdout


@pytest.mark.slow
def test_a_new_key_does_not_take_the_place_of_one_that_somebody_holds(lacking: Office) -> None:
    before = wraps(lacking)
    assert shares(lacking, "bo", key=uuid4()).code == "wrap_invalid"
    assert shares(lacking, "anne", key=uuid4()).code == "wrap_invalid"
    assert wraps(lacking) == before


@pytest.mark.slow
def test_neither_a_mentor_nor_for_a_mentor(lacking: Office) -> None:
    assert shares(lacking, "kari").code == "wrap_invalid"
    assert shares(lacking, "bo", by="kari").code == "role_missing"
    assert shares(lacking, "service").code == "wrap_invalid"


@pytest.mark.slow
def test_a_device_that_was_revoked_gets_nothing(lacking: Office) -> None:
    enrol(lacking, "eva", "coordinator")
    lacking.ok("member revoke eva --yes")
    assert shares(lacking, "eva").code == "wrap_invalid"


@pytest.mark.slow
@pytest.mark.parametrize(
    "lie",
    [
        "DELETE FROM organization_key_wraps WHERE created_at = {newest} AND use = 'imports'",
        "UPDATE organization_key_wraps SET signature = zeroblob(64) WHERE created_at = {newest}",
        "UPDATE organization_key_wraps SET created_at = '2026-11-21T10:00:00.000000Z'"
        " WHERE created_at = {newest}",
    ],
)
def test_a_lie_about_who_has_the_key_is_found(lacking: Office, lie: str) -> None:
    lacking.later(minutes=1)
    assert shares(lacking, "bo").code == ""
    newest = "(SELECT max(created_at) FROM organization_key_wraps)"
    write(lacking, lie.format(newest=newest))
    found = lacking.run("audit verify")
    assert (found.code, "key" in found.said) == (1, True), found.said
