"""Tables, for those who look: every listing at every width, on real terminals and in pipes.

What a table may not do is held by reading it as a person does: by its headings, and what is below
each. The reference for its words is the same table with room for everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from assigncli.cli.frame import Frame, Globals, entered
from assigncli.cli.output import Field, Output, Record, listing_columns
from assigncli.cli.output.facts import TableColumn
from assigncli.cli.output.listing_columns import ASSIGNMENTS
from assigncli.cli.output.table_view import page
from assigncli.domain.lifecycle import Priority, Status
from tests.cli.test_output import needs_terminal, on_terminal, piped
from tests.office import ROOT, Office
from tests.quick import only

LISTINGS = (
    ("list", "anne"),
    ("status", "anne"),
    ("inbox", "kari"),
    ("show 10", "anne"),
    ("member list", "anne"),
    ("audit log", "anne"),
    ("cycle list", "anne"),
    ("honorarium report --cycle all", "anne"),
    ("honorarium report --activity", "anne"),
    ("honorarium explain kari", "anne"),
    ("config list", "anne"),
    ("profile list", "anne"),
    ("doctor", "anne"),
    ("key list", "kari"),
)
WIDTHS = (40, 60, 80, 120, 200)
LANGUAGES = ("en", "nb")
BAR = re.compile("([█░]+[|]){2}")
RULE = re.compile("─+")
COLOUR = re.compile(r"\x1b\[([0-9;]*)m")
FOUR_BIT = {*range(10), *range(30, 38), 39, *range(40, 48), 49, *range(90, 98), *range(100, 108)}
ALARM = re.compile(r"\x1b\[1;31m([^\x1b]*)\x1b")


@pytest.fixture(scope="module")
def november_alone(november: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of the transcripts, for looking at only; so kari has looked already."""
    office = november.copy_to(tmp_path_factory.mktemp("looked-at") / "office")
    office.ok("inbox", profile="kari")
    return office


@pytest.mark.slow
def test_the_inbox_as_a_table_ends_with_the_first_ones_next_command(
    november_alone: Office,
) -> None:
    said = november_alone.ok("inbox --table", profile="kari").stdout.splitlines()
    assert said[-2:] == ["", "Next: assign open 10"]
    said = november_alone.ok("inbox --table --contact-made", profile="kari").stdout.splitlines()
    assert said[-2:] == ["", "Next: assign complete 4"]
    assert "Next: " not in november_alone.ok("inbox --table", profile="anne").stdout
    assert "Next: " not in november_alone.ok("inbox --table --full", profile="kari").stdout


@dataclass(frozen=True)
class Table:
    """A table as it is read: its headings, and where each begins and ends."""

    head: str
    headings: tuple[tuple[int, int], ...]
    rows: tuple[str, ...]

    def column(self, at: int) -> list[str]:
        """Return what is below a heading that is not the last; a row begins with a number."""
        begin, end = self.headings[at][0], self.headings[at + 1][0]
        found: list[list[str]] = []
        for row in self.rows:
            if re.match(r"\d", row):
                found.append([])
            found[-1].append(row[begin:end].strip())
        return [" ".join(filter(None, each)) for each in found]


def tables(shown: str) -> Iterator[Table]:
    """Yield each table of what was shown; the columns begin or end with their headings."""
    said = shown.split("\n")
    for at, line in enumerate(said):
        if RULE.fullmatch(line):
            rows = said[at + 1 :]
            below = rows[: rows.index("")] if "" in rows else rows
            spans = [each.span() for each in re.finditer(r"\S+(?: \S+)*", said[at - 1])]
            yield Table(said[at - 1], tuple(spans), tuple(below))


def require_columns(table: Table) -> None:
    """Hold that nothing is beside a column: each text begins or ends where a heading does."""
    begins = {begin for begin, _end in table.headings}
    ends = {end for _begin, end in table.headings}
    for row in table.rows:
        for text in re.finditer(r"\S+(?: \S+)*", row):
            assert text.start() in begins or text.end() in ends, row


