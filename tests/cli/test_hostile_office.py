"""No rule about cycles and settings breaks for a client of somebody's own making."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from assigncli.protocol.texts import Text, encode_texts
from tests.attacker import value
from tests.hostile import Answer, Hostile
from tests.office import Office
from tests.quick import a_few
from tests.refusals import rows

OPEN, CLOSE, REOPEN = "cycle.opened", "cycle.closed", "cycle.reopened"
SPRING = {"starts_on": "2027-01-01", "ends_on": "2027-06-30"}


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with the cycle of 2026 and a coordinator beside the administrator."""
    office = founded.copy_to(tmp_path_factory.mktemp("hostile_office") / "office")
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    return office


def cycle(office: Office) -> UUID:
    return UUID(str(value(office, "SELECT id FROM reporting_cycles WHERE name = '2026'")))


def name(text: str) -> dict[str, Text]:
    return {"name": Text(b"s" * 16, text)}


def opens(client: Hostile, days: dict[str, str], text: str, about: UUID | None = None) -> Answer:
    return client.does(OPEN, about or uuid4(), days, texts=name(text))


def assert_refused(office: Office, answer: Answer, code: str) -> None:
    """Assert that nothing but the attempt was recorded, and that the log is whole."""
    assert answer.code == code
    assert rows(office, "SELECT name, status FROM reporting_cycles") == [("2026", "open")]
    assert rows(office, "SELECT name FROM organization_settings") == []
    attempts = value(office, "SELECT count(*) FROM audit_log WHERE action = 'attempt.refused'")
    assert attempts == 1
    office.ok("audit verify")


def test_a_coordinator_opens_closes_and_reopens(office: Office) -> None:
    eva, about = Hostile(office, "eva"), uuid4()
    made = opens(eva, SPRING, "Spring", about)
    closed = eva.does(CLOSE, about, {"forced": False})
    opened = eva.does(REOPEN, about)
    for answer, act in ((made, OPEN), (closed, CLOSE), (opened, REOPEN)):
        (entry,) = answer.entries
        assert (entry.act, entry.subject, dict(entry.facts)) == (act, about, {})
    assert made.entries[0].statement == eva.hash_of(eva.sent[0])
    office.ok("audit verify")


@pytest.mark.parametrize(("act", "said"), [(CLOSE, {"forced": True}), (REOPEN, {})])
def test_a_mentor_closes_or_reopens(office: Office, act: str, said: dict[str, object]) -> None:
    assert_refused(office, Hostile(office, "kari").does(act, cycle(office), said), "role_missing")


def test_a_mentor_opens_a_cycle(office: Office) -> None:
    assert_refused(office, opens(Hostile(office, "kari"), SPRING, "Spring"), "role_missing")


@pytest.mark.parametrize(
    ("first", "last", "text", "code"),
    a_few(
        2,
        of=[
            ("2026-12-31", "2027-06-30", "Spring", "cycle_overlaps"),
            ("2020-01-01", "2029-12-31", "Decade", "cycle_overlaps"),
            ("2027-06-30", "2027-01-01", "Spring", "cycle_days_reversed"),
            ("2027-01-01", "2027-06-30", "2026", "cycle_name_misleading"),
            ("2027-01-01", "2027-06-30", " Spring", "name_invalid"),
            ("2027-01-01", "2027-06-30", "Spr\u200bing", "name_invalid"),
            ("2027-01-01", "2027-06-30", "A\u030a", "name_invalid"),
            ("2027-01-01", "2027-06-30", "x" * 101, "name_invalid"),
        ],
    ),
)
def test_days_or_a_name_that_a_cycle_cannot_have(
    office: Office, first: str, last: str, text: str, code: str
) -> None:
    days = {"starts_on": first, "ends_on": last}
    assert_refused(office, opens(Hostile(office, "anne"), days, text), code)


def test_a_name_that_another_cycle_has(office: Office) -> None:
    office.ok("cycle open Spring --from 2027-01-01 --to 2027-06-30")
    days = {"starts_on": "2027-07-01", "ends_on": "2027-12-31"}
    assert opens(Hostile(office, "anne"), days, "Spring").code == "cycle_name_taken"


