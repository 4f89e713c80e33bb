"""An auditor's side: a key of their own, and the last checkpoint of each log that they cosigned.

An auditor needs no store, no server and no membership. What is kept is in two kinds of small files:
the auditor's public key, and for each organisation the log's key and the cosigned note.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from assigncli.client.keys import Keychain, SecretName
from assigncli.crypto.cosigner import CosignerKey
from assigncli.errors import AssignError, InvalidInput, StoreUnavailable, Tampered
from assigncli.file_lock import taken
from assigncli.private_files import make_folder, read, replace, require_private_folder
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.seen import Seen
from assigncli.protocol.signed_note import OF_COSIGNER, OF_LOG, SignedNote, VerifierKey, is_key_name
from assigncli.protocol.witnessing import Checkpoint, Submitted, cosigned_text, timed
from assigncli.trust.cosigning import (
    cosigned,
    cosigned_at,
    of_another,
    require_continued,
    verified_by,
)

Place = Literal["keyring", "file"]

_FORMAT: Final = 1
_AUDITOR: Final = "auditor.json"
_DAMAGE: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Auditor:
    """Who cosigns on this machine: the public key, and where the private one is kept."""

    id: UUID
    key: VerifierKey
    place: Place

    @property
    def secret(self) -> SecretName:
        """The name of the private key in its place."""
        return SecretName(self.id, self.id, "auditor")


@dataclass(frozen=True)
class KnownLog:
    """A log that this auditor has cosigned: its key, and the last cosigned note."""

    key: VerifierKey
    note: SignedNote

    @property
    def last(self) -> Seen:
        """Size and root of the last cosigned checkpoint."""
        return Checkpoint.read(self.note.text).seen()


def log_key_in(line: str) -> VerifierKey:
    """Return the log's key that C2SP's one line spells; raise InvalidInput `log_key_malformed`."""
    try:
        found = VerifierKey.read(line.strip())
    except Malformed:
        raise InvalidInput("log_key_malformed") from None
    if found.kind != OF_LOG:
        raise InvalidInput("log_key_malformed")
    return found


def auditor_key_in(line: str) -> VerifierKey:
    """Return an auditor's key from its one line; raise InvalidInput `auditor_key_malformed`."""
    try:
        found = VerifierKey.read(line.strip())
    except Malformed:
        raise InvalidInput("auditor_key_malformed") from None
    if found.kind != OF_COSIGNER:
        raise InvalidInput("auditor_key_malformed")
    return found


def valid_name(name: str) -> str:
    """Return the name of an auditor's key; raise InvalidInput `auditor_name`."""
    if not is_key_name(name):
        raise InvalidInput("auditor_name")
    return name


def auditor(folder: Path, organization: UUID) -> Auditor | None:
    """Return who cosigns an organisation's log on this machine, None before the first cosignature.

    That is the machine's auditor, or for a log with which they started over another key. Raises
    InvalidInput `auditor_damaged`, StoreUnavailable.
    """
    own = folder / _of_log(organization)
    return _auditor(own) or _auditor(folder / _AUDITOR)


def _auditor(path: Path) -> Auditor | None:
    found = _document(path)
    if found is None:
        return None
    try:
        key = VerifierKey.read(found["key"])
        if key.kind != OF_COSIGNER or found["keys"] not in ("keyring", "file"):
            raise ValueError
        return Auditor(UUID(found["id"]), key, found["keys"])
    except _DAMAGE:
        raise _damaged(path) from None


def create_auditor(
    folder: Path, name: str, place: Place, keychain: Keychain, only_for: UUID | None = None
) -> tuple[Auditor, CosignerKey]:
    """Make an auditor's key, keep it, and then write down whose it is; raises as `auditor`.

    It is the machine's, or `only_for` the log of one organisation.
    """
    own = CosignerKey.generate()
    made = Auditor(uuid4(), VerifierKey(name, OF_COSIGNER, own.public), place)
    keychain.save(made.secret, own.to_bytes())
    make_folder(folder)
    content = {"id": str(made.id), "key": made.key.encode(), "keys": place}
    _write(folder / (_AUDITOR if only_for is None else _of_log(only_for)), content)
    return made, own


def known(folder: Path, organization: UUID) -> KnownLog | None:
    """Return what is kept of an organisation's log, None if it was never cosigned.

    Raises as `auditor`.
    """
    path = _path(folder, organization)
    found = _document(path)
    if found is None:
        return None
    try:
        kept = KnownLog(VerifierKey.read(found["key"]), SignedNote.read(found["note"].encode()))
        if Checkpoint.read(kept.note.text).organization != organization:
            raise ValueError
    except _DAMAGE:
        raise _damaged(path) from None
    return kept


