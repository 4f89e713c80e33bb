"""An invitation is one line of six words, a founding one of four, whatever the folder is called."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.protocol.canonical import Malformed
from assigncli.protocol.lines import FoundingLine, InvitationLine
from tests.quick import all_in_one

LINE = InvitationLine("/srv/assign.db", UUID(int=5 << 76), UUID(int=6 << 76), b"r" * 32, b"t" * 16)
WORDS = (
    "assign-join-1",
    "/srv/assign.db",
    str(LINE.organization),
    str(LINE.member),
    "72" * 32,
    "74" * 16,
)


def test_a_line_is_its_words_with_one_space_between_them() -> None:
    assert LINE.encode() == " ".join(WORDS)
    assert InvitationLine.decode(LINE.encode()) == LINE
    assert InvitationLine.decode(f"  {'  '.join(WORDS)}\n") == LINE


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("/a b", "/a%20b"),
        ("/Blåbær", "/Bl%C3%A5b%C3%A6r"),
        ("C:\\x", "C:%5Cx"),
        ("100%", "100%25"),
        ("https://a.no:1/x~y", "https://a.no:1/x~y"),
        ("/\udcff", "/%FF"),
    ],
)
def test_an_address_is_one_word(address: str, word: str) -> None:
    line = InvitationLine(address, LINE.organization, LINE.member, LINE.root_key, LINE.token)
    assert line.encode().split(" ")[1] == word
    assert InvitationLine.decode(line.encode()) == line


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
def test_every_address_comes_back(address: str) -> None:
    line = InvitationLine(address, LINE.organization, LINE.member, LINE.root_key, LINE.token)
    assert line.encode().isascii()
    assert InvitationLine.decode(line.encode()) == line


@all_in_one(
    ("place", "word"),
    [
        (0, "assign-join-2"),
        (0, "assign-found-1"),
        (1, "/a%2"),
        (1, "/a%2f"),
        (1, "å"),
        (2, "0" * 32),
        (3, str(UUID(int=0))),
        (3, str(UUID(int=0xABC << 80)).upper()),
        (4, "72" * 31),
        (5, "74" * 17),
        (5, "7G" * 16),
    ],
)
def test_a_word_of_another_form_is_refused(place: int, word: str) -> None:
    words = [*WORDS[:place], word, *WORDS[place + 1 :]]
    with pytest.raises(Malformed):
        InvitationLine.decode(" ".join(words))


@pytest.mark.parametrize("line", ["", " ".join(WORDS[:-1]), " ".join((*WORDS, "more"))])
def test_a_line_of_fewer_or_more_words_is_refused(line: str) -> None:
    with pytest.raises(Malformed):
        InvitationLine.decode(line)


def test_the_token_is_not_shown_by_repr() -> None:
    assert "74" not in repr(LINE).replace(str(LINE.root_key), "")
    assert str(LINE.token) not in repr(LINE)


FOUNDING = FoundingLine("unix:/run/assign/socket", b"f" * 32, b"t" * 16)
FOUNDING_WORDS = ("assign-found-1", "unix:/run/assign/socket", "66" * 32, "74" * 16)


def test_a_founding_line_is_its_words_with_one_space_between_them() -> None:
    assert FOUNDING.encode() == " ".join(FOUNDING_WORDS)
    assert FoundingLine.decode(f"\t{'   '.join(FOUNDING_WORDS)}\n") == FOUNDING
    assert str(FOUNDING.token) not in repr(FOUNDING)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
def test_every_address_of_a_founding_line_comes_back(address: str) -> None:
    line = FoundingLine(address, FOUNDING.fingerprint, FOUNDING.token)
    assert line.encode().isascii()
    assert FoundingLine.decode(line.encode()) == line


@all_in_one(
    ("place", "word"),
    [
        (0, "assign-join-1"),
        (0, "assign-found-2"),
        (1, "a b"),
        (1, "%"),
        (2, "66" * 31),
        (2, "66" * 31 + "6G"),
        (3, "74" * 32),
        (3, "74" * 15),
    ],
)
def test_a_word_of_another_form_is_refused_in_a_founding_line(place: int, word: str) -> None:
    words = [*FOUNDING_WORDS[:place], word, *FOUNDING_WORDS[place + 1 :]]
    with pytest.raises(Malformed):
        FoundingLine.decode(" ".join(words))


def test_a_line_is_not_taken_for_one_of_the_other_kind() -> None:
    with pytest.raises(Malformed):
        FoundingLine.decode(LINE.encode())
    with pytest.raises(Malformed):
        InvitationLine.decode(FOUNDING.encode())
