"""What commands show, through `main`: lines, JSON, tables, and one command inside another."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from assigncli.cli import main
from assigncli.cli.frame import command, commands, current_globals, environ, is_nested, out
from assigncli.cli.frame.commands import Command
from assigncli.cli.output import Field, Record
from assigncli.cli.output.words import Calendar
from assigncli.locale import language

ID = UUID("0b8a2c6e-7f3f-4a51-9d6f-0a4c8d1f2e3b")
MOMENT = datetime(2026, 11, 21, 13, 5, 9, 250000, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")


class Colour(StrEnum):
    RED = "red"


def walk(number: int, title: str) -> Record:
    steps = (
        Record((Field("at", "At", MOMENT), Field("to", "To", Colour.RED, "bright red"))),
        Record((Field("at", "At", MOMENT), Field("note", "Note", None))),
    )
    return Record(
        (
            Field("number", "Number", number),
            Field("title", "Title", title),
            Field("id", "Identifier", ID),
            Field("colour", "Colour", Colour.RED, "bright red"),
            Field("dispatched_at", "Dispatched", MOMENT),
            Field("day", "Day", date(2026, 5, 17)),
            Field("urgent", "Urgent", True),
            Field("tags", "Tags", ("a", "b")),
            Field("completed_at", "Completed", None),
            Field("timeline", "Timeline", steps),
        )
    )


@command("Show one.")
def show() -> None:
    out().calendar = Calendar(OSLO)
    out().note("A remark.")
    out().result("Walk 412 was found.", walk(412, "Home visit"))


@command("List some.")
def several() -> None:
    out().calendar = Calendar(OSLO)
    records = [walk(1, "First"), walk(2, "[red]Second\nStatus: completed\x1b[31m\u202e")]
    out().listing("walks", "2 walks.", records, footer="No more.", extra={"next": None})


@command("List none.")
def nothing() -> None:
    out().listing("walks", "No walks.", [])


@command("Say a line and a warning.")
def line() -> None:
    out().text("first\nsecond")
    out().warn("Look out\x07.")


@command("Run another command inside.")
def outer() -> None:
    assert current_globals().json
    inside = io.StringIO()
    with redirect_stdout(inside):
        assert main(["show", "--lang", "nb", "--quiet"]) == 0
        assert main(["missing"], environment={"ASSIGN_HOME": "elsewhere"}) == 2
    assert current_globals().json
    assert is_nested()
    assert environ()["MARK"] == "kept"
    out().result(language(), Record((Field("inside", "Inside", inside.getvalue()),)))


@pytest.fixture(autouse=True)
def _samples(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("show", "several", "nothing", "line", "outer")
    monkeypatch.setattr(
        commands, "COMMANDS", tuple(Command(each, __name__, each, "Sample.") for each in names)
    )


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    def run(*argv: str, **environment: str) -> tuple[str, str]:
        assert main(argv, {"ASSIGN_HOME": str(tmp_path), **environment}) == 0
        return capsys.readouterr()

    return run


def test_a_result_is_a_sentence_and_lines(say) -> None:
    told, remarks = say("show")
    assert remarks == "A remark.\n"
    assert told.splitlines() == [
        "Walk 412 was found.",
        "Number: 412",
        "Title: Home visit",
        f"Identifier: {ID}",
        "Colour: bright red",
        "Dispatched: 21 November 2026 at 14:05",
        "Day: 17 May 2026",
        "Urgent: yes",
        "Tags: a, b",
        "Timeline 1 of 2: 21 November 2026 at 14:05, bright red",
        "Timeline 2 of 2: 21 November 2026 at 14:05",
    ]


def test_the_frame_is_norwegian_where_asked(say) -> None:
    told, _ = say("show", "--lang", "nb")
    assert "Dispatched: 21. november 2026 klokken 14:05\n" in told
    assert "Day: 17. mai 2026\n" in told
    assert "Urgent: ja\n" in told


def test_quiet_leaves_out_remarks_only(say) -> None:
    told, remarks = say("show", "--quiet")
    assert told.startswith("Walk 412 was found.\n")
    assert remarks == ""


def test_a_result_as_json(say) -> None:
    told, remarks = say("show", "--json")
    assert remarks == ""
    found = json.loads(told)
    assert found["message"] == "Walk 412 was found."
    assert found["number"] == 412
    assert found["id"] == str(ID)
    assert found["colour"] == "red"
    assert found["dispatched_at"] == "2026-11-21T13:05:09Z"
    assert found["day"] == "2026-05-17"
    assert found["urgent"] is True
    assert found["completed_at"] is None
    assert found["timeline"][0] == {"at": "2026-11-21T13:05:09Z", "to": "red"}


def test_a_listing_counts_first_and_no_data_can_pose_as_a_line(say) -> None:
    told, _ = say("several")
    blocks = told.split("\n\n")
    assert blocks[0] == "2 walks."
    assert blocks[1].startswith("Number: 1\n")
    assert "Title: [red]Second\nTitle, line 2: Status: completed<U+001B>[31m<U+202E>\n" in told
    assert blocks[-1] == "No more.\n"
    assert "\x1b" not in told


def test_a_listing_as_json(say) -> None:
    told, _ = say("several", "--json")
    assert "\x1b" not in told
    assert "\u202e" not in told
    found = json.loads(told)
    assert list(found) == ["walks", "next"]
    assert found["walks"][1]["title"] == "[red]Second\nStatus: completed\x1b[31m\u202e"


def test_a_table_keeps_every_word(say) -> None:
    told, _ = say("several", "--table")
    assert told.startswith("2 walks.\n")
    assert told.rstrip().endswith("No more.")
    assert "\x1b" not in told
    assert "[red]" in told.replace("\n", "")


def test_an_empty_listing(say) -> None:
    assert say("nothing") == ("No walks.\n", "")
    assert say("nothing", "--table") == ("No walks.\n", "")
    assert json.loads(say("nothing", "--json")[0]) == {"walks": []}


def test_text_and_warning(say) -> None:
    assert say("line", "--quiet") == ("first\nsecond\n", "Warning: Look out<U+0007>.\n")
    assert say("line", "--json")[0] == ""


@pytest.mark.parametrize("option", [(), ("--json",)])
def test_width_changes_nothing(say, monkeypatch: pytest.MonkeyPatch, option) -> None:
    heard = set()
    for columns in ("20", "40", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        heard.add(say("several", *option))
    assert len(heard) == 1


def test_a_command_inside_another_leaves_its_frame_as_it_was(say) -> None:
    told, _ = say("outer", "--json", MARK="kept")
    found = json.loads(told)
    assert found["message"] == "en"
    assert "klokken 14:05" in found["inside"]
    assert not is_nested()


def test_a_moment_without_a_zone_is_a_mistake_of_ours() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    sink = io.StringIO()
    from assigncli.cli.output import Output

    for mode in ("json", "linear"):
        with pytest.raises(ValueError, match="time zone"):
            Output(mode, False, sink, sink).result("x", Record((Field("at", "At", naive),)))
    with pytest.raises(TypeError, match="no JSON form for bytes"):
        Output("json", False, sink, sink).result("x", Record((Field("key", "Key", b"k"),)))
