"""A lookup across a connection shows what it shows in the server's own process, and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from assigncli.cli.session.in_process import Session
from assigncli.client import lookup as across
from assigncli.domain.lifecycle import Priority, Role, Status
from assigncli.errors import AssignError, NotFound, Tampered
from assigncli.lookups import AnyLookup, ByHandle, Nothing, crossing
from assigncli.lookups.about_assignments import (
    ATTENTION,
    LIST,
    NUMBER,
    READERS,
    SHOW,
    AssignmentFilter,
    ById,
    WantedAssignment,
    WantedAttention,
    WantedPage,
    WantedReaders,
)
from assigncli.lookups.about_honorarium import (
    ACTIVITY,
    HONORARIUM,
    LEDGER,
    ReportScope,
    WantedLedger,
)
from assigncli.lookups.about_log import CHECK, LOG, WantedLog
from assigncli.lookups.about_members import (
    HALTED,
    ISSUED,
    KEYS,
    MEMBER,
    MEMBERS,
    OfCertificate,
    WantedKeys,
    WantedMembers,
)
from assigncli.lookups.about_office import CYCLES, SETTINGS, UPKEEP
from assigncli.lookups.about_privacy import HELD, PERSON, ByReference, ReadOn, WantedHeld
from assigncli.protocol.question import LOOKUPS
from assigncli.server import lookup as server
from tests.acting import acting
from tests.office import Office

SCHEMAS = Path(__file__).parent.parent.parent / "vectors" / "protocol" / "lookups.json"
URGENT = AssignmentFilter((Status.READ, Status.DISPATCHED), "kari", Priority.URGENT, True, True)
ASKED: list[tuple[AnyLookup, Any]] = [
    (LIST, WantedPage(AssignmentFilter(), None, 50)),
    (LIST, WantedPage(AssignmentFilter(), 3, 1)),
    (LIST, WantedPage(URGENT, None, 50)),
    (LIST, WantedPage(AssignmentFilter(mentor="nobody"), None, 50)),
    (SHOW, WantedAssignment("1")),
    (SHOW, WantedAssignment("2")),
    (SHOW, WantedAssignment("999")),
    (SHOW, WantedAssignment("not a number")),
    (ATTENTION, WantedAttention(1, 10)),
    (ATTENTION, WantedAttention(7, None)),
    (NUMBER, ById(uuid4())),
    (READERS, WantedReaders()),
    (READERS, WantedReaders("kari")),
    (MEMBERS, WantedMembers()),
    (MEMBERS, WantedMembers(Role.PEER_MENTOR)),
    (MEMBER, ByHandle("kari")),
    (MEMBER, ByHandle("karri")),
    (HALTED, ByHandle("kari")),
    (KEYS, WantedKeys()),
    (KEYS, WantedKeys("kari")),
    (ISSUED, OfCertificate(uuid4())),
    (CYCLES, Nothing()),
    (SETTINGS, Nothing()),
    (UPKEEP, Nothing()),
    (LOG, WantedLog(None, None, 100)),
    (LOG, WantedLog("1", 20, 2)),
    (PERSON, ByReference("SAK-7")),
    (PERSON, ByReference("nobody's")),
    (HELD, WantedHeld("kari", None)),
    (HELD, WantedHeld("kari", ReadOn("notifications", 1))),
    (HELD, WantedHeld("karri", None)),
    (HONORARIUM, ReportScope()),
    (HONORARIUM, ReportScope(("all",), "kari", since=True)),
    (HONORARIUM, ReportScope(("never",))),
    (ACTIVITY, ReportScope()),
    (LEDGER, WantedLedger("kari", None)),
    (LEDGER, WantedLedger("kari", "2019")),
    (LEDGER, WantedLedger("kåre", 'høst "2026"')),
]


@pytest.fixture
def told(office: Office) -> Office:
    """An office with something of every kind to look up."""
    office.create("--reference SAK-7")
    office.to_status(office.dispatch("--priority urgent"), "completed")
    office.dispatch("--consent-required --deadline-days 1")
    office.ok("honorarium report --format csv")
    office.later(days=3)
    office.ok("member pause kari --until 2026-11-30")
    return office


def shown(session: Session, lookup: AnyLookup, asked: Any) -> object:
    """Return what a lookup shows in the server's own process, or its error."""
    try:
        return session.look(lookup, asked)
    except AssignError as error:
        return type(error), error.likeness


def shown_across(session: Session, lookup: AnyLookup, asked: Any) -> object:
    """Return what the lookup shows as bytes to an unsigned question, or its error."""
    try:
        return across.look(session.client, lookup, asked)
    except AssignError as error:
        return type(error), error.likeness


