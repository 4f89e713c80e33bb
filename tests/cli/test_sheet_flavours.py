"""Every flavour in which a sheet comes out of Excel, sent and opened by its mentors, to the letter.

A flavour is how the same rows are encoded, parted, quoted, headed and ordered. What the mentor
reads is what the coordinator wrote, from a file and from standard input alike.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Mapping, Sequence

import pytest

from tests.office import ACCEPT, ROOT, Office
from tests.quick import a_few, only

Rows = Sequence[Mapping[str, str]]

PEOPLE: Rows = (
    {
        "navn": "Ågot Prøvesen",
        "adresse": "Prøveveien 12 B\nOppgang C",
        "postnr": "0181",
        "poststed": "Ås",
        "telefon": "22 11 22 11",
        "epikrise": 'Grå stær; sa: "Jeg ser best, om morgenen."\nHørselen er god,\når etter år.',
        "praktiske_notater": "Ring på; vent,\tså gå inn.",
        "likeperson": "kari",
        "tittel": "Hjemmebesøk",
    },
    {
        "navn": "Bjørn Ærlend Prøvesen",
        "adresse": "Æren 3",
        "postnr": "9008",
        "poststed": "Tromsø",
        "telefon": "77 61 22 33",
        "epikrise": "Nattblind.",
        "praktiske_notater": "",
        "likeperson": "ola",
        "tittel": "Følge til synssentralen",
    },
)
ENGLISH = {
    "navn": "name",
    "adresse": "address",
    "postnr": "postal_code",
    "poststed": "city",
    "telefon": "phone",
    "epikrise": "medical_summary",
    "praktiske_notater": "practical_notes",
    "likeperson": "mentor",
    "tittel": "title",
}
FIELDS = ("navn", "adresse", "postnr", "poststed", "telefon", "epikrise", "praktiske_notater")


def text(rows: Rows, delimiter: str = ";", end: str = "\r\n", *, every: bool = False) -> str:
    """Return the rows as Excel writes them; `every` puts every cell in quotation marks."""
    file = io.StringIO()
    writer = csv.DictWriter(
        file,
        list(rows[0]),
        delimiter=delimiter,
        lineterminator=end,
        quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL,
    )
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def english(rows: Rows) -> Rows:
    return [{ENGLISH[name]: cell for name, cell in row.items()} for row in rows]


def reversed_columns(rows: Rows) -> Rows:
    return [dict(reversed(list(row.items()))) for row in rows]


def two_names(rows: Rows) -> Rows:
    return [
        {
            "Etternavn": row["navn"].rpartition(" ")[2],
            "Fornavn": row["navn"].rpartition(" ")[0],
            **{name: cell for name, cell in row.items() if name != "navn"},
        }
        for row in rows
    ]


def apostrophes(rows: Rows) -> Rows:
    """Mark as text what Excel would else take for numbers."""
    return [
        {**row, "postnr": "'" + row["postnr"], "telefon": f'="{row["telefon"]}"'} for row in rows
    ]


def trailing(rows: Rows) -> str:
    """Return the rows with empty cells after the last, and rows of nothing between them."""
    first, *others = (text([row]) for row in rows)
    head, _, body = first.partition("\r\n")
    later = [other.partition("\r\n")[2] for other in others]
    joined = "".join(
        f"{each.removesuffix(chr(13) + chr(10))};;;\r\n;;;;;\r\n\r\n  \r\n"
        for each in (body, *later)
    )
    return f"\r\n{head};;;\r\n\r\n{joined}\r\n;;;;;;;;;;;;\r\n"


FLAVOURS: dict[str, Callable[[Rows], bytes]] = {
    "cp1252": lambda rows: text(rows).encode("cp1252"),
    "utf-8 with a mark": lambda rows: codecs.BOM_UTF8 + text(rows).encode(),
    "utf-8, English, commas": lambda rows: text(english(rows), ",", "\n").encode(),
    "utf-16, tabs": lambda rows: codecs.BOM_UTF16_LE + text(rows, "\t").encode("utf-16-le"),
    "utf-16, big end first": lambda rows: codecs.BOM_UTF16_BE + text(rows).encode("utf-16-be"),
    "utf-8, tabs": lambda rows: text(rows, "\t").encode(),
    "every cell quoted": lambda rows: text(rows, every=True).encode(),
    "ends of an old Macintosh": lambda rows: (
        text(rows).replace("\r\n", "\n").replace("\n", "\r").encode()
    ),
    "trailing separators, empty lines": lambda rows: trailing(rows).encode("cp1252"),
    "no end on the last line": lambda rows: text(rows).rstrip("\r\n").encode(),
    "sep= before the header": lambda rows: ("sep=;\r\n" + text(rows)).encode("cp1252"),
    "two names": lambda rows: text(two_names(rows)).encode("cp1252"),
    "apostrophes": lambda rows: text(apostrophes(rows)).encode(),
    "columns turned round": lambda rows: text(reversed_columns(rows)).encode(),
    "letters in two parts": lambda rows: text(rows).replace("å", "a\u030a").encode(),
    "hard spaces": lambda rows: text(rows).replace("22 11", "22\u00a011").encode(),
    "DOS, named": lambda rows: text(rows).encode("cp850"),
}
OPTIONS = {"DOS, named": "--encoding cp850"}
PIPED = (
    "cp1252", "utf-8 with a mark", "utf-8, English, commas", "utf-16, tabs",
    "trailing separators, empty lines",
)  # fmt: skip
"""Opened from standard input as well; that the others read the same, a test below says."""


def require_opened(office: Office, rows: Rows) -> None:
    """Assert that each mentor reads what stands in the rows, numbered in their order."""
    for number, row in enumerate(rows, start=1):
        opened = office.ok(f"open {number} --reveal --json", profile=row["likeperson"]).json
        for name in FIELDS:
            assert (opened[_field(name)] or "") == row[name]
        assert opened["title"] == row["tittel"]


def _field(name: str) -> str:
    return "full_name" if name == "navn" else ENGLISH[name]


@pytest.mark.parametrize("flavour", a_few(2, of=only(*PIPED, of=FLAVOURS)))
def test_from_a_file_to_its_mentors(office: Office, flavour: str) -> None:
    path = office.folder / "sheet.csv"
    path.write_bytes(FLAVOURS[flavour](PEOPLE))
    sent = office.ok(f"dispatch --csv {path} {OPTIONS.get(flavour, '')}")
    assert [line.split(";")[1] for line in sent.stdout.split("\r\n")[1:-1]] == ["1", "2"]
    require_opened(office, PEOPLE)


@pytest.mark.parametrize("flavour", only(PIPED[0], PIPED[1], of=PIPED))
def test_from_standard_input_to_its_mentors(office: Office, flavour: str) -> None:
    sent = office.ok("dispatch --csv - --json", stdin=FLAVOURS[flavour](PEOPLE))
    assert [row["new"] for row in sent.json["rows"]] == [True, True]
    require_opened(office, PEOPLE)


@pytest.mark.slow
def test_the_same_rows_in_another_flavour_are_the_same(office: Office) -> None:
    """Saved anew by another program, with other names and another order, a row stays the row."""
    office.ok("dispatch --csv -", stdin=FLAVOURS["cp1252"](PEOPLE))
    for name, flavour in FLAVOURS.items():
        line = f"dispatch --csv - {OPTIONS.get(name, '')} --json"
        again = office.ok(line, stdin=flavour(PEOPLE)).json["rows"]
        assert [(row["number"], row["new"]) for row in again] == [(1, False), (2, False)], name
    turned = office.ok("dispatch --csv - --json", stdin=text(PEOPLE[::-1])).json["rows"]
    assert [(row["number"], row["new"]) for row in turned] == [(2, False), (1, False)]


EXAMPLES = {
    "dispatch-norwegian-excel.csv": (
        ("kari", "Ågot Eksempelsen", "0181", "Ønsker å snakke"),
        ("ola", "Bjørn Ærlend Eksempelsen", "5003", "smalt synsfelt"),
        ("per", "Sølvi Eksempelsen", "9008", '"Jeg ser best om morgenen."\nHørselen'),
        ("kari", "Øystein Eksempelsen", "0368", "Grønn stær (glaukom)"),
    ),
    "dispatch-unicode-text.txt": (
        ("kari", "Ågot Eksempelsen", "0181", "på begge øyne, påvist i høst.\nLeser"),
        ("ola", "Bjørn Ærlend Eksempelsen", "5003", "smalt synsfelt"),
        ("per", "Sølvi Eksempelsen", "9008", '"Jeg ser best om morgenen."\nHørselen'),
        ("kari", "Øystein Eksempelsen", "0368", "Grønn stær (glaukom)"),
    ),
    "dispatch-english.csv": (
        ("kari", "Ingrid Eksempelsen", "0181", "this autumn.\nReads"),
        ("ola", "Torbjørn Eksempelsen", "5003", "night blindness, narrow"),
        ("per", "Kåre Eksempelsen", "9008", '"I see best in the morning."'),
    ),
    "dispatch-utf8-bom.csv": (
        ("ola", "Tårn-Åse Eksempelsen", "0577", "Grå stær på begge øyne; står"),
        ("kari", "Per-Håkon Eksempelsen", "4006", "nystagmus.\nBruker"),
        ("per", "Gro Bøe Eksempelsen", "7030", "Optikusatrofi"),
    ),
    "dispatch-without-mentor.csv": (
        ("kari", "Ingrid Eksempelsen", "0181", "på begge øyne"),
        ("kari", "Torbjørn Eksempelsen", "5003", "nattblind"),
    ),
}


def test_every_example_is_looked_at() -> None:
    files = {path.name for path in (ROOT / "examples").glob("dispatch-*.[ct][sx][vt]")}
    assert files == set(EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("name", a_few(1, of=EXAMPLES))
def test_the_examples_can_be_sent(office: Office, name: str) -> None:
    more = "--to kari" if name == "dispatch-without-mentor.csv" else ""
    office.ok(f"dispatch --csv {ROOT / 'examples' / name} {more}")
    for number, (mentor, person, postal_code, piece) in enumerate(EXAMPLES[name], start=1):
        if office.run(f"open {number} --reveal", profile=mentor).code:
            office.ok(f"consent {number} {ACCEPT}", profile=mentor)
        opened = office.ok(f"open {number} --reveal --json", profile=mentor).json
        assert (opened["full_name"], opened["postal_code"]) == (person, postal_code)
        assert piece in opened["medical_summary"]


def test_one_example_is_the_other_saved_anew(office: Office) -> None:
    first, second = (ROOT / "examples" / name for name in list(EXAMPLES)[:2])
    office.ok(f"dispatch --csv {first}")
    again = office.ok(f"dispatch --csv {second} --json").json["rows"]
    assert [row["new"] for row in again] == [False] * 4
