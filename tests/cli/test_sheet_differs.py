"""The same external id with another person or brief: told with the number, and never sent.

What was sent under the id stays as it is; the other rows are sent as usual, and the exit code is 5.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from assigncli.client import sheet as sending
from tests.must_hold import require_whole
from tests.office import Office, Result
from tests.processes import Command, started_at_once
from tests.refusals import everything, rows, shares
from tests.sweeping import moment, settled, sweep

HEAD = (
    "navn;adresse;postnr;poststed;telefon;epikrise;praktiske_notater;likeperson;tittel;prioritet;"
    "referanse;frist_dager;utløper;samtykke;merknad;ekstern_id"
)
ROW = {
    "navn": "Ågot Prøvesen", "adresse": "Prøveveien 4", "postnr": "0181", "poststed": "Oslo",
    "telefon": "22 11 22 11", "epikrise": "Synsrest.", "praktiske_notater": "Ring på.",
    "likeperson": "kari", "tittel": "Hjemmebesøk", "prioritet": "vanlig", "referanse": "S-1",
    "frist_dager": "7", "utløper": "31.12.2026", "samtykke": "nei", "merknad": "Helst om morgenen.",
    "ekstern_id": "HF-1",
}  # fmt: skip
OTHER = {
    "navn": "Bjørn Prøvesen", "adresse": "Prøveveien 5", "postnr": "0182", "poststed": "Ås",
    "telefon": "22 11 22 12", "epikrise": "Nattblind.", "praktiske_notater": "",
    "likeperson": "ola", "tittel": "Telefonsamtale", "prioritet": "haster", "referanse": "",
    "frist_dager": "", "utløper": "30.12.2026", "samtykke": "ja", "merknad": "",
}  # fmt: skip
"""For each column another cell: every one of them is sent, or decides what is sent."""


def row(**cells: str) -> str:
    return ";".join({**ROW, **cells}.values())


def sheet(*lines: str) -> str:
    return "\n".join((HEAD, *lines)) + "\n"


def sent(office: Office, *lines: str, more: str = "") -> Result:
    """Run the sheet in JSON."""
    return office.run(f"dispatch --csv - --json {more}", stdin=sheet(*lines))


def told(result: Result) -> list[tuple[int, int, str, bool]]:
    return [
        (each["row"], each["number"], each["status"], each["new"]) for each in result.json["rows"]
    ]


def test_every_column_is_compared() -> None:
    assert HEAD.split(";") == [*ROW]
    assert {*OTHER} == {*ROW} - {"ekstern_id"}


def test_another_person_under_the_same_id_is_told_and_not_sent(office: Office) -> None:
    office.ok("dispatch --csv -", stdin=sheet(row(), row(ekstern_id="HF-2")))
    before = rows(office, "SELECT * FROM assignments WHERE number = 1")
    found = sent(office, row(ekstern_id="HF-3"), row(**OTHER), row(ekstern_id="HF-2"))
    assert (found.code, found.error["code"]) == (5, "rows_differ")
    assert told(found) == [
        (2, 3, "dispatched", True),
        (3, 1, "differs", False),
        (4, 2, "dispatched", False),
    ]
    assert [(each["row"], each["column"], each["code"]) for each in found.json["problems"]] == [
        (3, "ekstern_id", "row_differs")
    ]
    assert rows(office, "SELECT * FROM assignments WHERE number = 1") == before
    assert "Ågot" in office.read(1).stdout
    require_whole(office)


def test_it_is_said_once_in_words_and_stands_in_the_result(office: Office) -> None:
    office.ok("dispatch --csv -", stdin=sheet(row()))
    target = office.folder / "result.csv"
    data = sheet(row(navn="Bjørn Prøvesen"), row(ekstern_id="HF-2"))
    plain = office.run(f"dispatch --csv - --result {target}", stdin=data)
    assert (plain.code, plain.error_code) == (5, "rows_differ")
    assert plain.stderr.count("Row 2, column ekstern_id: The row differs from what was sent") == 1
    assert "as assignment 1." in plain.stderr
    assert (
        "Done. 1 assignment is sent. 1 differs from what was sent, and is not sent." in plain.stderr
    )
    assert "1 row differs from what was sent before, so it was not sent." in plain.stderr
    assert "Bjørn" not in plain.said
    lines = [line.split(";") for line in target.read_text(encoding="utf-8-sig").splitlines()[1:]]
    assert [(line[0], line[1], line[3]) for line in lines] == [
        ("2", "1", "differs"),
        ("3", "2", "dispatched"),
    ]
    norwegian = office.run("dispatch --csv - --lang nb", stdin=data).stderr
    assert "Raden avviker fra det som ble sendt som oppdrag 1." in norwegian


@pytest.mark.slow
def test_each_column_alone_makes_a_difference(office: Office) -> None:
    office.ok("dispatch --csv -", stdin=sheet(row()))
    before = everything(office)
    for column, cell in OTHER.items():
        found = sent(office, row(**{column: cell}))
        assert (found.code, told(found)) == (5, [(2, 1, "differs", False)]), column
    assert everything(office) == before
    assert sent(office, row()).code == 0


def test_the_same_row_saved_anew_is_no_other(office: Office) -> None:
    """Another delimiter, encoding, order, language, date, and line breaks."""
    office.ok("dispatch --csv -", stdin=sheet(row(epikrise='"Synsrest.\nHører godt."')))
    english = {
        "navn": "name", "adresse": "address", "postnr": "postal_code", "poststed": "city",
        "telefon": "phone", "epikrise": "medical_summary", "praktiske_notater": "practical_notes",
        "likeperson": "mentor", "tittel": "title", "prioritet": "priority",
        "referanse": "reference", "frist_dager": "deadline_days", "utløper": "expires",
        "samtykke": "consent", "merknad": "coordinator_notes", "ekstern_id": "external_id",
    }  # fmt: skip
    cells = {
        **ROW, "epikrise": '"Synsrest.\r\nHører godt."', "utløper": "2026-12-31",
        "prioritet": "NORMAL", "samtykke": "", "telefon": "22\u00a011 22 11", "postnr": "'0181",
        "navn": "A\u030agot Prøvesen", "likeperson": "Kari",
    }  # fmt: skip
    turned = [(english[name].upper(), cells[name]) for name in reversed(ROW)]
    data = "sep=\t\r\n\r\n" + "\r\n".join("\t".join(part) for part in zip(*turned, strict=True))
    found = office.ok("dispatch --csv - --json", stdin=data.encode("utf-16"))
    assert told(found) == [(3, 1, "dispatched", False)]


def test_without_an_id_a_changed_row_is_a_new_one(office: Office) -> None:
    first = office.ok("dispatch --csv - --json", stdin=sheet(row(ekstern_id="")))
    second = office.ok("dispatch --csv - --json", stdin=sheet(row(**OTHER, ekstern_id="")))
    assert told(first) + told(second) == [(2, 1, "dispatched", True), (2, 2, "dispatched", True)]


def test_a_dry_run_says_the_same_and_sends_nothing(office: Office) -> None:
    office.ok("dispatch --csv -", stdin=sheet(row()))
    before = everything(office), office.snapshot()
    data = (row(tittel="Telefonsamtale"), row(ekstern_id="HF-2"))
    spoken = sent(office, *data, more="--dry-run")
    assert (spoken.code, spoken.error["code"]) == (5, "rows_differ")
    assert (spoken.json["rows"], spoken.json["good"]) == (2, 1)
    assert [each["code"] for each in spoken.json["problems"]] == ["row_differs"]
    plain = office.run("dispatch --csv - --dry-run", stdin=sheet(*data))
    assert (plain.code, plain.error_code) == (5, "rows_differ")
    assert "Row 2, column ekstern_id: The row differs from what was sent as" in plain.stderr
    assert "1 of 2 rows can be sent" in plain.stdout
    assert (everything(office), office.snapshot()) == before


def test_beside_a_row_with_a_problem(office: Office) -> None:
    """That row stops the sheet as ever; with --skip-invalid both are left out, and both said."""
    office.ok("dispatch --csv -", stdin=sheet(row()))
    data = (row(tittel="Samtale"), row(ekstern_id="HF-2", telefon="1"), row(ekstern_id="HF-3"))
    stopped = office.run("dispatch --csv -", stdin=sheet(*data))
    assert (stopped.code, stopped.error_code) == (2, "rows_invalid")
    assert "1 row has problems, so nothing was sent. 1 row differs" in stopped.stderr
    assert rows(office, "SELECT count(*) FROM assignments") == [(1,)]
    skipped = sent(office, *data, more="--skip-invalid")
    assert (skipped.code, skipped.error["code"]) == (5, "rows_skipped")
    assert told(skipped) == [(2, 1, "differs", False), (4, 2, "dispatched", True)]
    assert [each["code"] for each in skipped.json["problems"]] == [
        "row_differs",
        "payload_field_invalid",
    ]


def test_an_edited_draft_is_still_the_row_it_was_made_from(office: Office) -> None:
    office.ok("dispatch --csv - --no-dispatch", stdin=sheet(row()))
    office.ok(f"edit 1 --title Telefonsamtale --to ola --payload {office.person()}")
    assert told(sent(office, row())) == [(2, 1, "pending", False)]
    found = sent(office, row(tittel="Telefonsamtale"))
    assert (found.code, told(found)) == (5, [(2, 1, "differs", False)])
    (problem,) = found.json["problems"]
    assert "draft 1 was made from" in problem["message"]
    office.ok("dispatch 1")
    assert told(sent(office, row())) == [(2, 1, "dispatched", False)]


@pytest.mark.parametrize("end", ["recall 1 --yes", "cancel 1 --reason Moved --yes"])
def test_what_was_taken_back_is_not_sent_by_another_row(office: Office, end: str) -> None:
    office.ok("dispatch --csv -", stdin=sheet(row()))
    office.ok(end)
    found = sent(office, row(navn="Bjørn Prøvesen"))
    assert (found.code, told(found)) == (5, [(2, 1, "differs", False)])


def test_another_runs_row_is_told_when_it_comes_between_check_and_sending(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    check: Callable[..., sending.Checked] = sending.check

    def then_another(*arguments: object) -> sending.Checked:
        found = check(*arguments)
        monkeypatch.setattr(sending, "check", check)
        Office(office.folder, office.now).ok("dispatch --csv -", stdin=sheet(row(**OTHER)))
        return found

    monkeypatch.setattr(sending, "check", then_another)
    found = sent(office, row(), row(ekstern_id="HF-2"))
    assert (found.code, found.error["code"]) == (5, "rows_differ")
    assert told(found) == [(2, 1, "differs", False), (3, 2, "dispatched", True)]
    assert [each["code"] for each in found.json["problems"]] == ["row_differs"]
    require_whole(office)


@pytest.mark.slow
def test_two_runs_at_once_with_other_rows_under_the_same_ids(office: Office) -> None:
    """Each id is sent once, by one of the two; the other tells each of its rows that differs."""
    paths: list[Path] = []
    for name, title in (("one", "Hjemmebesøk"), ("two", "Telefonsamtale")):
        path = office.folder / f"{name}.csv"
        lines = [row(ekstern_id=f"HF-{number}", tittel=title) for number in range(40)]
        path.write_text(sheet(*lines), encoding="utf-8")
        paths.append(path)
    ended = started_at_once(office, *(Command(f"dispatch --csv {path}") for path in paths))
    assert rows(office, "SELECT count(*), count(DISTINCT import_key) FROM assignments") == [
        (40, 40)
    ]
    differing = sum(each.stdout.count(";differs") for each in ended)
    assert differing == 40
    assert sum(each.stderr.count("The row differs from") for each in ended) == 40
    assert {each.code for each in ended} <= {0, 5}
    assert 5 in {each.code for each in ended}
    require_whole(office)


@pytest.mark.slow
def test_an_old_sheet_sends_nothing_again_after_its_rows_were_archived(office: Office) -> None:
    lasting = {"utløper": "31.12.2031"}
    office.ok("dispatch --csv -", stdin=sheet(row(**lasting), row(**lasting, ekstern_id="")))
    for number in (1, 2):
        office.to_status(number, "completed")
    settled(office)
    kept = rows(office, "SELECT import_key, import_digest FROM assignments ORDER BY number")
    office.now = moment("2028-01-10T11:00:00")
    sweep(office)
    assert rows(office, "SELECT count(*) FROM assignments") == [(0,)]
    assert kept == rows(
        office, "SELECT import_key, import_digest FROM archived_assignments ORDER BY number"
    )
    again = sent(office, row(**lasting), row(**lasting, ekstern_id=""))
    assert told(again) == [(2, 1, "completed", False), (3, 2, "completed", False)]
    other = sent(office, row(**lasting, navn="Bjørn Prøvesen"))
    assert (other.code, told(other)) == (5, [(2, 1, "differs", False)])
    assert rows(office, "SELECT count(*) FROM assignments") == [(0,)]
    assert shares(office) == 0


def test_the_digest_tells_nothing_without_the_organisations_key(office: Office) -> None:
    """Rows of the same content, apart from their ids, do not look alike in the database."""
    office.ok(
        "dispatch --csv -",
        stdin=sheet(row(), row(ekstern_id="HF-2"), row(**OTHER | {"ekstern_id": "HF-3"})),
    )
    with closing(sqlite3.connect(office.store)) as db:
        found = db.execute("SELECT import_key, import_digest FROM assignments ORDER BY number")
        keys, digests = zip(*found, strict=True)
    assert len({*keys, *digests}) == 6
    assert {len(each) for each in (*keys, *digests)} == {32}
