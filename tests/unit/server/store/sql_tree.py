"""A trigger's condition as a tree of places in its text, for `branches`, which takes parts away.

It knows the SQL that `schema.sql` uses, and raises for what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"\s+|--[^\n]*|(?P<token>'(?:''|[^'])*'|[A-Za-z_][\w.]*|\d+|\|\||<=|>=|<>|[-+*/=<>(),;])"
)
_ENDS_A_TERM = {"AND", "OR", ")", ",", "WHEN", "THEN", "ELSE", "END", "ORDER", "BEGIN", "WHERE", ""}


@dataclass
class Node:
    """One part of a condition: what it is, and where it stands.

    `kind` is or, and, not, group, exists, select, case, list, arguments, or term for what is not
    taken apart. `role` says what it is to its parent: WHERE, ON, WHEN, THEN or ELSE.
    """

    kind: str
    start: int
    end: int
    parts: list[Node] = field(default_factory=list)
    role: str = ""


class Reader:
    """Reads one expression, from a place in a statement's text on."""

    def __init__(self, text: str, start: int = 0) -> None:
        self.tokens: list[tuple[str, int, int]] = []
        while start < len(text):
            found = _TOKEN.match(text, start)
            if found is None:
                raise ValueError(f"unknown SQL: {text[start : start + 40]}")
            if found["token"]:
                self.tokens.append((found["token"], found.start("token"), found.end("token")))
            start = found.end()
        self.at = 0

    def word(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place][0] if place < len(self.tokens) else ""

    def take(self) -> tuple[int, int]:
        _word, start, end = self.tokens[self.at]
        self.at += 1
        return start, end

    def expression(self) -> Node:
        return self._chain("OR", lambda: self._chain("AND", self._negated))

    def _chain(self, word: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self.word() == word:
            self.take()
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return Node(word.lower(), parts[0].start, parts[-1].end, parts)

    def _negated(self) -> Node:
        if self.word() != "NOT":
            return self._term()
        start, _ = self.take()
        inner = self._negated()
        return Node("not", start, inner.end, [inner])

    def _term(self) -> Node:
        start = end = self.tokens[self.at][1]
        if self.word() == "(" and self.word(1) != "SELECT":
            self.take()
            inner = self.expression()
            _, end = self.take()
            if self.word() in _ENDS_A_TERM:
                return Node("group", start, end, [inner])
        elif self.word() == "EXISTS":
            self.take()
            select = self._select()
            return Node("exists", start, select.end, [select])
        elif self.word() == "CASE":
            case = self._case()
            if self.word() in _ENDS_A_TERM:
                return case
            return self._rest(start, case.end, [case])
        return self._rest(start, end, [])

    def _rest(self, start: int, end: int, parts: list[Node]) -> Node:
        between = False
        while self.word() not in _ENDS_A_TERM or (between and self.word() == "AND"):
            between = self.word() == "BETWEEN" or (between and self.word() != "AND")
            if self.word() == "CASE":
                parts.append(self._case())
            elif self.word() == "(":
                parts.append(self._select() if self.word(1) == "SELECT" else self._list())
            else:
                _, end = self.take()
                continue
            end = parts[-1].end
        return Node("term", start, end, parts)

    def _list(self) -> Node:
        kind = "list" if self.tokens[self.at - 1][0] == "IN" else "arguments"
        start, end = self.take()
        parts = []
        while self.word() != ")":
            parts.append(self.expression())
            # The CAST of a column to a type, and a comma, are of no interest.
            while self.word() in (",", "AS"):
                self.take()
        _, end = self.take()
        return Node(kind, start, end, parts)

    def _select(self) -> Node:
        start, _ = self.take()
        parts: list[Node] = []
        depth = 0
        while self.word() != ")" or depth:
            word = self.word()
            self.take()
            depth += (word == "(") - (word == ")")
            if word in ("WHERE", "ON"):
                parts.append(self.expression())
                parts[-1].role = word
        _, end = self.take()
        return Node("select", start, end, parts)

    def _case(self) -> Node:
        start, _ = self.take()
        parts: list[Node] = []
        role = ""
        while role != "END":
            if self.word() in ("WHEN", "THEN", "ELSE", "END"):
                role = self.word()
                _, end = self.take()
                continue
            parts.append(self.expression())
            parts[-1].role = role
        return Node("case", start, end, parts)
