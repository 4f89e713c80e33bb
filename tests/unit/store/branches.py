"""Each part of a trigger that could be taken away and would leave it refusing less.

A part under an even number of negations is replaced by what is never true, one under an odd number
by what always is. What would make a trigger refuse more is left alone: legal rows are for the
other tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assigncli.store.schema import statements

from .sql_tree import Node, Reader

_HEAD = re.compile(
    r"CREATE TRIGGER (?P<name>\w+) (?:BEFORE|AFTER) (?P<event>INSERT|UPDATE|DELETE)"
    r"(?:\s+OF\s+(?P<columns>[\w,\s]+?))?\s+ON\s+(?P<table>\w+)\s+(?P<when>WHEN\s)?"
)
_RAISED = re.compile(r"RAISE\(ABORT, '(\w+)'\)")
WHOLE = "the whole trigger"


@dataclass(frozen=True)
class Branch:
    """One part: what is taken away, and the statement without it; none where all of it goes."""

    what: str
    without: str | None


@dataclass(frozen=True)
class Guard:
    """A trigger, or a view that triggers read, with all its branches."""

    name: str
    kind: str
    table: str
    event: str
    raises: str
    branches: tuple[Branch, ...]


def guards() -> list[Guard]:
    """Return every trigger of `schema.sql`."""
    texts = (re.sub(r"(?m)^\s*--.*\n", "", text).strip() for text in statements())
    return [_guard(text) for text in texts if text.startswith("CREATE TRIGGER")]


def _guard(text: str) -> Guard:
    head, raised = _HEAD.match(text), _RAISED.search(text)
    assert head is not None
    assert raised is not None
    cuts = [*_columns(text, head)]
    if head["when"]:
        reader = Reader(text, head.end())
        condition = reader.expression()
        assert reader.word() == "BEGIN", text[condition.end :]
        cuts += _weaker(text, condition, positive=True)
    branches = [Branch(WHOLE, None)]
    for start, end, put, what in cuts:
        branches.append(Branch(_numbered(_flat(what), branches), text[:start] + put + text[end:]))
    return Guard(head["name"], "TRIGGER", head["table"], head["event"], raised[1], tuple(branches))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _numbered(what: str, earlier: list[Branch]) -> str:
    """Tell parts of the same words apart."""
    count = sum(re.sub(r" #\d+$", "", branch.what) == what for branch in earlier)
    return f"{what} #{count + 1}" if count else what


Cut = tuple[int, int, str, str]
"""From where to where, what is put there, and what it was."""


def _columns(text: str, head: re.Match[str]) -> Iterator[Cut]:
    """Yield each column of an UPDATE OF, where there are several."""
    columns = head["columns"].replace(",", " ").split() if head["columns"] else []
    if len(columns) > 1:
        for column in columns:
            left = ", ".join(other for other in columns if other != column)
            yield *head.span("columns"), left, f"OF {column}"


def _weaker(text: str, node: Node, *, positive: bool) -> Iterator[Cut]:
    """Yield the cuts in `node`; `positive` where the trigger refuses if it is true."""
    if node.kind == "not":
        yield from _weaker(text, node.parts[0], positive=not positive)
    elif node.kind in ("or", "and"):
        for part in node.parts:
            if (node.kind == "or") is positive:
                yield _cut(text, part, "0" if positive else "1")
            yield from _weaker(text, part, positive=positive)
    elif node.kind in ("group", "exists"):
        yield from _weaker(text, node.parts[0], positive=positive)
    elif node.kind == "select":
        for part in node.parts:
            if part.kind != "and" and not positive:
                yield _cut(text, part, "1")
            yield from _weaker(text, part, positive=positive)
    elif node.kind == "case":
        for part in node.parts:
            if part.role in ("THEN", "ELSE"):
                yield _cut(text, part, "0" if positive else "1")
                yield from _weaker(text, part, positive=positive)
    else:
        yield from _in_term(text, node, positive=positive)


def _in_term(text: str, node: Node, *, positive: bool) -> Iterator[Cut]:
    """Yield the cuts in a comparison: in its list, its subquery, its CASE or its bounds."""
    if " BETWEEN " in _flat(text[node.start : node.end]) and not positive:
        yield from _bounds(text, node)
    for part in node.parts:
        before = _flat(text[node.start : part.start])
        if part.kind == "list":
            if before.endswith("NOT IN") is not positive:
                yield from _elements(text, part)
        elif part.kind == "select" and before.endswith(" IN"):
            yield from _weaker(text, part, positive=positive is not before.endswith("NOT IN"))
        elif part.kind == "select":
            yield from _asked(text, part)
        elif part.kind == "case" and before.endswith(" IS NOT"):
            for value in part.parts:
                if value.role in ("THEN", "ELSE"):
                    left = before.removesuffix(" IS NOT")
                    yield value.start, value.end, left, f"{left} {_case_arm(text, part, value)}"
        elif part.kind == "case":
            yield from _arms(text, part)
        if part.kind in ("arguments", "case"):
            yield from _deeper(text, part, positive=positive)


def _deeper(text: str, node: Node, *, positive: bool) -> Iterator[Cut]:
    """Yield the cuts in values inside a function's arguments or a CASE's branches."""
    for part in node.parts:
        if part.kind == "term":
            yield from _in_term(text, part, positive=positive)


def _asked(text: str, select: Node) -> Iterator[Cut]:
    """Yield each condition of a subquery that gives a value."""
    for where in select.parts:
        for part in where.parts if where.kind == "and" else [where]:
            yield _cut(text, part, "1")


def _elements(text: str, node: Node) -> Iterator[Cut]:
    words = [text[part.start : part.end] for part in node.parts]
    for word in words:
        left = ", ".join(other for other in words if other != word)
        yield node.start, node.end, f"({left})", f"{word} in {text[node.start : node.end]}"


def _bounds(text: str, node: Node) -> Iterator[Cut]:
    value, low, high = re.split(r"\s+BETWEEN\s+|\s+AND\s+", text[node.start : node.end])
    for bound in (low, high):
        start = text.index(bound, node.start)
        yield start, start + len(bound), value, bound


def _arms(text: str, case: Node) -> Iterator[Cut]:
    """Yield each WHEN with its THEN."""
    for when, then in zip(case.parts, case.parts[1:], strict=False):
        if when.role == "WHEN":
            start = text.rindex("WHEN", 0, when.start)
            yield start, then.end, "", text[start : then.end]


def _case_arm(text: str, case: Node, value: Node) -> str:
    when = case.parts[case.parts.index(value) - 1]
    before = text[when.start : when.end] if value.role == "THEN" else "else"
    return f"{before} {text[value.start : value.end]}"


def _cut(text: str, node: Node, put: str) -> Cut:
    return node.start, node.end, put, text[node.start : node.end]
