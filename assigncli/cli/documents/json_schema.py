"""The JSON Schema of all documents (draft 2020-12), with what each field means.

Each command's document is in `$defs`, its words joined by hyphens: `member-list`. No document has a
field that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assigncli.cli.documents.by_command import DOCUMENTS, ERROR, FIELDS, WARNING
from assigncli.cli.documents.document import Document, ListedName
from assigncli.cli.documents.field_forms import LIST, OBJECT, Schema, or_null
from assigncli.locale import _

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_WARNINGS: Final = "warnings"


def schema() -> Schema:
    """Return the schema, its descriptions in the language in use."""
    commands = [definition_name(command) for command in DOCUMENTS]
    return {
        "$schema": DIALECT,
        "title": _("The JSON documents of assign"),
        "description": _("Each command's document is in $defs under the command's name."),
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in (*commands, "error")],
        "$defs": {
            **dict(zip(commands, map(_document, DOCUMENTS), strict=True)),
            "error": {"title": _("an error, on standard error"), **_object(ERROR, warned=True)},
            _WARNINGS: {"description": _(FIELDS[_WARNINGS][1]), **_list_of(WARNING)},
        },
    }


def definition_name(command: str) -> str:
    """Return where a command's document is in `$defs`: "member-list"."""
    return command.replace(" ", "-")


def _document(command: str) -> Schema:
    forms = [_object(each, warned=True) for each in DOCUMENTS[command]]
    title = {"title": f"assign {command} --json"}
    return {**title, **forms[0]} if len(forms) == 1 else {**title, "anyOf": forms}


def _object(found: Document, *, warned: bool = False) -> Schema:
    """Return the schema of one object; with `warned` it may have warnings too."""
    properties = {each.name: _value(each, found) for each in found.names}
    if warned:
        properties[_WARNINGS] = {"$ref": f"#/$defs/{_WARNINGS}"}
    return {
        **dict(_said_of(found)),
        "type": "object",
        "properties": properties,
        "required": [each.name for each in found.names if not each.can_be_missing],
        "additionalProperties": False,
    }


def _said_of(found: Document) -> Iterator[tuple[str, str]]:
    if found.when is not None:
        yield "description", _(found.when).removesuffix(":")


def _value(listed: ListedName, found: Document) -> Schema:
    form, meaning = FIELDS[listed.field]
    value = dict(form.keywords)
    if form is LIST:
        value = _list_of(found.inner[listed.name])
    elif form is OBJECT:
        value = _object(found.inner[listed.name])
    return {"description": _(meaning), **(or_null(value) if listed.can_be_null else value)}


def _list_of(found: Document) -> Schema:
    return {"type": "array", "items": _object(found)}
