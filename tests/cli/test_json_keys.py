"""The keys of every command's document, listed in tests/json_keys.txt; scripts depend on them.

A key may be added there; none leaves. After a change that adds one, write the list anew:

    python -m tests.json_keys
"""

from __future__ import annotations

import pytest

from assigncli.cli.documents.by_command import DOCUMENTS
from assigncli.cli.frame import commands
from assigncli.cli.frame.root import load
from tests.documents import DESCRIBED
from tests.json_keys import LIST, everything, keys_of, listed
from tests.office import Office
from tests.office_in_november import found as found_in_november

pytestmark = pytest.mark.slow  # every command, twice


@pytest.fixture(scope="module")
def given(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("json")
    november = found_in_november(folder / "november")
    return everything(founded.copy_to(folder / "office"), november)


def test_every_document_has_the_keys_that_are_listed(given: dict[str, list[str]]) -> None:
    assert "\n".join(listed(given)) + "\n" == LIST.read_text(encoding="utf-8")


def test_every_document_of_the_story_was_checked_against_its_schema(
    given: dict[str, list[str]],
) -> None:
    assert set(given) == set(DOCUMENTS)
    assert not [command for command in given if not DESCRIBED[command]]


def test_every_command_is_listed(given: dict[str, list[str]]) -> None:
    names = set()
    for entry in commands.COMMANDS:
        inner = getattr(load(entry), "commands", {})
        names |= {f"{entry.name} {name}" for name in inner} or {entry.name}
    # Help is text always, and the last two go on until they are stopped.
    assert names - set(given) == {"demo", "help", "relay", "shell"}


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("list", {"recipient_user_id", "recipient_name", "dispatched_by_user_id"}),
        ("show", {"recalled_by_user_id", "cancelled_by_user_id", "cancel_reason"}),
        ("create", {"recipient_user_id", "recipient_name"}),
        ("dispatch", {"recipient_user_id", "recipient_name"}),
        ("inbox", {"dispatched_by_user_id"}),
        ("open", {"dispatched_by_user_id"}),
        ("ack", {"acknowledged_at"}),
        ("contact", {"contact_made_at"}),
        ("complete", {"completed_at"}),
        ("consent", {"consent_completed_at"}),
        ("recall", {"recipient_user_id", "recalled_at", "recalled_by_user_id"}),
        ("cancel", {"recipient_user_id", "cancelled_at", "cancelled_by_user_id", "cancel_reason"}),
    ],
)
def test_what_is_a_column_has_its_name(
    given: dict[str, list[str]], command: str, names: set[str]
) -> None:
    assert names <= {path.rpartition(".")[2] for path in given[command]}


def test_keys_are_found_at_any_depth() -> None:
    document = {"a": 1, "rows": [{"b": None}, {"b": {"c": 2}}], "details": {"x": 1}}
    assert keys_of(document) == ["a", "details", "rows", "rows[].b", "rows[].b.c"]
