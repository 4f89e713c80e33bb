"""What holds of every key kit: each slip of a reader or a typist is found, in the group itself."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.crypto.identity import RootKey
from assigncli.crypto.kit import GROUP_DIGITS, GROUPS, kit_groups, root_of
from assigncli.errors import InvalidInput

roots = st.builds(RootKey, st.binary(min_size=32, max_size=32))
places = st.integers(min_value=1, max_value=GROUPS)
digits = st.integers(min_value=0, max_value=GROUP_DIGITS - 1)


def refused(groups: list[str], place: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        root_of(groups)
    assert (caught.value.code, caught.value.why) == ("kit_wrong", "group")
    assert caught.value.facts == {"group": place}


@given(roots)
def test_a_kit_gives_the_key_back(root: RootKey) -> None:
    groups = kit_groups(root)
    assert [len(group) for group in groups] == [GROUP_DIGITS] * GROUPS
    assert root_of(groups) == root


@given(roots, places, digits, st.integers(min_value=1, max_value=9))
def test_every_single_wrong_digit_is_found_in_its_group(
    root: RootKey, place: int, index: int, by: int
) -> None:
    groups = list(kit_groups(root))
    group = groups[place - 1]
    wrong = str((int(group[index]) + by) % 10)
    groups[place - 1] = group[:index] + wrong + group[index + 1 :]
    refused(groups, place)


@given(roots, places, st.integers(min_value=0, max_value=GROUP_DIGITS - 2))
def test_every_two_neighbours_swapped_are_found_in_their_group(
    root: RootKey, place: int, index: int
) -> None:
    groups = list(kit_groups(root))
    group = groups[place - 1]
    one, other = group[index], group[index + 1]
    groups[place - 1] = group[:index] + other + one + group[index + 2 :]
    if one == other:
        assert root_of(groups) == root
    else:
        refused(groups, place)


@given(roots, places, places)
def test_every_two_groups_swapped_are_found_in_the_first_of_them(
    root: RootKey, one: int, other: int
) -> None:
    groups = list(kit_groups(root))
    groups[one - 1], groups[other - 1] = groups[other - 1], groups[one - 1]
    if one == other:
        assert root_of(groups) == root
    else:
        refused(groups, min(one, other))


@given(roots, places, st.sampled_from([0, 1, GROUP_DIGITS - 1]))
def test_a_digit_left_out_or_doubled_is_found_in_its_group(
    root: RootKey, place: int, index: int
) -> None:
    for times in (0, 2):
        groups = list(kit_groups(root))
        group = groups[place - 1]
        groups[place - 1] = group[:index] + group[index] * times + group[index + 1 :]
        refused(groups, place)


@given(roots, roots, places)
def test_groups_of_two_kits_never_give_the_key_of_either(
    root: RootKey, another: RootKey, place: int
) -> None:
    groups = list(kit_groups(root))
    other = kit_groups(another)[place - 1]
    if other == groups[place - 1]:
        return
    groups[place - 1] = other
    with suppress(InvalidInput):
        assert root_of(groups) not in (root, another)


@given(roots, st.sampled_from([" ", "-", ". "]))
def test_a_kit_is_read_with_what_parts_its_digits(root: RootKey, between: str) -> None:
    assert root_of([between.join(group) for group in kit_groups(root)]) == root
