"""The form of the catalogue: what is wrong and what to do, by code and why.

A key is `code`, or `code.why` if a code has several sentences. Each placeholder is a fact of the
error. If a sentence depends on a fact, or a fact needs words, the entry is a function of the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assigncli.errors import Fact
from assigncli.locale import _

Sentences = tuple[str, str]
"""What is wrong, and what to do: untranslated in the catalogue, translated when shown."""
Entry = Sentences | Callable[..., Sentences]
Catalogue = Mapping[str, Entry]


def key(code: str, why: str | None) -> str:
    """Return the catalogue's key."""
    return code if why is None else f"{code}.{why}"


def filled(entry: Entry, facts: Mapping[str, Fact]) -> Sentences:
    """Return both sentences in the language in use, with the facts in them."""
    if callable(entry):
        return entry(**facts)
    message, hint = entry
    return put(message, facts), put(hint, facts)


def put(sentence: str, facts: Mapping[str, Fact]) -> str:
    """Return one sentence in the language in use, with the facts in it."""
    return _(sentence).format(**{name: _shown(fact) for name, fact in facts.items()})


def _shown(fact: Fact) -> Fact:
    return ", ".join(fact) if isinstance(fact, tuple) else fact
