"""The JSON Schema of the documents: whole, as the code is, and the only list of their fields.

Every document that a test prints is checked against it (tests/documents.py); that each command's
was, in the story of all commands, is in test_json_keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assigncli.cli.documents import assignment_fields, office_fields
from assigncli.cli.documents.by_command import DOCUMENTS, ERROR, FIELDS, WARNING
from assigncli.cli.documents.document import Document
from assigncli.cli.documents.json_schema import definition_name, schema
from assigncli.cli.frame import commands
from assigncli.cli.frame.root import load
from assigncli.cli.manual import TOPICS, find
from assigncli.cli.manual.line_by_line import lines
from assigncli.cli.output.sheet_result import DIFFERS
from assigncli.cli.session.telling import _WORDS as TOLD
from assigncli.cli.store_confirm import CAUSES
from assigncli.client.keys.place import KeyPlace
from assigncli.client.looks import Purpose
from assigncli.client.reseal import Sealing
from assigncli.client.rotate import RotationState
from assigncli.locale import speaking
from assigncli.server.sweep.duty import SweepAct
from tests.documents import command_of, require_described, require_valid
from tests.hearing import LONGEST
from tests.json_keys import LIST
from tests.office import Office
from tests.quick import all_in_one

LANGUAGES = ("en", "nb")
WITHOUT_A_DOCUMENT = {"demo", "help", "relay", "shell"}
"""Help is text always, the demo refuses --json, the others go on until they are stopped."""
NOT_IN_THE_STORY = {
    "audit verify": {"findings"},
    "dispatch": {"rows", "problems", "good", "dispatch_stopped"},
    "inbox": {"unverified"},
    "key lost": {"assignments", "suspended"},
    "member pause": {"assignments"},
    "member revoke": {"assignments"},
    "status": {"dispatch_stopped", "openings", "unauthenticated", "keys", "unreadable"},
    "store check": {"problems"},
    "sweep": {"outcomes"},
}
"""Where documents have fields, of lists above all, that the story of all commands never fills."""


def objects_of(command: str) -> Iterator[Document]:
    """Yield the objects of a command's document, those within others too."""
    waiting = [*DOCUMENTS[command]]
    while waiting:
        yield (found := waiting.pop())
        waiting += found.inner.values()


def paths(found: Document, at: str = "") -> Iterator[str]:
    """Yield the keys of a document as tests/json_keys.txt has them."""
    for each in found.names:
        path = f"{at}.{each.name}".lstrip(".")
        yield path
        if each.name in found.inner:
            mark = "[]" if FIELDS[each.field][0].keywords["type"] == "array" else ""
            yield from paths(found.inner[each.name], path + mark)


# ---- the schema


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_schema_is_one_of_its_dialect_and_describes_every_field(lang: str) -> None:
    with speaking(lang):
        found = schema()
    Draft202012Validator.check_schema(found)
    fields = list(_fields(found))
    assert len(fields) > 600
    assert not [name for name, field in fields if not field.get("description", "$ref" in field)]
    assert all(each["additionalProperties"] is False for each in _objects(found))


