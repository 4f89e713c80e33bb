"""An auditor cosigns what continues the last checkpoint, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.crypto.cosigner import CosignerKey
from assigncli.crypto.identity import Identity
from assigncli.errors import AssignError
from assigncli.protocol.head import log_key
from assigncli.protocol.seen import NOTHING_SEEN, Seen
from assigncli.protocol.signed_note import OF_COSIGNER, SignedNote, VerifierKey
from assigncli.protocol.tree import Frontier, appended, consistency, leaf
from assigncli.protocol.witnessing import Checkpoint, Submitted, cosigned_text, timed
from assigncli.trust.cosigning import (
    cosigned,
    cosigned_at,
    digits_of,
    digits_of_key,
    read_submitted,
    require_continued,
    require_of,
    same_digits,
    verified_by,
)

ORGANIZATION = UUID(int=7 << 64 | 4 << 76)
SERVICE = Identity(bytes(range(32)), bytes(range(32)))
LOG = log_key(ORGANIZATION, SERVICE.public.signing_key)
OWN = CosignerKey(bytes(range(32, 64)))
AUDITOR = VerifierKey("example.org/anna", OF_COSIGNER, OWN.public)
LEAVES = st.lists(st.integers(0, 1), max_size=40)


def head(leaves: Sequence[int]) -> Seen:
    tree = Frontier()
    for each in leaves:
        tree.append(leaf(bytes([each])))
    return Seen(tree.size, tree.root())


def proof(leaves: Sequence[int], old: int) -> tuple[bytes, ...]:
    nodes: dict[tuple[int, int], bytes] = {}
    for at, each in enumerate(leaves):
        for level, place, found in appended(at, leaf(bytes([each])), lambda *key: nodes[key]):
            nodes[level, place] = found
    return tuple(consistency(old, len(leaves), lambda *key: nodes[key]))


def signed(leaves: Sequence[int]) -> SignedNote:
    now = head(leaves)
    text = Checkpoint(LOG.name, now.size, now.root).text()
    return SignedNote(text, (LOG.signed(SERVICE.sign_head(text.encode())),))


def submitted(leaves: Sequence[int], old: int) -> Submitted:
    return Submitted(signed(leaves), old, proof(leaves, old))


def code(last: Seen | None, given: Submitted) -> str:
    """Return the code of the refusal, or nothing where it continues the last checkpoint."""
    try:
        require_continued(last, given, Checkpoint.read(given.note.text))
    except AssignError as error:
        return error.code
    return ""


@given(LEAVES, LEAVES)
def test_every_continuation_is_accepted(before: list[int], more: list[int]) -> None:
    assert code(head(before), submitted(before + more, len(before))) == ""


@given(LEAVES, LEAVES)
def test_no_other_log_is_accepted_by_any_proof_that_it_has(
    before: list[int], other: list[int]
) -> None:
    """A log that does not begin with what was cosigned has no honest proof, from any size."""
    for old in range(len(other) + 1):
        given_in = submitted(other, old)
        continues = other[: len(before)] == before and old == len(before)
        assert (code(head(before), given_in) == "") == continues


@given(LEAVES, LEAVES, st.data())
def test_a_proof_with_one_hash_changed_left_out_or_added_is_refused(
    before: list[int], more: list[int], data: st.DataObject
) -> None:
    given_in = submitted(before + more, len(before))
    hashes = list(given_in.proof)
    place = data.draw(st.integers(0, len(hashes)))
    how = data.draw(st.sampled_from(["changed", "left out", "added"]))
    if how == "added":
        hashes.insert(place, data.draw(st.binary(min_size=32, max_size=32)))
    elif place < len(hashes):
        hashes[place : place + 1] = [bytes(32)] if how == "changed" else []
    if tuple(hashes) != given_in.proof:
        altered = replace(given_in, proof=tuple(hashes))
        assert code(head(before), altered) == "checkpoint_unproven"


@given(LEAVES, LEAVES)
def test_shorter_and_forked_are_told_apart(before: list[int], other: list[int]) -> None:
    last, given_in = head(before), Submitted(signed(other))
    expected = ""
    if len(other) < len(before):
        expected = "checkpoint_shorter"
    elif len(other) == len(before) != 0:
        expected = "" if other == before else "checkpoint_forked"
    elif before:
        expected = "checkpoint_unproven"
    assert code(last, given_in) == expected


def test_two_roots_of_one_size_are_a_fork_whatever_the_file_says_of_the_last() -> None:
    for old in range(4):
        given_in = replace(submitted([1, 1, 1], 3), old=old)
        assert code(head([0, 1, 1]), given_in) == "checkpoint_forked"


def test_an_empty_log_has_no_other_root() -> None:
    text = Checkpoint(LOG.name, 0, bytes(32)).text()
    note = SignedNote(text, (LOG.signed(SERVICE.sign_head(text.encode())),))
    assert code(None, Submitted(note)) == "checkpoint_unproven"
    assert code(None, Submitted(signed([]))) == ""
    assert code(NOTHING_SEEN, submitted([1], 0)) == ""


def test_only_the_log_s_own_key_counts() -> None:
    note = signed([1, 0])
    assert verified_by(note, [LOG]) == LOG
    other = log_key(ORGANIZATION, Identity.generate().public.signing_key)
    same_name = VerifierKey(LOG.name, OF_COSIGNER, LOG.key)
    for keys in ([], [other], [same_name]):
        with pytest.raises(AssignError, match="checkpoint_unsigned"):
            verified_by(note, keys)
    assert verified_by(note, [other, LOG]) == LOG
    with_wrong = replace(note, signatures=(*note.signatures, LOG.signed(bytes(64))))
    with pytest.raises(AssignError, match="checkpoint_unsigned"):
        verified_by(with_wrong, [LOG])
    cut = replace(note, signatures=(LOG.signed(note.by(LOG)[0][:63]),))
    with pytest.raises(AssignError, match="checkpoint_unsigned"):
        verified_by(cut, [LOG])


def test_a_cosignature_is_the_auditor_s_over_this_checkpoint_at_this_time() -> None:
    note = signed([1, 0, 1])
    blob = timed(99, OWN.cosign(cosigned_text(99, note.text)))
    done = cosigned(note, LOG, AUDITOR, blob)
    assert cosigned_at(done, AUDITOR) == 99
    assert verified_by(done, [LOG]) == LOG
    other = signed([1, 0, 0])
    moved = replace(other, signatures=done.signatures)
    later = cosigned(note, LOG, AUDITOR, timed(100, blob[8:]))
    as_log = VerifierKey(AUDITOR.name, AUDITOR.kind, LOG.key)
    for each, key in ((note, AUDITOR), (moved, AUDITOR), (later, AUDITOR), (done, as_log)):
        with pytest.raises(AssignError, match="cosignature_missing"):
            cosigned_at(each, key)


def test_a_checkpoint_of_another_organisation_or_of_another_program_is_refused() -> None:
    _given, found = read_submitted(signed([1]).encode())
    require_of(found, ORGANIZATION)
    with pytest.raises(AssignError, match="checkpoint_of_another"):
        require_of(found, UUID(int=8))
    theirs = replace(signed([1]), text=Checkpoint("example.com/log", 1, bytes(32)).text())
    with pytest.raises(AssignError, match="checkpoint_of_another"):
        read_submitted(theirs.encode())


@given(st.lists(LEAVES, min_size=2, max_size=4))
def test_the_digits_differ_with_every_part_and_are_typed_in_any_grouping(
    logs: list[list[int]],
) -> None:
    found = [Checkpoint.read(signed(each).text) for each in logs]
    assert len({digits_of(each) for each in found}) == len({each.text() for each in found})
    elsewhere = replace(found[0], origin=f"assigncli/{UUID(int=9)}")
    assert digits_of(elsewhere) != digits_of(found[0])
    digits = digits_of_key(LOG)
    assert digits != digits_of_key(AUDITOR)
    assert same_digits(digits, digits.replace(" ", ""))
    assert not same_digits(digits, digits[:-1])
