"""Every document that a test prints under `--json` is checked against its command's schema.

Those who run a command for a test call `require_described`: what is not described there, or is of
another form, fails the test whatever else it looks at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from json import JSONDecoder
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from assigncli.cli.documents.by_command import DOCUMENTS
from assigncli.cli.documents.json_schema import definition_name, schema
from assigncli.cli.frame.options import take

ERROR: Final = "error"
SHELL: Final = "shell"
"""Its lines are commands, each of which gives its own document."""
DESCRIBED: Final[Counter[str]] = Counter()
"""How many documents of each command were checked in this process."""


def require_described(words: Sequence[str], stdout: str, stderr: str) -> None:
    """Assert that a command's document, and its error, have the fields that the schema says."""
    taken = take(words)
    if not taken.options.json or taken.problem is not None:
        return
    command = command_of(taken.rest)
    if stdout.startswith("{"):
        shown = list(_documents(stdout))
        assert len(shown) == 1 or command == SHELL, f"{command} --json: {len(shown)} documents"
        for each in shown:
            require_valid(command, each)
    for each in _documents(stderr):
        require_valid(ERROR, each)


def _documents(said: str) -> Iterator[dict[str, Any]]:
    """Yield what begins with a brace on a line of its own; an error may follow a warning."""
    place = f"\n{said}".find("\n{\n")
    while place >= 0:
        document, end = JSONDecoder().raw_decode(said, place)
        yield document
        following = said[end:].find("\n{\n")
        place = -1 if following < 0 else end + following + 1


def command_of(words: Sequence[str]) -> str:
    """Return the command that the words call, as it is named in the list of documents."""
    named = (" ".join(words[:count]) for count in (2, 1))
    return next((each for each in named if each in (*DOCUMENTS, SHELL)), " ".join(words[:2]))


def require_valid(command: str, document: Mapping[str, Any]) -> None:
    """Assert that a document is as the schema says."""
    known = (*DOCUMENTS, ERROR, SHELL)
    assert command in known, f"{command} has no document in the schema"
    DESCRIBED[command] += 1
    check = _checker(command)
    if not check.is_valid(document):
        wrong = best_match(check.iter_errors(document))
        raise AssertionError(f"{command} --json: {wrong.message}, at {wrong.json_path}")


@cache
def _checker(command: str) -> Draft202012Validator:
    """Return what checks one command's documents; the schema is made once a process."""
    if command == SHELL:
        return Draft202012Validator(_whole())
    place = {"$ref": f"#/$defs/{definition_name(command)}"}
    return Draft202012Validator({**_whole(), "anyOf": [place]})


@cache
def _whole() -> dict[str, Any]:
    return schema()
