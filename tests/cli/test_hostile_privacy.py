"""No rule about erasing and giving out breaks for a client of somebody's own making."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.attacker import certificate_id, hex_id, value
from tests.hostile import Answer, Hostile
from tests.office import Office
from tests.refusals import rows

pytestmark = pytest.mark.slow  # each with an office of its own

ERASED, EXPORTED = "assignment.erased", "privacy.exported"
SERVICE = """SELECT c.id FROM certificates AS c JOIN members AS m ON m.id = c.member_id
WHERE m.handle = 'service' AND m.organization_id = ?"""


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with a completed and an open assignment, and a coordinator beside the founder."""
    office = founded.copy_to(tmp_path_factory.mktemp("hostile_privacy") / "office")
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    office.to_status(office.dispatch("--reference SAK-7"), "completed")
    office.dispatch("--reference SAK-7")
    return office


def erases(client: Hostile, number: int, said: int | None = None) -> Answer:
    return client.does(ERASED, number, {"number": number if said is None else said})


def assert_refused(office: Office, answer: Answer, code: str) -> None:
    """Assert that nothing was erased or recorded but the attempt, and that the log is whole."""
    assert answer.code == code
    assert value(office, "SELECT count(*) FROM archived_assignments") == 0
    done = "SELECT count(*) FROM audit_log WHERE action IN (?, ?)"
    assert value(office, done, ERASED, EXPORTED) == 0
    office.ok("open 1 --reveal", profile="kari")
    office.ok("audit verify")


@pytest.mark.parametrize("profile", ["eva", "kari", "ola"])
def test_erasing_by_who_is_no_administrator(office: Office, profile: str) -> None:
    assert_refused(office, erases(Hostile(office, profile), 1), "role_missing")


def test_erasing_with_somebody_else_s_certificate(office: Office) -> None:
    kari = Hostile(office, "kari", certificate=certificate_id(office, "anne"))
    assert_refused(office, erases(kari, 1), "signature_invalid")


def test_erasing_what_has_not_ended_or_has_another_number(office: Office) -> None:
    anne = Hostile(office, "anne")
    assert_refused(office, erases(anne, 2), "assignment_open")
    assert_refused(office, erases(anne, 1, 2), "number_differs")
    assert_refused(office, anne.does(ERASED, uuid4(), {"number": 1}), "assignment_not_found")
    assert anne.does(ERASED, 1, {}).code == "statement_malformed"
    assert anne.does(ERASED, 1, {"number": 1, "reason": "x"}).code == "statement_malformed"


def test_erasing_twice_and_acting_on_what_is_erased(office: Office) -> None:
    anne, about = Hostile(office, "anne"), Hostile(office, "anne").assignment(1)
    kari = Hostile(office, "kari")
    assert erases(anne, 1).code == ""
    assert anne.does(ERASED, about, {"number": 1}).code == "changed_meanwhile"
    for act, said in (
        ("assignment.cancelled", None),
        ("assignment.recalled", {"number": 1}),
    ):
        texts = None if said is not None else {}
        answer = anne.does(act, about, said or {"number": 1, "read": True}, texts=texts)
        assert answer.code in ("assignment_archived", "statement_malformed")
    key = str(UUID(str(value(office, "SELECT id FROM encryption_keys ORDER BY created_at"))))
    opening = {"encryption_key": key, "as": "recipient"}
    assert kari.does("payload_decrypted", about, opening).code == "assignment_archived"
    assert kari.asks(ERASED, about).code == "assignment_archived"
    office.ok("audit verify")


def test_a_repeated_statement_erases_once(office: Office) -> None:
    anne = Hostile(office, "anne")
    assert erases(anne, 1).code == ""
    again = anne.raw(anne.sent[-1])
    assert again.code == ""
    assert value(office, "SELECT count(*) FROM audit_log WHERE action = ?", ERASED) == 1


def test_another_organisation_s_administrator_erases_nothing_of_ours(office: Office) -> None:
    ours = UUID(hex_of(office, "anne"))
    office.ok(
        "init --organization Others --handle berit --name 'Berit By' --keys keyring", profile=None
    )
    berit, own = Hostile(office, "berit"), UUID(hex_of(office, "berit"))
    service = UUID(str(value(office, SERVICE, own.hex)))
    said, kari = {"number": 1}, UUID(hex_id(office, "kari"))
    for act, about, arguments, code in (
        (ERASED, berit.assignment(1), said, "assignment_not_found"),
        (EXPORTED, kari, {"kind": "member"}, "member_not_found"),
    ):
        theirs = berit.does(act, about, arguments, organization=own, service=service)
        assert theirs.code == code
        assert berit.does(act, about, arguments, organization=ours).code == "organization_not_found"
    assert value(office, "SELECT count(*) FROM archived_assignments") == 0


@pytest.mark.parametrize("profile", ["eva", "kari"])
def test_an_export_by_who_is_no_administrator(office: Office, profile: str) -> None:
    hostile, organization = Hostile(office, profile), UUID(hex_of(office, "anne"))
    own = UUID(hex_id(office, profile))
    assert_refused(office, hostile.does(EXPORTED, own, {"kind": "member"}), "role_missing")
    answer = hostile.does(EXPORTED, organization, {"kind": "access"})
    assert answer.code == "role_missing"


def hex_of(office: Office, handle: str) -> str:
    """Return the id of a member's organisation."""
    return str(value(office, "SELECT organization_id FROM members WHERE handle = ?", handle))


def test_an_export_of_nobody_or_in_another_form(office: Office) -> None:
    anne, organization = Hostile(office, "anne"), UUID(hex_of(office, "anne"))
    for about, kind in (
        (uuid4(), "member"),
        (organization, "member"),
        (UUID(hex_id(office, "kari")), "access"),
    ):
        assert anne.does(EXPORTED, about, {"kind": kind}).code == "member_not_found", kind
    assert anne.does(EXPORTED, organization, {"kind": "all"}).code == "statement_malformed"
    assert rows(office, "SELECT 1 FROM audit_log WHERE action = ?", EXPORTED) == []
