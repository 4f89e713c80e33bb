"""A page of the inbox: what is first, what the next command is, and what is delivered by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session as Transaction

from assigncli.cli.session.in_process import Session
from assigncli.client.create import Draft, Order, create_and_dispatch_all
from assigncli.client.roll import Roll
from assigncli.domain.lifecycle import Priority
from assigncli.domain.payload import Payload
from assigncli.server import inbox, recording
from assigncli.trust import verification
from tests.acting import acting
from tests.attacker import alter, column
from tests.office import PERSON, Office
from tests.quick import a_few, only
from tests.refusals import refused, rows

URGENT = {"priority": Priority.URGENT}


def send(office: Office, count: int, to: str = "kari", **more: object) -> list[int]:
    """Dispatch several at once, as a sheet does; return their numbers."""
    orders = [
        Order(Draft(to, "Home visit", **more), Payload.from_fields(PERSON))  # type: ignore[arg-type]
        for _ in range(count)
    ]
    with acting(office, "anne") as session:
        return [made.number for made in create_and_dispatch_all(session.client, orders, Roll())]


@pytest.fixture(scope="module")
def sent(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where kari has 23, of which 11 and 22 are urgent, and ola has one."""
    office = founded.copy_to(tmp_path_factory.mktemp("sent"))
    send(office, 10)
    send(office, 1, **URGENT)
    send(office, 10)
    send(office, 1, **URGENT)
    send(office, 1)
    send(office, 1, to="ola")
    return office


@pytest.fixture
def full(sent: Office, tmp_path: Path) -> Office:
    return sent.copy_to(tmp_path / "office")


