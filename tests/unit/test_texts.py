"""Every text in the program, in both languages: whole, short enough for a line, and a sentence.

The stories of tests/cli meet most errors; here are all of them, as they are written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir

from tests.hearing import LONGEST, SENTENCE
from tests.unit.test_locale import ERRORS, HELP, PACKAGE, calls, catalogue, names, spoken, texts

KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
MARKED = {"_": 0, "N_": 0, "ngettext": 0, "pgettext": 1}
"""Where the message id is in each call, the first of two where there is a plural."""
FRAMES = (("Error: ", "What to do: "), ("Feil: ", "Gjør dette: "))
HOLE = re.compile(r"\{[^}]*\}")
Text = tuple[str, str | None]
"""A message id, the singular where there are two, and its context."""


TWO_MEANINGS = ("none", "open", "closed", "active", "revoked", "standard", "elevated", "Profile")
"""English words that need other words in Norwegian, or another ending, from place to place."""
ONE_MEANING = {
    *("assignment {number}", "reporting cycle", "in person", "not in person"),
    "waiting for approval",
    *("cancelled", "completed", "confirmed", "contact made", "delivered", "draft, not sent"),
    *("expired", "read", "recalled", "sent", "yes", "no"),
}
"""Words in more than one module that were read in each place: one Norwegian word does for all."""
ANOTHER = {
    *(
        "pending",
        "dispatched",
        "acknowledged",
        "withdrawn",
        "called off",
        "to hear",
        "anew",
        "mend",
    ),
    *("høre hva", "høre alt", "høre hvor", "hør mer", "kallenavn", "tjener", "oppheve"),
}
"""Words of older texts for what has another word now: one word for one thing, in both languages."""


@cache
def extracted() -> dict[Text, str]:
    """Return every text in the source with its context, and where it is."""
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    return {
        (text if isinstance(text, str) else text[0], context): f"{file}:{line}"
        for file, line, text, _comments, context in found
    }


_BARE = {(text, None) for text in TWO_MEANINGS}
_COMMAND = re.compile(r"--[a-z-]+|assign [a-z]+")


def translated(text: Text, book: Catalog) -> Message | None:
    return book.get(text[0], text[1])


def test_every_text_is_translated_in_its_context_and_in_every_plural() -> None:
    book = catalogue()
    broken = []
    for text, where in extracted().items():
        message = translated(text, book)
        forms = texts(message) if message is not None else []
        plural = message is not None and message.pluralizable
        if len(forms) != (book.num_plurals if plural else 1) or not all(map(str.strip, forms)):
            broken.append(f"{where}: {text}")
    assert not broken, "\n".join(broken)


def test_no_translation_is_a_guess_or_has_other_placeholders() -> None:
    """A singular may do without the number; it has no placeholder of its own."""
    broken = []
    for message in catalogue():
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        pairs = zip(originals, texts(message), strict=True)
        same = all(names(said) == names(original) for original, said in pairs)
        if message.id and (
            message.fuzzy or not same or not names(originals[0]) <= names(originals[-1])
        ):
            broken.append(message.id)
    assert not broken


def test_a_word_with_two_meanings_has_its_context() -> None:
    bare = [f"{where}: {text}" for text, where in extracted().items() if text in _BARE]
    assert not bare, "\n".join(bare)


def test_a_word_that_is_used_in_several_places_has_one_meaning_in_them() -> None:
    places: dict[str, set[str]] = {}
    for path, tree in sources():
        for (text, context), _call in written(tree):
            if context is None and re.fullmatch(r"[a-z][^.]*", text) and len(text.split()) < 4:
                places.setdefault(text, set()).add(path.name)
    assert {text for text, found in places.items() if len(found) > 1} == ONE_MEANING


def test_each_context_is_there_because_another_use_has_other_words() -> None:
    by_word: dict[str, set[str | None]] = {}
    for text, context in extracted():
        by_word.setdefault(text, set()).add(context)
    assert all(len(contexts) == 1 or None not in contexts for contexts in by_word.values())
    assert set(TWO_MEANINGS) <= set(by_word)


def test_a_thing_has_one_word_in_all_texts() -> None:
    said = re.compile(rf"\b(?:{'|'.join(ANOTHER)})\b", re.IGNORECASE)
    broken = [
        f"{where}: {each}"
        for text, where in extracted().items()
        for _language, each in in_both(text)
        if said.search(HOLE.sub("", _COMMAND.sub("", each)))
    ]
    assert not broken, "\n".join(broken)


def written(node: ast.expr) -> Iterator[tuple[Text, ast.Call]]:
    """Yield every text that is put into gettext within `node`."""
    for call in ast.walk(node):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        if call.func.id not in MARKED:
            continue
        place = MARKED[call.func.id]
        text = call.args[place]
        if isinstance(text, ast.Constant):
            context = call.args[0].value if place else None  # type: ignore[attr-defined]
            yield (text.value, context), call


def of_help(tree: ast.Module) -> set[tuple[Text, ast.Call]]:
    """Return the texts of a module that are put on a page of help."""
    pages = [node for name, node in calls(tree) if name in HELP]
    named = [node.value for node in tree.body if isinstance(node, ast.AnnAssign) and _is_help(node)]
    return {found for page in (*pages, *filter(None, named)) for found in written(page)}


def _is_help(node: ast.AnnAssign) -> bool:
    return isinstance(node.target, ast.Name) and node.target.id.endswith("HELP")


def in_both(text: Text) -> Iterator[tuple[int, str]]:
    """Yield 0 and the English text, 1 and the Norwegian one, for each of its forms."""
    message = translated(text, catalogue())
    assert message is not None, text
    yield from ((0, each) for each in ([message.id] if isinstance(message.id, str) else message.id))
    yield from ((1, each) for each in texts(message))


def sources() -> Iterator[tuple[Path, ast.Module]]:
    return ((path, ast.parse(path.read_text(encoding="utf-8"))) for path in PACKAGE.rglob("*.py"))


def errors_written() -> Iterator[tuple[str, int, str, str]]:
    """Yield where, which part of the error it is (0 or 1), the frame before it and the text."""
    for path, tree in sources():
        for name, node in calls(tree):
            if name not in ERRORS:
                continue
            for part, expression in enumerate(spoken(name, node)):
                for text, _call in written(expression):
                    for language, said in in_both(text):
                        place = f"{path.name}:{node.lineno}"
                        yield place, part, FRAMES[language][min(part, 1)], said


def test_every_error_is_two_sentences_that_fit_their_lines() -> None:
    broken = [
        f"{where}: {frame}{said}"
        for where, _part, frame, said in errors_written()
        if not SENTENCE.fullmatch(said) or len(HOLE.sub("", frame + said)) > LONGEST
    ]
    assert not broken, "\n".join(broken)


def test_every_text_but_help_fits_a_line() -> None:
    """How a page of help is put into lines is its own affair (tests/cli/test_for_the_ear.py)."""
    broken = [
        f"{path.name}:{call.lineno}: {line}"
        for path, tree in sources()
        for text, call in set(written(tree)) - of_help(tree)
        for _language, said in in_both(text)
        for line in said.splitlines()
        if len(HOLE.sub("", line)) > LONGEST
    ]
    assert not broken, "\n".join(dict.fromkeys(broken))


@pytest.mark.parametrize("said", ["no dot", "lower case.", ""])
def test_a_sentence_begins_and_ends_as_one(said: str) -> None:
    assert not SENTENCE.fullmatch(said)
