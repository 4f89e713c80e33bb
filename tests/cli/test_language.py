"""Norwegian Bokmål from end to end: help, results and errors, and what never changes with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from assigncli.cli.frame.commands import COMMANDS
from assigncli.domain.setting_values import SETTINGS
from tests.office import ACCEPT, Office, Result
from tests.quick import a_few, all_in_one, only

SIEVE = (
    "the of and is are was been has have had with without which who whom that this these those "
    "not no your you it its an from into only each every where when what how if or as there "
    "assignment assignments mentor coordinator member members brief vault key keys passphrase "
    "settings show read open run choose check give use ask"
)
ENGLISH = set(SIEVE.split())
"""Words that stand in most English sentences, and are none in Norwegian."""
NAMES = re.compile(
    r"\bassign( [a-z]+)*|--[a-z-]+( [A-Z]+\b)?|\b[a-z]+_[a-z_]+\b|^\w+: (?=[A-ZÆØÅ])"
    r"|\(en av [^()]*\)|(disse:|mellom) [a-z_, ]*|Kontroll: \w+|/\S+"
)
"""What is the same in every language: commands, options and their values, field names, paths."""
SETTING_NAMES = {"language", "output", *(setting.name for setting in SETTINGS)}
SAME_LABELS = {"Id", "Status", "Problem", *SETTING_NAMES}


def english(text: str) -> set[str]:
    """Return the words that should not be in a Norwegian text."""
    plain = "\n".join(NAMES.sub(" ", line) for line in text.splitlines())
    return ENGLISH & set(re.findall(r"[a-zæøå]+", plain.lower()))


def both(office: Office, line: str, **how: Any) -> tuple[Result, Result]:
    """Run a command that changes nothing in English, then in Norwegian."""
    return office.run(f"{line} --lang en", **how), office.run(f"{line} --lang nb", **how)


def shape(document: Any) -> Any:
    """Return a JSON document's keys, all the way down."""
    if isinstance(document, dict):
        return {key: shape(value) for key, value in document.items()}
    return [shape(each) for each in document] if isinstance(document, list) else None


def commands_on(page: str) -> list[str]:
    """Return the commands that an English help page lists."""
    _head, _, listed = page.partition("\nCommands:\n")
    return [row.partition(":")[0] for row in listed.partition("\n\n")[0].splitlines()]


def require_norwegian_page(office: Office, line: str) -> None:
    said, sagt = both(office, f"{line} --help", profile=None)
    assert (said.code, sagt.code) == (0, 0)
    one, other = (each.stdout.split("\n\n") for each in (said, sagt))
    assert len(one) == len(other)  # a sentence is a line, and a translation may have more of them
    same = set(said.stdout.splitlines()) & set(sagt.stdout.splitlines())
    examples = {each for each in same if each.startswith("assign ") and not english(each)}
    assert same - examples <= {""}, f"{line}: {same}"
    assert not english(sagt.stdout), sagt.stdout
    for name in commands_on(said.stdout) if line else ():
        require_norwegian_page(office, f"{line} {name}")


@all_in_one("name", ["", *(entry.name for entry in COMMANDS)])
def test_every_page_of_help_is_norwegian(founded: Office, name: str) -> None:
    require_norwegian_page(founded, name)


