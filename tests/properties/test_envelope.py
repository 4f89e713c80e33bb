"""What holds of every envelope, whatever its payload and whichever byte is touched."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assigncli.crypto.envelope import open_envelope, seal, unwrap, wrap
from assigncli.crypto.identity import Identity, fingerprints_match, spoken_fingerprint
from assigncli.crypto.padding import STEP, pad, unpad
from assigncli.errors import Tampered
from assigncli.protocol.context import Context

READER = UUID(int=9)
IDENTITY = Identity(bytes(range(32)), bytes(range(1, 33)))

payloads = st.binary(min_size=1, max_size=3 * STEP)
contexts = st.builds(Context, *[st.uuids()] * 5)
# Where to touch, and how: taken modulo the length, so that every byte of everything is reached.
touches = st.tuples(st.integers(min_value=0), st.integers(min_value=1, max_value=255))


def touched(data: bytes, touch: tuple[int, int]) -> bytes:
    place, mask = touch
    altered = bytearray(data)
    altered[place % len(data)] ^= mask
    return bytes(altered)


@given(payloads, contexts)
def test_what_is_sealed_opens_through_a_wrap(payload: bytes, context: Context) -> None:
    sealed = seal(payload, context.encode())
    wrapped = wrap(sealed.secret, context.wrap_info(READER), IDENTITY.public.encryption_key)
    secret = unwrap(wrapped, context.wrap_info(READER), IDENTITY)
    bound = context.encode()
    assert open_envelope(sealed.encrypted_payload, secret, sealed.share, bound) == payload


@given(payloads, contexts, touches)
@settings(max_examples=300)
def test_any_touched_byte_is_found(
    payload: bytes, context: Context, touch: tuple[int, int]
) -> None:
    sealed = seal(payload, context.encode())
    ciphertext, secret, share = sealed.encrypted_payload, sealed.secret, sealed.share
    for parts in (
        (touched(ciphertext, touch), secret, share),
        (ciphertext, touched(secret, touch), share),
        (ciphertext, secret, touched(share, touch)),
    ):
        with pytest.raises(Tampered) as caught:
            open_envelope(*parts, context.encode())
        assert caught.value.code == "payload_altered"


@given(contexts, touches)
def test_any_touched_byte_of_a_wrap_is_found(context: Context, touch: tuple[int, int]) -> None:
    wrapped = wrap(bytes(32), context.wrap_info(READER), IDENTITY.public.encryption_key)
    with pytest.raises(Tampered):
        unwrap(touched(wrapped, touch), context.wrap_info(READER), IDENTITY)


@given(payloads, contexts, st.data())
def test_any_shortening_is_found(payload: bytes, context: Context, data: st.DataObject) -> None:
    sealed = seal(payload, context.encode())
    whole = sealed.encrypted_payload
    length = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    with pytest.raises(Tampered):
        open_envelope(whole[:length], sealed.secret, sealed.share, context.encode())


@given(st.binary(max_size=600), st.binary(max_size=64), st.binary(max_size=64), contexts)
def test_nothing_that_was_not_sealed_opens_or_breaks(
    ciphertext: bytes, secret: bytes, share: bytes, context: Context
) -> None:
    with pytest.raises(Tampered):
        open_envelope(ciphertext, secret, share, context.encode())
    with pytest.raises(Tampered):
        unwrap(ciphertext, context.wrap_info(READER), IDENTITY)


@given(contexts, contexts)
def test_two_places_share_nothing(one: Context, other: Context) -> None:
    assert (one == other) == (one.encode() == other.encode())
    assert (one == other) == (one.commitment(bytes(32)) == other.commitment(bytes(32)))


@given(st.binary(max_size=3 * STEP), contexts)
def test_a_length_tells_no_more_than_its_step(payload: bytes, context: Context) -> None:
    assert unpad(pad(payload)) == payload
    assert len(pad(payload)) == (len(payload) // STEP + 1) * STEP


@given(st.binary(max_size=2 * STEP))
def test_unpadding_takes_only_what_padding_gives(padded: bytes) -> None:
    try:
        payload = unpad(padded)
    except ValueError:
        return
    assert pad(payload) == padded


@given(st.uuids(), st.uuids(), st.text(alphabet=" -.,\n\t/", max_size=5))
def test_a_fingerprint_matches_itself_however_it_is_written(
    organization_id: UUID, member_id: UUID, between: str
) -> None:
    spoken = spoken_fingerprint(
        root_key=IDENTITY.public.signing_key,
        organization_id=organization_id,
        member_id=member_id,
        public=IDENTITY.public,
    )
    assert fingerprints_match(spoken, between.join(spoken.replace(" ", "")))