def require_fitting(shown: str, width: int) -> None:
    """Hold that no line is too wide, but for a command that has to be copied in one piece."""
    for line in shown.split("\n"):
        assert cell_len(line) <= width or "assign " in line, line


def require_whole_words(shown: str, reference: str) -> None:
    """Hold that every word is one of the reference, or a piece that ends where a word has a joint.

    The sentence on what was left out is not in the reference.
    """
    known = set(reference.split())
    for word in BAR.sub("", "\n".join(map(table_text, tables(shown)))).split():
        assert word in known or any(piece_of(word, each) for each in known), word


def table_text(table: Table) -> str:
    return "\n".join((table.head, *table.rows))


def piece_of(piece: str, word: str) -> bool:
    before, found, after = word.partition(piece)
    joints = ("-", "/", "_")
    return bool(found) and (not after or piece.endswith(joints)) and before.endswith(("", *joints))


def require_readable(shown: str, width: int, reference: str) -> None:
    assert list(tables(shown))
    require_fitting(shown, width)
    require_whole_words(shown, reference)
    for table in tables(shown):
        require_columns(table)


def in_pipe(office: Office, line: str, profile: str, width: int) -> str:
    office.environ["COLUMNS"] = str(width)
    return office.run(line, profile=profile).stdout


@pytest.mark.slow
@pytest.mark.parametrize(("words", "profile"), only("list", "show 10", of=LISTINGS))
def test_every_listing_is_readable_at_every_width(
    november_alone: Office, words: str, profile: str
) -> None:
    for lang in LANGUAGES:
        line = f"{words} --table --lang {lang}"
        reference = in_pipe(november_alone, line, profile, 400)
        for width in WIDTHS:
            require_readable(in_pipe(november_alone, line, profile, width), width, reference)


@pytest.mark.slow
@needs_terminal
@pytest.mark.parametrize(
    ("width", "lang"), [(40, "nb"), (60, "en"), (80, "nb"), (120, "en"), (200, "nb")]
)
def test_so_it_is_on_a_real_terminal(november_alone: Office, width: int, lang: str) -> None:
    """Every width once, each language at some: the test above has them all."""
    office = november_alone
    for words, profile in LISTINGS:
        line = f"{words} --table --lang {lang}"
        reference = in_pipe(office, line, profile, 400) + BAR_WORDS[lang]
        del office.environ["COLUMNS"]
        shown = on_terminal(office, line, width, profile, NO_COLOR="1")
        if words == "doctor":
            shown = shown.partition("\nError: ")[0].partition("\nFeil: ")[0]
        require_readable(shown, width, reference)


BAR_WORDS = {"en": " Progress ", "nb": " Fremdrift "}
"""What only a terminal has: the heading of the bar."""


@pytest.mark.slow
@needs_terminal
@pytest.mark.parametrize("width", only(60, of=WIDTHS))
def test_number_and_title_are_always_there(november_alone: Office, width: int) -> None:
    office = november_alone
    expected = office.ok("list --json").json["assignments"]
    (table,) = tables(f"{on_terminal(office, 'list --table', width, NO_COLOR='1')}\n\n")
    numbers = [text.partition(",")[0] for text in table.column(0)]
    assert numbers == [str(each["number"]) for each in expected]
    if len(table.headings) > 2:
        assert table.column(1) == [each["title"] for each in expected]
    else:
        begin = table.headings[1][0]
        titles = " ".join(row[begin:].strip() for row in table.rows)
        assert titles == " ".join(each["title"] for each in expected)


def test_columns_go_by_rank_as_the_terminal_narrows(november_alone: Office) -> None:
    headings = ["Number", "Title", "Contact deadline", "Status", "Mentor"]
    shown = in_pipe(november_alone, "list --table", "anne", 200)
    (table,) = tables(shown)
    assert re.split(" {2,}", table.head) == headings
    assert "No room for" not in shown
    narrow = in_pipe(november_alone, "list --table", "anne", 40)
    assert "\nNo room for: Status, Mentor. With --full\neverything is shown.\n" in narrow


