"""The tree against a naive one, written down from RFC 6962, for every size up to 64."""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.protocol import tree
from assigncli.protocol.tree import (
    EMPTY_ROOT,
    Frontier,
    appended,
    consistency,
    consistency_holds,
    inclusion,
    inclusion_holds,
    leaf,
    node,
)
from tests.unit.protocol.vectors import flipped, vectors

SIZES = range(65)
LEAVES = tuple(leaf(bytes([number])) for number in range(max(SIZES)))


@cache
def naive_root(start: int, end: int) -> bytes:
    """MTH(D[start:end])."""
    if start == end:
        return hashlib.sha256(b"").digest()
    if end - start == 1:
        return LEAVES[start]
    middle = start + naive_split(end - start)
    return hashlib.sha256(b"\1" + naive_root(start, middle) + naive_root(middle, end)).digest()


def naive_split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def naive_path(index: int, start: int, end: int) -> list[bytes]:
    """PATH(index, D[start:end])."""
    if end - start == 1:
        return []
    middle = naive_split(end - start)
    if index < middle:
        return [*naive_path(index, start, start + middle), naive_root(start + middle, end)]
    right = naive_path(index - middle, start + middle, end)
    return [*right, naive_root(start, start + middle)]


def naive_proof(size: int, start: int, end: int, *, whole: bool = True) -> list[bytes]:
    """SUBPROOF(size, D[start:end], whole)."""
    if size == end - start:
        return [] if whole else [naive_root(start, end)]
    middle = naive_split(end - start)
    if size <= middle:
        left = naive_proof(size, start, start + middle, whole=whole)
        return [*left, naive_root(start + middle, end)]
    right = naive_proof(size - middle, start + middle, end, whole=False)
    return [*right, naive_root(start, start + middle)]


@cache
def kept_nodes() -> dict[tuple[int, int], bytes]:
    nodes: dict[tuple[int, int], bytes] = {}
    for size, new in enumerate(LEAVES):
        made = appended(size, new, lambda level, index: nodes[level, index])
        assert made[0] == (0, size, new)
        nodes.update({(level, index): found for level, index, found in made})
    return nodes


def node_at(level: int, index: int) -> bytes:
    return kept_nodes()[level, index]


def root(size: int) -> bytes:
    return tree.root(size, node_at)


def test_nodes_are_those_of_complete_subtrees_and_made_once() -> None:
    nodes = kept_nodes()
    whole = {(level, index) for level in range(7) for index in range(64 >> level)}
    assert set(nodes) == whole
    for level, index in whole:
        assert nodes[level, index] == naive_root(index << level, index + 1 << level)


def test_roots_are_the_same_however_they_are_made() -> None:
    frontier = Frontier()
    for size in SIZES:
        assert root(size) == frontier.root() == naive_root(0, size)
        assert frontier.size == size
        frontier.append(LEAVES[size % len(LEAVES)])
    assert root(0) == EMPTY_ROOT


def test_inclusion_at_every_size() -> None:
    for size in SIZES:
        for index in range(size):
            proof = inclusion(index, size, node_at)
            assert proof == naive_path(index, 0, size)
            assert inclusion_holds(
                leaf=LEAVES[index], index=index, size=size, proof=proof, root=root(size)
            )
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="no such leaf"):
            inclusion(index, size, node_at)


def test_consistency_of_every_pair_of_sizes() -> None:
    for new in SIZES:
        for old in range(new + 1):
            proof = consistency(old, new, node_at)
            assert proof == (naive_proof(old, 0, new) if old else [])
            assert consistency_holds(
                old=old, old_root=root(old), new=new, new_root=root(new), proof=proof
            )
    for old, new in ((1, 0), (-1, 3)):
        with pytest.raises(ValueError, match="shrink"):
            consistency(old, new, node_at)


