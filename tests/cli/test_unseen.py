"""Titles, names and references that cannot be seen, or that turn round what is, by the commands."""

from __future__ import annotations

import json

import pytest

from tests.office import Office
from tests.quick import a_few
from tests.refusals import everything

EMPTY = ("\u200b", "\u3164", "\u00ad", "\u2800", "\u115f\u2060")
TURNED = ("Visit\u202e", "Vi\u200bsit", "\u2066Visit\u2069", "Vis\u00adit", "Visit\U000e0041")
NEW = "--here --keys keyring"
LINES = {
    "create --to kari --title '{text}' --payload {person}": "title_invalid",
    "create --to kari --title Visit --reference '{text}' --payload {person}": (
        "subject_reference_invalid"
    ),
    f"member invite eva --name '{{text}}' {NEW}": "name_invalid",
    "cycle open '{text}' --from 1.1.2031 --to 31.12.2031": "name_invalid",
    "config set notification_sender '{text}'": "name_invalid",
}
HEADS = ("navn", "adresse", "postnr", "poststed", "telefon", "epikrise", "likeperson", "tittel")
CELLS = {
    **dict(
        zip(HEADS[:5], ("Olga Prøvesen", "Øvre sti 4", "0181", "Oslo", "22 11 22 11"), strict=True)
    ),
    **dict(zip(HEADS[5:], ("Synsrest.", "kari", "Hjemmebesøk"), strict=True)),
}


@pytest.mark.parametrize("line", a_few(2, of=LINES))
def test_what_cannot_be_seen_is_refused(office: Office, line: str) -> None:
    person = office.person()
    before = everything(office)
    for text in EMPTY + TURNED:
        said = office.run(line.format(text=text, person=person))
        assert (said.code, said.error_code) == (2, LINES[line]), ascii(text)
        assert text not in said.said
    assert everything(office) == before


def test_a_payload_without_a_name_to_see_is_refused(office: Office) -> None:
    for text in EMPTY + TURNED:
        path = office.person("unseen.json", full_name=text)
        said = office.run(f"create --to kari --title Visit --payload {path} --json")
        assert said.error["code"] == "payload_field_invalid", ascii(text)
        assert text not in said.said


@pytest.mark.parametrize(
    ("head", "code"), [("tittel", "title_invalid"), ("navn", "payload_field_invalid")]
)
def test_what_cannot_be_seen_is_refused_from_a_sheet(office: Office, head: str, code: str) -> None:
    path = office.folder / "sheet.csv"
    lines = [";".join({**CELLS, head: text}.values()) for text in EMPTY + TURNED]
    path.write_text("\n".join((";".join(HEADS), *lines)) + "\n", encoding="utf-8")
    said = office.run(f"dispatch --csv {path} --json")
    assert said.code == 2
    assert [each["code"] for each in said.json["problems"]] == [code] * len(lines)
    assert not any(text in json.dumps(said.json, ensure_ascii=False) for text in EMPTY + TURNED)


def test_no_organisation_is_founded_without_a_name_to_see(office: Office) -> None:
    said = office.run(
        f"init --store {office.folder / 'new.db'} --organization '\u3164' --handle anne"
        " --name Anne --keys keyring",
        profile=None,
    )
    assert said.error_code == "name_invalid"
    assert not (office.folder / "new.db").exists()


def test_an_emoji_with_its_joiner_is_a_title(office: Office) -> None:
    number = office.create(title="Besøk 🧑\u200d🦯")
    assert "Besøk 🧑\u200d🦯" in office.ok(f"show {number}").stdout