def own_key(by: Auditor, load: Callable[[SecretName], bytes]) -> CosignerKey:
    """Return the auditor's private key; raises what `load` raises.

    Raises Tampered `auditor_key_differs` if it is not the key that was written down.
    """
    own = CosignerKey.from_bytes(load(by.secret))
    if own.public != by.key.key:
        raise _another_key()
    return own


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep every other process of this user from cosigning inside the block.

    Raises StoreUnavailable `auditor_busy` if another is doing so.
    """
    make_folder(folder)
    require_private_folder(folder)
    with (folder / "lock").open("ab") as file:
        if not taken(file):
            raise StoreUnavailable("auditor_busy")
        yield


def require_acceptable(last: Seen | None, log: VerifierKey, submitted: Submitted) -> Checkpoint:
    """Return the checkpoint in what was handed in, if its log signed it and it continues the last.

    Raises as `trust.cosigning.verified_by` and `require_continued`.
    """
    found = Checkpoint.read(submitted.note.text)
    verified_by(submitted.note, [log])
    require_continued(last, submitted, found)
    return found


def lasted(before: KnownLog | None) -> Seen | None:
    """Return the last cosigned checkpoint, None where nothing was cosigned."""
    return None if before is None else before.last


def has_started_over(folder: Path, organization: UUID) -> bool:
    """Say whether a key was made for this log alone that has cosigned nothing of it yet."""
    own, before = _auditor(folder / _of_log(organization)), known(folder, organization)
    return own is not None and (before is None or not before.note.by(own.key))


def cosign(
    folder: Path,
    by: Auditor,
    own: CosignerKey,
    log: VerifierKey,
    submitted: Submitted,
    posix: int,
    *,
    starts_over: bool = False,
) -> SignedNote:
    """Cosign a checkpoint, and keep it as the last one before anybody is given the signature.

    To be called `alone`; `posix` is the time in POSIX seconds. Where it `starts_over`, the last one
    is kept beside, and nothing of it has to be continued. Raises as `require_acceptable`,
    AssignError `clock_behind` if that is before the last cosignature, which would then be untrue,
    and Tampered `auditor_key_differs` if that one is of another key.
    """
    organization = organization_of(Checkpoint.read(submitted.note.text))
    before = known(folder, organization)
    if starts_over and before is not None:
        _set_aside(folder, organization, before)
        before = None
    found = require_acceptable(lasted(before), log, submitted)
    if before is not None and posix < _cosigned_at(before, by):
        raise AssignError("clock_behind", "auditor")
    signature = own.cosign(cosigned_text(posix, submitted.note.text))
    done = cosigned(submitted.note, log, by.key, timed(posix, signature))
    content = {"key": log.encode(), "note": done.encode().decode("utf-8")}
    _write(_path(folder, organization_of(found)), content)
    return done


def _cosigned_at(before: KnownLog, by: Auditor) -> int:
    try:
        return cosigned_at(before.note, by.key)
    except Tampered:
        raise _another_key() from None


def organization_of(found: Checkpoint) -> UUID:
    """Return whose log it is; raises InvalidInput `checkpoint_of_another` if none of ours."""
    if found.organization is None:
        raise of_another()
    return found.organization


def _set_aside(folder: Path, organization: UUID, before: KnownLog) -> None:
    """Keep the last cosigned checkpoint as evidence, under its size and the time of its keeping."""
    path = _path(folder, organization)
    kept = read(path)
    if kept is not None:
        replace(before_start_over(folder, organization, before), kept)


def before_start_over(folder: Path, organization: UUID, before: KnownLog) -> Path:
    """Return where the last cosigned checkpoint is kept once its auditor has started over."""
    last = before.last
    return folder / f"{organization}.until-{last.size}-{last.root.hex()[:8]}.json"


def _of_log(organization: UUID) -> str:
    return f"{organization}.auditor.json"


def _path(folder: Path, organization: UUID) -> Path:
    return folder / f"{organization}.json"


def _document(path: Path) -> Mapping[str, Any] | None:
    require_private_folder(path.parent)
    text = read(path)
    if text is None:
        return None
    try:
        found = json.loads(text)
        if found["format"] != _FORMAT:
            raise ValueError
    except _DAMAGE:
        raise _damaged(path) from None
    content: Mapping[str, Any] = found
    return content


def _write(path: Path, content: Mapping[str, str]) -> None:
    document = json.dumps({"format": _FORMAT, **content}, ensure_ascii=False, indent=2)
    replace(path, f"{document}\n".encode())


def _damaged(path: Path) -> InvalidInput:
    return InvalidInput("auditor_damaged", path=str(path))


def _another_key() -> Tampered:
    return Tampered("auditor_key_differs")
