"""What is said while a sheet is checked and sent: whole sentences, and no bare zero."""

from __future__ import annotations

import pytest

from tests.cli.test_sheet import row, sheet
from tests.office import Office
from tests.quick import a_few

WARNING = "Warning: The sheet is still readable on your disk. Delete it when you are done."


def said(office: Office, line: str, data: str, code: int = 0) -> list[str]:
    """Return the lines of a run on standard error, up to an error."""
    found = office.run(line, stdin=data)
    assert found.code == code, found.said
    return found.stderr.partition("Error: ")[0].splitlines()


def test_one_row_is_told_in_the_singular_and_two_in_the_plural(office: Office) -> None:
    assert said(office, "dispatch --csv -", sheet(row(1))) == [
        "Checking every row. Nothing is sent yet.",
        "1 row is checked. No row has problems.",
        "Sending 1 row.",
        "Done. 1 assignment is sent.",
        "The next sweep sends what waits, and says what cannot be sent.",
    ]
    told = said(office, "dispatch --csv -", sheet(row(1), row(2), row(3)))
    assert told[1:4] == [
        "3 rows are checked. No row has problems.",
        "Sending 3 rows.",
        "Done. 2 assignments are sent. 1 was sent before.",
    ]
    told = said(office, "dispatch --csv -", sheet(row(1), row(2), row(3)))
    assert told[-1] == "Done. No new assignment is sent. 3 were sent before."


def test_the_same_in_norwegian(office: Office) -> None:
    said(office, "dispatch --csv -", sheet(row(1)))
    assert said(office, "dispatch --csv - --lang nb", sheet(row(1), row(2)))[:4] == [
        "Kontrollerer alle radene. Ingenting sendes ennå.",
        "2 rader er kontrollert. Ingen rader har feil.",
        "Sender 2 rader.",
        "Ferdig. 1 oppdrag er sendt. 1 var sendt fra før.",
    ]


def test_drafts_are_not_said_to_be_sent(office: Office) -> None:
    told = said(office, "dispatch --csv - --no-dispatch", sheet(row(1), row(2)))
    assert told[-2:] == ["Saving 2 drafts.", "Done. 2 drafts are saved."]
    told = said(office, "dispatch --csv -", sheet(row(1), row(2), row(3)))
    assert "Done. 1 assignment is sent. 2 are drafts from before, not sent." in told


def test_rows_with_problems_are_counted(office: Office) -> None:
    good, bad = row(1), row(2, title="")
    told = said(office, "dispatch --csv - --skip-invalid", sheet(good, bad), 5)
    assert "2 rows are checked. 1 has problems." in told
    told = said(office, "dispatch --csv -", sheet(bad, row(3, title="")), 2)
    assert told[-1] == "2 rows are checked. 2 have problems."


@pytest.mark.parametrize(
    ("rows", "sentence"),
    a_few(
        2,
        of=[
            ([row(1)], "The row can be sent."),
            ([row(1), row(2)], "All 2 rows can be sent."),
            ([row(1), row(2, title="")], "1 of 2 rows can be sent."),
            ([row(1, title="")], "No row can be sent."),
        ],
    ),
)
def test_a_dry_run_says_how_many_can_be_sent(
    office: Office, rows: list[str], sentence: str
) -> None:
    found = office.run("dispatch --csv - --dry-run", stdin=sheet(*rows))
    assert found.stdout == f"{sentence} Nothing is sent.\n"


def test_a_sheet_on_the_disk_is_warned_of(office: Office) -> None:
    path = office.folder / "sheet.csv"
    path.write_text(sheet(row(1)), encoding="utf-8")
    assert WARNING in office.ok(f"dispatch --csv {path}").stderr.splitlines()
