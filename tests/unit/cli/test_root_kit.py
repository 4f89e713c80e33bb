"""The key kit as it is typed from paper: hidden, each group checked at once, `back`, a pipe."""

from __future__ import annotations

import getpass
import io
import sys
from collections.abc import Callable, Iterator

import pytest

from assigncli.cli.frame import Frame, Globals, entered
from assigncli.cli.input.root_kit import read_kit
from assigncli.cli.output import Output
from assigncli.crypto.identity import RootKey
from assigncli.crypto.kit import GROUPS, kit_groups
from assigncli.errors import InvalidInput
from tests.typist import Typist

ROOT, ANOTHER = RootKey(bytes(range(32))), RootKey(bytes(range(1, 33)))
RIGHT = list(kit_groups(ROOT))
WRONG = RIGHT[2][1] + RIGHT[2][0] + RIGHT[2][2:]

Typing = Callable[..., list[str]]


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    said, answers = io.StringIO(), io.StringIO()
    with entered(Frame(Globals(), Output("linear", False, answers, said), {}), "en"):
        yield said
    assert answers.getvalue() == ""
    assert not any(group[:4] in said.getvalue() for group in [*RIGHT, WRONG])


@pytest.fixture
def typing(said: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Typing:
    """Type these lines, hidden; the list returned holds those that were not asked for."""

    def typing(*lines: str) -> list[str]:
        left = list(lines)

        def hidden(prompt: str, stream: io.StringIO) -> str:
            stream.write(f"{prompt}\n")
            return left.pop(0)

        monkeypatch.setattr(sys, "stdin", Typist())
        monkeypatch.setattr(getpass, "getpass", hidden)
        return left

    return typing


def test_a_kit_is_typed_group_by_group(typing: Typing, said: io.StringIO) -> None:
    left = typing(*RIGHT)
    assert read_kit(ROOT.public) == ROOT
    assert left == []
    prompts = said.getvalue().splitlines()[-GROUPS:]
    assert prompts == [f"Group {place} of 10: " for place in range(1, GROUPS + 1)]


def test_a_wrong_group_is_told_at_once_and_asked_for_again(
    typing: Typing, said: io.StringIO
) -> None:
    left = typing(*RIGHT[:2], WRONG, " ".join(RIGHT[2]), *RIGHT[3:])
    assert read_kit() == ROOT
    assert left == []
    assert said.getvalue().count("Group 3 of 10: ") == 2
    assert said.getvalue().count("Group 3 of the key kit is not right") == 1
    assert said.getvalue().index("is not right") < said.getvalue().index("Group 4 of 10")


def test_back_asks_for_the_group_before_again(typing: Typing, said: io.StringIO) -> None:
    left = typing("back", RIGHT[0], RIGHT[1], "back", "back", *RIGHT)
    assert read_kit() == ROOT
    assert left == []
    assert "This is the first group." in said.getvalue()


def test_groups_that_do_not_belong_together_are_all_typed_again(
    typing: Typing, said: io.StringIO
) -> None:
    left = typing(*RIGHT[:9], kit_groups(ANOTHER)[9], *RIGHT)
    assert read_kit() == ROOT
    assert left == []
    assert "do not belong to one key kit" in said.getvalue()


def test_the_kit_of_another_organisation_is_refused(typing: Typing) -> None:
    typing(*kit_groups(ANOTHER))
    with pytest.raises(InvalidInput) as caught:
        read_kit(ROOT.public)
    assert caught.value.code == "kit_differs"


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8"))


@pytest.mark.usefixtures("said")
def test_without_a_terminal_the_groups_are_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, "\ufeff" + "\r\n\n".join(RIGHT) + "\n")
    assert read_kit(ROOT.public) == ROOT


@pytest.mark.usefixtures("said")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\n".join(RIGHT[:9]), "kit_wrong"),
        ("\n".join([*RIGHT[:2], WRONG, *RIGHT[3:]]), "kit_wrong"),
        ("\n".join(kit_groups(ANOTHER)), "kit_differs"),
        (" \n", "input_needed"),
    ],
    ids=["nine groups", "a wrong digit", "another organisation", "nothing"],
)
def test_a_wrong_kit_in_a_pipe_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str, code: str
) -> None:
    piped(monkeypatch, text)
    with pytest.raises(InvalidInput) as caught:
        read_kit(ROOT.public)
    assert caught.value.code == code