def test_a_day_is_short_and_no_more_is_said_than_is_unusual(november_alone: Office) -> None:
    (table,) = tables(in_pipe(november_alone, "list --table --lang nb", "anne", 200))
    rows = [re.split(" {2,}", row) for row in table.rows]
    assert [row for row in rows if row[0] in ("13", "10, haster", "7")] == [
        ["13", "Besøk på Lovisenberg", "30. nov.", "levert", "Kari Nordmann"],
        ["10, haster", "Samtale om førerhund", "22. nov., 2 dager over", "levert", "Kari Nordmann"],
        ["7", "Hjemmebesøk på Sagene", "20. nov., 4 dager over", "levert", "Per Ås"],
    ]


def test_with_full_every_fact_has_its_line(november_alone: Office) -> None:
    shown = in_pipe(november_alone, "list --table --full", "anne", 80)
    assert shown.replace(" --table", "") == in_pipe(november_alone, "list --full", "anne", 80)


def test_steps_are_a_timeline(november_alone: Office) -> None:
    """Title and status are lines above it, as without a table."""
    office = november_alone
    steps = office.ok("show 3 --json").json["timeline"]
    shown = in_pipe(office, "show 3 --table", "anne", 80)
    lines = office.ok("show 3").stdout.removesuffix("\n").split("\n")
    above = shown.partition("\n\n")[0].split("\n")
    assert above == lines[: len(above)]
    assert len(lines) == len(above) + len(steps)
    (table,) = tables(shown)
    assert re.split(" {2,}", table.head) == ["At", "Step", "By"]
    assert [re.split(" {2,}", row) for row in table.rows] == [
        ["26 Oct 10:00", "Created", "Anne Berg"],
        ["26 Oct 10:00", "Sent", "Anne Berg"],
        ["26 Oct 10:00", "Delivered", "service"],
        ["26 Oct 11:00", "Read", "Per Ås"],
        ["26 Oct 12:00", "Confirmed", "Per Ås"],
    ]


def test_why_it_was_ended_is_in_the_timeline(office: Office) -> None:
    number = office.dispatch()
    office.read(number)
    office.ok(f"cancel {number} --reason 'Moved away.' --yes")
    shown = in_pipe(office, f"show {number} --table", "anne", 80)
    (table,) = tables(shown)
    assert re.split(" {2,}", table.head) == ["At", "Step", "By", "Reason"]
    assert re.split(" {2,}", table.rows[-1]) == [
        "21 Nov 12:00",
        "Cancelled",
        "Anne Berg",
        "Moved away.",
    ]


# ---- colours


@pytest.mark.slow
@needs_terminal
def test_colour_is_four_bit_and_never_without_its_word(november_alone: Office) -> None:
    office = november_alone
    shown = on_terminal(office, "list --table", 200)
    codes = {int(code) for found in COLOUR.findall(shown) for code in found.split(";") if code}
    assert 31 in codes
    assert codes <= FOUR_BIT
    alarms = ALARM.findall(shown)
    assert len(alarms) == shown.count("urgent") + shown.count(" late")
    assert all(re.search(r"urgent|days? late", each) for each in alarms)
    plain = on_terminal(office, "list --table", 200, NO_COLOR="1")
    assert [line.rstrip() for line in COLOUR.sub("", shown).split("\n")] == plain.split("\n")


@needs_terminal
@pytest.mark.slow
@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_code_where_none_is_wanted(november_alone: Office, environ: dict[str, str]) -> None:
    for words, profile in LISTINGS:
        shown = on_terminal(november_alone, f"{words} --table", 100, profile, **environ)
        assert "\x1b" not in shown
        assert list(tables(shown))


@pytest.mark.slow
def test_in_a_pipe_there_is_no_code_and_a_fixed_width(november_alone: Office) -> None:
    office = november_alone
    office.environ.pop("COLUMNS", None)
    shown = piped(office, "list --table", TERM="xterm-256color", FORCE_COLOR="1").stdout
    assert "\x1b" not in shown
    assert "█" not in shown
    assert shown == in_pipe(office, "list --table", "anne", 80)


# ---- the bar of a sheet


