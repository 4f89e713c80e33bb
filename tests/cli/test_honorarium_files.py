"""Honorarium figures as files: CSV, XLSX, JSON and text, written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.acts import sent
from tests.cli.test_honorarium import completed, guards_of, mentors
from tests.office import Office
from tests.quick import a_few, only
from tests.refusals import damage, refused

HEADER = (
    "Name;Handle;Reporting cycle;Sent;Completed;Honorarium;Standard reached;"
    "Standard reached with assignment;Elevated reached;Elevated reached with assignment;"
    "Next honorarium;Completions left to the next;Completed, sent in another cycle\r\n"
)
ROWS = (
    "Kari Nordmann;kari;2026;3;3;standard;22.11.2026;3;;;elevated;12;0\r\n"
    "Per Ås;per;2026;1;0;none;;;;;standard;3;0\r\n"
)

REACHED = datetime.fromisoformat("2026-11-22")
"""A day as a spreadsheet has it: the local one, without a time zone."""


@pytest.fixture(scope="module")
def worked(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office that `busy` is a copy of; tests leave it alone."""
    office = founded.copy_to(tmp_path_factory.mktemp("worked") / "office")
    completed(office, 2)
    office.later(hours=12, minutes=30)
    completed(office, 1)
    sent(office, 1, to="per")
    return office


@pytest.fixture
def busy(worked: Office, tmp_path: Path) -> Office:
    """Kari has reached the standard honorarium, at half past midnight in Oslo; Per has one sent."""
    return worked.copy_to(tmp_path / "office")


def exports(office: Office) -> int:
    """Return how many exports are recorded."""
    with closing(sqlite3.connect(office.store)) as db:
        (count,) = db.execute(
            "SELECT count(*) FROM audit_log WHERE action = 'honorarium.exported'"
        ).fetchone()
    return int(count)


def renamed(office: Office, name: str) -> None:
    """Give Per a name past every check, as raw SQL can."""
    with closing(sqlite3.connect(office.store)) as db:
        quoted = db.execute("SELECT quote(?)", (name,)).fetchone()[0]
    damage(
        office,
        f"UPDATE members SET display_name = {quoted} WHERE handle = 'per'",
        guards=guards_of(office, "members"),
    )


@pytest.mark.slow
def test_csv_for_norwegian_excel_byte_for_byte(busy: Office) -> None:
    path = busy.folder / "figures.csv"
    said = busy.ok(f"honorarium report --output {path}").stdout
    assert said == (f"The figures are written to {path}: 2 rows.\n")
    assert path.read_bytes() == b"\xef\xbb\xbf" + (HEADER + ROWS).encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    on_stdout = busy.ok("honorarium report --format csv").stdout
    assert on_stdout.encode() == path.read_bytes()
    assert exports(busy) == 2


def test_csv_in_norwegian(busy: Office) -> None:
    header, first, _per, _end = busy.ok("honorarium report --format csv --lang nb").stdout.split(
        "\r\n"
    )
    assert header.startswith("\ufeffNavn;")
    assert ";Fullført;Honorar;" in header
    assert ";22.11.2026;" in first


@pytest.mark.parametrize(
    "name",
    only("=1+1", "\tx", of=["=1+1", "+47", "-x", "@SUM(A1)", "\tx", "＝1", "=cmd|' /C x'!A0"]),
)
def test_no_cell_is_a_formula(busy: Office, name: str) -> None:
    renamed(busy, name)
    text = busy.ok("honorarium report --format csv").stdout
    cells = [row[0] for row in csv.reader(io.StringIO(text), delimiter=";")]
    assert any(cell.endswith(name.strip()) for cell in cells)
    assert not any(cell.startswith(tuple("=+-@＝\t")) for cell in cells)
    path = busy.folder / "figures.xlsx"
    busy.ok(f"honorarium report --output {path}")
    types = {cell.data_type for row in sheet(path).iter_rows() for cell in row}
    assert types <= {"s", "n", "d"}


@pytest.mark.slow
def test_what_was_taken_back_since_is_a_negative_number(busy: Office) -> None:
    busy.ok("honorarium report --format csv")
    busy.ok("recall --yes 4")
    path = busy.folder / "figures.xlsx"
    busy.ok(f"honorarium report --since --output {path}")
    (*_figures, dispatched_since, completed_since, reached_since) = next(
        sheet(path).iter_rows(min_row=2, values_only=True)
    )
    assert (dispatched_since, completed_since, reached_since) == (-1, 0, None)
    busy.ok("honorarium report --since --format csv")
    assert exports(busy) == 3


