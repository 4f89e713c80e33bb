"""Every error has its sentences in both languages, and each sentence the facts that it names."""

from __future__ import annotations

import ast
import inspect
import re
import string
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pytest

import assigncli
from assigncli import errors
from assigncli.domain import reporting_cycles
from assigncli.domain.lifecycle import Role, Status
from assigncli.domain.payload import FIELDS
from assigncli.domain.rules import GUARDED, Rule
from assigncli.domain.setting_values import SETTINGS
from assigncli.domain.shapes import ShapeKind
from assigncli.errors import Fact
from assigncli.locale import speaking
from assigncli.server.store import guard_refusals
from assigncli.server.verify.compare_people import REVOCATION_INVALID
from assigncli.words import problems
from assigncli.words.errors import AREAS, CATALOGUE, OF_ANY_CODE
from assigncli.words.form import Entry, filled
from assigncli.words.settings import MEANINGS
from assigncli.words.terms import KINDS, LABELS
from tests.quick import all_in_one
from tests.unit.test_architecture import CODES

PACKAGE = Path(assigncli.__file__).parent
ERRORS = {
    name
    for name, each in vars(errors).items()
    if isinstance(each, type) and issubclass(each, errors.AssignError)
}
CODE = re.compile("[a-z][a-z_]+")

WITHOUT_FACTS: Final = {
    *(f"{rule}.guard" for rule in GUARDED),
    *reporting_cycles.REFUSALS,
    *(code + why for code in guard_refusals.CODES for why in ("", ".later")),
    "header_refused",
}
"""Keys whose code comes from a table, so that no single line of the source names it."""

ALL: Final = {**CATALOGUE, **OF_ANY_CODE}
OF_A_ROW: Final = {"payload_has_national_id.halves", "row_differs.sent", "row_differs.draft"}
"""Keys of the problems that a row alone has."""

SAMPLES: Final[dict[str, Fact]] = {
    **dict.fromkeys(("number", "limit", "count", "line", "differing"), 412),
    **dict.fromkeys(("first", "last"), date(2026, 12, 31)),
    "roles": (Role.COORDINATOR, Role.ORG_ADMIN),
    "kinds": (ShapeKind.PHONE, ShapeKind.NAME),
    "names": ("bergen", "oslo"),
    "options": ("from", "to"),
    "near": "kari",
    "today": date(2026, 12, 31),
    "until": date(2026, 12, 30),
    "name": "quiet_hours",
    "status": Status.CANCELLED,
    "current": Status.READ,
    "target": Status.READ,
}
OF_ONE: Final[dict[str, dict[str, Fact]]] = {
    "title_no_pii": {"field": "title"},
    "payload_field_missing": {"fields": ("full_name", "city")},
    "payload_field_missing.json": {"fields": ("full_name", "city")},
    "payload_has_national_id": {"field": "city"},
    "payload_has_national_id.halves": {"first": "Fornavn", "last": "Etternavn"},
}


def fields(entry: Entry) -> set[str]:
    """Return the facts that both sentences name."""
    if callable(entry):
        return set(inspect.signature(entry).parameters)
    return {
        field
        for sentence in entry
        for _text, field, _spec, _conversion in string.Formatter().parse(sentence)
        if field
    }


def sample(key: str) -> dict[str, Fact]:
    if key.startswith("payload_field_invalid"):
        return {"field": "city"}
    return {
        name: OF_ONE.get(key, {}).get(name, SAMPLES.get(name, f"<{name}>"))
        for name in fields(ALL[key])
    }


def constants(tree: ast.Module) -> dict[str, str]:
    """Return the texts that a module gives a name."""
    return {
        ast.unparse(node.target): node.value.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def texts(node: ast.expr, named: dict[str, str]) -> list[str] | None:
    """Return the texts that an argument can be; None where the source does not say."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=left, orelse=right):
            either = texts(left, named), texts(right, named)
            return None if None in either else [text for each in either for text in each or ()]
        case ast.Name(id=name) if name in named:
            return [named[name]]
        case ast.Attribute(value=ast.Name(id="Rule"), attr=name):
            return [str(Rule[name])]
    return None


def made(source: str) -> Iterator[tuple[int, str, set[str]]]:
    """Yield the line, the key and the facts of each error that is made of a code."""
    tree = ast.parse(source)
    named = constants(tree)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) in ERRORS and node.args):
            continue
        codes = texts(node.args[0], named)
        if codes is None or len(node.args) > 2 or not all(map(CODE.fullmatch, codes)):
            continue  # a table's code, without facts
        whys = texts(node.args[1], named) if len(node.args) > 1 else [""]
        assert whys is not None, ast.unparse(node)
        for code in codes:
            for why in whys:
                facts = {str(each.arg) for each in node.keywords}
                yield node.lineno, f"{code}.{why}" if why else code, facts


def mistakes(source: str) -> list[str]:
    """Return what does not fit: no sentence, a fact too few, a fact too many."""
    found = []
    for line, key, facts in made(source):
        entry = OF_ANY_CODE.get(key.partition(".")[2]) or CATALOGUE.get(key)
        if entry is None:
            found.append(f"line {line}: no sentence for {key}")
        elif fields(entry) != facts:
            found.append(f"line {line}: {key} names {sorted(fields(entry))}")
    return found


def sentences(source: str) -> list[int]:
    """Return the lines where an error is made of a sentence, where its code and why should be."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ERRORS
        if any(isinstance(each, ast.Call | ast.JoinedStr) for each in node.args)
        or any(" " in text for each in node.args for text in texts(each, {}) or ())
    ]


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield str(path.relative_to(PACKAGE)), path.read_text(encoding="utf-8")


