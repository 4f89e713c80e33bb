"""A sheet with faults, options and repeats: told by row and column, never with a cell, sent once.

Every text that a test puts into a cell holds the canary; nothing the command says and nothing below
the home may hold it afterwards.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from assigncli.client import sheet as sending
from tests.must_hold import require_whole
from tests.office import ROOT, Office, Result
from tests.quick import only
from tests.refusals import FOEDSELSNUMMER, everything, rows

CANARY = "Zqxkanari"
COLUMNS = (
    "name", "address", "postal_code", "city", "phone", "medical_summary", "mentor", "title",
    "priority", "reference", "deadline_days", "expires", "consent", "coordinator_notes",
    "external_id",
)  # fmt: skip
GOOD = {
    "name": f"{CANARY} Prøvesen",
    "address": f"{CANARY}veien 4",
    "postal_code": "0181",
    "city": f"{CANARY}by",
    "phone": "22 11 22 11",
    "medical_summary": f"{CANARY}diagnose, synsrest.",
    "mentor": "kari",
    "title": "Hjemmebesøk",
}


def row(number: int, **cells: str) -> str:
    """Return a line of the sheet; without other cells it can be sent."""
    good = {**GOOD, "medical_summary": f"{CANARY}diagnose {number}."}
    return ";".join({**dict.fromkeys(COLUMNS, ""), **good, **cells}[name] for name in COLUMNS)


def sheet(*lines: str) -> str:
    return "\n".join((";".join(COLUMNS), *lines)) + "\n"


def write(office: Office, *lines: str, name: str = "sheet.csv") -> Path:
    """Write a sheet, outside the home, and return its path."""
    path = office.folder / name
    path.write_text(sheet(*lines), encoding="utf-8")
    return path


def require_silent(office: Office, *results: Result) -> None:
    """Assert that no cell is in what was said or below the home."""
    for result in results:
        assert CANARY.lower() not in result.said.lower()
        assert "Traceback" not in result.said
    for path in office.files():
        content = path.read_bytes()
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            for form in (CANARY, CANARY.lower()):
                assert form.encode(encoding) not in content, path.name


FAULTS: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"name": ""}, "name", "cell_empty"),
    ({"postal_code": "181"}, "postal_code", "postal_code_zero_lost"),
    ({"postal_code": f"{CANARY}0181"}, "postal_code", "payload_field_invalid"),
    ({"phone": f"{CANARY}1"}, "phone", "payload_field_invalid"),
    (
        {"medical_summary": f"{CANARY} {FOEDSELSNUMMER}"},
        "medical_summary",
        "payload_has_national_id",
    ),
    ({"mentor": f"{CANARY} Ås"}, "mentor", "handle_invalid"),
    ({"mentor": f"{CANARY.lower()}"}, "mentor", "member_not_found"),
    ({"mentor": "ola"}, "mentor", "recipient_is_active_peer_mentor"),
    ({"mentor": "anne"}, "mentor", "recipient_is_active_peer_mentor"),
    ({"title": ""}, "title", "cell_empty"),
    ({"title": f"Besøk hos {CANARY} Prøvesen"}, "title", "title_no_pii"),
    ({"title": CANARY * 40}, "title", "title_invalid"),
    ({"priority": f"{CANARY}"}, "priority", "priority_unknown"),
    ({"reference": CANARY * 40}, "reference", "subject_reference_max_length"),
    ({"deadline_days": f"{CANARY}3"}, "deadline_days", "deadline_days_invalid"),
    ({"deadline_days": "-3"}, "deadline_days", "contact_deadline_days_positive"),
    ({"expires": f"{CANARY}2030"}, "expires", "date_invalid"),
    ({"expires": "24.12.2020"}, "expires", "expires_at_in_future"),
    ({"consent": f"{CANARY}"}, "consent", "consent_unknown"),
    ({"coordinator_notes": f"Ring {CANARY} Prøvesen"}, "coordinator_notes", "title_no_pii"),
    ({"external_id": CANARY * 40}, "external_id", "external_id_invalid"),
)
WHOLE: tuple[tuple[str, str], ...] = (
    (row(90) + f";{CANARY}", "row_too_long"),
    (f"{CANARY};{CANARY}", "row_too_short"),
    (row(91, medical_summary=f'"{CANARY}" {CANARY}'), "quotes_unmatched"),
    (row(1), "row_repeated"),
)
"""Faults of a whole row, which have no column."""


def faulty(office: Office) -> tuple[Path, list[tuple[int, str | None, str]]]:
    """Write a sheet with every fault between good rows; return it and what is to be told."""
    lines = [row(1)]
    told: list[tuple[int, str | None, str]] = []
    for number, (cells, column, code) in enumerate(FAULTS, start=10):
        lines.append(row(number, **cells))
        told.append((len(lines) + 1, column, code))
        if number % 5 == 0:
            lines.append(row(100 + number))
    for line, code in WHOLE:
        lines.append(line)
        told.append((len(lines) + 1, None, code))
    return write(office, *lines, row(2)), told


def test_all_faults_are_told_in_one_run_and_nothing_is_written(office: Office) -> None:
    office.ok("member pause ola")
    path, expected = faulty(office)
    assert len(expected) >= 20
    before = everything(office)
    spoken = office.run(f"dispatch --csv {path} --json")
    assert spoken.code == 2
    told = [(each["row"], each["column"], each["code"]) for each in spoken.json["problems"]]
    assert told == expected
    assert spoken.error["code"] == "rows_invalid"
    plain = office.run(f"dispatch --csv {path}")
    assert (plain.code, plain.error_code) == (2, "rows_invalid")
    for (number, column, _code), each in zip(expected, spoken.json["problems"], strict=True):
        place = f"Row {number}: " if column is None else f"Row {number}, column {column}: "
        assert f"{place}{each['message']}" in plain.stderr.splitlines()
    for cell in (cell for cells, _column, _code in FAULTS for cell in cells.values()):
        assert len(cell) < 6 or cell not in spoken.said + plain.said
    assert everything(office) == before
    require_silent(office, spoken, plain)


def test_in_norwegian_no_cell_is_told_either(office: Office) -> None:
    path, _expected = faulty(office)
    require_silent(office, office.run(f"dispatch --csv {path} --lang nb"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "more", only("", "--json", of=["", "--json", "--quiet", "--table", "--debug"])
)
def test_the_good_rows_are_sent_if_that_is_asked_for(office: Office, more: str) -> None:
    office.ok("member pause ola")
    path, expected = faulty(office)
    good = len(path.read_text(encoding="utf-8").splitlines()) - 1 - len(expected)
    sent = office.run(f"dispatch --csv {path} --skip-invalid {more}")
    assert sent.code == 5, sent.said
    assert rows(office, "SELECT count(*) FROM assignments WHERE status = 'dispatched'") == [(good,)]
    require_silent(office, sent)
    require_whole(office)
    mended = write(office, *(row(number) for number in (1, 2, 3)))
    again = office.ok(f"dispatch --csv {mended} --json").json["rows"]
    assert [each["new"] for each in again] == [False, False, True]


def test_a_dry_run_writes_nothing(office: Office) -> None:
    good, (bad, _expected) = write(office, row(1), name="good.csv"), faulty(office)
    office.ok(f"dispatch --csv {good} --dry-run")  # which notes the device's own certificate
    before = everything(office), office.snapshot()
    assert (
        "The row can be sent. Nothing is sent.\n"
        in office.ok(f"dispatch --csv {good} --dry-run").stdout
    )
    spoken = office.ok(f"dispatch --csv {good} --dry-run --json")
    assert (spoken.json["rows"], spoken.json["good"], spoken.json["problems"]) == (1, 1, None)
    for more in ("", "--skip-invalid", f"--result {office.folder / 'result.csv'}"):
        assert office.run(f"dispatch --csv {bad} --dry-run {more}").code == 2
    assert (everything(office), office.snapshot()) == before
    assert not (office.folder / "result.csv").exists()


HEADERS: tuple[tuple[str, str, str], ...] = (
    ("medical_summary;", "medical_sumary;", "Did you mean medical_summary?"),
    ("postal_code;", "Postnummer;", "Did you mean postnr?"),
    ("external_id", "fødselsnummer", "is not known; take it out"),
    ("external_id", CANARY, "The name of column 15 is not known"),
    ("phone;", "", "There is no column by any of these names: phone, telefon, mobil."),
    ("city;", "phone;", "The columns phone and phone mean the same."),
)


@pytest.mark.parametrize(("name", "other", "said"), HEADERS)
def test_a_header_that_would_drop_a_column(
    office: Office, name: str, other: str, said: str
) -> None:
    """A column that is not known is not passed over: that is a person visited without notes."""
    head, rest = sheet(row(1)).split("\n", 1)
    data = head.replace(name, other, 1) + "\n" + rest
    before = everything(office)
    plain = office.refused("dispatch --csv - --skip-invalid", "header_refused", 2, stdin=data)
    assert said in plain.stderr
    spoken = office.run("dispatch --csv - --json", stdin=data)
    assert any(said in each["message"]
               for each in spoken.json["problems"])  # fmt: skip
    assert everything(office) == before
    require_silent(office, plain, spoken)


def test_a_sheet_without_a_header_is_refused_and_its_person_not_named(office: Office) -> None:
    refused = office.refused("dispatch --csv -", "header_refused", 2, stdin=row(1) + "\n")
    assert "The first row does not hold the names of the columns" in refused.stderr
    require_silent(office, refused)


def test_the_mentor_beside_the_sheet(office: Office) -> None:
    without = "\n".join(
        ";".join(cell for at, cell in enumerate(line.split(";")) if at != COLUMNS.index("mentor"))
        for line in sheet(row(1)).splitlines()
    )
    office.refused("dispatch --csv -", "header_refused", 2, stdin=without)
    twice = office.refused("dispatch --csv - --to kari", "header_refused", 2, stdin=sheet(row(1)))
    assert "The sheet has a column mentor" in twice.stderr
    unknown = office.run("dispatch --csv - --to nobody", stdin=without)
    assert (unknown.code, unknown.error_code) == (2, "rows_invalid")
    office.refused("dispatch --csv - --to 'no handle'", "handle_invalid", 2, stdin=without)
    office.ok("dispatch --csv - --to kari", stdin=without)
    assert CANARY in office.read(1).stdout
    again = office.ok("dispatch --csv - --json", stdin=sheet(row(1))).json["rows"]
    assert [each["new"] for each in again] == [False]


@pytest.mark.parametrize("mentor", ["ola", f"{CANARY.lower()}", "anne"])
def test_a_mentor_who_cannot_be_sent_any_is_told_by_place(office: Office, mentor: str) -> None:
    office.ok("member pause ola")
    refused = office.run("dispatch --csv -", stdin=sheet(row(1), row(2, mentor=mentor)))
    assert refused.code == 2
    assert "Row 3, column mentor: This mentor cannot be sent" in refused.stderr
    assert mentor not in refused.said
    require_silent(office, refused)


def test_drafts_are_left_and_a_later_run_tells_them(office: Office) -> None:
    data = sheet(row(1), row(2))
    left = office.ok("dispatch --csv - --no-dispatch", stdin=data)
    assert [line.split(";")[3] for line in left.stdout.split("\r\n")[1:-1]] == ["pending"] * 2
    office.ok("dispatch 1")
    later = office.ok("dispatch --csv - --json", stdin=data).json["rows"]
    assert [(each["number"], each["status"], each["new"]) for each in later] == [
        (1, "dispatched", False),
        (2, "pending", False),
    ]
    require_whole(office)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("--delimiter pipe", "delimiter_unknown"),
        ("--encoding klingon", "encoding_unknown"),
        ("--encoding utf-8", "encoding_wrong"),
        ("--delimiter comma", "header_refused"),
        ("--delimiter tab", "header_refused"),
    ],
)
def test_a_wrong_encoding_or_delimiter_that_is_forced_is_refused(
    office: Office, more: str, code: str
) -> None:
    data = sheet(row(1)).encode("cp1252")
    require_silent(office, office.refused(f"dispatch --csv - {more}", code, 2, stdin=data))


@pytest.mark.parametrize("more", ["--delimiter semicolon", "--delimiter ';'", "--encoding cp1252"])
def test_a_right_encoding_or_delimiter_that_is_forced_is_used(office: Office, more: str) -> None:
    office.ok(f"dispatch --csv - {more}", stdin=sheet(row(1)).encode("cp1252"))
    assert f"{CANARY} Prøvesen" in office.read(1).stdout


def test_the_result_in_a_file_opens_in_norwegian_excel(office: Office) -> None:
    path, target = write(office, row(1), "", row(2)), office.folder / "result.csv"
    sent = office.ok(f"dispatch --csv {path} --result {target}")
    assert sent.stdout == ""
    data = target.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfrow;number;id;status\r\n")
    assert data.count(b"\n") == data.count(b"\r\n") == 3
    lines = [line.split(";") for line in data.decode("utf-8-sig").splitlines()[1:]]
    assert [(line[0], line[1], line[3]) for line in lines] == [
        ("2", "1", "dispatched"),
        ("4", "2", "dispatched"),
    ]
    assert [UUID(line[2]).hex for line in lines] == [
        str(found) for (found,) in rows(office, "SELECT id FROM assignments ORDER BY number")
    ]
    office.ok(f"dispatch --csv {path} --result {target}")
    assert target.read_bytes() == data


def test_the_result_is_not_written_over_the_sheet(office: Office) -> None:
    path = write(office, row(1))
    link = office.folder / "link.csv"
    link.symlink_to(path)
    before, data = everything(office), path.read_bytes()
    for target in (path, link, path.parent / "." / path.name):
        line = f"dispatch --csv {path} --result {target}"
        office.refused(line, "result_is_sheet", 2)
    assert path.read_bytes() == data
    assert everything(office) == before


def test_a_result_that_cannot_be_written_is_refused_before_anything_is_sent(
    office: Office,
) -> None:
    path, before = write(office, row(1)), everything(office)
    for target in (office.folder / "no" / "result.csv", office.folder):
        office.refused(f"dispatch --csv {path} --result {target}", "result_unwritable", 2)
    assert everything(office) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_result_that_no_longer_can_be_written_says_how_to_go_on(office: Office) -> None:
    path = write(office, row(1))
    full = office.refused(f"dispatch --csv {path} --result /dev/full", "result_unwritable", 5)
    assert "No row is sent twice" in full.stderr
    again = office.ok(f"dispatch --csv {path} --json").json["rows"]
    assert [each["new"] for each in again] == [False]


def test_a_row_that_became_bad_after_the_check_is_not_passed_over(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    check: Callable[..., sending.Checked] = sending.check

    def paused_after(*arguments: object) -> sending.Checked:
        found = check(*arguments)
        Office(office.folder, office.now).ok("member pause ola")
        return found

    monkeypatch.setattr(sending, "check", paused_after)
    path = write(office, row(1), row(2, mentor="ola"))
    sent = office.run(f"dispatch --csv {path}")
    assert (sent.code, sent.error_code) == (5, "rows_skipped")
    assert rows(office, "SELECT count(*) FROM assignments") == [(1,)]


@pytest.mark.parametrize(
    "line",
    [
        "dispatch",
        "dispatch 1 --csv sheet.csv",
        "dispatch 1 --dry-run",
        "dispatch 1 --skip-invalid",
        "dispatch 1 --result result.csv",
        "dispatch 1 --to kari",
        "dispatch 1 --no-dispatch",
        "dispatch --dry-run",
    ],
)
def test_a_number_and_a_sheet_do_not_go_together(office: Office, line: str) -> None:
    office.refused(line, "usage", 2)


def test_a_sheet_that_cannot_be_read(office: Office) -> None:
    for source in (office.folder / "none.csv", office.folder):
        office.refused(f"dispatch --csv {source}", "sheet_unreadable", 2)
    office.refused("dispatch --csv -", "file_empty", 2)


def test_only_a_coordinator_sends_a_sheet(office: Office) -> None:
    line, data = "dispatch --csv -", sheet(row(1))
    office.refused(line, "only_coordinator_can_dispatch", 6, profile="kari", stdin=data)


def test_the_same_sheet_again_makes_nothing_twice(office: Office) -> None:
    path = write(office, row(1), row(2), row(3, external_id=f"{CANARY}-3"))
    first = office.ok(f"dispatch --csv {path}")
    kept = everything(office)
    again = office.ok(f"dispatch --csv {path}")
    assert again.stdout == first.stdout
    assert "Done. No new assignment is sent. 3 were sent before.\n" in again.stderr
    assert everything(office) == kept
    changed = office.folder / "changed.csv"
    changed.write_text(sheet(row(3, external_id=f"{CANARY}-3"), row(4), row(1)), encoding="utf-16")
    spoken = office.ok(f"dispatch --csv {changed} --json").json["rows"]
    assert [(each["number"], each["new"]) for each in spoken] == [(3, False), (4, True), (1, False)]
    assert list(spoken[0]) == ["row", "number", "id", "status", "new"]
    require_silent(office, first, again)
    require_whole(office)


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX")
def test_a_pipe_with_a_name_is_read_once_and_sent(office: Office) -> None:
    """A shell's <(...) can be read once only: what was checked is what is sent."""
    pipe = office.folder / "pipe"
    os.mkfifo(pipe)
    command = "import sys; open(sys.argv[1], 'wb').write(sys.argv[2].encode())"
    with subprocess.Popen([sys.executable, "-c", command, str(pipe), sheet(row(1))]):
        sent = office.ok(f"dispatch --csv {pipe} --json").json["rows"]
    assert [each["new"] for each in sent] == [True]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_the_example_script(office: Office) -> None:
    script, target = ROOT / "examples" / "dispatch-sheet.sh", office.folder / "result.csv"
    folder = office.folder / "bin"
    folder.mkdir()
    program = shlex.join(office.command("", profile=None))
    (folder / "assign").write_text(f'#!/bin/sh\nexec {program} --profile anne "$@"\n')
    (folder / "assign").chmod(0o700)
    env = {**office.process_env(), "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    good, (bad, _expected) = write(office, row(1), row(2), name="good.csv"), faulty(office)

    def ran(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(script), *map(str, words)],
            env=env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    refused = ran(bad, target)
    assert (refused.returncode, target.exists()) == (2, False), refused.stderr
    assert CANARY not in refused.stdout + refused.stderr
    sent = ran(good, target)
    assert sent.returncode == 0, sent.stderr
    assert "All 2 rows can be sent. Nothing is sent." in sent.stdout
    assert target.read_bytes().count(b"dispatched") == 2
    assert ran().returncode == 2
    assert rows(office, "SELECT count(*) FROM assignments") == [(2,)]