@pytest.fixture(scope="module")
def busy(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where much has happened; tests only look."""
    office = founded.copy_to(tmp_path_factory.mktemp("busy") / "office")
    office.ok("cycle open 2027 --from 01.01.2027 --to 31.12.2027")
    office.ok("member pause per --until 31.12.2026")
    number = office.dispatch("--consent-required --coordinator-notes Merknad", title="Besøk")
    office.ok(f"consent {number} {ACCEPT}", profile="kari")
    office.to_status(number, "completed")
    office.ok(f"cancel --yes {office.dispatch(title='Besøk')} --reason Flyttet")
    office.ok(f"recall --yes {office.dispatch(to='ola', title='Besøk')}")
    office.dispatch("--consent-required --priority urgent", title="Besøk")
    office.dispatch(to="ola", title="Besøk")
    office.ok("inbox", profile="ola")
    office.create(title="Utkast")
    office.later(days=12)
    return office


LOOKED_AT = [
    "list",
    "list --status recalled --limit 1",
    "show 1",
    "show 2",
    "status",
    "inbox",
    "member list",
    "member show per",
    "cycle list",
    "key list",
    "audit verify",
    "config list",
    "config get language",
    "store info",
    "store check",
    "doctor",
]
WITH_MEANINGS = {"config list", "doctor"}
"""Their JSON holds sentences for people as well."""


@pytest.mark.slow
@pytest.mark.parametrize("line", a_few(3, of=LOOKED_AT))
def test_results_are_norwegian(busy: Office, line: str) -> None:
    said, sagt = both(busy, line)
    assert said.code == sagt.code
    assert not english(sagt.stdout), sagt.stdout
    for one, other in zip(said.stdout.splitlines(), sagt.stdout.splitlines(), strict=True):
        label, colon, _value = one.partition(": ")
        if colon and label not in SAME_LABELS:
            assert label != other.partition(": ")[0]


@pytest.mark.parametrize("line", a_few(3, of=[*LOOKED_AT, "audit log"]))
def test_json_is_the_same_in_both(busy: Office, line: str) -> None:
    said, sagt = both(busy, f"{line} --json")
    assert said.code == sagt.code
    assert shape(said.json) == shape(sagt.json)
    if line not in WITH_MEANINGS:
        assert {**said.json, "message": ""} == {**sagt.json, "message": ""}


def test_the_brief_is_read_in_norwegian(busy: Office, tmp_path: Path) -> None:
    office = busy.copy_to(tmp_path / "office")
    office.ok(f"consent 4 {ACCEPT} --lang nb", profile="kari")
    heard = office.ok("open 4 --reveal --lang nb", profile="kari")
    assert heard.stdout.startswith("Oppdrag 4, haster: Besøk\nNavn: Olga Prøvesen\n")
    assert "\nEpikrise, linje 2: Second line, æøå.\n" in heard.stdout
    assert heard.stdout.endswith("\nNeste: assign ack 4, når du har lest alt\n")
    assert heard.stderr == ""
    full = office.ok("open 4 --reveal --lang nb --full", profile="kari").stdout
    assert "\nNummer: 4\n" in full
    assert "\nPrioritet: haster\n" in full


def test_states_are_words_in_norwegian(busy: Office) -> None:
    shown = busy.ok("list --lang nb").stdout
    for state in ("fullført", "trukket tilbake", "avlyst"):
        assert f"\nStatus: {state} 21. november\n" in shown
    for state in ("sendt", "levert"):
        assert f"\nStatus: {state} 21. november, ikke lest\n" in shown
    assert "\nStatus: utkast, ikke sendt\n" in shown
    assert "\nTar oppdrag: på pause til 31. desember\n" in (
        busy.ok("member show per --lang nb").stdout
    )


REFUSED = [
    ("nowhere", "usage", 2),
    ("lits", "usage", 2),
    ("member", "usage", 2),
    ("show", "usage", 2),
    ("show --nothing", "usage", 2),
    ("show 1 2", "usage", 2),
    ("list --limit many", "usage", 2),
    ("list --status lost", "usage", 2),
    ("list --json=1", "usage", 2),
    ("show 4711", "assignment_not_found", 3),
    ("member show nobody", "member_not_found", 3),
    ("recall --yes 1", "valid_status_transition", 6),
    ("edit 1 --title Annet", "assignment_immutable_after_dispatch", 6),
    ("dispatch 1", "valid_status_transition", 6),
    ("open 1", "reveal_needed", 2),
    ("open 1 --reveal --profile ola", "not_your_assignment", 4),
    ("open 2 --reveal --profile kari", "valid_status_transition", 6),
    ("open 4 --reveal --profile kari", "consent_before_payload_access", 6),
    ("consent 4 --no-input --profile kari", "input_needed", 2),
    ("consent 4 --accept purpose --profile kari", "consent_incomplete", 2),
    ("create --to kari --title '22 33 44 55' --payload {person}", "title_no_pii", 6),
    ("create --to nobody --title Besøk --payload {person}", "member_not_found", 3),
    ("create --to per --title Besøk --payload {person}", "recipient_is_active_peer_mentor", 6),
    ("create --to kari --title Besøk --payload nowhere.json", "payload_unreadable", 2),
    ("create --to kari --no-input", "input_needed", 2),
    ("create --to kari --title Besøk --payload {person} --expires never", "date_invalid", 2),
    (
        "create --to kari --title Besøk --payload {person} --profile kari",
        "only_coordinator_can_dispatch",
        6,
    ),
    ("cancel 4 --yes", "input_needed", 2),
    ("cycle close 1999 --yes", "cycle_not_found", 3),
    ("cycle close 2026 --yes", "cycle_covers_today", 2),
    ("cycle reopen 2026", "cycle_already_open", 2),
    ("cycle open other --from 01.06.2027 --to 30.06.2027", "cycle_overlaps", 2),
    ("config set language se", "setting_invalid", 2),
    ("config get nothing", "setting_not_found", 3),
    ("member approve kari --fingerprint 1", "member_not_waiting", 2),
    ("show 1 --profile nobody", "profile_missing", 3),
]


def last_code(result: Result) -> str:
    return result.stderr.rstrip("\n").rpartition("\n")[2].partition(": ")[2]


@pytest.mark.parametrize(
    ("line", "code", "exit_code"), a_few(3, of=REFUSED), ids=lambda each: str(each)[:60]
)
def test_errors_are_norwegian_and_end_the_same(
    busy: Office, line: str, code: str, exit_code: int
) -> None:
    line = line.format(person=busy.person())
    profile = None if "--profile" in line else "anne"
    said, sagt = both(busy, line, profile=profile)
    assert (said.code, last_code(said)) == (exit_code, code)
    assert (sagt.code, last_code(sagt)) == (exit_code, code)
    headings = [row.partition(": ")[0] for row in sagt.stderr.splitlines()[-3:]]
    assert headings == ["Feil", "Gjør dette", "Kode"]
    assert not english(sagt.stderr.rpartition("\nKode: ")[0]), sagt.stderr
    assert not set(said.stderr.splitlines()[:-1]) & set(sagt.stderr.splitlines()[:-1])


@pytest.mark.parametrize("line", ["show 4711", "recall --yes 1", "nowhere", "open 1"])
def test_an_error_in_json_keeps_its_names(busy: Office, line: str) -> None:
    said, sagt = both(busy, f"{line} --json")
    assert list(sagt.error) == ["code", "message", "hint"]
    assert said.code == sagt.code
    assert said.error["code"] == sagt.error["code"]
    assert said.error["message"] != sagt.error["message"]
    assert said.error["hint"] != sagt.error["hint"]


def test_the_setting_chooses_and_the_option_wins(office: Office) -> None:
    office.ok("config set language nb")
    assert office.ok("list").stdout.startswith("Ingen oppdrag.")
    assert office.ok("list --lang en").stdout.startswith("No assignments.")


@pytest.mark.slow
@pytest.mark.parametrize("how", only("", of=["--lang nb", ""]))
def test_a_process_speaks_norwegian(founded: Office, how: str) -> None:
    ended = founded.spawn(f"show 4711 {how}", env={"LANG": "nb_NO.UTF-8"})
    assert ended.returncode == 3
    assert ended.stdout == b""
    lines = ended.stderr.decode().splitlines()
    assert lines[0] == "Feil: Oppdrag 4711 finnes ikke."
    assert lines[2].startswith("Kode: ")
    assert not english("\n".join(lines[:2]))


def test_the_sieve_finds_english_and_lets_norwegian_pass() -> None:
    assert english("Kjør the command.") == {"the"}
    assert english("--mentor KALLENAVN: Only this mentor.") == {"only", "this", "mentor"}
    assert not english("key: Ta vare på dine egne nøkler.")
    assert not english("Kjør assign key list for å høre dem (en av open, read).")


def test_json_of_a_change_has_english_names(office: Office) -> None:
    line = f"create --to kari --title Besøk --payload {office.person()} --json"
    norwegian = office.ok(f"{line} --lang nb").json
    assert shape(norwegian) == shape(office.ok(line).json)
    assert norwegian["status"] == "pending"