def test_each_error_gives_the_facts_that_its_sentences_name() -> None:
    found = {path: mistakes(source) for path, source in sources()}
    assert {path: each for path, each in found.items() if each} == {}


@pytest.mark.parametrize(
    ("source", "mistake"),
    [
        ("NotFound('nowhere')", "no sentence for nowhere"),
        ("InvalidInput('name_invalid', 'odd')", "no sentence for name_invalid.odd"),
        ("InvalidInput('name_invalid')", "name_invalid names ['limit']"),
        ("InvalidInput('date_invalid', day=3)", "date_invalid names []"),
        ("RuleRefused(Rule.EXPIRED_PAYLOAD_INACCESSIBLE)", "names ['number']"),
        ("InvalidInput('name_invalid' if x else 'nowhere', limit=1)", "no sentence for nowhere"),
    ],
)
def test_the_check_finds(source: str, mistake: str) -> None:
    assert mistake in "".join(mistakes(source))


def test_no_error_is_made_of_a_sentence() -> None:
    found = {path: sentences(source) for path, source in sources()}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "NotFound('It is gone.', 'Look.')",
        "NotFound(_('Gone.'), _('Look.'))",
        "NotFound('gone', ngettext('One.', 'Two.', 2))",
        "RuleRefused(Rule.X, f'Not {here}.')",
        "Tampered('Not whole: {x}.'.format(x=1))",
    ],
)
def test_a_sentence_in_an_error_is_found(source: str) -> None:
    assert sentences(source) == [1]


def test_only_the_command_line_puts_sentences_together() -> None:
    assert {
        path.partition("/")[0]
        for path, source in sources()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {*ERRORS, "RowProblem", "StoreProblem"}
        if any("told" in (texts(each, {}) or ()) for each in node.args)
    } == {"cli"}


def test_no_sentence_is_left_over() -> None:
    used = {key for _path, source in sources() for _line, key, _facts in made(source)}
    assert set(CATALOGUE) - used - WITHOUT_FACTS - OF_A_ROW == set()
    assert set(CATALOGUE) >= WITHOUT_FACTS
    assert not any(fields(CATALOGUE[key]) for key in WITHOUT_FACTS - {"header_refused"})


def test_each_key_is_in_one_place() -> None:
    assert [key for key, count in Counter(k for a in AREAS for k in a).items() if count > 1] == []


def test_every_code_has_its_sentences() -> None:
    kept = set(CODES.read_text(encoding="utf-8").split())
    named = {*CATALOGUE, *problems.IN_STORES, *problems.COUNTED_IN_STORES}
    worded = {key.partition(".")[0] for key in named}
    assert kept - worded == {REVOCATION_INVALID}  # of a finding, which `assign audit verify` words


@all_in_one("key", [key for key in ALL if key != "told"])
def test_both_sentences_are_whole_in_both_languages(key: str) -> None:
    heard = {}
    for spoken in ("en", "nb"):
        with speaking(spoken):
            heard[spoken] = filled(ALL[key], sample(key))
        for sentence in heard[spoken]:
            assert re.fullmatch(r"(?s)[A-ZÆØÅ0-9</q].*\.", sentence), sentence
            assert "{" not in sentence
    assert heard["en"][0] != heard["nb"][0]
    assert heard["en"][1] != heard["nb"][1]


def test_each_problem_has_its_sentence() -> None:
    """A problem's facts are held by the tests of the sheet and of the store."""
    known = {*problems.IN_SHEETS, *problems.IN_STORES, *problems.COUNTED_IN_STORES, *CATALOGUE}
    codes = {key.partition(".")[0] for key in known}
    for path, source in sources():
        if path.startswith(("domain/", "server/store/", "client/sheet", "server/reads/inspect")):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                    "RowProblem",
                    "StoreProblem",
                ):
                    at = 2 if path.startswith(("domain/", "client/")) else 0
                    assert set(texts(node.args[at], {}) or ()) <= codes, ast.unparse(node)


def test_the_terms_are_complete() -> None:
    assert set(KINDS) == set(ShapeKind)
    assert tuple(LABELS) == FIELDS
    assert list(MEANINGS) == [setting.name for setting in SETTINGS]