def _objects(found: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of the schema that has a list of its names."""
    if isinstance(found, list):
        for each in found:
            yield from _objects(each)
    if isinstance(found, dict):
        if "required" in found:
            yield found
        for each in found.values():
            yield from _objects(each)


def _fields(found: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in _objects(found):
        yield from each["properties"].items()


def test_every_command_that_offers_json_has_its_document() -> None:
    names = set()
    for entry in commands.COMMANDS:
        inner = getattr(load(entry), "commands", {})
        names |= {f"{entry.name} {name}" for name in inner} or {entry.name}
    assert names - set(DOCUMENTS) == WITHOUT_A_DOCUMENT
    assert set(DOCUMENTS) <= names
    assert {definition_name(each) for each in DOCUMENTS} <= set(schema()["$defs"])


def test_every_field_that_is_described_is_in_a_document() -> None:
    named = {
        each.field for command in DOCUMENTS for found in objects_of(command) for each in found.names
    }
    named |= {each.field for each in (*ERROR.names, *WARNING.names, *ERROR.inner["error"].names)}
    assert set(FIELDS) - named == {"warnings"}


def test_the_keys_of_the_story_are_those_of_the_schema() -> None:
    heading, command = re.compile(r"^(?=\S)", re.MULTILINE), re.compile(r"\n\s*")
    parts = heading.split(LIST.read_text(encoding="utf-8"))[1:]
    listed = {name: set(keys) for name, *keys in (command.split(part.strip()) for part in parts)}
    known = {
        command: {path for found in DOCUMENTS[command] for path in paths(found)}
        for command in DOCUMENTS
    }
    assert not [path for command, keys in listed.items() for path in keys - known[command]]
    left = {
        command: {_first(path) for path in keys - listed.get(command, set())}
        for command, keys in known.items()
    }
    assert {command: names for command, names in left.items() if names} == NOT_IN_THE_STORY


def _first(path: str) -> str:
    return re.split(r"[.\[]", path)[0]


@all_in_one(
    ("words", "values"),
    [
        (assignment_fields.NOTIFIED, tuple(TOLD)),
        (assignment_fields.SEALINGS, Sealing),
        ((assignment_fields.ROW_DIFFERS,), (DIFFERS,)),
        (office_fields.KEY_PLACES, KeyPlace),
        (office_fields.PURPOSES, Purpose),
        (office_fields.RESTORE_CAUSES, tuple(CAUSES)),
        (office_fields.ROTATION_STATES, RotationState),
        (office_fields.SWEEP_ACTS, SweepAct),
    ],
)
def test_a_value_that_is_one_of_some_words_has_those_of_the_code(words: Any, values: Any) -> None:
    """A page of help does not import where they are: that would load the whole client."""
    assert set(words) == {each.value if isinstance(each, Enum) else each for each in values}


# ---- what does not fit is found


def test_a_document_with_another_field_fails(office: Office) -> None:
    number = office.create()
    shown = office.ok(f"show {number} --json").json
    require_valid("show", shown)
    for spoilt in (
        {**shown, "mood": "good"},
        {name: value for name, value in shown.items() if name != "overdue"},
        {**shown, "created_at": "2026-11-21 11:00:00"},
        {**shown, "status": "lost"},
        {**shown, "id": None},
        {**shown, "timeline": [{**shown["timeline"][0], "place": 1}]},
    ):
        with pytest.raises(AssertionError, match=r"^show --json: "):
            require_valid("show", spoilt)


def test_the_runner_of_commands_sees_documents_and_errors_alike() -> None:
    require_described(["list"], '{\n"no": "json was asked for"}', "")
    with pytest.raises(AssertionError, match=r"^list --json: "):
        require_described(["list", "--json", "--limit", "2"], '{\n"mood": "good"}', "")
    with pytest.raises(AssertionError, match=r"^error --json: "):
        require_described(["--json", "member", "list"], "", 'Warning: x\n{\n "error": {}}')
    with pytest.raises(AssertionError, match="has no document in the schema"):
        require_described(["relay", "--json"], "{\n}", "")
    with pytest.raises(AssertionError, match=r"^list --json: 2 documents"):
        require_described(["list", "--json"], "{\n}\n{\n}\n", "")
    with pytest.raises(AssertionError, match=r"^shell --json: "):
        require_described(["shell", "--json"], '{\n "message": "Well."}\n{\n "mood": 1}\n', "")
    assert command_of(["member", "list", "--role", "service"]) == "member list"
    assert command_of(["list", "--limit"]) == "list"


# ---- where it is read


def test_help_shows_the_schema_in_the_language_in_use(office: Office) -> None:
    assert json.loads(office.ok("help --schema", profile=None).stdout) == schema()
    with speaking("nb"):
        norwegian = schema()
    assert norwegian != schema()
    assert json.loads(office.ok("help --schema --lang nb", profile=None).stdout) == norwegian


def test_the_topic_on_scripts_has_every_document_with_a_line_for_each_field(office: Office) -> None:
    said = office.ok("help scripts", profile=None).stdout.splitlines()
    assert {f"assign {command}" for command in DOCUMENTS} <= set(said)
    for command in DOCUMENTS:
        alone = office.ok(f"help scripts {command}", profile=None).stdout.splitlines()
        assert alone[0] == f"assign {command}"
        for found in objects_of(command):
            for each in found.names:
                assert any(line.startswith(f"{each.name}: ") for line in alone), each.name
        beginning = said.index(f"assign {command}")
        assert said[beginning : beginning + len(alone)] == alone


def test_a_group_has_all_its_documents_and_a_command_without_one_says_so(office: Office) -> None:
    said = office.ok("help scripts cycle", profile=None).stdout.splitlines()
    headings = [f"assign cycle {name}" for name in ("open", "close", "reopen", "list")]
    assert [line for line in said if line.startswith("assign ")] == headings
    said = office.ok("help scripts relay", profile=None).stdout.splitlines()
    assert said == ["assign relay gives no JSON document."]
    office.refused("help scripts lsit", "usage", 2, profile=None)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_line_of_the_lists_can_be_kept_in_mind(lang: str) -> None:
    scripts = find("scripts")
    assert scripts in TOPICS
    assert scripts is not None
    with speaking(lang):
        told = lines(scripts.markdown())
    assert not [line for line in told if len(line) > LONGEST]
    assert not [line for line in told if "`" in line or "_(" in line]