def refused_proofs(proof: list[bytes]) -> list[list[bytes]]:
    """Return proofs that differ in one bit, one hash more or less, or the order of two."""
    bits = [
        [*proof[:at], other, *proof[at + 1 :]]
        for at, each in enumerate(proof)
        for other in (*list(flipped(each))[:: 1 + at], each[:-1], each + b"\0")
    ]
    more = [[*proof[:at], LEAVES[0], *proof[at:]] for at in range(len(proof) + 1)]
    less = [[*proof[:at], *proof[at + 1 :]] for at in range(len(proof))]
    swapped = [
        [*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :]] for at in range(len(proof) - 1)
    ]
    return [*bits, *more, *less, *swapped]


@given(st.data())
def test_another_inclusion_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 64))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion(index, size, node_at)

    def holds(
        leaf: bytes = LEAVES[index],
        index: int = index,
        size: int = size,
        proof: list[bytes] = proof,
        root: bytes = root(size),
    ) -> bool:
        return inclusion_holds(leaf=leaf, index=index, size=size, proof=proof, root=root)

    assert holds()
    assert not any(holds(proof=other) for other in refused_proofs(proof))
    assert not any(holds(root=other) for other in flipped(root(size)))
    assert not any(holds(leaf=other) for other in flipped(LEAVES[index]))
    assert not any(holds(index=other) for other in range(-2, 70) if other != index)
    assert not any(holds(size=other, root=root(other)) for other in SIZES if other != size)


@given(st.data())
def test_another_consistency_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 64))
    old = data.draw(st.integers(0, new))
    kept = consistency(old, new, node_at)

    def holds(
        old: int = old,
        old_root: bytes = root(old),
        new: int = new,
        new_root: bytes = root(new),
        proof: list[bytes] = kept,
    ) -> bool:
        return consistency_holds(
            old=old, old_root=old_root, new=new, new_root=new_root, proof=proof
        )

    assert holds()
    assert not any(holds(proof=other) for other in refused_proofs(kept))
    assert not any(holds(old_root=other) for other in flipped(root(old)))
    # Every log continues the empty one, so there the new root is not proved by anything.
    assert old == 0 or not any(holds(new_root=other) for other in flipped(root(new)))
    assert not any(holds(old=other) for other in range(-2, 70) if other != old)
    assert not holds(old=new + 1, old_root=root(new))
    if old:
        assert not any(holds(new=other, new_root=root(other)) for other in SIZES if other != new)


def test_nothing_is_raised_for_what_is_no_hash() -> None:
    good = {"index": 0, "size": 2, "leaf": LEAVES[0], "proof": [LEAVES[1]], "root": root(2)}
    assert inclusion_holds(**good)  # type: ignore[arg-type]
    for bad in ({"leaf": b""}, {"proof": [b"x"]}, {"proof": ["x" * 32]}, {"root": None}):
        assert not inclusion_holds(**{**good, **bad})  # type: ignore[arg-type]


def test_two_empty_trees_have_the_empty_root() -> None:
    for old_root, new_root in ((EMPTY_ROOT, LEAVES[0]), (LEAVES[0], LEAVES[0])):
        assert not consistency_holds(old=0, old_root=old_root, new=0, new_root=new_root, proof=[])


def test_vectors_are_what_is_made() -> None:
    log = vectors("log")
    leaves = [leaf(each["body"].encode()) for each in log["entries"]]
    roots = [bytes.fromhex(each["head"]["root"]) for each in log["heads"]]
    assert [each.hex() for each in leaves] == [each["leaf"] for each in log["entries"]]
    nodes: dict[tuple[int, int], bytes] = {}
    for size, new in enumerate(leaves):
        made = appended(size, new, lambda level, index: nodes[level, index])
        nodes.update({(level, index): found for level, index, found in made})

    def at(level: int, index: int) -> bytes:
        return nodes[level, index]

    assert [tree.root(size, at) for size in range(len(roots))] == roots
    for each in log["inclusion"]:
        proof = inclusion(each["index"], each["size"], at)
        assert [found.hex() for found in proof] == each["proof"]
    for each in log["consistency"]:
        proof = consistency(each["old"], each["size"], at)
        assert [found.hex() for found in proof] == each["proof"]


def test_a_node_is_not_a_leaf() -> None:
    one, other = LEAVES[:2]
    assert node(one, other) != node(other, one)
    assert node(one, other) != leaf(one + other)
    assert all(a != b for a, b in pairwise(LEAVES))