@pytest.mark.parametrize("profile", ["anne", "kari"])
def test_a_lookup_shows_the_same_as_bytes_as_in_the_servers_own_process(
    told: Office, profile: str
) -> None:
    with acting(told, profile) as session:
        seen = {each.name for each, _asked in ASKED}
        for lookup, asked in ASKED:
            assert shown_across(session, lookup, asked) == shown(session, lookup, asked), asked
    assert seen == LOOKUPS - {CHECK.name}


def test_only_staff_may_have_the_log_verified_from_elsewhere(told: Office) -> None:
    with acting(told, "anne") as session:
        found = across.look(session.client, CHECK, Nothing())
        assert found == session.look(CHECK, Nothing())
        assert (found.faults, found.size) == ((), found.entries)
    with acting(told, "kari") as session, pytest.raises(AssignError, match="role_missing"):
        across.look(session.client, CHECK, Nothing())


def test_nobody_without_a_certificate_in_force_is_shown_anything(told: Office) -> None:
    told.ok("member revoke kari --yes")
    with acting(told, "kari") as session:
        for lookup, asked in ASKED:
            with pytest.raises(AssignError) as refused:
                across.look(session.client, lookup, asked)
            assert refused.value.code == "membership_revoked", asked
    with acting(told, "anne") as session:
        stranger = replace(session.client, member_id=uuid4())
        told_nobody = replace(stranger, connection=lambda sent: asks_as(session, stranger, sent))
        for lookup, asked in ASKED:
            with pytest.raises(AssignError) as refused:
                across.look(told_nobody, lookup, asked)
            assert refused.value.code == "not_approved", asked


def asks_as(session: Session, client: Any, sent: bytes) -> bytes:
    return session.server.handle(sent, session.now, client.member_id)


def test_a_mentor_sees_what_is_open_with_no_other(told: Office) -> None:
    with acting(told, "kari") as session, pytest.raises(AssignError, match="role_missing"):
        across.look(session.client, HALTED, ByHandle("anne"))
    with acting(told, "anne") as session:
        assert len(across.look(session.client, HALTED, ByHandle("kari")).open) == 2
    with acting(told, "kari") as session:
        own = across.look(session.client, HALTED, ByHandle("kari"))
    assert [each.status for each in own.open] == [Status.DISPATCHED]  # a draft is not theirs to see


@pytest.mark.parametrize(
    "document", ["{}", "[]", "null", '{"members": [1]}', '{"members": [{"handle": "x"}]}', "{"]
)
def test_a_document_of_another_type_is_not_shown(document: str, told: Office) -> None:
    with pytest.raises(Tampered, match="answer_malformed"):
        crossing.shown(MEMBERS, document)
    with pytest.raises(Tampered, match="answer_malformed"):
        crossing.error(document)


def told_error(**changes: object) -> str:
    return json.dumps({"kind": "NotFound", "code": "x", "why": None, "facts": {}, **changes})


def test_an_error_crosses_with_class_code_and_facts() -> None:
    day = date(2026, 11, 21)
    error = NotFound("cycle_not_found", "why", name="høst", day=day, count=3, names=("a", "b"))
    read = crossing.error(crossing.written(error))
    assert (type(read), read.likeness) == (NotFound, error.likeness)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "KeyboardInterrupt"},
        {"kind": "OutcomeUnknown"},
        {"code": "\x1b[31m"},
        {"code": "a b"},
        {"facts": {"x": 1.5}},
        {"more": 1},
    ],
)
def test_an_error_of_another_form_is_not_believed(changes: dict[str, object]) -> None:
    crossing.error(told_error())
    with pytest.raises(Tampered, match="answer_malformed"):
        crossing.error(told_error(**changes))


def test_each_lookup_of_the_page_has_one_type_and_one_function() -> None:
    assert set(server._PLACES) == LOOKUPS
    for name in LOOKUPS:
        assert server.named(name).name == name


def test_the_schemas_are_those_of_the_types() -> None:
    assert json.loads(SCHEMAS.read_text(encoding="utf-8")) == json.loads(json.dumps(schemas()))


def an_error(_kind: type) -> dict[str, str]:
    return {"type": "object"}


def schemas() -> dict[str, Any]:
    """Return the JSON Schema of every lookup's arguments and document."""
    lookups = [server.named(name) for name in sorted(LOOKUPS)]
    types = [each for lookup in lookups for each in (lookup.asked, lookup.shown)]
    schemas, components = msgspec.json.schema_components(types, schema_hook=an_error)
    told = {
        lookup.name: {"arguments": schemas[2 * at], "document": schemas[2 * at + 1]}
        for at, lookup in enumerate(lookups)
    }
    return {"lookups": told, "$defs": components}
