"""Every text a user can meet goes through gettext, and is there in Norwegian Bokmål."""

from __future__ import annotations

import ast
import gettext
import inspect
import io
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import assigncli
from assigncli import errors
from assigncli.locale import DIRECTORY, DOMAIN, N_, _, language, ngettext, use
from tests.quick import all_in_one

PACKAGE = Path(assigncli.__file__).parent
PO = DIRECTORY / "nb" / "LC_MESSAGES" / f"{DOMAIN}.po"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}

ERRORS = {
    name
    for name, each in vars(errors).items()
    if inspect.isclass(each) and issubclass(each, errors.AssignError)
}
SPOKEN = {
    **dict.fromkeys(ERRORS, (0, 1)),
    "RuleRefused": (1, 2),
    "Field": (1, 3),
    "Line": (0, 1),
    "ask": (0, 1),
    "ask_secret": (0,),
    "choose": (0, 1),
    "confirm": (0,),
    "command": (0,),
    "group": (0,),
    "Option": (),
    "Argument": (),
    "note": (0,),
    "warn": (0,),
    "remark": (0,),
    "result": (0,),
    "listing": (1, 3),
}
"""Which positions hold words for a user, by the name that is called."""
NAMED = {"help", "label", "text", "sentence", "footer", "message", "hint", "default_text"}
HELP = {"Option", "Argument", "command", "group"}
"""Calls made at import: their texts must be message ids, translated when they are shown."""


@cache
def catalogue() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="nb", domain=DOMAIN)


@cache
def extracted() -> dict[tuple[str | None, str | tuple[str, str]], str]:
    """Return every text in the source with its context, and where it stands."""
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    return {(context, text): f"{file}:{line}" for file, line, text, _comments, context in found}


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def names(text: str) -> set[str]:
    return {field for _text, field, _spec, _conv in string.Formatter().parse(text) if field}


def test_every_text_is_translated() -> None:
    missing = [
        f"{where}: {text}"
        for (context, text), where in extracted().items()
        if (message := catalogue().get(text, context)) is None
        or message.fuzzy
        or not all(each.strip() for each in texts(message))
    ]
    assert not missing, "\n".join(missing)


def test_no_translation_is_left_over() -> None:
    known = set(extracted())
    stale = [
        (message.context, message.id)
        for message in catalogue()
        if message.id and (message.context, message.id) not in known
    ]
    assert not stale
    assert not catalogue().obsolete


def test_placeholders_are_the_same() -> None:
    wrong = [
        original
        for message in catalogue()
        if message.id
        for original, said in zip(
            [message.id] if isinstance(message.id, str) else message.id, texts(message), strict=True
        )
        if said and names(original) != names(said)
    ]
    assert not wrong


def test_the_catalogue_that_is_installed_is_the_written_one() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)
    installed = PO.with_suffix(".mo").read_bytes()
    assert translations(io.BytesIO(installed)) == translations(compiled)


def translations(compiled: io.BytesIO) -> dict[object, str]:
    """Return what is translated; the header names the version of Babel that wrote the file."""
    texts = dict(vars(gettext.GNUTranslations(compiled))["_catalog"])
    header = texts.pop("")
    assert "Language: nb" in header
    return texts


def test_use_changes_the_language_and_an_unknown_one_is_english() -> None:
    assert (_("yes"), language()) == ("yes", "en")
    use("nb")
    assert (_("yes"), language()) == ("ja", "nb")
    use("xx")
    assert (_("yes"), language()) == ("yes", "en")
    assert N_("yes") == "yes"
    assert ngettext("{count} row", "{count} rows", 2) == "{count} rows"


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in SPOKEN:
                yield name, node


def spoken(name: str, node: ast.Call) -> Iterator[ast.expr]:
    """Yield what holds words; `app.command("name")` and `match.group(1)` hold none by position."""
    is_method = isinstance(node.func, ast.Attribute) and name in {"command", "group"}
    if not is_method:
        found = (node.args[i] for i in SPOKEN[name] if i < len(node.args))
        yield from (each for each in found if not (name in ERRORS and is_code(each)))
    yield from (each.value for each in node.keywords if each.arg in NAMED)


def is_code(node: ast.expr) -> bool:
    """Say whether it is a code, or why, whose words are in the catalogue."""
    match node:
        case ast.Constant(value=str(text)):
            return re.fullmatch("[a-z][a-z_]+", text) is not None
        case ast.IfExp(body=left, orelse=right):
            return is_code(left) and is_code(right)
    return False


def is_bare(node: ast.expr) -> bool:
    """Say whether a text for a user is put together without `_`, `N_` or `ngettext`."""
    match node:
        case ast.Constant(value=str(text)):
            return any(each.isalpha() for each in text)
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            parts = [left, right]
        case ast.JoinedStr(values=parts) | ast.BoolOp(values=parts):
            pass
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            pass
        case ast.Call(func=ast.Attribute(value=inner, attr="format" | "join")):
            parts = [inner]
        case _:
            parts = []
    return any(is_bare(part) for part in parts)


def is_marked(node: ast.expr) -> bool:
    """Say whether a help text is a message id and not already a translation."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name == "N_"
        case ast.BinOp(left=left, right=right):
            return is_marked(left) and (is_marked(right) or isinstance(right, ast.Constant))
    return isinstance(node, (ast.Name, ast.Attribute, ast.BoolOp))


def mistakes(source: str) -> list[int]:
    found = []
    for name, node in calls(ast.parse(source)):
        for each in spoken(name, node):
            if is_bare(each) or (name in HELP and not is_marked(each)):
                found.append(each.lineno)
    return found


def test_no_text_for_a_user_is_written_without_gettext() -> None:
    found = [
        f"{path.relative_to(PACKAGE.parent)}:{line}"
        for path in PACKAGE.rglob("*.py")
        for line in mistakes(path.read_text())
    ]
    assert not found


@all_in_one(
    "source",
    [
        "raise NotFound('Gone.', _('Look.'))",
        "raise NotFound(_('Gone.'), f'Look {here}.')",
        "raise RuleRefused(Rule.X, _('No.'), 'Ask.')",
        "raise NotFound('Gone {x}.'.format(x=1), _('Look.'))",
        "out().note('Working.')",
        "out().listing('rows', 'Two rows.', rows)",
        "Field('number', 'Number', 1)",
        "typer.Option('--to', help=_('Translated too early.'))",
        "typer.Argument(help='Bare.')",
        "choose(_('Which?'), ['one', 'two'])",
        "command('Bare.')",
    ],
)
def test_the_check_finds(source: str) -> None:
    assert mistakes(source) == [1]


@pytest.mark.parametrize(
    "source",
    [
        "raise RuleRefused(Rule.X, 'days' if here else 'by_hand', number=1)",
        "raise NotFound('gone', 'long_ago', name=name)",
        "out().listing('rows', ngettext('{count} row', '{count} rows', 2).format(count=2), rows)",
        "Field('number', _('Number'), 'raw value')",
        "typer.Option('--to', metavar='HANDLE', help=N_('Who.'))",
        "app.command('one', help=N_('The first.'))",
        "ask(_('Title'), option='--title')",
    ],
)
def test_the_check_lets_pass(source: str) -> None:
    assert not mistakes(source)
