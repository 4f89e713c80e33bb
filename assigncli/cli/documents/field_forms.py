"""The forms that a value of a JSON document can have: as JSON Schema, and in words for the manual.

Nothing here knows which document has which field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from assigncli.locale import N_, _

Schema = dict[str, Any]
_UUID: Final = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_MOMENT: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
_DAY: Final = r"^\d{4}-\d\d-\d\d$"


@dataclass(frozen=True)
class FieldForm:
    """One form: its name for people, a message id, and the keywords of JSON Schema for it."""

    word: str
    keywords: Mapping[str, Any]

    def in_words(self) -> str:
        """Return the form's name; for one of several words, these words."""
        words = self.keywords.get("items", self.keywords).get("enum", ())
        return _(self.word).format(words=", ".join(words))


Fields = Mapping[str, tuple[FieldForm, str]]
"""Fields by name: the form of each value, and its meaning as a message id."""

TEXT: Final = FieldForm(N_("text"), {"type": "string"})
INTEGER: Final = FieldForm(N_("number"), {"type": "integer"})
COUNT: Final = FieldForm(N_("number"), {"type": "integer", "minimum": 0})
YES_OR_NO: Final = FieldForm(N_("true or false"), {"type": "boolean"})
ID: Final = FieldForm(N_("uuid"), {"type": "string", "format": "uuid", "pattern": _UUID})
MOMENT: Final = FieldForm(
    N_("moment"), {"type": "string", "format": "date-time", "pattern": _MOMENT}
)
DAY: Final = FieldForm(N_("day"), {"type": "string", "format": "date", "pattern": _DAY})
TEXTS: Final = FieldForm(N_("list of texts"), {"type": "array", "items": {"type": "string"}})
COUNTS: Final = FieldForm(N_("list of numbers"), {"type": "array", "items": COUNT.keywords})
MOMENTS: Final = FieldForm(N_("list of moments"), {"type": "array", "items": MOMENT.keywords})
ANY_OBJECT: Final = FieldForm(N_("object"), {"type": "object"})
"""An object whose names depend on what it is about."""
LIST: Final = FieldForm(N_("list"), {"type": "array"})
"""A list of objects; the document says which fields each has."""
OBJECT: Final = FieldForm(N_("one object"), {"type": "object"})
"""An object; the document says which fields it has."""


def one_of(*words: str) -> FieldForm:
    """Return the form of a text that is one of these words."""
    return FieldForm(N_("one of {words}"), {"type": "string", "enum": list(words)})


def list_of(*words: str) -> FieldForm:
    """Return the form of a list of which each text is one of these words."""
    return FieldForm(N_("list of {words}"), {"type": "array", "items": one_of(*words).keywords})


def or_null(keywords: Schema) -> Schema:
    """Return the schema of a value that may also be null."""
    widened = {**keywords, "type": [keywords["type"], "null"]}
    return {**widened, "enum": [*keywords["enum"], None]} if "enum" in keywords else widened
