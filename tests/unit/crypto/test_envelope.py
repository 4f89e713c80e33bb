from __future__ import annotations

from dataclasses import fields, replace
from uuid import UUID, uuid4

import pytest

from assigncli.crypto import organization_key
from assigncli.crypto.envelope import Sealed, open_envelope, seal, unwrap, wrap
from assigncli.crypto.identity import Identity
from assigncli.errors import RuleRefused, Tampered
from assigncli.protocol.context import Context
from assigncli.protocol.sealed_keys import IMPORTS, OrganizationWrap, Wrap

from .conftest import PAYLOAD, flips, told


def altered_payload(payload: bytes, sealed: Sealed, context: Context) -> bool:
    with pytest.raises(Tampered) as caught:
        open_envelope(payload, sealed.secret, sealed.share, context.encode())
    assert PAYLOAD.decode() not in told(caught.value)
    return caught.value.code == "payload_altered"


def elsewhere(context: Context) -> list[Context]:
    return [replace(context, **{field.name: uuid4()}) for field in fields(context)]


def test_a_sealed_payload_opens(context: Context) -> None:
    sealed = seal(PAYLOAD, context.encode())
    opened = open_envelope(sealed.encrypted_payload, sealed.secret, sealed.share, context.encode())
    assert opened == PAYLOAD


def test_the_form_is_suite_nonce_and_padded_ciphertext(context: Context) -> None:
    sealed = seal(PAYLOAD, context.encode())
    assert sealed.encrypted_payload[0] == 1
    assert len(sealed.encrypted_payload) == 1 + 12 + 256 + 16
    assert PAYLOAD not in sealed.encrypted_payload


def test_nothing_is_used_twice(context: Context) -> None:
    one, two = seal(PAYLOAD, context.encode()), seal(PAYLOAD, context.encode())
    assert one.secret != two.secret
    assert one.share != two.share
    assert one.encrypted_payload[1:13] != two.encrypted_payload[1:13]


def test_an_empty_payload_is_refused(context: Context) -> None:
    with pytest.raises(RuleRefused) as caught:
        seal(b"", context.encode())
    assert caught.value.code == "encrypted_payload_non_empty"


def test_keys_do_not_show_in_a_repr(context: Context) -> None:
    sealed = seal(PAYLOAD, context.encode())
    assert repr(sealed.secret) not in repr(sealed)
    assert "share" not in repr(sealed)


def test_a_bit_flipped_anywhere_is_found(context: Context) -> None:
    sealed = seal(PAYLOAD, context.encode())
    for payload in flips(sealed.encrypted_payload):
        assert altered_payload(payload, sealed, context)


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28, 29, 100, 284])
def test_a_truncated_payload_is_found(context: Context, length: int) -> None:
    sealed = seal(PAYLOAD, context.encode())
    assert altered_payload(sealed.encrypted_payload[:length], sealed, context)


def test_an_extended_payload_is_found(context: Context) -> None:
    sealed = seal(PAYLOAD, context.encode())
    assert altered_payload(sealed.encrypted_payload + b"\0", sealed, context)


def test_an_envelope_opens_in_its_own_place_only(context: Context) -> None:
    sealed = seal(PAYLOAD, context.encode())
    for other in elsewhere(context):
        assert altered_payload(sealed.encrypted_payload, sealed, other)


def test_neither_half_opens_alone_or_with_another(context: Context) -> None:
    sealed, other = seal(PAYLOAD, context.encode()), seal(PAYLOAD, context.encode())
    halves = [
        replace(sealed, share=other.share),
        replace(sealed, secret=other.secret),
        replace(sealed, secret=sealed.share, share=sealed.secret),
        replace(sealed, share=bytes(32)),
        replace(sealed, secret=sealed.secret + sealed.share[:1], share=sealed.share[1:]),
    ]
    for wrong in halves:
        assert altered_payload(sealed.encrypted_payload, wrong, context)


def wrap_refused(wrapped: bytes, context: Context, reader: UUID, identity: Identity) -> bool:
    with pytest.raises(Tampered) as caught:
        unwrap(wrapped, context.wrap_info(reader), identity)
    assert identity.encryption_seed.hex() not in told(caught.value)
    return caught.value.code == "wrap_altered"


def test_a_wrap_gives_its_reader_the_secret(context: Context, identity: Identity) -> None:
    sealed, reader = seal(PAYLOAD, context.encode()), uuid4()
    wrapped = wrap(sealed.secret, context.wrap_info(reader), identity.public.encryption_key)
    assert len(wrapped) == 80
    assert unwrap(wrapped, context.wrap_info(reader), identity) == sealed.secret


def test_a_wrap_opens_for_its_reader_and_place_only(
    context: Context, identity: Identity, stranger: Identity
) -> None:
    reader = uuid4()
    wrapped = wrap(bytes(32), context.wrap_info(reader), identity.public.encryption_key)
    assert wrap_refused(wrapped, context, reader, stranger)
    assert wrap_refused(wrapped, context, uuid4(), identity)
    for other in elsewhere(context):
        assert wrap_refused(wrapped, other, reader, identity)


def test_an_altered_wrap_is_found(context: Context, identity: Identity) -> None:
    reader = uuid4()
    wrapped = wrap(bytes(32), context.wrap_info(reader), identity.public.encryption_key)
    low_order = bytes(32) + wrapped[32:]
    for bad in (*flips(wrapped), b"", wrapped[:-1], wrapped[:32], wrapped + b"\0", low_order):
        assert wrap_refused(bad, context, reader, identity)


def test_a_secret_of_another_length_is_not_wrapped(context: Context, identity: Identity) -> None:
    with pytest.raises(Tampered):
        wrap(b"short", context.wrap_info(uuid4()), identity.public.encryption_key)


@pytest.mark.parametrize("key", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32, b"", bytes(33)])
def test_nothing_is_wrapped_to_an_unusable_key(context: Context, key: bytes) -> None:
    with pytest.raises(Tampered) as caught:
        wrap(bytes(32), context.wrap_info(uuid4()), key)
    assert caught.value.code == "public_key_invalid"


def test_a_wrap_of_the_organizations_key_is_none_of_an_assignment(
    context: Context, identity: Identity
) -> None:
    reader, key = uuid4(), identity.public.encryption_key
    place = OrganizationWrap(context.encryption_key, IMPORTS, Wrap(reader, uuid4(), b"", b""))
    info = place.info(context.organization)
    foreign = organization_key.wrap_organization_key(bytes(32), info, key)
    assert wrap_refused(foreign, context, reader, identity)
