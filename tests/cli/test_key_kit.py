"""`key kit`: the root key on a real terminal, typed back from it, and what is kept of that."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime

import pytest

from assigncli.crypto.identity import RootKey
from assigncli.crypto.kit import GROUPS, kit_groups
from tests.office import Office
from tests.paper import groups_of, kept_root, typed_in_lines
from tests.refusals import everything, refused, require_three_lines

ANOTHER = "\n".join(kit_groups(RootKey(bytes(32))))


def threes(group: str) -> str:
    return f"{group[:3]} {group[3:6]} {group[6:]}"


def checked_at(office: Office) -> object:
    path = office.home / "profiles" / "anne.json"
    return json.loads(path.read_text(encoding="utf-8"))["kit_checked_at"]


def shown_groups(said: str) -> list[str]:
    """Return the digits of each group that was shown, with its label."""
    lines = re.findall(r"^Group (\d+) of 10: (\d{3} \d{3} \d{3})\r?$", said, re.MULTILINE)
    assert [int(place) for place, _digits in lines] == list(range(1, len(lines) + 1))
    return [digits.replace(" ", "") for _place, digits in lines]


def test_the_digits_go_to_no_pipe_unasked(office: Office) -> None:
    before = everything(office)
    plain = office.refused("key kit", "reveal_needed", 2)
    require_three_lines(plain.stderr, "reveal_needed")
    said = office.ok("key kit --reveal")
    assert shown_groups(said.stdout) == list(groups_of(office))
    assert said.stdout.count("\n") == GROUPS + 1
    assert said.stderr.endswith("Type it once from the paper: assign key kit --check\n")
    assert all(len(line) <= 160 for line in said.said.splitlines())
    assert everything(office) == before


def test_a_kit_typed_from_paper_is_noted(office: Office) -> None:
    said = office.ok("key kit --check", stdin=typed_in_lines(office))
    assert said.stdout == (
        "The key kit is right. Put it back in its envelope. "
        "assign doctor asks for it again in a year.\n"
    )
    assert checked_at(office) == office.now.isoformat()
    assert kept_root(office) is not None
    assert office.ok("key kit --check", stdin=typed_in_lines(office), profile="kari").code == 0


@pytest.mark.parametrize(
    ("stdin", "code", "ends"),
    [("", "input_needed", 2), ("123456789\n", "kit_wrong", 2), (ANOTHER, "kit_differs", 2)],
    ids=["nothing", "one group", "another organisation"],
)
def test_a_kit_that_is_not_right_changes_nothing(
    office: Office, stdin: str, code: str, ends: int
) -> None:
    for line in ("key kit --check", "key kit --check --remove --yes"):
        refused(office, line, code, ends, stdin=stdin)


def test_json_has_the_state_and_no_digit(office: Office) -> None:
    state = {"message": "The root key is on this machine.", "root_key_here": True}
    assert office.ok("key kit --json").json == {**state, "kit_checked_at": None}
    lines = typed_in_lines(office)
    done = office.ok("key kit --check --json", stdin=lines).json
    at = office.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (done["root_key_here"], done["kit_checked_at"]) == (True, at)
    assert office.ok("key kit --json", profile="kari").json["root_key_here"] is False


def test_the_root_key_is_removed_once_the_kit_was_typed(office: Office) -> None:
    lines = typed_in_lines(office)
    refused(office, "key kit --check --remove", "confirmation_needed", 2, stdin=lines)
    refused(office, "key kit --remove --reveal --yes", "input_needed", 2)
    said = office.ok("key kit --check --remove --yes", stdin=lines).stdout
    assert said.startswith("The key kit is right, and the root key is removed from this machine.")
    assert kept_root(office) is None
    office.refused("key kit --reveal", "root_key_missing", 4)
    refused(office, "key kit --check --remove --yes", "root_key_missing", 4, stdin=lines)
    assert office.ok("key kit --json").json["root_key_here"] is False
    office.later(days=1)
    office.ok("key kit --check", stdin=lines)
    assert checked_at(office) == office.now.isoformat()
    office.dispatch()  # nothing of the daily work needs it


def test_a_machine_without_the_root_key_prints_no_kit(office: Office) -> None:
    office.refused("key kit --reveal", "root_key_missing", 4, profile="kari")


def test_no_digit_of_a_kit_is_left_anywhere(office: Office) -> None:
    groups, lines = groups_of(office), typed_in_lines(office)
    wrong = lines.replace(groups[2], groups[2][::-1])
    said = [
        office.run(line, stdin=stdin).said
        for line in ("key kit --check", "key kit --check --json", "key kit --check --debug")
        for stdin in (lines, wrong, "\n".join(reversed(groups)))
    ]
    office.ok("key kit --reveal")
    found = [*(text.encode() for text in said), *everything(office).values()]
    assert len(found) > 20
    for form in [form for group in groups for form in (group, group[:-1], threes(group))]:
        assert not any(form.encode() in each for each in found)


needs_terminal = pytest.mark.skipif(os.name != "posix", reason="there are no pseudo terminals here")


@pytest.mark.slow
@needs_terminal
def test_a_kit_is_printed_and_typed_back_on_a_terminal(office: Office) -> None:
    from tests.terminal import require_speakable, terminal

    office.now = datetime.now(UTC)
    with terminal(office, "key kit", echo=True) as screen:
        intro = screen.expect("Now type the kit back from the paper.")
        groups = shown_groups(intro)
        assert groups == list(groups_of(office))
        screen.answer("Group 1 of 10: ", groups[0])
        screen.answer("Group 2 of 10: ", groups[1][1] + groups[1][0] + groups[1][2:] + "0")
        screen.answer("Group 2 of 10: ", groups[1])
        screen.answer("Group 3 of 10: ", "back")
        for place, group in enumerate(groups[1:], start=2):
            screen.answer(f"Group {place} of 10: ", threes(group))
        said = screen.rest()
    assert screen.code == 0
    assert "The key kit is right." in said
    after = screen.heard.partition("Now type the kit back")[2] + said
    assert "Group 2 of the key kit is not right: a digit is wrong or missing." in after
    assert not any(group in after or threes(group) in after for group in groups)
    require_speakable(screen.heard)
    assert checked_at(office) is not None


@pytest.mark.slow
@needs_terminal
def test_a_kit_that_was_printed_and_not_typed_back_is_not_noted(office: Office) -> None:
    from tests.terminal import terminal

    before = everything(office)
    with terminal(office, "key kit --remove") as screen:
        screen.answer("press Enter for 2, no: ", "1")
        screen.answer("Group 1 of 10: ", groups_of(office)[0])
        screen.answer("Group 2 of 10: ", "\x03")
        said = screen.rest()
    assert screen.code == 130
    assert "Code: interrupted" in said
    assert everything(office) == before


@pytest.mark.slow
@needs_terminal
def test_removing_is_asked_before_anything_is_printed(office: Office) -> None:
    from tests.terminal import terminal

    groups = groups_of(office)
    before = everything(office)
    with terminal(office, "key kit --remove") as screen:
        said = screen.answer("press Enter for 2, no: ", "2")
        assert "The organisation's root key is to be removed from this machine." in said
        rest = screen.rest()
    assert not any(threes(group) in said + rest for group in groups)
    assert everything(office) == before
    with terminal(office, "key kit --remove") as screen:
        screen.answer("press Enter for 2, no: ", "1")
        for place, group in enumerate(groups, start=1):
            screen.answer(f"Group {place} of 10: ", group)
        assert "the root key is removed from this machine" in screen.rest()
    assert screen.code == 0
    assert kept_root(office) is None


@pytest.mark.slow
@needs_terminal
def test_a_root_key_in_a_file_is_printed_after_its_passphrase(tmp_path: object) -> None:
    from pathlib import Path

    from tests.terminal import terminal

    office = Office(Path(str(tmp_path)) / "other")
    office.folder.mkdir()
    secret = office.folder / "passphrase"
    secret.write_text("fem grønne synger\n", encoding="utf-8")
    office.ok(
        f"init --organization Andre --handle anne --name Anne --keys file"
        f" --passphrase-file {secret}",
        profile=None,
    )
    with terminal(office, "key kit") as screen:
        screen.answer("Passphrase: ", "fem grønne synger")
        groups = shown_groups(screen.expect("Now type the kit back from the paper."))
        for place, group in enumerate(groups, start=1):
            screen.answer(f"Group {place} of 10: ", group)
        assert "The key kit is right." in screen.rest()
    assert screen.code == 0
    assert checked_at(office) is not None
