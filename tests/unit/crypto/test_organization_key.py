from __future__ import annotations

from uuid import uuid4

import pytest

from assigncli.crypto.envelope import wrap
from assigncli.crypto.identity import Identity
from assigncli.crypto.organization_key import (
    keyed_digest,
    new_organization_key,
    open_value,
    seal_value,
    unwrap_organization_key,
    wrap_organization_key,
)
from assigncli.errors import Tampered
from assigncli.protocol.context import Context
from assigncli.protocol.sealed_keys import IMPORTS, OrganizationWrap, Wrap

from .conftest import flips, told

ORG, KEY_ID, READER = uuid4(), uuid4(), uuid4()
INFO = OrganizationWrap(KEY_ID, IMPORTS, Wrap(READER, uuid4(), b"", b"")).info(ORG)
ADDRESS = b"mailto://kari@example.test"


@pytest.fixture
def key() -> bytes:
    return new_organization_key()


def test_the_key_comes_back_to_its_reader(key: bytes, identity: Identity) -> None:
    wrapped = wrap_organization_key(key, INFO, identity.public.encryption_key)
    assert len(wrapped) == 80
    assert unwrap_organization_key(wrapped, INFO, identity) == key


def test_it_opens_for_its_reader_and_place_only(
    key: bytes, identity: Identity, stranger: Identity
) -> None:
    wrapped = wrap_organization_key(key, INFO, identity.public.encryption_key)
    wrong = [
        *((wrapped, bad, identity) for bad in (*flips(INFO), b"", INFO + b"\0")),
        (wrapped, INFO, stranger),
        (wrapped[:-1], INFO, identity),
        *((bad, INFO, identity) for bad in flips(wrapped)),
    ]
    for arguments in wrong:
        with pytest.raises(Tampered) as caught:
            unwrap_organization_key(*arguments)
        assert caught.value.code == "organization_key_altered"


def test_an_assignments_wrap_is_no_wrap_of_this_key(identity: Identity) -> None:
    context = Context(ORG, uuid4(), KEY_ID, READER, uuid4())
    foreign = wrap(bytes(32), context.wrap_info(READER), identity.public.encryption_key)
    with pytest.raises(Tampered):
        unwrap_organization_key(foreign, INFO, identity)


def test_a_key_of_another_length_is_refused(identity: Identity) -> None:
    with pytest.raises(Tampered):
        wrap_organization_key(b"short", INFO, identity.public.encryption_key)


def test_a_sealed_value_opens_for_its_owner_and_purpose_only(key: bytes) -> None:
    owner = uuid4()
    sealed = seal_value(key, ADDRESS, organization_id=ORG, owner_id=owner, purpose="channel")
    opened = open_value(sealed, key, organization_id=ORG, owner_id=owner, purpose="channel")
    assert opened == ADDRESS
    assert ADDRESS not in sealed
    wrong = [
        (sealed, key, ORG, uuid4(), "channel"),
        (sealed, key, uuid4(), owner, "channel"),
        (sealed, key, ORG, owner, "other"),
        (sealed, new_organization_key(), ORG, owner, "channel"),
        *((bad, key, ORG, owner, "channel") for bad in (*flips(sealed), b"", sealed[:-1])),
    ]
    for value, opener, organization_id, owner_id, purpose in wrong:
        with pytest.raises(Tampered) as caught:
            open_value(
                value, opener, organization_id=organization_id, owner_id=owner_id, purpose=purpose
            )
        assert caught.value.code == "organization_value_altered"
        assert "kari" not in told(caught.value)


def test_a_keyed_digest_depends_on_key_data_and_purpose(key: bytes) -> None:
    digests = {
        keyed_digest(key, b"row", purpose="import"),
        keyed_digest(key, b"rox", purpose="import"),
        keyed_digest(key, b"row", purpose="importr"),
        keyed_digest(key, b"row", purpose="other"),
        keyed_digest(new_organization_key(), b"row", purpose="import"),
    }
    assert len(digests) == 5
    assert keyed_digest(key, b"row", purpose="import") in digests
