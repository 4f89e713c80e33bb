"""Whatever is in a payload, no piece of it is in any message that a mail server receives.

Real commands and a real server: each person is sent to a mentor, followed and called off, with all
that is told on the way. A piece is four signs in a row that no message holds anyway.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from assigncli.domain.payload import Payload
from assigncli.errors import AssignError
from tests.mail import SmtpServer
from tests.office import Office
from tests.told import ANNE, HEADERS, KARI, TEXTS, english, let_all_through, reach, renewed, spoken

PIECE = 4
REFUSED = 6
TITLES = ("Home visit", "Følge til øyelege", "Opplæring i skjermleser")
LETTERS = st.characters(categories=("L", "Nd", "Zs", "P", "S"), codec="utf-8")
WORDS = st.text(st.sampled_from("abdefgiklmnoprstuvyæøåÆØÅ") | LETTERS, min_size=4, max_size=30)
PEOPLE = st.fixed_dictionaries(
    {
        "full_name": st.lists(WORDS, min_size=1, max_size=3).map(" ".join),
        "address": st.tuples(WORDS, st.integers(1, 999)).map(lambda each: f"{each[0]} {each[1]}"),
        "postal_code": st.from_regex("[0-9]{4}", fullmatch=True),
        "city": WORDS,
        "phone": st.from_regex(r"(\+47 )?[2-9][0-9]{7}", fullmatch=True),
        "medical_summary": st.lists(WORDS, min_size=1, max_size=20).map("\n".join),
    },
    optional={"practical_notes": WORDS},
)

NOBODY = {
    "full_name": "Olga Prøvesen",
    "address": "Granitten 12 B",
    "postal_code": "0123",
    "city": "Oslo",
    "phone": "22112211",
    "medical_summary": "Synthetic.",
}


@pytest.fixture(scope="module")
def watched(
    founded: Office, mail_server: SmtpServer, tmp_path_factory: pytest.TempPathFactory
) -> Office:
    """An office where both who hear of an assignment have a mailbox."""
    office = let_all_through(founded.copy_to(tmp_path_factory.mktemp("watched")))
    reach(office, "kari", mail_server.address(KARI))
    reach(office, "anne", mail_server.address(ANNE))
    return office


def pieces(*texts: str) -> set[str]:
    """Return every four signs in a row of these texts, in small letters."""
    lines = [line for text in texts for line in text.casefold().splitlines()]
    found = {line[at : at + PIECE] for line in lines for at in range(len(line) - PIECE + 1)}
    return {piece for piece in found if piece.strip()}


def secret(fields: dict[str, str]) -> set[str]:
    """Return the pieces of a payload, as the program keeps it."""
    try:
        kept = json.loads(Payload.from_fields(fields).to_bytes())
    except AssignError:
        reject()
    return pieces(*kept.values(), kept["phone"].replace(" ", ""))


def constant(number: int, title: str) -> set[str]:
    """Return the pieces of what messages about an assignment say anyway."""
    said = [english(kind, number, title) for kind in TEXTS]
    said += *HEADERS, KARI, ANNE, f"Assignment {number}", "assign <varsel@example.org>"
    return pieces(*said, "text/plain; charset=utf-8", "1.0", "quoted-printable")


def told(mail_server: SmtpServer) -> set[str]:
    """Return the pieces of all that has arrived, as it came and with every encoding undone."""
    return pieces(*(spoken(mail).decode() for mail in mail_server.messages))


def followed(office: Office, fields: dict[str, str], title: str) -> int:
    """Send the person to kari and go through what is told of it; return the number."""
    brief = json.dumps(fields)
    line = f"create --to kari --title '{title}' --payload - --dispatch --json"
    created = office.run(line, stdin=brief)
    if created.code == REFUSED:  # the title has something of this person's, by chance
        reject()
    assert created.code == 0, created.said
    number: int = created.json["number"]
    for step in (f"open {number} --reveal", f"ack {number}"):
        office.ok(step, profile="kari")
    office.ok("sweep")
    office.ok(f"cancel --yes {number} --reason 'No longer needed.'")
    return number


def nothing_is_told(
    office: Office, mail_server: SmtpServer, fields: dict[str, str], title: str
) -> None:
    sought = secret(fields)
    renewed(mail_server)
    number = followed(office, fields, title)
    assert [mail.recipients for mail in mail_server.messages] == [[KARI], [ANNE], [KARI]]
    assert sought & told(mail_server) <= constant(number, title)


def several(count: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Try this many people; the office and its server serve them all."""
    return settings(
        max_examples=count,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),  # one is enough, and each costs
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


@pytest.mark.slow
@several(4)
@given(fields=PEOPLE, title=st.sampled_from(TITLES))
def test_no_piece_of_a_payload_is_told(
    watched: Office, mail_server: SmtpServer, fields: dict[str, str], title: str
) -> None:
    nothing_is_told(watched, mail_server, fields, title)


@pytest.mark.slow
@several(80)
@given(fields=PEOPLE, title=st.sampled_from(TITLES))
def test_no_piece_of_many_payloads_is_told(
    watched: Office, mail_server: SmtpServer, fields: dict[str, str], title: str
) -> None:
    nothing_is_told(watched, mail_server, fields, title)


def test_a_piece_that_was_told_would_be_found(watched: Office, mail_server: SmtpServer) -> None:
    """The search is not blind: it finds what a title gives away, in letters that are encoded."""
    renewed(mail_server)
    number = followed(watched, NOBODY, "Tur i Xyløfjell")
    leaked = secret({**NOBODY, "practical_notes": "Xyløfjell"}) & told(mail_server)
    assert leaked - constant(number, TITLES[0]) == {"xylø", "yløf", "løfj", "øfje", "fjel", "jell"}
