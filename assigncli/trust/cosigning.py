"""Verify a signed checkpoint, and that it continues an earlier one (PROTOCOL.md section 5.4).

This is all that an auditor needs to know of a log: its key and the last checkpoint they cosigned.
Nothing here reads a file or keeps anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from assigncli.crypto.cosigner import note_signature_holds, spoken_note
from assigncli.crypto.identity import fingerprints_match
from assigncli.errors import AssignError, InvalidInput, Tampered
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.head import origin
from assigncli.protocol.seen import NOTHING_SEEN, Seen
from assigncli.protocol.signed_note import (
    OF_COSIGNER,
    OF_LOG,
    LineEndsChanged,
    SignedNote,
    VerifierKey,
)
from assigncli.protocol.tree import EMPTY_ROOT, consistency_holds
from assigncli.protocol.witnessing import Checkpoint, Submitted, cosigned_text, untimed
from assigncli.trust.tampering import require


def read_submitted(data: bytes) -> tuple[Submitted, Checkpoint]:
    """Return what a file holds; raise InvalidInput `checkpoint_malformed` if it is no checkpoint.

    A checkpoint whose origin is none of an organisation's log is `checkpoint_of_another`.
    """
    try:
        submitted = Submitted.read(data)
        found = Checkpoint.read(submitted.note.text)
    except LineEndsChanged:
        raise InvalidInput("checkpoint_malformed", "line_ends") from None
    except Malformed:
        raise InvalidInput("checkpoint_malformed") from None
    if found.organization is None:
        raise of_another()
    return submitted, found


def require_of(found: Checkpoint, organization: UUID) -> None:
    """Raise InvalidInput `checkpoint_of_another` unless it is of this organisation's log."""
    require(found.origin == origin(organization), of_another)


def verified_by(note: SignedNote, keys: Iterable[VerifierKey]) -> VerifierKey:
    """Return the log's key that signed a note; raise Tampered `checkpoint_unsigned` if none did.

    A line that names one of the keys must hold; lines of other keys are ignored, as C2SP says.
    """
    named = [(key, signed) for key in keys for signed in note.by(key)]
    text = note.text.encode("utf-8")
    holds = all(note_signature_holds(key.key, text, signed) for key, signed in named)
    if not named or not holds or any(key.kind != OF_LOG for key, _signed in named):
        raise unsigned()
    return named[0][0]


def cosigned_at(note: SignedNote, key: VerifierKey) -> int:
    """Return the newest time, in POSIX seconds, at which this auditor cosigned the note.

    Raises Tampered `cosignature_missing` if no line of that key holds, or one does not.
    """
    try:
        found = [untimed(each) for each in note.by(key)]
    except Malformed:
        raise _no_cosignature() from None
    holds = all(
        note_signature_holds(key.key, cosigned_text(posix, note.text), signature)
        for posix, signature in found
    )
    if not found or not holds or key.kind != OF_COSIGNER:
        raise _no_cosignature()
    return max(posix for posix, _signature in found)


def cosigned(note: SignedNote, log: VerifierKey, auditor: VerifierKey, line: bytes) -> SignedNote:
    """Return the note with the log's own signature and the auditor's; other lines are left out."""
    own = tuple(log.signed(each) for each in note.by(log)[:1])
    return SignedNote(note.text, (*own, auditor.signed(line)))


def digits_of(found: Checkpoint) -> str:
    """Return the digits by which two people compare a checkpoint by telephone: 8 groups of 5."""
    return spoken_note("checkpoint", found.text())


def digits_of_key(key: VerifierKey) -> str:
    """Return the digits by which two people compare a key by telephone: 8 groups of 5."""
    return spoken_note("verifier-key", key.encode())


def same_digits(expected: str, typed: str) -> bool:
    """Say whether somebody typed these digits; spaces and punctuation are ignored."""
    return fingerprints_match(expected, typed)


def require_continued(last: Seen | None, submitted: Submitted, found: Checkpoint) -> None:
    """Refuse what does not continue the last cosigned checkpoint, by the proof beside it.

    Raises Tampered `checkpoint_shorter`, `checkpoint_forked` (two roots of one size) or
    `checkpoint_unproven.wrong` (the proof does not hold), and InvalidInput `checkpoint_unproven`
    if the file's proof begins at another size than that of the last.
    """
    before = last or NOTHING_SEEN
    if found.size < before.size:
        raise Tampered("checkpoint_shorter", size=found.size, count=before.size)
    if found.size == 0:
        require(found.root == EMPTY_ROOT, wrong_proof)
    if found.size == before.size:
        require(found.root == before.root, lambda: forked(found.size))
    old = submitted.old
    if old is None and (before.size in (0, found.size)):
        old = before.size  # a checkpoint alone needs no proof: it is the first, or the last again
    if old != before.size:
        raise InvalidInput("checkpoint_unproven", count=before.size)
    holds = consistency_holds(
        old=before.size,
        old_root=before.root,
        new=found.size,
        new_root=found.root,
        proof=submitted.proof,
    )
    require(holds, wrong_proof)


def of_another() -> AssignError:
    """Return the error for a checkpoint of another log."""
    return InvalidInput("checkpoint_of_another")


def unsigned() -> AssignError:
    """Return the error for a checkpoint that the log's key did not sign."""
    return Tampered("checkpoint_unsigned")


def forked(size: int) -> AssignError:
    """Return the error for a log that had another root at this size."""
    return Tampered("checkpoint_forked", count=size)


def wrong_proof() -> AssignError:
    """Return the error for a proof that does not lead from one checkpoint to the other."""
    return Tampered("checkpoint_unproven", "wrong")


def _no_cosignature() -> AssignError:
    return Tampered("cosignature_missing")
