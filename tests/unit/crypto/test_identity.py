from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from assigncli.crypto.identity import (
    Identity,
    PublicIdentity,
    RootKey,
    fingerprints_match,
    spoken_fingerprint,
)
from assigncli.crypto.signatures import signature_holds
from assigncli.errors import IdentityUnavailable, Tampered

from .conftest import flips, told


def test_an_identity_comes_back_from_its_stored_form(identity: Identity) -> None:
    assert Identity.from_bytes(identity.to_bytes()) == identity
    assert identity.to_bytes()[0] == 1
    assert len(identity.to_bytes()) == 65


def test_a_root_comes_back_from_its_stored_form() -> None:
    root = RootKey.generate()
    assert RootKey.from_bytes(root.to_bytes()).public == root.public


@pytest.mark.parametrize("stored", [b"", b"\x01", b"\x02" + bytes(64), bytes(65), b"\x01" * 66])
def test_a_damaged_stored_form_is_refused(stored: bytes) -> None:
    for kind in (Identity, RootKey):
        with pytest.raises(IdentityUnavailable) as caught:
            kind.from_bytes(stored)
        assert caught.value.code == "key_file_damaged"


def test_a_root_is_not_taken_for_an_identity(identity: Identity) -> None:
    with pytest.raises(IdentityUnavailable):
        Identity.from_bytes(RootKey.generate().to_bytes())
    with pytest.raises(IdentityUnavailable):
        RootKey.from_bytes(identity.to_bytes())


def test_seeds_of_another_length_are_refused_without_being_shown() -> None:
    seed = b"secretsecretsecret"
    with pytest.raises(IdentityUnavailable) as caught:
        Identity(seed, seed)
    assert "secretsecret" not in told(caught.value)


def test_private_keys_do_not_show_in_a_repr(identity: Identity) -> None:
    shown = repr(identity) + repr(RootKey(identity.signing_seed))
    assert identity.signing_seed.hex() not in shown
    assert repr(identity.signing_seed) not in shown
    assert "seed" not in shown


def test_a_signature_holds_for_its_purpose_only(identity: Identity, stranger: Identity) -> None:
    signature, key = identity.sign("audit", b"body"), identity.public.signing_key
    assert signature_holds(key, "audit", b"body", signature)
    assert not signature_holds(key, "wrap", b"body", signature)
    assert not signature_holds(key, "audit", b"bodY", signature)
    assert not signature_holds(stranger.public.signing_key, "audit", b"body", signature)


def test_no_altered_or_odd_signature_holds(identity: Identity) -> None:
    signature, key = identity.sign("audit", b"body"), identity.public.signing_key
    odd = [b"", signature[:-1], signature + b"\0", bytes(64), bytes(1000)]
    assert not any(signature_holds(key, "audit", b"body", bad) for bad in odd)
    assert not any(signature_holds(key, "audit", b"body", bad) for bad in flips(signature))


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_unusable_public_keys_are_refused(identity: Identity, key: bytes) -> None:
    public = identity.public
    for keys in ((key, public.encryption_key), (public.signing_key, key)):
        with pytest.raises(Tampered) as caught:
            PublicIdentity(*keys)
        assert caught.value.code == "public_key_invalid"


def test_a_fingerprint_is_eight_groups_of_five_digits(identity: Identity) -> None:
    root = RootKey.generate().public
    spoken = spoken_fingerprint(
        root_key=root, organization_id=uuid4(), member_id=uuid4(), public=identity.public
    )
    groups = spoken.split(" ")
    assert [len(group) for group in groups] == [5] * 8
    assert all(group.isdigit() for group in groups)


def test_a_fingerprint_covers_root_organization_member_and_both_keys(
    identity: Identity, stranger: Identity
) -> None:
    root, other_root = RootKey.generate().public, RootKey.generate().public
    here, member = uuid4(), uuid4()
    mine, theirs = identity.public, stranger.public
    facts = [
        (root, here, member, mine),
        (other_root, here, member, mine),
        (root, uuid4(), member, mine),
        (root, here, uuid4(), mine),
        (root, here, member, PublicIdentity(theirs.signing_key, mine.encryption_key)),
        (root, here, member, PublicIdentity(mine.signing_key, theirs.encryption_key)),
    ]
    spoken = [
        spoken_fingerprint(root_key=key, organization_id=org, member_id=who, public=public)
        for key, org, who, public in facts
    ]
    assert len(set(spoken)) == len(facts)


def test_a_fingerprint_does_not_change_between_versions() -> None:
    identity = Identity(bytes(range(32)), bytes(range(32, 64)))
    spoken = spoken_fingerprint(
        root_key=RootKey(bytes(range(64, 96))).public,
        organization_id=UUID(int=1),
        member_id=UUID(int=2),
        public=identity.public,
    )
    assert spoken == "16669 96784 31612 67909 61312 44869 15942 39276"


def test_fingerprints_match_whatever_stands_between_the_digits() -> None:
    plain = "1234567890" * 4
    spaced = "12345 67890 12345-67890, 12345.67890\n12345 67890"
    assert fingerprints_match(plain, spaced)


@pytest.mark.parametrize(
    "typed", ["", "1234", "1234567890" * 3 + "1234567891", "1234567890" * 5, "x" * 40]
)
def test_other_fingerprints_do_not_match(typed: str) -> None:
    assert not fingerprints_match("1234567890" * 4, typed)
    assert not fingerprints_match(typed, typed) or len(typed) == 40
    assert not fingerprints_match("x" * 40, "x" * 40)