def dispatch(office: Office, more: str, **environ: str) -> str:
    sheet = ROOT / "examples" / "dispatch-norwegian-excel.csv"
    result = office.folder / "result.csv"
    return on_terminal(office, f"dispatch --csv {sheet} --result {result} {more}", 80, **environ)


@pytest.mark.slow
@needs_terminal
def test_a_sheet_has_a_bar_that_leaves_nothing_behind(office: Office) -> None:
    shown = dispatch(office, "--table")
    drawn = [part for part in re.split("[\r\n]", shown) if "█" in part or "░" in part]
    assert drawn[0].startswith("░" * 30 + " 0 percent, 0 of ")
    assert drawn[-1].startswith("█" * 30 + " 100 percent, ")
    assert "\x1b" not in shown
    left = [line.rpartition("\r")[2] for line in shown.split("\n")]
    assert not [line for line in left if "█" in line or "░" in line]
    assert any(line.startswith("Done. ") for line in left)


@pytest.mark.slow
@needs_terminal
@pytest.mark.parametrize(
    ("more", "environ"), [("", {}), ("--table", {"TERM": "dumb"}), ("--table --quiet", {})]
)
def test_there_is_no_bar_but_where_it_is_wanted_and_can_be(
    office: Office, more: str, environ: dict[str, str]
) -> None:
    shown = dispatch(office, more, **environ)
    assert not re.search("[█░\r\x1b]", shown)
    assert Path(office.folder / "result.csv").read_text(encoding="utf-8-sig").startswith("row;")


@pytest.mark.slow
@needs_terminal
def test_a_result_on_the_same_terminal_is_not_mixed_with_the_bar(office: Office) -> None:
    sheet = ROOT / "examples" / "dispatch-norwegian-excel.csv"
    shown = on_terminal(office, f"dispatch --csv {sheet} --table", 80)
    assert "█" in shown
    left = [line.rstrip("\r").rpartition("\r")[2] for line in shown.split("\n")]
    rows = [line for line in left if re.match(r"\d+;\d+;", line)]
    assert len(rows) == 4
    assert not [line for line in left if "█" in line]


# ---- whatever is in it


@contextmanager
def looking(width: int, lang: str) -> Iterator[StringIO]:
    """Let a table be made as in a command, on a stream of that width."""
    stream = StringIO()
    output = Output("table", False, stream, StringIO())
    with entered(Frame(Globals(table=True), output, {"COLUMNS": str(width)}), lang):
        yield stream


def assignment(number: int, title: str, mentor: str, *, urgent: bool) -> Record:
    return Record(
        (
            Field("number", "Number", number),
            Field("title", "Title", title),
            Field("status", "Status", Status.DISPATCHED),
            Field("priority", "Priority", Priority.URGENT if urgent else Priority.NORMAL),
            Field("contact_due_at", "Contact deadline", None),
            Field("expires_at", "Can be read until", None),
            Field("recipient", "Mentor", "x"),
            Field("recipient_name", "Mentor's name", mentor),
        )
    )


ROW = st.builds(assignment, st.integers(1, 10**6), st.text(), st.text(), urgent=st.booleans())


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=6), st.integers(20, 220), st.sampled_from(LANGUAGES))
def test_whatever_is_in_it_no_line_is_too_wide_and_none_can_steer_a_terminal(
    rows: list[Record], width: int, lang: str
) -> None:
    with looking(width, lang) as stream:
        shown = page(["Found."], rows, ASSIGNMENTS, stream, colour=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
    assert all(cell_len(line) <= width for line in shown.split("\n"))
    numbers = [str(row.fields[0].value) for row in rows]
    found = re.findall(r"^(\d+)\b", shown.partition("─\n")[2], re.MULTILINE)
    assert found == numbers


def test_every_table_has_at_most_five_columns_and_one_that_is_always_there() -> None:
    made = [each for each in vars(listing_columns).values() if isinstance(each, tuple)]
    columns = [each for each in made if isinstance(each[0], TableColumn)]
    assert len(columns) > 12
    for each in columns:
        names = [column.name for column in each if column.name != "completed_since"]
        assert 1 <= len(names) <= 5
        assert len(set(names)) == len(names)
        assert min(column.rank for column in each) == 1
