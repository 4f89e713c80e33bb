"""What a log hands to its auditor, and what the auditor signs (PROTOCOL.md section 5.4).

A checkpoint (C2SP tlog-checkpoint) is the text of a signed note: origin, size and root. To be
cosigned it stands below the size that the auditor cosigned last and a proof from there, as in the
request `add-checkpoint` of C2SP tlog-witness. Nothing is verified here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from assigncli.protocol.canonical import MAX_NUMBER, Malformed
from assigncli.protocol.forms import to_base64
from assigncli.protocol.seen import Seen
from assigncli.protocol.signed_note import (
    MAX_NOTE,
    LineEndsChanged,
    SignedNote,
    decoded,
)
from assigncli.protocol.tree import HASH_SIZE

MAX_PROOF: Final = 63
MAX_SUBMITTED: Final = MAX_NOTE + 4_096
"""The most bytes of a file to be cosigned: the note, and 63 hashes above it."""

_ORIGIN: Final = re.compile(r"assigncli/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_OLD: Final = "old "
_TIME_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64
_LATEST: Final = 2**63 - 1


@dataclass(frozen=True)
class Checkpoint:
    """Origin, size and root of a log: the three lines of a checkpoint's text."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the checkpoint in a note's text; Malformed for anything else.

        Lines after the third are refused, because no log of ours has them and no auditor could
        vouch for what they say.
        """
        lines = text.split("\n")
        if len(lines) != len(("origin", "size", "root", "end")) or lines[3] or not lines[0]:
            raise Malformed("checkpoint")
        root = decoded(lines[2])
        if len(root) != HASH_SIZE:
            raise Malformed("root")
        return cls(lines[0], _size(lines[1]), root)

    def text(self) -> str:
        """Return the three lines, with their line feeds."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    def seen(self) -> Seen:
        """Return size and root."""
        return Seen(self.size, self.root)

    @property
    def organization(self) -> UUID | None:
        """The organisation whose log it is; None for a log that is none of ours."""
        found = _ORIGIN.fullmatch(self.origin)
        return None if found is None else UUID(found[1])


@dataclass(frozen=True)
class Submitted:
    """A signed checkpoint to be cosigned, and the proof that it continues the last one.

    `old` is the size that the proof begins at; None for a checkpoint alone.
    """

    note: SignedNote
    old: int | None = None
    proof: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Return what is in a file's bytes; Malformed, LineEndsChanged."""
        if len(data) > MAX_SUBMITTED:
            raise Malformed("too long")
        if not data.startswith(_OLD.encode("ascii")):
            return cls(SignedNote.read(data))
        if b"\r" in data:
            raise LineEndsChanged("line ends")
        head, apart, note = data.partition(b"\n\n")
        try:
            first, *hashes = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise Malformed("proof") from None
        if not apart or len(hashes) > MAX_PROOF:
            raise Malformed("proof")
        return cls(SignedNote.read(note), _size(first.removeprefix(_OLD)), _proof(hashes))

    def encode(self) -> bytes:
        """Return the file's bytes."""
        if self.old is None:
            return self.note.encode()
        lines = [f"{_OLD}{self.old}", *map(to_base64, self.proof)]
        return "".join(f"{line}\n" for line in lines).encode("ascii") + b"\n" + self.note.encode()


def cosigned_text(posix: int, text: str) -> bytes:
    """Return what a cosigner signs (cosignature/v1): the time, in POSIX seconds, and the text."""
    return f"cosignature/v1\ntime {posix}\n{text}".encode()


def timed(posix: int, signature: bytes) -> bytes:
    """Return a cosignature as it stands in its line: the time, then the signature."""
    return posix.to_bytes(_TIME_BYTES, "big") + signature


def untimed(cosignature: bytes) -> tuple[int, bytes]:
    """Return the time and the signature of a cosignature; Malformed for anything else."""
    posix = int.from_bytes(cosignature[:_TIME_BYTES], "big")
    if len(cosignature) != _TIME_BYTES + _SIGNATURE_BYTES or not 0 < posix <= _LATEST:
        raise Malformed("cosignature")
    return posix, cosignature[_TIME_BYTES:]


def _size(text: str) -> int:
    # The length is bounded before int() reads it, which takes long for many digits.
    if not _SIZE.fullmatch(text) or int(text) > MAX_NUMBER:
        raise Malformed("size")
    return int(text)


def _proof(lines: list[str]) -> tuple[bytes, ...]:
    found = tuple(map(decoded, lines))
    if any(len(each) != HASH_SIZE for each in found):
        raise Malformed("proof")
    return found
