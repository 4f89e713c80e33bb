"""A text of the manual as lines to be read aloud: one sentence a line, headings in words alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from assigncli.cli.output.words import sentences

_APART: Final = ("heading_open", "paragraph_open", "bullet_list_open", "fence")
"""What an empty line comes before, unless it is part of a list."""


def lines(markdown: str) -> list[str]:
    """Return the lines of a text; blocks of commands stay as they are."""
    told: list[str] = []
    for token, depth in _blocks(MarkdownIt().parse(markdown)):
        if token.type in _APART and told and depth == 0:
            told.append("")
        if token.type == "fence":
            told += token.content.splitlines()
        elif token.type == "inline":
            told += sentences(plain(token))
    return told


def _blocks(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Yield each token, with how many lists it is in."""
    depth = 0
    for token in tokens:
        depth -= token.type == "bullet_list_close"
        yield token, depth
        depth += token.type == "bullet_list_open"


def plain(token: Token) -> str:
    """Return the words of a heading or paragraph without their marks.

    A line ends where the next sentence begins with a command, which has no capital letter.
    """
    text = ""
    for part in token.children or ():
        if part.type == "code_inline" and text.endswith((". ", "? ")):
            text = text.removesuffix(" ") + "\n"
        text += " " if part.type == "softbreak" else part.content
    return text
