"""`privacy export`: all that is held about a member, and what they read and when."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from tests.attacker import certificate_id, hex_id
from tests.office import Office
from tests.refusals import rows

EXPORT = "privacy export kari"


@pytest.fixture
def worked(office: Office) -> Office:
    """An office in which kari has done something of every kind."""
    notes = "--coordinator-notes 'Bring the magnifier.' --internal-notes 'Second request.'"
    office.to_status(office.dispatch(f"--reference SAK-7 {notes}"), "completed")
    office.dispatch("--consent-required")
    office.run("open 2 --reveal", profile="kari")
    office.to_status(office.dispatch(to="ola"), "read", profile="ola")
    return office


def _is_in(id_: str, row: tuple[object, ...]) -> bool:
    """Say whether a value of the row is the id, or a text that has it."""
    return any(id_ in each.replace("-", "") for each in row if isinstance(each, str))


def _naming(office: Office, ids: tuple[str, ...]) -> dict[str, int]:
    """Return how many rows of each table name one of the ids, in whatever column."""
    tables = rows(office, "SELECT name FROM sqlite_schema WHERE type = 'table'")
    found = {name: rows(office, f"SELECT * FROM {name}") for (name,) in tables}
    counted = {
        name: sum(any(_is_in(id_, row) for id_ in ids) for row in kept)
        for name, kept in found.items()
    }
    return {name: count for name, count in counted.items() if count}


def test_every_row_that_names_the_member_is_given_out(worked: Office) -> None:
    naming = _naming(worked, (hex_id(worked, "kari"), certificate_id(worked, "kari")))
    found = worked.ok(f"{EXPORT} --json").json
    assert Counter(each["table"] for each in found["records"]) == naming
    assert {"members", "member_roles", "certificates", "assignments", "audit_log"} <= naming.keys()
    assert "Bring the magnifier." not in str(found)
    assert "SAK-7" not in str(found)


@pytest.mark.slow
def test_what_they_read_and_when_is_among_it(worked: Office) -> None:
    said = worked.ok(EXPORT).stdout
    assert said.startswith("What is held about Kari Nordmann: ")
    assert said.splitlines()[0].endswith(" records. Briefs opened: 1.")
    assert "Entry of the audit log: brief opened, assignment 1" in said
    assert "Entry of the audit log: refused to open the brief, assignment 2" in said
    assert not re.search("[0-9a-f]{8}-[0-9a-f]{4}-", said)  # ids are for JSON


@pytest.mark.slow
def test_nothing_of_another_member_is_in_it(worked: Office) -> None:
    found = worked.ok(f"{EXPORT} --json").json["records"]
    others = hex_id(worked, "ola")
    named = [each for each in found if others in str(each).replace("-", "")]
    assert named == []


@pytest.mark.slow
def test_giving_it_out_is_recorded_and_only_for_administrators(worked: Office) -> None:
    worked.ok(EXPORT)
    newest: Any = worked.ok("audit log --limit 1 --json").json["entries"][0]
    assert (newest["action"], newest["subject_type"]) == ("privacy.exported", "member")
    worked.ok("member invite cora --name 'Cora Dal' --here --keys keyring --role coordinator")
    for profile in ("kari", "cora"):
        worked.refused(EXPORT, "role_missing", 4, profile=profile)
    worked.refused("privacy export nobody", "member_not_found", 3)
    assert worked.ok("audit verify").code == 0