@pytest.mark.parametrize(
    "taken",
    a_few(
        2,
        of=[
            "reporting_cycles",
            "organizations",
            *(f"members WHERE handle = '{handle}'" for handle in ("anne", "kari", "service")),
        ],
    ),
)
def test_an_id_that_is_taken(office: Office, taken: str) -> None:
    about = UUID(str(value(office, f"SELECT id FROM {taken}")))
    assert_refused(office, opens(Hostile(office, "anne"), SPRING, "Spring", about), "cycle_exists")


def test_closing_and_reopening_what_cannot_be(office: Office) -> None:
    anne, about = Hostile(office, "anne"), cycle(office)
    assert anne.does(CLOSE, uuid4(), {"forced": True}).code == "cycle_not_found"
    assert anne.does(CLOSE, about, {"forced": False}).code == "cycle_covers_today"
    assert anne.does(REOPEN, about).code == "cycle_already_open"
    assert anne.does(CLOSE, about, {"forced": True}).code == ""
    assert anne.does(CLOSE, about, {"forced": True}).code == "cycle_already_closed"
    office.later(days=60)
    assert anne.does(REOPEN, about).code == "cycle_has_ended"
    office.ok("audit verify")


@pytest.mark.parametrize(
    ("days", "texts"),
    [
        ({"starts_on": "2027-01-01"}, name("Spring")),
        (SPRING | {"ends_on": "2027-02-30"}, name("Spring")),
        (SPRING | {"ends_on": "1.6.2027"}, name("Spring")),
        (SPRING | {"name": "Spring"}, name("Spring")),
        (SPRING, {}),
        (SPRING, {"value": name("Spring")["name"]}),
    ],
)
def test_what_the_act_does_not_ask_for(
    office: Office, days: dict[str, str], texts: dict[str, Text]
) -> None:
    answer = Hostile(office, "anne").does(OPEN, uuid4(), days, texts=texts)
    assert answer.code == "statement_malformed"


def test_another_name_than_the_one_that_was_signed(office: Office) -> None:
    anne = Hostile(office, "anne")
    texts = {"name": name("Spring")["name"].digest()}
    body = anne.statement(OPEN, uuid4(), arguments=SPRING, texts=texts).encode()
    for other in (name("Summer"), {"name": Text(b"t" * 16, "Spring")}):
        assert anne.send(body, encode_texts(other)).code == "text_differs"
    assert anne.send(body, encode_texts(name("Spring"))).code == "text_differs"  # refused before


def test_a_stale_statement(office: Office) -> None:
    at = office.now - timedelta(minutes=6)
    answer = Hostile(office, "anne").does(CLOSE, cycle(office), {"forced": True}, at=at)
    assert_refused(office, answer, "clock_apart")


def changes(client: Hostile, setting: str, kept: str | None, text: str | None = None) -> Answer:
    about = UUID(str(value(client.office, "SELECT id FROM organizations")))
    texts = {} if text is None else {"value": Text(b"s" * 16, text)}
    said = {"name": setting, "value": kept}
    return client.does("setting.changed", about, said, texts=texts)


@pytest.mark.parametrize("profile", ["eva", "kari"])
def test_a_setting_changed_by_who_is_no_administrator(office: Office, profile: str) -> None:
    answer = changes(Hostile(office, profile), "retention_days", "1")
    assert_refused(office, answer, "role_missing")


