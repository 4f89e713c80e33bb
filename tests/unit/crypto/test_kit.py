from __future__ import annotations

from typing import Any

import pytest

from assigncli.crypto.identity import RootKey
from assigncli.crypto.kit import kit_groups, root_of
from assigncli.errors import InvalidInput
from tests.unit.protocol.vectors import vectors

from .conftest import told


@pytest.mark.parametrize("case", vectors("kit")["kits"])
def test_the_kit_of_a_root_is_as_in_the_vectors(case: dict[str, Any]) -> None:
    root = RootKey(bytes.fromhex(case["seed"]))
    assert list(kit_groups(root)) == case["groups"]
    assert root_of(case["groups"]).public.hex() == case["root_key"]


@pytest.mark.parametrize("case", vectors("kit")["refused"], ids=lambda case: case["what"])
def test_a_wrong_kit_is_refused_without_its_digits(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        root_of(case["groups"])
    assert (caught.value.code, caught.value.why) == ("kit_wrong", case["why"])
    assert caught.value.facts.get("group") == case["group"]
    assert not any(group in told(caught.value) for group in case["groups"])


@pytest.mark.parametrize("typed", ["", "12345678x", "１２３４５６７８９", "²³¹²³¹²³¹"])
def test_only_the_ten_digits_are_digits(typed: str) -> None:
    groups = vectors("kit")["kits"][0]["groups"]
    with pytest.raises(InvalidInput) as caught:
        root_of([typed, *groups[1:]])
    assert caught.value.why == "group"
