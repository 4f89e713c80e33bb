"""Every fact that a command names has its label, and every label is some command's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assigncli import cli
from assigncli.cli.output import Field, Line
from assigncli.cli.output.labels import LABELS, label
from assigncli.cli.output.views import Said, fields

PLACES = {"fields": 1, "record": 1, "lines": 1, "line": 0}
"""Where the names are in a call of each of the views."""
ELSEWHERE = {"here.profile"}
"""A label with a context of its own, which the table cannot hold."""


def trees() -> Iterator[ast.Module]:
    for path in Path(cli.__file__).parent.rglob("*.py"):
        if path.name != "labels.py":
            yield ast.parse(path.read_text(encoding="utf-8"))


def calls() -> Iterator[tuple[set[str], set[str]]]:
    """Yield the names and the keywords of each call that has its names in one plain text."""
    for tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            place = PLACES.get(ast.unparse(node.func).removeprefix("views."))
            names = None if place is None or place >= len(node.args) else node.args[place]
            if isinstance(names, ast.Constant) and isinstance(names.value, str):
                yield set(names.value.split()), {each.arg for each in node.keywords if each.arg}


def words() -> set[str]:
    """Return every word of every text in the command line but those of the table."""
    return {
        word
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in re.findall(r"[a-z_.]+", node.value)
    }


def test_every_name_has_a_label() -> None:
    found = {name for names, _given in calls() for name in names if not name.startswith("-")}
    assert len(found) > 50
    assert found - set(LABELS) == ELSEWHERE


def test_every_label_is_used() -> None:
    assert set(LABELS) - words() == set()


def test_every_value_given_is_named() -> None:
    for names, given in calls():
        assert given <= {name.removeprefix("-").rpartition(".")[2] for name in names}


def test_facts_come_in_the_order_of_their_names() -> None:
    found = fields(Line("a", "b"), "your.handle -text number", handle="anne", number=Said(7, "VII"))
    assert found == (
        Field("handle", "Your handle", "anne"),
        Field("text", "", "b", shown=False),
        Field("number", "Number", 7, "VII"),
    )


def test_a_name_without_a_label_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        label("nothing")
