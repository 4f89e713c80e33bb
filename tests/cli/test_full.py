"""`--full` shows what linear output leaves out: every id, moment, text and name that JSON has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assigncli.cli.words import Calendar
from tests.office import Office
from tests.office_in_november import found as found_in_november
from tests.quick import one_of_each

LINES = [
    ("list", "anne"),
    ("status", "anne"),
    ("show 5", "anne"),
    ("show 7", "per"),
    ("inbox", "kari"),
    ("open 10 --reveal", "kari"),
    ("contact 11", "ola"),
    ("complete 4 --in-person", "kari"),
    ("recall --yes 13", "anne"),
    ("cancel --yes 5 --reason 'Ikke lenger aktuelt.'", "anne"),
    ("member show kari", "anne"),
    ("member list", "anne"),
    ("cycle list", "anne"),
    ("key list", "kari"),
    ("audit verify", "anne"),
]
TOLD_OTHERWISE = {"store_id", "at", "total", "before", "after"}
"""What stands for another field, or is of the page and not of what is on it."""
TEXTS = ("title", "name", "handle", "address", "phone", "notes", "summary", "fingerprint", "hash")


@pytest.fixture(scope="module")
def november(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return found_in_november(tmp_path_factory.mktemp("november") / "office")


def facts(document: Any, calendar: Calendar) -> Iterator[tuple[str, str]]:
    """Yield the name of each id, moment and text, and how it reads."""
    if isinstance(document, list):
        for each in document:
            yield from facts(each, calendar)
        return
    for name, value in document.items() if isinstance(document, dict) else ():
        if isinstance(value, (list, dict)):
            yield from facts(value, calendar)
        elif value is None or name in TOLD_OTHERWISE:
            continue
        elif name.endswith("_at"):
            yield name, calendar.time(datetime.fromisoformat(value))
        elif name.endswith(("id", *TEXTS)):
            yield from ((name, line) for line in str(value).splitlines())


@pytest.mark.parametrize(
    ("line", "profile"), one_of_each(LINES, kind=lambda case: case[0].split()[0])
)
def test_everything_that_json_has_is_shown(
    november: Office, tmp_path: Path, line: str, profile: str
) -> None:
    as_json, in_full, usual = (
        november.copy_to(tmp_path / name / "office") for name in ("a", "b", "c")
    )
    document = as_json.ok(f"{line} --json", profile=profile).json
    limit = " --limit 100" if line == "inbox" else ""
    said = in_full.ok(f"{line}{limit} --full", profile=profile).stdout
    calendar = Calendar.at(november.now, ZoneInfo("Europe/Oslo"))
    missing = [(name, text) for name, text in facts(document, calendar) if text not in said]
    assert not missing
    assert len(said) >= len(usual.ok(line, profile=profile).stdout)