@pytest.mark.slow
def test_a_negative_number_is_one_in_csv(busy: Office) -> None:
    busy.ok("honorarium report --format csv")
    busy.ok("recall --yes 4")
    said = busy.ok("honorarium report --since --format csv").stdout
    assert said.endswith("\r\nPer Ås;per;2026;0;0;none;;;;;standard;3;0;-1;0;\r\n")


def test_no_name_can_steer_a_terminal_or_break_a_row(busy: Office) -> None:
    renamed(busy, 'Per;"Ås"\r\n\x1b[2JX')
    text = busy.ok("honorarium report --format csv").stdout
    assert "\x1b" not in text
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert len(rows) == 3
    assert {len(row) for row in rows} == {13}
    assert 'Per;"Ås" <U+001B>[2JX' in [row[0] for row in rows]


def sheet(path: Path) -> Any:
    """Return the only sheet of a workbook."""
    book = openpyxl.load_workbook(path)
    (found,) = book.worksheets
    return found


def test_xlsx_has_real_dates_and_numbers(busy: Office) -> None:
    path = busy.folder / "figures.XLSX"
    busy.ok(f"honorarium report --output {path}")
    found = sheet(path)
    header, kari, per, sums = found.iter_rows(values_only=True)
    assert ";".join(header) + "\r\n" == HEADER
    assert kari[:8] == ("Kari Nordmann", "kari", "2026", 3, 3, "standard", REACHED, 3)
    assert kari[8:] == (None, None, "elevated", 12, 0)
    assert per[:7] == ("Per Ås", "per", "2026", 1, 0, "none", None)
    assert sums == ("In all", None, None, 4, 3, *[None] * 7, 0)
    assert (found.freeze_panes, found["G2"].number_format) == ("A2", "dd.mm.yyyy")
    assert (found["G2"].is_date, found["D2"].data_type) == (True, "n")
    assert found["A1"].font.bold
    assert found["A4"].font.bold
    assert found.column_dimensions["A"].width >= len("Kari Nordmann")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_xlsx_of_visits(busy: Office) -> None:
    path = busy.folder / "visits.xlsx"
    busy.ok(f"honorarium report --activity --output {path}")
    assert list(sheet(path).iter_rows(values_only=True)) == [
        (*HEADER.split(";")[:3], "In person", "Not in person", "Not said", "All completed"),
        ("Kari Nordmann", "kari", "2026", 0, 0, 3, 3),
        ("In all", None, None, 0, 0, 3, 3),
    ]


def test_json_is_the_same_document_everywhere(busy: Office) -> None:
    path = busy.folder / "figures.json"
    document = busy.ok("honorarium report --json").stdout
    busy.ok(f"honorarium report --output {path} --lang nb")
    assert path.read_text(encoding="utf-8") == document
    assert busy.ok("honorarium report --format json").stdout == document
    assert json.loads(document)["mentors"][0]["standard_reached_at"] == "2026-11-21T23:30:00Z"
    visits = busy.ok("honorarium report --activity --format json").json
    assert visits["mentors"][0]["visits"] == 3


def test_text_has_the_year_of_each_day_and_goes_by_the_ending_of_the_name(busy: Office) -> None:
    heard = busy.ok("honorarium report").stdout
    assert "22 November, with" in heard
    heard = heard.replace("22 November, with", "22 November 2026, with")
    for name in ("figures", "figures.txt", "figures.pdf"):
        busy.ok(f"honorarium report --output {busy.folder / name}")
        assert (busy.folder / name).read_text(encoding="utf-8") == heard
    busy.ok(f"honorarium report --output {busy.folder / 'odd.csv'} --format json")
    assert json.loads((busy.folder / "odd.csv").read_bytes())["cycles"]
    written = busy.ok(f"honorarium report --json --output {busy.folder / 'x.csv'}").json
    assert (written["format"], written["rows"], written["recorded"]) == ("csv", 2, True)


def test_nothing_to_report_is_a_file_with_its_header(office: Office) -> None:
    path = office.folder / "figures.csv"
    office.ok(f"honorarium report --output {path}")
    assert path.read_bytes() == b"\xef\xbb\xbf" + HEADER.encode()
    office.ok(f"honorarium report --output {office.folder / 'figures.xlsx'}")
    assert len(list(sheet(office.folder / "figures.xlsx").iter_rows())) == 2