@pytest.mark.parametrize(
    ("setting", "kept", "text", "code"),
    a_few(
        3,
        of=[
            ("retention_days", "0", None, "setting_invalid"),
            ("retention_days", "3651", None, "setting_invalid"),
            ("retention_days", "007", None, "setting_invalid"),
            ("retention_days", "soon", None, "setting_invalid"),
            ("retention_days", None, "30", "setting_invalid"),
            ("contact_deadline_days", "0", None, "contact_deadline_days_positive"),
            ("contact_deadline_days", "366", None, "contact_deadline_too_long"),
            ("honorarium_standard_from", "15", None, "thresholds_invalid"),
            ("honorarium_elevated_from", "1000000", None, "setting_invalid"),
            ("reporting_cycles", "monthly", None, "setting_invalid"),
            ("quiet_hours", "9:00-10:00", None, "setting_invalid"),
            ("quiet_hours", "09:00-09:00", None, "setting_invalid"),
            ("notification_language", "sv", None, "setting_invalid"),
            ("notification_sender", "office", None, "setting_invalid"),
            ("notification_sender", None, " office", "setting_invalid"),
            ("notification_sender", None, "off\u200bice", "setting_invalid"),
            ("notification_sender", None, "x" * 101, "setting_invalid"),
            ("output", "table", None, "setting_not_found"),
        ],
    ),
)
def test_a_value_that_a_setting_cannot_have(
    office: Office, setting: str, kept: str | None, text: str | None, code: str
) -> None:
    assert_refused(office, changes(Hostile(office, "anne"), setting, kept, text), code)


@pytest.mark.parametrize(
    ("kept", "text"),
    [("1", "1"), (None, None), ("21:00 - 08:00", None), ("", None), ("x" * 65, None)],
)
def test_a_value_out_of_form(office: Office, kept: str | None, text: str | None) -> None:
    answer = changes(Hostile(office, "anne"), "quiet_hours", kept, text)
    assert answer.code == "statement_malformed"


def test_a_setting_of_something_else_than_the_organisation(office: Office) -> None:
    said = {"name": "retention_days", "value": "1"}
    answer = Hostile(office, "anne").does("setting.changed", uuid4(), said)
    assert answer.code == "statement_malformed"


def test_an_administrator_s_value_is_kept_and_worded_ones_are_not_in_the_log(
    office: Office,
) -> None:
    anne = Hostile(office, "anne")
    assert changes(anne, "quiet_hours", "22:00-07:00").code == ""
    assert changes(anne, "notification_sender", None, "The office").code == ""
    assert rows(office, "SELECT name, value, length(value_salt) FROM organization_settings") == [
        ("quiet_hours", "22:00-07:00", None),
        ("notification_sender", "The office", 16),
    ]
    assert rows(office, "SELECT details FROM audit_log WHERE action = 'setting.changed'") == [
        ("{}",),
        ("{}",),
    ]
    office.ok("audit verify")


EXPORT = {"format": "csv", "report": "honorarium", "cycles": [], "member": None, "up_to": 0}


def exports(client: Hostile, **said: object) -> Answer:
    about = UUID(str(value(client.office, "SELECT id FROM organizations")))
    return client.does("honorarium.exported", about, EXPORT | said)


def test_an_export_by_a_mentor(office: Office) -> None:
    assert_refused(office, exports(Hostile(office, "kari")), "role_missing")


@pytest.mark.parametrize(
    ("said", "code"),
    a_few(
        2,
        of=[
            ({"cycles": [str(uuid4())]}, "cycle_not_found"),
            ({"member": str(uuid4())}, "member_not_found"),
            ({"up_to": 1}, "changed_meanwhile"),
        ],
    ),
)
def test_an_export_of_what_is_not_there(office: Office, said: dict[str, object], code: str) -> None:
    assert_refused(office, exports(Hostile(office, "eva"), **said), code)


@pytest.mark.parametrize(
    "said", [{"report": "all"}, {"format": "pdf"}, {"cycles": ["2026"]}, {"up_to": None}]
)
def test_an_export_out_of_form(office: Office, said: dict[str, object]) -> None:
    assert exports(Hostile(office, "eva"), **said).code == "statement_malformed"


def test_later_lines_are_not_hidden_by_an_export_that_claims_them(office: Office) -> None:
    anne, cycles = Hostile(office, "anne"), [str(cycle(office))]
    office.dispatch()
    assert exports(anne, cycles=cycles, up_to=2).code == "changed_meanwhile"
    assert exports(anne, cycles=cycles, up_to=1).code == ""
    office.dispatch()
    (mentor,) = office.ok("honorarium report --since --json").json["mentors"]
    assert mentor["dispatched_since"] == 1
    office.ok("audit verify")
