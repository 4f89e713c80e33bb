"""`create` as a conversation: every answer checked when it is given, and nothing dictated lost."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing

import pytest

from assigncli.server.store.engine import Store
from tests.office import PERSON, Office, Result
from tests.quick import a_few, one_of_each, only
from tests.refusals import FOEDSELSNUMMER, everything, require_three_lines
from tests.typist import Answer, typed

SUMMARY = PERSON["medical_summary"].split("\n")
ANSWERS: dict[str, tuple[str, ...]] = {
    "recipient": ("kari",),
    "title": ("Home visit",),
    "full_name": (PERSON["full_name"],),
    "address": (PERSON["address"],),
    "postal_code": (PERSON["postal_code"],),
    "city": (PERSON["city"],),
    "phone": (PERSON["phone"],),
    "medical_summary": (*SUMMARY, ""),
    "practical_notes": (str(PERSON["practical_notes"]),),
}
SAVE, CHANGE, GIVE_UP = "1", "2", "3"


def said(
    *more: Answer, instead: str = "", by: tuple[Answer, ...] = (), until: str = ""
) -> list[Answer]:
    """Return the answers of a whole conversation; `by` those to one question, then `more`."""
    answers: list[Answer] = []
    for name, usual in ANSWERS.items():
        if name == until:
            break
        answers += by if name == instead else usual
    return [*answers, *more]


def brief(office: Office, mentor: str = "kari") -> dict[str, object]:
    """Send the draft, open it, and return what its mentor reads."""
    office.ok("dispatch 1")
    found: dict[str, object] = office.ok("open 1 --reveal --json", profile=mentor).json
    return found


def require_whole(office: Office, mentor: str = "kari", **changed: str) -> None:
    read = brief(office, mentor)
    assert {name: read[name] for name in PERSON} == {**PERSON, **changed}


def test_a_whole_conversation(office: Office) -> None:
    done = typed(office, "create --json", *said(SAVE))
    assert (done.code, done.json["number"], done.json["title"]) == (0, 1, "Home visit")
    assert "\n1: Kari Nordmann\n2: Ola Dunk\n3: Per Ås\n" in ("\n" + done.stderr)
    review = done.stderr.partition("This is what you have given.\n")[2]
    assert review.startswith(
        f"Mentor: Kari Nordmann\nTitle: Home visit\nName: {PERSON['full_name']}\n"
    )
    assert f"Medical summary: {SUMMARY[0]}\nMedical summary, line 2: {SUMMARY[1]}\n" in review
    assert "1: save\n2: change an answer\n3: give up\n" in review
    require_whole(office)


def test_a_mentor_is_chosen_by_number(office: Office) -> None:
    done = typed(office, "create --dispatch", *said(SAVE, instead="recipient", by=("2",)))
    assert "Assignment 1 is sent to Ola Dunk." in done.stdout
    assert "1: save and send\n" in done.stderr


def test_many_mentors_are_not_listed(office: Office) -> None:
    for number in range(7):
        office.ok(f"member invite m{number} --name 'Mentor {number}' --here --keys keyring")
    done = typed(office, "create", *said(SAVE))
    assert "Mentor 1" not in done.stderr
    assert "Handle of the mentor: " in done.stderr


def test_a_number_that_is_also_a_handle_is_the_handle(office: Office) -> None:
    office.ok("member invite 1 --name 'En Ener' --here --keys keyring")
    done = typed(office, "create", *said(SAVE, instead="recipient", by=("1",)))
    assert done.stdout.startswith("Assignment 1 to En Ener is created ")
    assert office.ok("show 1 --json").json["recipient"] == "1"


WRONG = [
    ("recipient", "nobody", "There is no member with this handle"),
    ("recipient", "anne", "Anne Berg is not a peer mentor"),
    ("recipient", "per", "Per Ås is paused"),
    ("recipient", "3", "There is no member with this handle"),
    ("recipient", "", "An answer is needed."),
    ("title", "Ring 22334455", "The title seems to hold a phone number."),
    ("title", "x" * 201, "The title is not one line of 1 to 200 characters."),
    ("full_name", f"Olga {FOEDSELSNUMMER}", "This answer holds a national identity number."),
    ("full_name", "Olga \x07 Prøvesen", "Name is not valid."),
    ("address", f"Granitten {FOEDSELSNUMMER}", "This answer holds a national identity number."),
    ("address", "-", ""),
    ("postal_code", "12345", "Give the postal code as four digits."),
    ("postal_code", "012a", "Give the postal code as four digits."),
    ("city", FOEDSELSNUMMER, "This answer holds a national identity number."),
    ("phone", "77", "Give a phone number that can be called from Norway."),
    ("phone", FOEDSELSNUMMER, "This answer holds a national identity number."),
    ("practical_notes", FOEDSELSNUMMER, "This answer holds a national identity number."),
    ("practical_notes", "x" * 70_000, "The payload is larger than"),
]


@pytest.mark.parametrize(
    ("name", "wrong", "why"),
    a_few(2, of=one_of_each(WRONG, kind=lambda case: case[0])),
)
def test_a_wrong_answer_is_asked_again_at_once(
    office: Office, name: str, wrong: str, why: str
) -> None:
    office.ok("member pause per")
    if why:
        right = ANSWERS[name]
        done = typed(office, "create", *said(SAVE, instead=name, by=(wrong, *right)))
        assert why in done.stderr
        assert name == "recipient" or not wrong or wrong not in done.stderr
        require_whole(office)
    else:
        typed(office, "create", *said(SAVE, instead=name, by=(wrong,)))
        require_whole(office, **{name: wrong})


def test_only_the_line_that_is_refused_is_dictated_again(office: Office) -> None:
    lines = (SUMMARY[0], f"Id {FOEDSELSNUMMER}", SUMMARY[1], "")
    done = typed(office, "create", *said(SAVE, instead="medical_summary", by=lines))
    assert "The other lines are kept. Type this one again." in done.stderr
    assert FOEDSELSNUMMER not in done.said
    require_whole(office)


def test_what_is_refused_only_as_a_whole_is_corrected_by_line(office: Office) -> None:
    lines = (SUMMARY[0], FOEDSELSNUMMER[:6], FOEDSELSNUMMER[6:], "")
    fixing = ("2", "2", SUMMARY[1])
    done = typed(office, "create", *said(SAVE, instead="medical_summary", by=(*lines, *fixing)))
    assert done.code == 0, done.stderr
    require_whole(office, medical_summary=f"{SUMMARY[0]}\n{SUMMARY[1]}\n{FOEDSELSNUMMER[6:]}")


@pytest.mark.parametrize(
    ("title", "kind"),
    only(
        "Visit to Olga",
        of=[
            ("Visit to Olga", "a name from the payload"),
            ("By the Granitten stop", "a street address"),
            ("Home visit 2211 2211 x", "a phone number"),
        ],
    ),
)
def test_a_title_that_says_who_it_is_is_asked_again_and_all_else_kept(
    office: Office, title: str, kind: str
) -> None:
    answers = said(instead="title", by=(title,), until="medical_summary")
    if kind == "a phone number":  # such a shape is seen before anything is known of the person
        answers = said(instead="title", by=(title, "Home visit"), until="medical_summary")
    else:
        answers.append("Home visit")
    rest = (*ANSWERS["medical_summary"], *ANSWERS["practical_notes"])
    done = typed(office, "create", *answers, *rest, SAVE)
    assert f"The title seems to hold {kind}." in done.stderr
    assert office.ok("show 1 --json").json["title"] == "Home visit"
    require_whole(office)


def test_a_title_or_note_given_on_the_line_is_asked_again_too(office: Office) -> None:
    line = "create --to kari --title 'For Olga' --coordinator-notes 'Ask for Olga' --reference OP"
    answers = [*said(until="medical_summary")[2:], "Home visit", "Bring a lens."]
    rest = (*ANSWERS["medical_summary"], *ANSWERS["practical_notes"])
    done = typed(office, line, *answers, *rest, SAVE)
    assert "The coordinator notes seems to hold a name from the payload." in done.stderr
    shown = office.ok("show 1 --json").json
    assert (shown["title"], shown["coordinator_notes"], shown["subject_reference"]) == (
        *("Home visit", "Bring a lens."),
        "OP",
    )


def test_a_title_is_asked_against_a_payload_from_a_file(office: Office) -> None:
    done = typed(
        office, f"create --payload {office.person()}", "kari", "For Olga", "Home visit", SAVE
    )
    assert "The title seems to hold a name from the payload." in done.stderr
    assert "Medical" not in done.stderr
    require_whole(office)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in ("recipient", "phone") else pytest.mark.slow)
        for name in ANSWERS
    ],
)
def test_back_goes_to_the_question_before_and_keeps_what_was_typed(
    office: Office, name: str
) -> None:
    names = list(ANSWERS)
    before = names[max(names.index(name) - 1, 0)]
    keep = ANSWERS["recipient"] if name == "recipient" else ("",)
    by = ("back", *keep, *(() if name == "recipient" else ANSWERS[name]))
    done = typed(office, "create", *said(SAVE, instead=name, by=by))
    assert done.code == 0, done.stderr
    if name == "recipient":
        assert "This is the first question." in done.stderr
    elif before != "medical_summary":
        assert "(press Enter to keep your answer): " in done.stderr
    else:
        assert "Medical summary: 2 lines are kept." in done.stderr
    require_whole(office)


def test_back_in_the_middle_of_a_summary_keeps_its_lines(office: Office) -> None:
    by = (SUMMARY[0], "BACK", "", "", SUMMARY[1], "")
    done = typed(office, "create", *said(SAVE, instead="medical_summary", by=by))
    assert "Medical summary: 1 line is kept." in done.stderr
    require_whole(office)


def test_back_twice_and_another_answer(office: Office) -> None:
    by = ("back", "back", "Olga Annensen", PERSON["postal_code"])
    done = typed(office, "create", *said(SAVE, instead="postal_code", by=by))
    assert done.code == 0, done.stderr
    require_whole(office, full_name="Olga Annensen")


def test_the_word_for_back_in_norwegian(office: Office) -> None:
    by = ("tilbake", "Olga Annensen", PERSON["address"])
    typed(office, "create --lang nb", *said(SAVE, instead="address", by=by))
    require_whole(office, full_name="Olga Annensen")


@pytest.mark.parametrize(
    ("number", "typing", "changed"),
    one_of_each(
        [
            ("3", ("Olga Annensen",), {"full_name": "Olga Annensen"}),
            ("6", ("back",), {}),
            ("8", ("2", "2", ""), {"medical_summary": SUMMARY[0]}),
            ("8", ("4", "Other words.", ""), {"medical_summary": "Other words."}),
            ("8", ("3", "More.", ""), {"medical_summary": "\n".join((*SUMMARY, "More."))}),
            ("8", ("",), {}),
            ("9", ("-",), {"practical_notes": None}),
            ("10", (), {}),
            ("back", (), {}),
        ],
        kind=lambda case: case[0] == "8",
    ),
)
def test_one_answer_is_changed_at_the_review(
    office: Office, number: str, typing: tuple[str, ...], changed: dict[str, str]
) -> None:
    done = typed(office, "create", *said(CHANGE, number, *typing, SAVE))
    assert done.code == 0, done.stderr
    require_whole(office, **changed)


def test_a_changed_name_is_held_against_the_title(office: Office) -> None:
    done = typed(office, "create", *said(CHANGE, "3", "Vera Home", "Another visit", SAVE))
    assert "The title seems to hold a name from the payload." in done.stderr
    assert office.ok("show 1 --json").json["title"] == "Another visit"
    require_whole(office, full_name="Vera Home")


def refusing(office: Office, line: str) -> Callable[[], str]:
    """Answer that it is to be saved, after somebody else has run a command."""

    def answer() -> str:
        office.ok(line)
        return SAVE

    return answer


def test_a_mentor_who_was_paused_meanwhile_is_exchanged_and_nothing_lost(office: Office) -> None:
    meanwhile = refusing(office, "member pause kari")
    done = typed(office, "create", *said(meanwhile, CHANGE, "1", "ola", SAVE))
    assert "Code: recipient_is_active_peer_mentor\n" in done.stderr
    assert "What you typed is kept." in done.stderr
    assert done.code == 0, done.stderr
    require_whole(office, "ola")


def test_a_busy_store_is_tried_again_and_nothing_lost(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Store.open.__kwdefaults__, "busy_seconds", 0.2)
    with closing(sqlite3.connect(office.store, isolation_level=None)) as other:

        def busy() -> str:
            other.execute("BEGIN IMMEDIATE")
            return SAVE

        def free() -> str:
            other.execute("ROLLBACK")
            return ""

        done = typed(office, "create", *said(busy, free))
    assert "Code: store_busy\n" in done.stderr
    assert done.code == 0, done.stderr
    require_whole(office)


SAMPLE = {"phone", "medical_summary", "review"}
"""Where the default suite stops a conversation; elsewhere it is a slower proof."""


@pytest.mark.parametrize("stop", ["end", "interrupt"])
@pytest.mark.parametrize(
    "until",
    [
        pytest.param(name, marks=[] if name in SAMPLE else pytest.mark.slow)
        for name in (*ANSWERS, "review")
    ],
)
def test_who_stops_is_told_that_nothing_was_saved(office: Office, until: str, stop: str) -> None:
    before = everything(office)

    def interrupt() -> str:
        raise KeyboardInterrupt

    answers = said(*([interrupt] if stop == "interrupt" else []), until=until)
    done = typed(office, "create", *answers)
    require_stopped(done)
    assert everything(office) == before


def require_stopped(done: Result) -> None:
    assert (done.code, done.stdout, done.error_code) == (130, "", "interrupted")
    last = "\n".join(done.stderr.splitlines()[-3:])
    assert "Error: Stopped. Nothing was saved." in last


def test_who_gives_up_has_saved_nothing(office: Office) -> None:
    before = everything(office)
    done = typed(office, "create", *said(GIVE_UP))
    assert (done.code, done.stdout, done.error_code) == (1, "", "not_confirmed")
    assert "You gave up. Nothing was saved." in done.stderr
    assert everything(office) == before


@pytest.mark.parametrize(
    ("line", "code", "profile"),
    a_few(
        3,
        of=[
            ("create", "only_coordinator_can_dispatch", "kari"),
            ("create --to nobody", "member_not_found", "anne"),
            ("create --title 'Ring 22334455'", "title_no_pii", "anne"),
            ("create --internal-notes 'Ring 22334455'", "title_no_pii", "anne"),
            (f"create --reference {'x' * 41}", "subject_reference_max_length", "anne"),
            ("create --deadline-days 0", "contact_deadline_days_positive", "anne"),
            ("create --expires 1.1.2020", "expires_at_in_future", "anne"),
            ("create --payload nowhere.json", "payload_unreadable", "anne"),
        ],
    ),
)
def test_what_is_wrong_already_is_refused_before_any_question(
    office: Office, line: str, code: str, profile: str
) -> None:
    done = typed(office, line, profile=profile)
    require_three_lines(done.stderr, code)
    assert (done.error_code, done.stdout) == (code, "")


def test_without_anybody_to_send_to_nothing_is_asked(office: Office) -> None:
    for handle in ("kari", "ola", "per"):
        office.ok(f"member pause {handle}")
    done = typed(office, "create")
    require_three_lines(done.stderr, "recipient_is_active_peer_mentor")


def test_without_the_vault_nothing_is_asked(office: Office) -> None:
    office.vault.rename(office.vault.with_suffix(".away"))
    require_three_lines(typed(office, "create").stderr, "vault_missing")


@pytest.mark.parametrize("name", only("phone", of=["phone", "medical_summary", "review"]))
def test_bytes_that_are_not_text_do_not_end_it(office: Office, name: str) -> None:
    def undecodable() -> str:
        return b"\xff".decode()

    usual = ANSWERS.get(name, ())
    if name == "review":
        answers = said(undecodable, SAVE)
    else:
        answers = said(SAVE, instead=name, by=(undecodable, *usual))
    done = typed(office, "create", *answers)
    assert done.code == 0, done.stderr
    assert "is not text in the terminal's encoding" in done.stderr
    require_whole(office)


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="terminals cut no line here")
def test_a_line_that_the_terminal_has_cut_is_said_to_be(office: Office) -> None:
    by = ("x" * 4095, "and the rest", "")
    done = typed(office, "create", *said(SAVE, instead="medical_summary", by=by))
    assert "The terminal has cut this line, and its end is missing." in done.stderr
    require_whole(office, medical_summary=f"{'x' * 4095}\nand the rest")
