"""One form of a document as it is listed: the names of its fields, and the objects within it.

A name followed by a question mark may be null, one in brackets may be missing. One with a word and
a dot before it has the meaning that stands under that whole name; its JSON name is the part after
the dot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ListedName:
    """One name of a list: which field it is, and whether it may be null or missing."""

    field: str
    can_be_null: bool
    can_be_missing: bool

    @property
    def name(self) -> str:
        """The name in JSON."""
        return self.field.rpartition(".")[2]


class Document:
    """One form of a document; `inner` are the objects in it, by the name of the list they are in.

    `when` is a message id and says which call gives this form, where a command has several.
    """

    def __init__(self, names: str, when: str | None = None, **inner: Document | str) -> None:
        self.names = tuple(map(_listed, names.split()))
        self.when = when
        self.inner: Mapping[str, Document] = {
            name: Document(each) if isinstance(each, str) else each for name, each in inner.items()
        }


def _listed(spelt: str) -> ListedName:
    name = spelt.strip("[]")
    return ListedName(name.removesuffix("?"), name.endswith("?"), name != spelt)
