"""The log's Merkle tree: roots, proofs and their verification (PROTOCOL.md section 5).

Hashes are those of RFC 6962 section 2.1. Nodes of complete subtrees are addressed by (level,
index): level 0 is the leaves, and node (l, i) covers the leaves from i * 2^l up to (i + 1) * 2^l.
They never change, so a store keeps them and returns them through `NodeAt`; nodes of incomplete
subtrees are computed and never kept. This module reads no store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final

NodeAt = Callable[[int, int], bytes]
"""Returns the node of a complete subtree by its level and index."""

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf(body: bytes) -> bytes:
    """Return the hash of an entry's body, without its signature."""
    return hashlib.sha256(b"\x00" + body).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two joined subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def appended(size: int, new_leaf: bytes, node_at: NodeAt) -> list[tuple[int, int, bytes]]:
    """Return the nodes that become complete when a leaf is added to `size` others, the leaf first.

    Each is (level, index, hash). `node_at` is called only for older nodes.
    """
    made = [(0, size, new_leaf)]
    level, index, found = made[0]
    while index % 2:
        found = node(node_at(level, index - 1), found)
        level, index = level + 1, index // 2
        made.append((level, index, found))
    return made


def root(size: int, node_at: NodeAt) -> bytes:
    """Return the root of the first `size` leaves."""
    return _range_root(0, size, node_at) if size else EMPTY_ROOT


def inclusion(index: int, size: int, node_at: NodeAt) -> list[bytes]:
    """Return PATH(index, D[size]) of RFC 6962 section 2.1.1; ValueError unless index < size."""
    if not 0 <= index < size:
        raise ValueError("The tree has no such leaf.")
    start, proof = 0, []
    while size > 1:
        middle = _split(size)
        if index < start + middle:
            proof.append(_range_root(start + middle, size - middle, node_at))
            size = middle
        else:
            proof.append(_range_root(start, middle, node_at))
            start, size = start + middle, size - middle
    return proof[::-1]


def consistency(old: int, new: int, node_at: NodeAt) -> list[bytes]:
    """Return PROOF(old, D[new]) of RFC 6962 section 2.1.2; ValueError where old > new.

    It is empty where `old` is 0 or `new`.
    """
    if not 0 <= old <= new:
        raise ValueError("A tree does not shrink.")
    start, size, proof = 0, new, []
    while 0 < old < start + size:
        middle = _split(size)
        if old <= start + middle:
            proof.append(_range_root(start + middle, size - middle, node_at))
            size = middle
        else:
            proof.append(_range_root(start, middle, node_at))
            start, size = start + middle, size - middle
    # The verifier has the old root, which is also this subtree's root where it starts at 0.
    proof += [_range_root(start, size, node_at)] if start else []
    return proof[::-1]


def inclusion_holds(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Say whether `leaf` is the leaf with this index under `root` (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    first, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if first % 2 or first == last:
            found = node(each, found)
            first, last = _past_left_edge(first, last)
        else:
            found = node(found, each)
        first, last = first >> 1, last >> 1
    return last == 0 and found == root


def consistency_holds(
    *, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Say whether the old tree is a prefix of the new one (RFC 9162 section 2.1.4.2).

    The empty tree is a prefix of every tree. For equal sizes the roots must be equal.
    """
    if not 0 <= old <= new or not _are_hashes(old_root, new_root, *proof):
        return False
    if old in (0, new):
        starts = old > 0 or old_root == EMPTY_ROOT
        return not proof and starts and (old < new or old_root == new_root)
    # A complete old tree is itself the first node of the path, and is omitted from the proof.
    path = [old_root, *proof] if old & (old - 1) == 0 else [*proof]
    return len(proof) > 0 and _grown(old, new, path) == (old_root, new_root)


def _grown(old: int, new: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """Return the roots of both sizes that `path` leads to; None for a path of the wrong length."""
    first, last = old - 1, new - 1
    while first % 2:
        first, last = first >> 1, last >> 1
    earlier = later = path[0]
    for each in path[1:]:
        if last == 0:
            return None
        if first % 2 or first == last:
            earlier, later = node(each, earlier), node(each, later)
            first, last = _past_left_edge(first, last)
        else:
            later = node(later, each)
        first, last = first >> 1, last >> 1
    return (earlier, later) if last == 0 else None


def _past_left_edge(first: int, last: int) -> tuple[int, int]:
    """Skip the levels where the node is the last one and has no sibling."""
    while first and first % 2 == 0:
        first, last = first >> 1, last >> 1
    return first, last


class Frontier:
    """A tree that only grows, with one hash per level in memory: for reading a whole log."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add the next leaf, by its hash."""
        found, left = leaf, self.size
        while left % 2:
            found, left = node(self._peaks.pop(), found), left >> 1
        self._peaks.append(found)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of all leaves so far."""
        return _joined(self._peaks) if self._peaks else EMPTY_ROOT


def _split(size: int) -> int:
    """Return the largest power of two below `size`; `size` is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _range_root(start: int, size: int, node_at: NodeAt) -> bytes:
    """Return the root over `size` leaves from `start`, where a subtree of that size begins."""
    if not size & (size - 1):  # a complete subtree
        level = size.bit_length() - 1
        return node_at(level, start >> level)
    return _joined([node_at(level, index) for level, index in _peaks(start, size)])


def _peaks(start: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield the complete subtrees that make up a range, from the left."""
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield level, start >> level
            start += 1 << level


def _joined(peaks: Sequence[bytes]) -> bytes:
    found = peaks[-1]
    for left in reversed(peaks[:-1]):
        found = node(left, found)
    return found


def _are_hashes(*values: object) -> bool:
    return all(isinstance(value, bytes) and len(value) == HASH_SIZE for value in values)