@pytest.fixture(scope="module")
def seven(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where kari has seven, of which 4 is urgent, and ola has one."""
    office = founded.copy_to(tmp_path_factory.mktemp("seven"))
    send(office, 3)
    send(office, 1, **URGENT)
    send(office, 3)
    send(office, 1, to="ola")
    return office


@pytest.fixture
def small(seven: Office, tmp_path: Path) -> Office:
    return seven.copy_to(tmp_path / "office")


def heard(said: str) -> list[int]:
    """Return the numbers of the assignments on a page."""
    return [int(found) for found in re.findall(r"^Assignment (\d+)[:,]", said, re.MULTILINE)]


def following(said: str) -> str | None:
    """Return the command that the last line gives, without the program's name."""
    last = said.splitlines()[-1]
    found = last.partition("There are more. Next page: assign ")
    return found[2] or None


def pages(
    office: Office, line: str = "inbox", meanwhile: Callable[[list[int]], object] = lambda _: None
) -> list[list[int]]:
    """Read page after page as the last line says; do something between two."""
    found: list[list[int]] = []
    profile: str | None = "kari"
    command: str | None = line
    while command:
        said = office.ok(command, profile=profile).stdout
        found.append(heard(said))
        command, profile = following(said), None
        meanwhile(found[-1])
        assert len(found) < 20
    return found


def statuses(office: Office) -> dict[int, str]:
    return {int(str(n)): str(s) for n, s in rows(office, "SELECT number, status FROM assignments")}


SMALL_ORDER = [4, 1, 2, 3, 5, 6, 7]
SMALL_PAGE = "inbox --limit 3"
IN_ORDER = [11, 22, *(number for number in range(1, 24) if number not in (11, 22))]


@pytest.mark.slow
def test_the_total_and_the_urgent_come_first_and_the_next_command_last(full: Office) -> None:
    first = full.ok("inbox", profile="kari").stdout
    assert first.startswith(
        "23 assignments for you. 23 are new, 2 of them urgent. Shown here: 10.\n\n"
        "Assignment 11, urgent: Home visit\n"
    )
    assert first.endswith("\n\nThere are more. Next page: assign inbox --after 8 --profile kari\n")
    last = full.ok("inbox --after 18", profile="kari").stdout
    assert last.startswith("23 assignments for you. 23 are new, 2 of them urgent. Shown here: 4.\n")
    assert "There are more" not in last
    assert full.ok("inbox --lang nb --after 18", profile="kari").stdout.startswith(
        "23 oppdrag til deg. 23 er nye, 2 av dem haster. Her vises 4.\n"
    )


def test_every_assignment_is_on_one_page(full: Office) -> None:
    found = pages(full)
    assert [len(page) for page in found] == [10, 10, 3]
    assert [number for page in found for number in page] == IN_ORDER


def test_what_fits_one_page_is_said_without_paging(office: Office) -> None:
    send(office, 10)
    assert office.ok("inbox", profile="kari").stdout.startswith(
        "10 assignments for you. 10 are new.\n\n"
    )
    assert following(office.ok("inbox", profile="kari").stdout) is None
    send(office, 1, to="per", **URGENT)
    assert office.ok("inbox", profile="per").stdout.startswith(
        "1 assignment for you. 1 is new and urgent.\n"
    )
    assert office.ok("inbox", profile="ola").stdout == "No assignments for you.\n"


def test_only_what_is_shown_is_delivered(full: Office) -> None:
    full.ok("inbox", profile="kari")
    delivered = {number for number, status in statuses(full).items() if status == "delivered"}
    assert delivered == {11, 22, *range(1, 9)}
    full.later(hours=1)
    full.ok("inbox --after 8", profile="kari")
    assert column(full, 8, "delivered_at") == "2026-11-21T11:00:00.000000Z"
    assert column(full, 9, "delivered_at") == "2026-11-21T12:00:00.000000Z"
    assert column(full, 23, "status") == "dispatched"
    entries = rows(full, "SELECT count(*) FROM audit_log WHERE action = 'assignment.delivered'")
    assert entries == [(20,)]


def test_late_ones_come_before_the_rest_and_after_the_urgent(office: Office) -> None:
    send(office, 2)
    send(office, 2, contact_deadline_days=3)
    urgent = send(office, 1, **URGENT)
    send(office, 8, contact_deadline_days=20)
    office.later(days=5)
    (first, _second) = pages(office)
    assert first[:5] == [*urgent, 3, 4, 1, 2]
    late = [item["number"] for item in office.ok("list --overdue --json").json["assignments"]]
    assert sorted(late) == [3, 4]


def test_what_is_over_but_for_its_completion_comes_last(office: Office) -> None:
    send(office, 2, contact_deadline_days=3)
    send(office, 2)
    office.to_status(1, "contact_made")
    office.later(days=5)
    assert pages(office) == [[2, 3, 4, 1]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "done",
    only("acknowledged", of=("read", "acknowledged", "contact_made", "completed")),
)
def test_no_assignment_is_passed_over_whatever_is_done_between_two_pages(
    small: Office, done: str
) -> None:
    """The one that the next command names is dealt with, and another beside it."""

    def dealt_with(page: list[int]) -> None:
        for number in page[-2:]:
            if statuses(small)[number] == "delivered":
                small.to_status(number, done)

    found = [n for page in pages(small, SMALL_PAGE, meanwhile=dealt_with) for n in page]
    assert set(found) == set(SMALL_ORDER)
    if done != "contact_made":  # which is read once more, at the end
        assert found == SMALL_ORDER


@pytest.mark.slow
@pytest.mark.parametrize("end", ["recall {} --yes", "cancel {} --reason Moved --yes"])
def test_a_page_goes_on_from_what_was_withdrawn_meanwhile(small: Office, end: str) -> None:
    first = small.ok(SMALL_PAGE, profile="kari").stdout
    small.ok(end.format(2))
    send(small, 1, **URGENT)
    next_line = following(first)
    assert next_line is not None
    assert heard(small.ok(next_line, profile=None).stdout) == SMALL_ORDER[3:6]


@pytest.mark.slow
def test_pages_of_those_with_contact_made(office: Office) -> None:
    send(office, 7)
    for number in range(1, 6):
        office.to_status(number, "contact_made")
    assert pages(office, SMALL_PAGE) == [[6, 7, 1], [2, 3, 4], [5]]
    said = office.ok("inbox --contact-made --limit 2", profile="kari").stdout
    assert said.startswith("5 assignments where you have made contact. Shown here: 2.\n")
    assert pages(office, "inbox --contact-made --limit 2") == [[1, 2], [3, 4], [5]]


def test_json_gives_all_and_delivers_all_in_bounded_steps(
    small: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "STEP", 2)
    writes: list[str] = []

    def began(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement == "BEGIN IMMEDIATE":
            writes.append(statement)

    event.listen(Engine, "before_cursor_execute", began)
    try:
        document = small.ok("inbox --json", profile="kari").json
    finally:
        event.remove(Engine, "before_cursor_execute", began)
    assert [item["number"] for item in document["assignments"]] == SMALL_ORDER
    assert len(writes) == 4
    counts = (document["total"], document["urgent"], document["after"], document["next"])
    assert counts == (7, 1, None, None)
    assert [n for n, status in statuses(small).items() if status != "delivered"] == [8]


def test_json_a_page_at_a_time(small: Office) -> None:
    document = small.ok("inbox --json --limit 3", profile="kari").json
    assert (document["total"], document["urgent"], document["after"]) == (7, 1, 2)
    assert document["next"] == "assign inbox --limit 3 --after 2 --profile kari --json"
    seen = [item["number"] for item in document["assignments"]]
    while document["next"]:
        line = document["next"].removeprefix("assign ")
        document = small.ok(line, profile=None).json
        seen += [item["number"] for item in document["assignments"]]
    assert seen == SMALL_ORDER


@pytest.mark.parametrize("number", a_few(2, of=[8, 99, 2**63 - 1]))
def test_a_start_that_is_not_ours_is_refused(small: Office, number: int) -> None:
    refused(small, f"inbox --after {number}", "assignment_not_found", 3, profile="kari")


@pytest.mark.parametrize("number", [2**63, 10**30])
def test_a_start_that_no_number_can_be_is_refused(small: Office, number: int) -> None:
    refused(small, f"inbox --after {number}", "usage", 2, profile="kari")


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    only(
        {"title": "Another visit"},
        {"status": "contact_made"},
        {"manifest_signature": b"short"},
        {"encryption_key_id": "0" * 32},
        of=[
            {"title": "Another visit"},
            {"dispatched_at": "2026-11-99T00:00:00.000000Z"},
            {"expires_at": "2026-99-99T00:00:00.000000Z"},
            {
                "expires_at": "9999-12-31T23:59:59.000000Z",
                "dispatched_at": "9999-12-31T23:30:00.000000Z",
            },
            {"contact_deadline_days": 300},
            {"priority": "urgent"},
            {"status": "contact_made"},
            {"manifest_signature": b"short"},
            {"dispatcher_certificate_id": "nobody"},
            {"encryption_key_id": "0" * 32},
        ],
    ),
    ids=lambda damage: next(iter(damage)),
)
def test_one_that_does_not_verify_hides_no_other(small: Office, damage: dict[str, str]) -> None:
    alter(small, 5, **damage)
    found: list[int] = []
    line: str | None = SMALL_PAGE
    warned = 0
    while line:
        result = small.ok(line, profile="kari")
        found += heard(result.stdout)
        warned += result.stderr.count("Assignment 5 is not as a coordinator signed it.")
        line = following(result.stdout)
    assert sorted(found) == [1, 2, 3, 4, 6, 7]
    assert warned == 1
    assert statuses(small)[5] != "delivered"
    document = small.ok("inbox --json", profile="kari").json
    assert [each["number"] for each in document["unverified"]] == [5]
    assert document["total"] == 6


def test_what_was_altered_between_looking_and_delivering_is_not_delivered(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(office, 2)
    appending = recording.appending

    def late(session: Session) -> AbstractContextManager[Transaction]:
        alter(office, 1, title="Another visit")
        monkeypatch.setattr(recording, "appending", appending)
        office.ok("recall 2 --yes")
        return appending(session)

    monkeypatch.setattr(recording, "appending", late)
    said = office.ok("inbox", profile="kari")
    assert heard(said.stdout) == []
    assert "Assignment 1 is not as a coordinator signed it." in said.stderr
    assert statuses(office) == {1: "dispatched", 2: "recalled"}


def counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Return how many signed assignments a page verifies, and how many statements it takes."""
    verified: list[object] = []
    statements: list[str] = []
    walk = verification.walked

    def walk_and_count(*given: object) -> object:
        verified.append(given)
        return walk(*given)  # type: ignore[arg-type]

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    with monkeypatch.context() as patched:
        patched.setattr(verification, "walked", walk_and_count)
        event.listen(Engine, "before_cursor_execute", note)
        try:
            office.ok("inbox", profile="kari")
        finally:
            event.remove(Engine, "before_cursor_execute", note)
    return len(verified), len(statements)


@pytest.mark.slow
def test_a_page_costs_the_same_however_many_wait(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.ok("inbox", profile="kari")  # the log has grown each time from what kari has seen
    send(office, 11)
    few = counted(office, monkeypatch)
    assert few[0] == 10
    assert counted(office, monkeypatch)[0] == 10
    send(office, 60)
    send(office, 10, **URGENT)
    assert counted(office, monkeypatch) == few
