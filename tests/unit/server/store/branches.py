"""`schema.sql` with a switch at each part of a trigger without which it would refuse less.

A part under an even number of negations is switched to what is never true, one under an odd number
to what always is. What would make a trigger refuse more is left alone: legal rows are for the other
tests. The switches ask `gone(number)`, a function of the connection's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from assigncli.server.store.schema import statements

from .sql_tree import Node, Reader

_HEAD = re.compile(
    r"CREATE TRIGGER (?P<name>\w+) (?:BEFORE|AFTER) (?P<event>INSERT|UPDATE|DELETE)"
    r"(?:\s+OF\s+(?P<columns>[\w,\s]+?))?\s+ON\s+(?P<table>\w+)\s+(?:WHEN\s+)?"
)
_RAISED = re.compile(r"RAISE\(ABORT, '(\w+)'\)")
WHOLE = "the whole trigger"


@dataclass(frozen=True)
class Guard:
    """A trigger or view, its parts by their numbers, and the statements that make it with switches.

    A view has no table, and `event` says that it is one.
    """

    name: str
    event: str
    table: str
    raises: str
    parts: dict[int, str]
    statements: tuple[str, ...]


Switch = tuple[int, int, str, str]
"""From where to where a part stands, what is there when it is gone, and what the part is called."""


def guards() -> list[Guard]:
    """Return every trigger of `schema.sql`, and the view with the shapes of personal data.

    The other views are compared with the domain, word by word.
    """
    numbers = count(1)
    texts = [re.sub(r"(?m)^\s*--.*\n", "", text).strip() for text in statements()]
    made = [_guard(text, numbers) for text in texts if text.startswith("CREATE TRIGGER")]
    (shapes,) = (text for text in texts if text.startswith("CREATE VIEW personal_shapes"))
    return [*made, _shapes(shapes, numbers)]


def _shapes(text: str, numbers: count[int]) -> Guard:
    """Return the view with a switch at each of its rows."""
    rows = re.finditer(r"(?<=    \()'[^']+'(?=\))|(?<=UNION ALL SELECT )'[^']+'", text)
    switches = {next(numbers): (*row.span(), "NULL", row[0]) for row in rows}
    parts = {number: what for number, (*_, what) in switches.items()}
    made = (_switched(text, switches),)
    return Guard("personal_shapes", "VIEW", "", "title_no_pii", parts, made)


def _guard(text: str, numbers: count[int]) -> Guard:
    head, raised = _HEAD.match(text), _RAISED.search(text)
    assert head is not None
    assert raised is not None
    begins, end = text[: head.end()].rstrip().removesuffix("WHEN"), text.rindex("BEGIN")
    condition, body = text[head.end() : end] or "1", text[end:]
    whole = next(numbers)
    parts, inside = {whole: WHOLE}, {}
    for switch in switches(condition):
        number = next(numbers)
        parts[number] = _numbered(" ".join(switch[3].split()), parts)
        inside[number] = switch
    copies = {next(numbers): copy for copy in _without_a_column(head, begins)}
    parts |= {number: what for number, (what, _) in copies.items()}
    is_on = " AND ".join(f"NOT gone({number})" for number in (whole, *copies))
    made = [f"{begins} WHEN {is_on} AND ({_switched(condition, inside)}) {body}"]
    for number, (_, copy) in copies.items():
        made.append(f"{copy} WHEN gone({number}) AND ({condition}) {body}")
    return Guard(head["name"], head["event"], head["table"], raised[1], parts, tuple(made))


def _without_a_column(head: re.Match[str], begins: str) -> Iterator[tuple[str, str]]:
    """Yield a copy of an UPDATE OF without each of its columns, where there are several.

    The copy runs in the place of the trigger when its column is gone.
    """
    columns = head["columns"].replace(",", " ").split() if head["columns"] else []
    for column in columns if len(columns) > 1 else []:
        others = ", ".join(other for other in columns if other != column)
        copy = begins.replace(head["columns"], others, 1)
        yield f"OF {column}", copy.replace(head["name"], f"{head['name']}_{column}", 1)


def _numbered(what: str, earlier: dict[int, str]) -> str:
    """Tell parts of the same words apart."""
    same = sum(re.sub(r" #\d+$", "", other) == what for other in earlier.values())
    return f"{what} #{same + 1}" if same else what


def _switched(text: str, switches: dict[int, Switch]) -> str:
    """Write the switches into the text, each around its part and those inside it."""
    written = []
    for number, (start, end, instead, _) in switches.items():
        written.append((start, 1, -end, number, f"CASE WHEN gone({number}) THEN {instead} ELSE "))
        written.append((end, 0, -start, -number, " END"))
    made, at = "", 0
    for place, *_, words in sorted(written):
        made += text[at:place] + words
        at = place
    return made + text[at:]


def switches(text: str) -> Iterator[Switch]:
    """Yield a switch for each part of a condition without which it is less often true."""
    reader = Reader(text)
    condition = reader.expression()
    assert reader.word() == "", text
    yield from _weaker(text, condition, positive=True)


def _weaker(text: str, node: Node, *, positive: bool) -> Iterator[Switch]:
    """Yield the switches in `node`; `positive` where the trigger refuses if it is true."""
    if node.kind == "not":
        yield from _weaker(text, node.parts[0], positive=not positive)
    elif node.kind in ("or", "and"):
        for part in node.parts:
            if (node.kind == "or") is positive:
                yield _switch(text, part, positive=positive)
            yield from _weaker(text, part, positive=positive)
    elif node.kind in ("group", "exists"):
        yield from _weaker(text, node.parts[0], positive=positive)
    elif node.kind == "select":
        for part in node.parts:
            if part.kind != "and" and not positive:
                yield _switch(text, part, positive=False)
            yield from _weaker(text, part, positive=positive)
    elif node.kind == "case":
        for part in node.parts:
            if part.role in ("THEN", "ELSE"):
                yield _switch(text, part, positive=positive)
                yield from _weaker(text, part, positive=positive)
    else:
        yield from _in_term(text, node, positive=positive)


def _switch(text: str, node: Node, *, positive: bool) -> Switch:
    return node.start, node.end, "0" if positive else "1", text[node.start : node.end]


def _in_term(text: str, node: Node, *, positive: bool) -> Iterator[Switch]:
    """Yield the switches in a comparison: in its list, its subquery, its CASE or its bounds."""
    if " BETWEEN " in " ".join(text[node.start : node.end].split()) and not positive:
        yield from _bounds(text, node)
    for part in node.parts:
        before = " ".join(text[node.start : part.start].split())
        if part.kind == "list":
            if before.endswith("NOT IN") is not positive:
                yield from _elements(text, part)
        elif part.kind == "select" and before.endswith(" IN"):
            yield from _weaker(text, part, positive=positive is not before.endswith("NOT IN"))
        elif part.kind == "select":
            yield from _asked(text, part)
        elif part.kind == "case" and before.endswith(" IS NOT"):
            yield from _values(text, part, before.removesuffix(" IS NOT"))
        elif part.kind == "case":
            yield from _arms(text, part)
        if part.kind in ("arguments", "case"):
            for inner in part.parts:
                if inner.kind == "term":
                    yield from _in_term(text, inner, positive=positive)


def _asked(text: str, select: Node) -> Iterator[Switch]:
    """Yield each condition of a subquery that gives a value."""
    for where in select.parts:
        for part in where.parts if where.kind == "and" else [where]:
            yield _switch(text, part, positive=False)


def _elements(text: str, node: Node) -> Iterator[Switch]:
    for part in node.parts:
        word = text[part.start : part.end]
        yield part.start, part.end, "''", f"{word} in {text[node.start : node.end]}"


def _bounds(text: str, node: Node) -> Iterator[Switch]:
    value, low, high = re.split(r"\s+BETWEEN\s+|\s+AND\s+", text[node.start : node.end])
    for bound in (low, high):
        start = text.index(bound, node.start)
        yield start, start + len(bound), value, bound


def _values(text: str, case: Node, compared: str) -> Iterator[Switch]:
    """Yield each value that a column is compared with, which its own value stands for if gone."""
    for before, part in zip(case.parts, case.parts[1:], strict=False):
        if part.role in ("THEN", "ELSE"):
            when = text[before.start : before.end] if part.role == "THEN" else "else"
            what = f"{compared} {when} {text[part.start : part.end]}"
            yield part.start, part.end, compared, what


def _arms(text: str, case: Node) -> Iterator[Switch]:
    """Yield each THEN of a value, which is none if it is gone."""
    for part in case.parts:
        if part.role == "THEN":
            yield part.start, part.end, "NULL", text[part.start : part.end]
