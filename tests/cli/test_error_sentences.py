"""What errors say, in both languages: the number, who may, and the whole next command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.office import Office, Result
from tests.quick import a_few
from tests.story import Heard, Line, failures, successes, told

PARTS = {"en": ("Error: ", "What to do: ", "Code: "), "nb": ("Feil: ", "Gjør dette: ", "Kode: ")}
COORDINATOR = {"en": "a coordinator", "nb": "en koordinator"}
ADMINISTRATOR = {"en": "an administrator", "nb": "en administrator"}
SENTENCES = re.compile(r"([A-ZÆØÅ]|assign |--).*\.")
"""A sentence may begin with the name of a command or an option."""
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
POOR = re.compile(
    r"\b(hear|anew|mend|stands|its number)\b|\b(høre|står som|på nytt av|slikt? oppdrag)\b"
)
WITHOUT_NUMBER = {"usage", "reason_missing", "reveal_needed"}
"""Where the number is no part of what is wrong."""
NUMBERED = [
    "show",
    "edit",
    "dispatch",
    "recall",
    "cancel",
    "open",
    "ack",
    "contact",
    "complete",
    "consent",
    "sweep",
]


@dataclass(frozen=True)
class Said:
    """An error as it is read: what is wrong, what to do, its code."""

    message: str
    hint: str
    code: str


def said(result: Result, spoken: str) -> Said:
    """Return the parts of an error; assert that it is three whole lines, none of them long."""
    lines = result.stderr.splitlines()
    assert len(lines) == 3, result.stderr
    for line, label in zip(lines, PARTS[spoken], strict=True):
        assert line.startswith(label)
        assert len(line) <= 160, line
    message, hint, code = (
        line.removeprefix(label) for line, label in zip(lines, PARTS[spoken], strict=True)
    )
    return Said(message, hint, code)


def number_in(line: Line) -> str | None:
    """Return the assignment's number that the line names, if it is about one."""
    found = re.search(r"(?<![\w.])[1-9]\d{0,5}(?![\w.])", line.words)
    return found[0] if found and line.words.split()[0] in NUMBERED else None


@pytest.fixture
def after_the_story(office: Office) -> Office:
    told(office, successes(office))
    return office


@pytest.mark.slow
def test_every_error_names_what_it_is_about_in_both_languages(after_the_story: Office) -> None:
    for spoken in ("en", "nb"):
        heard = told(after_the_story, failures(after_the_story), "--lang", spoken)
        for each in heard:
            require_whole(each, spoken)
            require_number(each, spoken)
            require_role(each, spoken)


def require_whole(heard: Heard, spoken: str) -> None:
    """Assert whole sentences, plain words and no uuid."""
    error = said(heard.result, spoken)
    assert SENTENCES.fullmatch(error.message), error
    assert SENTENCES.fullmatch(error.hint), error
    assert not POOR.search(f"{error.message} {error.hint}"), error
    assert not UUID.search(f"{error.message} {error.hint}"), error


def require_number(heard: Heard, spoken: str) -> None:
    """Assert that an error about one assignment names it, and a command to go on with."""
    error, number = said(heard.result, spoken), number_in(heard.line)
    if number is None or error.code in WITHOUT_NUMBER:
        return
    assert re.search(rf"\b{number}\b", error.message), error
    if "coordinator" not in error.hint and "koordinator" not in error.hint:
        assert re.search(r"\bassign [a-z]+\b", error.hint), error


def require_role(heard: Heard, spoken: str) -> None:
    """Assert that an act one may not do says who may."""
    error = said(heard.result, spoken)
    if error.code not in ("role_missing", "only_coordinator_can_dispatch"):
        return
    assert COORDINATOR[spoken] in error.message or ADMINISTRATOR[spoken] in error.message, error
    for word in ("coordinator's profile", "profilen til", "profile of"):
        assert word not in error.hint, error


