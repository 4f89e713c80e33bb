"""The key shares of the assignments. No payload can be opened without its share.

The file is kept out of ordinary backups: deleting a share's 32 bytes here ends every copy of the
ciphertext. `release` checks `domain.access` again, whatever its caller has checked, and requires
the receipt of a committed audit entry. The vault has no payload, no secret half of a key and no
metadata except key ids, and it does not authenticate anybody.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from assigncli.domain.access import (
    AuditReceipt,
    ReadRequest,
    other_share,
    require_readable,
    require_receipt,
    share_missing,
)
from assigncli.errors import VaultUnavailable
from assigncli.private_files import create_file, make_folder, require_private
from assigncli.server.vault import slot_file
from assigncli.server.vault.slot_file import (
    SHARE_BYTES,
    SLOT_BYTES,
    Slot,
    SlotState,
    require_readable_file,
)
from assigncli.server.vault.unusable import damaged, not_ours, out_of_reach

BUSY_SECONDS: Final = 30.0

_WORD: Final = struct.Struct("=Q")
_FEW: Final = 32
"""Up to this many keys it is faster to search for each than to read all first words."""


class Vault:
    """A vault file. Each method opens the file again; methods that write lock it."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Take the file unchecked; use `create` or `open`."""
        self.path = path
        self._busy_seconds = busy_seconds

    @classmethod
    def create(cls, path: Path) -> Vault:
        """Make a new vault, or finish one in which no share was ever put.

        The latter is what an interrupted creation of a store leaves. Raises as `require_free`.
        """
        make_folder(path.parent)
        cls.require_free(path)
        vault = cls(path)
        try:
            with suppress(FileExistsError):
                create_file(path)
            with slot_file.writing(path, vault._busy_seconds) as handle:
                if slot_file.is_begun(handle):
                    slot_file.write_at(handle, slot_file.header(0), 0)
                    slot_file.sync(handle)
            slot_file.sync_folder(path.parent)
        except OSError:
            raise out_of_reach() from None
        return vault

    @classmethod
    def require_free(cls, path: Path) -> None:
        """Refuse a file that was used: StoreUnavailable `vault_exists`, or why it is unreadable."""
        require_readable_file(path)
        require_private(path)
        if not path.exists() or cls(path)._is_begun():
            return
        if cls.open(path).unchecked(every=True)[0]:
            raise VaultUnavailable("vault_exists", path=str(path))

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Vault:
        """Open an existing vault.

        Raises StoreUnavailable `vault_missing`, `vault_not_ours` or `store_unsafe`.
        """
        require_readable_file(path)
        if not path.is_file():
            raise VaultUnavailable("vault_missing", path=str(path))
        require_private(path)
        with slot_file.reading(path) as handle:
            if not slot_file.is_header(slot_file.beginning(handle)):
                raise not_ours()
        return cls(path, busy_seconds=busy_seconds)

    def put(self, key_id: UUID, share: bytes) -> None:
        """Keep one new share; call it before the assignment's row is written."""
        self.put_all([(key_id, share)])

    def put_all(self, shares: Iterable[tuple[UUID, bytes]]) -> None:
        """Keep several new shares: all of them or none.

        They are on the disk when this returns. If it is interrupted by a crash, no row names the
        shares that were written, and the sweep deletes them.
        """
        new = [(key_id.bytes, share) for key_id, share in shares]
        _require_form(new)
        content = b"".join(slot_file.live(key_id, share) for key_id, share in new)
        with self._alone() as handle:
            found = _found(handle, [key_id for key_id, _share in new])
            if any(each.state is not SlotState.DELETED for hits in found.values() for each in hits):
                raise out_of_reach()
            top = slot_file.last(handle)
            if slot_file.watermark(handle) is None:  # damaged: from here on new shares count again
                slot_file.write_watermark(handle, top)
            _append(handle, content, (top + 1) * SLOT_BYTES)

    def vouches(self, key_id: UUID, is_committed: Callable[[bytes], bool], *, number: int) -> None:
        """Check that the share kept for assignment `number` matches its commitment.

        Call it before an access is recorded, so that a wrong share is found before anything is
        marked as read. Raises as `release`, or Tampered `share_mismatch`.
        """
        if not is_committed(self._share(key_id, number)):
            raise other_share(number)

    def unvouched(self, checks: Mapping[UUID, Callable[[bytes], bool]]) -> dict[UUID, bool]:
        """Return the keys whose share is missing (False) or does not match its commitment (True).

        A share in a damaged slot counts as not matching.
        """
        held = self._held(checks)
        return {
            key_id: key_id in held
            for key_id, is_committed in checks.items()
            if key_id not in held
            or held[key_id].state is not SlotState.LIVE
            or not is_committed(held[key_id].share)
        }

    def release(self, key_id: UUID, request: ReadRequest, receipt: AuditReceipt) -> bytes:
        """Hand out the share, if every rule allows it and the access is recorded.

        Raises as `domain.access.require_readable`, RuleRefused `audit_all_access`, or
        StoreUnavailable: `share_missing` for a deleted share, `vault_damaged` for a damaged slot.
        """
        require_readable(request)
        require_receipt(request, receipt)
        return self._share(key_id, request.number)

    def holds(self, key_id: UUID) -> bool:
        """Return whether a live share is kept for `key_id`."""
        return bool(self.held_among([key_id]))

    def held_among(self, key_ids: Iterable[UUID]) -> set[UUID]:
        """Return those of these keys whose share is live, and so could be handed out."""
        held = self._held(key_ids).items()
        return {key_id for key_id, each in held if each.state is SlotState.LIVE}

    def revoke(self, key_ids: Iterable[UUID]) -> set[UUID]:
        """Delete shares for good; return the keys whose share was there.

        Needs no room on the disk. Each share is overwritten in place, also one deleted before: that
        deletion may never have reached the disk. If this raises, some shares may be deleted, and
        perhaps not yet on the disk: call it again.
        """
        with self._alone() as handle:
            found = _found(handle, {key_id.bytes for key_id in key_ids})
            for hits in found.values():
                for each in hits:
                    slot_file.delete(handle, each.number, each.key_id)
            if found:
                slot_file.sync(handle)
        return {
            UUID(bytes=key_id)
            for key_id, hits in found.items()
            if any(each.state is not SlotState.DELETED for each in hits)
        }

    def deleted(self) -> set[UUID]:
        """Return the keys whose share was deleted here, and is in no other slot."""
        gone: set[bytes] = set()
        there: set[bytes] = set()
        with slot_file.reading(self.path) as handle:
            for each in slot_file.slots(handle):
                (gone if each.state is SlotState.DELETED else there).add(each.key_id)
        return {UUID(bytes=key_id) for key_id in gone - there}

    def copied(self) -> Iterator[tuple[UUID, bytes]]:
        """Yield every live share, for a copy of the vault that its operator asked for."""
        with slot_file.reading(self.path) as handle:
            for each in slot_file.slots(handle):
                if each.state is SlotState.LIVE:
                    yield UUID(bytes=each.key_id), each.share

    def put_back(self, shares: Iterable[tuple[UUID, bytes]]) -> int:
        """Put shares from a copy of a vault; return how many.

        A key that has a slot here is left alone: a share that was deleted never comes back.
        """
        known: set[bytes] = set()
        with slot_file.reading(self.path) as handle:
            known.update(each.key_id for each in slot_file.slots(handle))
        new = [(key_id, share) for key_id, share in shares if key_id.bytes not in known]
        if new:
            self.put_all(new)
        return len(new)

    def unchecked(self, *, every: bool = False) -> tuple[int, list[UUID]]:
        """Return the last slot's number, and the key ids above the watermark, or all with `every`.

        Damaged slots are included, so that they are deleted if they belong to no live key. If the
        watermark is damaged, nothing counts as unchecked, since it is not known what is new.
        """
        with slot_file.reading(self.path) as handle:
            top, checked = slot_file.last(handle), slot_file.watermark(handle)
            after = 0 if every else top if checked is None else checked
            left = (SlotState.LIVE, SlotState.DAMAGED)
            keys = [each.key_id for each in slot_file.slots(handle, after) if each.state in left]
        return top, [UUID(bytes=key_id) for key_id in dict.fromkeys(keys)]

    def mark_checked(self, number: int) -> None:
        """Raise the watermark to a slot's number; it is never lowered."""
        with self._alone() as handle:
            checked = slot_file.watermark(handle)
            if checked is None or checked < number:
                slot_file.write_watermark(handle, number)

    def check(self) -> bool:
        """Return whether nothing in the file is damaged; then no deleted slot has a share."""
        return not self.damaged()

    def damaged(self) -> int:
        """Return how many slots are neither live, deleted nor empty; the header counts as one."""
        with slot_file.reading(self.path) as handle:
            slots = slot_file.slots(handle)
            header = int(slot_file.watermark(handle) is None)
            return header + sum(each.state is SlotState.DAMAGED for each in slots)

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Open the file as its only writer; StoreUnavailable `vault_not_ours` for another file."""
        with slot_file.writing(self.path, self._busy_seconds) as handle:
            if not slot_file.is_header(slot_file.beginning(handle)):
                raise not_ours()
            yield handle

    def _is_begun(self) -> bool:
        """Return whether the creation of this vault was interrupted."""
        with slot_file.reading(self.path) as handle:
            return slot_file.is_begun(handle)

    def _share(self, key_id: UUID, number: int) -> bytes:
        held = self._held([key_id]).get(key_id)
        if held is None:
            raise share_missing(number)
        if held.state is not SlotState.LIVE:
            raise damaged()
        return held.share

    def _held(self, key_ids: Iterable[UUID]) -> dict[UUID, Slot]:
        """Return the slot of each of these keys: the live one, or else a damaged one."""
        with slot_file.reading(self.path) as handle:
            found = _found(handle, {key_id.bytes for key_id in key_ids})
        held: dict[UUID, Slot] = {}
        for key_id, hits in found.items():
            there = [each for each in hits if each.state is not SlotState.DELETED]
            for each in sorted(there, key=lambda slot: slot.state is not SlotState.LIVE)[:1]:
                held[UUID(bytes=key_id)] = each
        return held


def _require_form(new: list[tuple[bytes, bytes]]) -> None:
    """Refuse shares of another size, and two shares for one key."""
    fits = all(isinstance(share, bytes) and len(share) == SHARE_BYTES for _key_id, share in new)
    if not fits or len({key_id for key_id, _share in new}) != len(new):
        raise out_of_reach()


def _append(handle: int, content: bytes, at: int) -> None:
    """Write new slots; on failure, overwrite what was written with zeros."""
    try:
        slot_file.write_at(handle, content, at)
        slot_file.sync(handle)
    except BaseException:
        with suppress(OSError):
            written = os.fstat(handle).st_size - at
            if written > 0:
                slot_file.write_at(handle, bytes(written), at)
                slot_file.sync(handle)
        raise


def _found(handle: int, key_ids: Iterable[bytes]) -> dict[bytes, list[Slot]]:
    """Return the slots of each of these keys, newest first, up to the first live one.

    Older slots of that key can only be deleted ones: `put_all` adds no second live one.
    """
    wanted = set(key_ids)
    words = frozenset(map(_word, wanted))
    found: dict[bytes, list[Slot]] = {}
    for first, piece in slot_file.pieces_backwards(handle):
        if not wanted:
            break
        beginnings = piece[::SLOT_BYTES]
        for key_id in _present(piece, wanted, words):
            for place in _places(piece, beginnings, key_id):
                slot = slot_file.read(handle, first + place)
                if slot.key_id != key_id:
                    continue
                found.setdefault(key_id, []).append(slot)
                if slot.state is SlotState.LIVE:
                    wanted.discard(key_id)
                    break
    return found


def _present(piece: bytearray, wanted: set[bytes], words: frozenset[int]) -> list[bytes]:
    """Return the keys that may be in a piece: those whose first word begins a slot."""
    if len(wanted) <= _FEW:
        return list(wanted)
    seen = words.intersection(memoryview(piece).cast("Q")[:: SLOT_BYTES // _WORD.size])
    return [key_id for key_id in wanted if _word(key_id) in seen] if seen else []


def _word(key_id: bytes) -> int:
    (word,) = _WORD.unpack_from(key_id)
    return int(word)


def _places(piece: bytearray, beginnings: bytearray, key_id: bytes) -> Iterator[int]:
    """Yield the slots of a piece that have this key, last one first.

    `beginnings` has the first byte of each slot. One slot in 256 matches it by chance, so the whole
    key is compared.
    """
    place = beginnings.rfind(key_id[:1])
    while place >= 0:
        if piece.startswith(key_id, place * SLOT_BYTES):
            yield place
        place = beginnings.rfind(key_id[:1], 0, place)