def test_a_file_that_is_there_stays_unless_forced(busy: Office) -> None:
    path = busy.folder / "figures.csv"
    path.write_text("mine")
    refused(busy, f"honorarium report --output {path}", "output_exists", 2)
    assert path.read_text() == "mine"
    busy.ok(f"honorarium report --output {path} --force")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfName;")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert exports(busy) == 1


@pytest.mark.skipif(os.name != "posix", reason="links and modes are POSIX")
@pytest.mark.parametrize("place", ["missing/figures.csv", "closed/figures.csv", "folder", "\x7f/x"])
@pytest.mark.parametrize("force", a_few(1, of=["", "--force"]))
def test_where_nothing_can_be_written(busy: Office, place: str, force: str) -> None:
    (busy.folder / "folder").mkdir()
    (busy.folder / "closed").write_text("a file, not a folder")
    line = f"honorarium report --output '{busy.folder / place}' --format csv {force}"
    refused(busy, line, "output_unwritable", 2)
    assert exports(busy) == 0


@pytest.mark.parametrize("suffix", a_few(2, of=["", ".vault", "-journal"]))
def test_the_store_is_not_written_over(busy: Office, suffix: str) -> None:
    path = busy.store.with_name(busy.store.name + suffix)
    refused(busy, f"honorarium report --output {path} --force", "output_unwritable", 2)


@pytest.mark.skipif(os.name != "posix", reason="links are POSIX")
def test_a_link_is_not_followed(busy: Office) -> None:
    other = busy.folder / "other.txt"
    link = busy.folder / "figures.csv"
    link.symlink_to(other)
    refused(busy, f"honorarium report --output {link}", "output_unwritable", 2)
    other.write_text("mine")
    refused(busy, f"honorarium report --output {link}", "output_exists", 2)
    busy.ok(f"honorarium report --output {link} --force")
    assert (link.is_symlink(), other.read_text()) == (False, "mine")


@pytest.mark.parametrize(
    "line",
    ["report --format xlsx", "report --format xlsx --json", "report --format csv --json"],
)
def test_what_standard_output_cannot_hold(office: Office, line: str) -> None:
    result = office.run(f"honorarium {line}")
    assert (result.code, result.stdout) == (2, "")
    assert "output_needed" in result.stderr
    assert exports(office) == 0


def test_what_fails_at_the_last_moment_is_neither_there_nor_recorded(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody makes the file while ours is prepared; or the rename itself fails."""
    path = busy.folder / "figures.csv"
    link = os.link

    def faster(source: str, target: Path) -> None:
        path.write_text("theirs")
        link(source, target)

    monkeypatch.setattr(os, "link", faster)
    busy.refused(f"honorarium report --output {path}", "output_exists", 2)
    assert path.read_text() == "theirs"

    def fails(_source: str, _target: Path) -> None:
        raise OSError("no")

    monkeypatch.setattr(os, "replace", fails)
    busy.refused(f"honorarium report --output {path} --force", "output_unwritable", 2)
    monkeypatch.undo()
    assert exports(busy) == 0
    assert [each.name for each in busy.folder.glob(".assign-*")] == []
    assert list(mentors(busy, "--since")) == ["kari", "per"]


def test_a_file_system_without_links(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_source: str, _target: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuses)
    path = busy.folder / "figures.csv"
    busy.ok(f"honorarium report --output {path}")
    assert path.read_bytes().endswith(ROWS.encode())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libre_office_opens_the_csv_as_it_is(busy: Office) -> None:
    path = busy.folder / "figures.csv"
    busy.ok(f"honorarium report --output {path}")
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(busy.folder / 'office-profile').as_uri()}",
            "--headless",
            "--infilter=CSV:59,34,76,1,,1044,false,true",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(busy.folder),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    header, kari, per = sheet(busy.folder / "figures.xlsx").iter_rows(values_only=True)
    assert header[0] == "Name"
    assert len(header) == 13
    assert kari[:8] == ("Kari Nordmann", "kari", 2026, 3, 3, "standard", REACHED, 3)
    assert per[0] == "Per Ås"


def test_a_clock_behind_the_log_is_found_before_the_file_is_written(busy: Office) -> None:
    path, before = busy.folder / "figures.csv", exports(busy)
    busy.later(minutes=-10)
    for own, profile in (("", "anne"), ("--mentor kari ", "kari")):
        line = f"honorarium report {own}--output {path}"
        busy.refused(line, "clock_behind", 1, profile=profile)
        assert not path.exists()
    busy.later(minutes=10)
    assert exports(busy) == before