@pytest.mark.parametrize(
    ("words", "profile", "spoken", "message", "hint"),
    a_few(
        3,
        of=[
            ("show 999", "anne", "nb", "Oppdrag 999 finnes ikke.", "Kjør assign list for å se"),
            ("show 999", "kari", "nb", "Oppdrag 999 finnes ikke.", "Kjør assign inbox for å se"),
            ("show 4141414", "anne", "nb", "Oppdraget finnes ikke.", "Kjør assign list"),
            ("sweep --retry 999", "anne", "en", "There is no assignment 999.", "Run assign list"),
            ("list", "kari", "nb", "Dette kan bare en koordinator gjøre.", "Kjør assign inbox"),
            ("status", "kari", "en", "Only a coordinator can do this.", "Run assign inbox"),
            (
                *("audit log", "kari", "nb"),
                "Dette kan bare en koordinator eller en administrator gjøre.",
                "Be administratoren din om tilgang.",
            ),
            (
                *("config set quiet_days none", "kari", "nb"),
                "Dette kan bare en administrator gjøre.",
                "Be administratoren din om tilgang.",
            ),
            (
                *("honorarium report", "kari", "nb"),
                "Dette kan bare en koordinator eller en administrator gjøre.",
                "Dine egne tall ser du med assign honorarium report --mentor kari.",
            ),
            (
                *("member show kary", "anne", "nb"),
                "Organisasjonen har ingen medlemmer med dette brukernavnet.",
                "Mente du kari? Kjør assign member list for å se brukernavnene.",
            ),
            (
                *("member show olga", "anne", "en"),
                "There is no member with this handle in your organisation.",
                "Did you mean ola? Run assign member list to see the handles.",
            ),
            (
                *("config set quiet_hours never", "anne", "nb"),
                "Verdien er ikke gyldig for denne innstillingen.",
                "For eksempel: assign config set quiet_hours 21:00-08:00.",
            ),
            (
                *("config set output braille", "anne", "en"),
                "This setting cannot have that value.",
                "Give linear or table, such as assign config set output linear.",
            ),
            (
                *("show", "anne", "nb"),
                "assign show mangler argumentet NUMMER.",
                "Skriv assign show NUMMER.",
            ),
            (
                *("member pause anne", "anne", "nb"),
                "Anne Berg er ikke likeperson.",
                "for å se hvem som er likeperson.",
            ),
            (
                *("member approve kari --fingerprint 12345", "anne", "nb"),
                "Kari Nordmann venter ikke på godkjenning.",
                "for å se hvem som venter på godkjenning.",
            ),
        ],
    ),
)
def test_what_is_said(
    office: Office, words: str, profile: str, spoken: str, message: str, hint: str
) -> None:
    error = said(office.run(f"{words} --lang {spoken}", profile=profile), spoken)
    assert error.message == message
    assert hint in error.hint


@pytest.mark.parametrize("typed", ["Kary Nordmann", "41234567", "'kari nordmann'", "zzz"])
def test_a_handle_is_offered_only_where_a_handle_near_it_was_typed(
    office: Office, typed: str
) -> None:
    error = said(office.run(f"member show {typed!r}", profile="anne"), "en")
    assert error.code == "member_not_found"
    assert error.hint == "Run assign member list to see the handles."


def test_a_lifecycle_refusal_names_the_number_and_the_next_command(office: Office) -> None:
    number = office.dispatch()
    early = said(office.run(f"ack {number} --lang nb", profile="kari"), "nb")
    assert early.message == f"Oppdrag {number} er ikke åpnet ennå, så det kan ikke bekreftes."
    assert early.hint == f"Neste steg er assign open {number}."
    office.ok(f"open {number} --reveal", profile="kari")
    late = said(office.run(f"recall --yes {number} --lang nb"), "nb")
    read = f"Likepersonen har lest oppdrag {number}, så det kan ikke trekkes tilbake."
    assert late.message == read
    assert late.hint.startswith(f"Avlys det med assign cancel {number},")
    office.ok(f"ack {number}", profile="kari")
    again = said(office.run(f"ack {number} --lang nb", profile="kari"), "nb")
    assert again.message == f"Oppdrag {number} er allerede bekreftet."
    assert again.hint == f"Neste steg er assign contact {number}."
    changed = said(office.run(f"edit {number} --title Nytt --lang nb"), "nb")
    assert changed.hint == f"Avlys det med assign cancel {number}, og opprett et nytt."


def test_consent_comes_first_and_the_command_for_it_is_whole(office: Office) -> None:
    number = office.dispatch("--consent-required")
    error = said(office.run(f"open {number} --reveal --lang nb", profile="kari"), "nb")
    assert error.code == "consent_before_payload_access"
    assert error.message == f"Du må gi samtykke før du kan åpne oppdrag {number}."
    assert error.hint == f"Kjør assign consent {number}, og så assign open {number}."


def test_a_mentor_who_takes_none_is_said_to_be_paused_until_when_lapsed_or_gone(
    office: Office,
) -> None:
    office.ok("member pause kari --until 24.12.2026")
    paused = refused_recipient(office, "recipient_is_active_peer_mentor")
    assert paused.message == "Kari Nordmann er på pause til 24. desember."
    assert "assign member resume kari" in paused.hint
    office.ok("member pause kari")
    endless = refused_recipient(office, "recipient_is_active_peer_mentor")
    assert endless.message == "Kari Nordmann er på pause uten sluttdato."
    office.ok("member resume kari")
    office.ok("member certify kari --certified-until 31.12.2026")
    office.now = datetime(2027, 1, 2, 12, tzinfo=UTC)
    lapsed = refused_recipient(office, "recipient_is_active_peer_mentor")
    assert lapsed.message == "Sertifiseringen til Kari Nordmann utløp 31. desember 2026."
    assert "assign member certify kari" in lapsed.hint
    office.ok("member revoke --yes kari")
    gone = refused_recipient(office, "recipient_must_belong_to_same_organization")
    assert gone.message == "Kari Nordmann har sluttet i organisasjonen."


def refused_recipient(office: Office, code: str) -> Said:
    words = f"create --to kari --title Besøk --payload {office.person()} --lang nb"
    error = said(office.run(words), "nb")
    assert error.code == code
    return error


def test_a_field_of_the_payload_is_called_what_is_asked(office: Office) -> None:
    wrong = office.person(postal_code="123")
    error = said(office.run(f"create --to kari --title Besøk --payload {wrong} --lang nb"), "nb")
    assert error.message == "Postnummer er ikke gyldig."
    assert "postal_code" not in error.hint
