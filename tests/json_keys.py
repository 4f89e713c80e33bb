"""Which keys the documents of `--json` have, command by command.

    python -m tests.json_keys        writes tests/json_keys.txt anew

What `details` of an audit entry and `columns` of a row hold is their own, and not listed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from tests.office import ROOT, Office, found
from tests.office_in_november import found as found_in_november
from tests.story import Heard, in_november, successes, told

LIST: Final = ROOT / "tests" / "json_keys.txt"
_GROUPS: Final = (
    *("member", "cycle", "honorarium", "key", "profile"),
    *("config", "audit", "privacy", "store"),
)
_OWN: Final = frozenset({"details", "columns"})


def everything(office: Office, november: Office) -> dict[str, list[str]]:
    """Return the sorted key paths of every command, from all that the stories say."""
    found: dict[str, set[str]] = {}
    november.now += timedelta(days=2)
    for heard in (
        *told(office, successes(office), "--json"),
        *told(november, in_november(), "--json"),
    ):
        found.setdefault(name_of(heard), set()).update(keys_of(heard.result.json))
    return {name: sorted(found[name]) for name in sorted(found)}


def name_of(heard: Heard) -> str:
    """Return a command's whole name: "member list"."""
    first, second, *_rest = [*heard.line.words.split(" "), ""]
    return f"{first} {second}" if first in _GROUPS else first


def keys_of(document: Any) -> list[str]:
    """Return the sorted paths of a document's keys: "assignments[].number"."""
    return sorted(set(_paths(document, "")))


def _paths(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _paths(each, f"{at}[]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            path = f"{at}.{key}" if at else key
            yield path
            if key not in _OWN:
                yield from _paths(inner, path)


def listed(given: dict[str, list[str]]) -> Iterator[str]:
    """Yield the lines of the list: a command, then each of its keys, indented."""
    for name, paths in given.items():
        yield name
        yield from (f"  {path}" for path in paths)


def main() -> None:
    """Write the list anew."""
    with tempfile.TemporaryDirectory() as folder:
        given = everything(
            found(Path(folder) / "office"), found_in_november(Path(folder) / "november")
        )
    LIST.write_text("\n".join(listed(given)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
