"""Signed notes, verifier keys and what is handed to an auditor, beside C2SP's own examples."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.crypto.cosigner import CosignerKey, note_signature_holds
from assigncli.protocol.canonical import MAX_NUMBER, Malformed
from assigncli.protocol.signed_note import (
    MAX_NOTE,
    MAX_SIGNATURES,
    OF_COSIGNER,
    OF_LOG,
    LineEndsChanged,
    NoteSignature,
    SignedNote,
    VerifierKey,
    is_key_name,
)
from assigncli.protocol.witnessing import (
    MAX_PROOF,
    MAX_SUBMITTED,
    Checkpoint,
    Submitted,
    cosigned_text,
    timed,
    untimed,
)
from tests.quick import all_in_one
from tests.unit.protocol.test_statement import HASHES

EXAMPLES: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "published" / "c2sp.json").read_text(encoding="utf-8")
)
NAMES = st.text(min_size=1, max_size=40).filter(is_key_name)
SIZES = st.integers(0, MAX_NUMBER)
SIGNATURES = st.builds(
    NoteSignature, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)
ORIGINS = st.uuids(allow_nil=False).map(lambda found: f"assigncli/{found}")
CHECKPOINTS = st.builds(Checkpoint, ORIGINS, SIZES, HASHES)
NOTES = st.builds(
    SignedNote,
    CHECKPOINTS.map(Checkpoint.text),
    st.lists(SIGNATURES, min_size=1, max_size=4).map(tuple),
)
SUBMITTED = st.one_of(
    st.builds(Submitted, NOTES),
    st.builds(Submitted, NOTES, SIZES, st.lists(HASHES, max_size=MAX_PROOF).map(tuple)),
)


# C2SP's own examples


@pytest.mark.parametrize("name", ["note", "sum_golang_org"])
def test_the_published_notes_are_read_verified_and_written_as_they_are(name: str) -> None:
    note = SignedNote.read(EXAMPLES[name]["note"].encode())
    key = VerifierKey.read(EXAMPLES[name]["key"])
    (signature,) = note.by(key)
    assert note_signature_holds(key.key, note.text.encode(), signature)
    assert not note_signature_holds(key.key, note.text.encode() + b"\n", signature)
    assert note.encode().decode() == EXAMPLES[name]["note"]
    assert (key.encode(), key.kind) == (EXAMPLES[name]["key"], OF_LOG)


def test_the_published_checkpoint() -> None:
    note = SignedNote.read(EXAMPLES["checkpoint"].encode())
    found = Checkpoint.read(note.text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.organization is None
    assert found.text() == note.text
    assert note.encode().decode() == EXAMPLES["checkpoint"]
    # What it shows under another name is a real head, whose key is known.
    real = SignedNote.read(EXAMPLES["sum_golang_org"]["note"].encode())
    assert note.signatures[0].signature == real.signatures[0].signature


def test_the_published_cosignature() -> None:
    note = SignedNote.read(EXAMPLES["cosigned"].encode())
    posix, signature = untimed(note.signatures[1].signature)
    assert cosigned_text(posix, note.text).decode() == EXAMPLES["cosigned_text"]
    assert timed(posix, signature) == note.signatures[1].signature
    assert note.encode().decode() == EXAMPLES["cosigned"]


def test_the_published_request_of_a_log_to_its_witness() -> None:
    found = Submitted.read(EXAMPLES["add_checkpoint"].encode())
    assert (found.old, len(found.proof), len(found.note.signatures)) == (20852014, 4, 2)
    assert found.encode().decode() == EXAMPLES["add_checkpoint"]
    with_answer = SignedNote.read(found.note.encode() + EXAMPLES["response"].encode())
    assert len(with_answer.signatures[2].signature) == 72  # its bytes are invented


# Whatever is written is read back, and nothing else is


@given(SUBMITTED)
def test_what_is_written_is_read_back(submitted: Submitted) -> None:
    data = submitted.encode()
    assert Submitted.read(data) == submitted
    assert Submitted.read(data).encode() == data
    assert Checkpoint.read(submitted.note.text).text() == submitted.note.text


@given(NAMES, st.sampled_from([OF_LOG, OF_COSIGNER]), HASHES)
def test_a_key_is_read_back_and_has_another_id_for_another_use(
    name: str, kind: int, key: bytes
) -> None:
    found = VerifierKey(name, kind, key)
    assert VerifierKey.read(found.encode()) == found
    assert VerifierKey(name, OF_LOG + OF_COSIGNER - kind, key).key_id != found.key_id
    signed = found.signed(bytes(64))
    note = SignedNote("text\n", (signed,))
    assert SignedNote.read(note.encode()).by(found) == (bytes(64),)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes_are_read_as_they_are_or_refused(data: bytes) -> None:
    with suppress(Malformed):
        assert Submitted.read(data).encode() == data
    with suppress(Malformed):
        assert VerifierKey.read(data.decode("latin-1")).encode() == data.decode("latin-1")


@given(SUBMITTED, st.data())
def test_a_file_with_one_byte_changed_is_refused_or_says_something_else(
    submitted: Submitted, data: st.DataObject
) -> None:
    written = bytearray(submitted.encode())
    place = data.draw(st.integers(0, len(written) - 1))
    written[place] ^= data.draw(st.integers(1, 255))
    with suppress(Malformed):
        assert Submitted.read(bytes(written)) != submitted


GOOD = Submitted(
    SignedNote(
        Checkpoint("assigncli/x", 7, bytes(32)).text(),
        (NoteSignature("assigncli/x", bytes(4), bytes(64)),),
    ),
    3,
    (bytes(32), bytes([1]) * 32),
)
_LINE = GOOD.note.signatures[0].line()
_HASH = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@all_in_one(
    ("old", "new"),
    [
        ("old 3", "old 03"),
        ("old 3", "old -3"),
        ("old 3", "old  3"),
        ("old 3", f"old {2**53}"),
        ("old 3", "old " + "9" * 50_000),
        ("old 3\n", "old 3\n" + f"{_HASH}\n" * 62),
        (f"{_HASH}\n", f"{_HASH[:-2]}B=\n"),  # bits that count for nothing
        (f"{_HASH}\n", "\u00e6\n"),
        (_HASH, "AAAA"),
        ("\n\u2014", "\n-"),
        ("\u2014 ", "\u2014  "),
        ("\u2014 assigncli/x", "\u2014 assigncli+x"),
        ("\u2014 assigncli/x", "\u2014 assigncli/\u00a0x"),
        ("\u2014 assigncli/x ", "\u2014 "),
        (_LINE, _LINE[:-1]),
        (_LINE, _LINE * (MAX_SIGNATURES + 1)),
        (_LINE, _LINE + "\n"),
        (_LINE, ""),
        (_LINE, "\u2014 assigncli/x AAAA\n"),
        ("assigncli/x\n7", "assigncli/x\n\x007"),
        ("assigncli/x\n7", "assigncli/x\n7\t"),
    ],
)
def test_another_spelling_is_refused(old: str, new: str) -> None:
    text = GOOD.encode().decode()
    assert old in text
    with pytest.raises(Malformed):
        Submitted.read(text.replace(old, new, 1).encode())


@all_in_one(
    "text",
    [
        "",
        "assigncli/x\n",
        "assigncli/x\n7\n",
        f"assigncli/x\n7\n{_HASH}",
        f"\n7\n{_HASH}\n",
        f"assigncli/x\n07\n{_HASH}\n",
        f"assigncli/x\n+7\n{_HASH}\n",
        f"assigncli/x\n7.0\n{_HASH}\n",
        f"assigncli/x\n\u0667\n{_HASH}\n",
        f"assigncli/x\n{2**53}\n{_HASH}\n",
        f"assigncli/x\n7\n{_HASH}\nmore\n",
        "assigncli/x\n7\nAAAA\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint.read(text)


@all_in_one(
    "line",
    [
        "",
        "name",
        "name+530d903a",
        EXAMPLES["note"]["key"].replace("530d903a", "530D903A"),
        EXAMPLES["note"]["key"].replace("530d903a", "530d903b"),
        EXAMPLES["note"]["key"].replace("foo", "bar"),
        EXAMPLES["note"]["key"] + "=",
        EXAMPLES["note"]["key"] + "\n",
        VerifierKey("name", 2, bytes(32)).encode(),
        VerifierKey("name", OF_LOG, bytes(31)).encode(),
    ],
)
def test_what_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.read(line)


def test_changed_line_ends_are_told_apart() -> None:
    for each in (GOOD, Submitted(GOOD.note)):
        with pytest.raises(LineEndsChanged):
            Submitted.read(each.encode().replace(b"\n", b"\r\n"))


def test_what_is_too_long_is_not_even_looked_at() -> None:
    with pytest.raises(Malformed):
        SignedNote.read(GOOD.note.text.encode() * MAX_NOTE)
    with pytest.raises(Malformed):
        Submitted.read(GOOD.encode() + b"x" * MAX_SUBMITTED)


def test_sixteen_signatures_are_accepted_as_c2sp_requires() -> None:
    note = SignedNote(GOOD.note.text, GOOD.note.signatures * 16)
    assert SignedNote.read(note.encode()) == note


def test_an_auditor_s_key_signs_nothing_but_cosignatures() -> None:
    key = CosignerKey.generate()
    assert CosignerKey.from_bytes(key.to_bytes()) == key
    signature = key.cosign(cosigned_text(1, GOOD.note.text))
    assert note_signature_holds(key.public, cosigned_text(1, GOOD.note.text), signature)
    for text in (GOOD.note.text.encode(), b"assigncli/request/v1\0{}", b"cosignature/v1\n", b""):
        with pytest.raises(ValueError, match="Only the text"):
            key.cosign(text)


def test_a_key_of_low_order_signs_nothing() -> None:
    """With the neutral point as a key, a signature of that point and zero holds over any text."""
    neutral = b"\x01" + bytes(31)
    assert not note_signature_holds(neutral, b"any text", neutral + bytes(32))


@all_in_one("blob", [b"", bytes(72), timed(1, bytes(63)), timed(2**63, bytes(64)), bytes(68)])
def test_what_is_no_cosignature_is_refused(blob: bytes) -> None:
    with pytest.raises(Malformed):
        untimed(blob)
