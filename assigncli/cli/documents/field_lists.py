"""The fields of each document as the manual lists them, in Markdown: one line for each field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Final

from assigncli.cli.documents.by_command import DOCUMENTS, ERROR, FIELDS, WARNING
from assigncli.cli.documents.document import Document, ListedName
from assigncli.cli.documents.field_forms import OBJECT
from assigncli.cli.output.words import LONGEST
from assigncli.locale import N_, _

_EVERYWHERE: Final = (
    (N_("An error, on standard error"), ERROR),
    (N_("Each of the warnings of a document"), WARNING),
)


def all_lists() -> str:
    """Return every document's fields: errors, warnings, then command by command."""
    everywhere = (_part(_(heading), (found,)) for heading, found in _EVERYWHERE)
    return "\n".join((*everywhere, *map(_of_command, DOCUMENTS)))


def lists_of(words: str) -> str:
    """Return those of one command or of a group's commands; empty where there is no document."""
    named = [each for each in DOCUMENTS if f"{each} ".startswith(f"{words} ")]
    return "\n".join(map(_of_command, named))


def _of_command(command: str) -> str:
    return _part(f"assign {command}", DOCUMENTS[command])


def _part(heading: str, forms: Iterable[Document]) -> str:
    lines = [line for found in forms for line in _lines(found)]
    return "\n".join((f"### {heading}", *lines, ""))


def _lines(found: Document) -> Iterator[str]:
    if found.when is not None:
        yield from ("", _(found.when))
    yield ""
    for each in found.names:
        yield from (f"- `{each.name}`: {said}." for said in _said_of_value(each))
    for name, inner in found.inner.items():
        yield from ("", _heading(found, name))
        yield from _lines(inner)


def _heading(found: Document, name: str) -> str:
    is_one = any(FIELDS[each.field][0] is OBJECT for each in found.names if each.name == name)
    said = _("The object {name} has:") if is_one else _("Each of {name} has:")
    return said.format(name=f"`{name}`")


def _said_of_value(listed: ListedName) -> tuple[str, ...]:
    """Return meaning and form; many words are a line of their own, so that none is too long."""
    form, meaning = FIELDS[listed.field]
    said = form.in_words()
    if listed.can_be_null:
        said = _("{form}, or null").format(form=said)
    if listed.can_be_missing:
        said = _("{form}, not always there").format(form=said)
    whole, room = f"{_(meaning)}; {said}", LONGEST - len(f"{listed.name}: .")
    if len(whole) <= room:
        return (whole,)
    return (_(meaning), *(part.rstrip(",") for part in wrap(said, room)))
