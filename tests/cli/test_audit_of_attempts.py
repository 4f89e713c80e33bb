"""Refused attempts as the server records them: named in `audit log`, held by `audit verify`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.cli.session.in_process import Session
from assigncli.domain.actions import Action
from assigncli.protocol.seen import Seen
from assigncli.protocol.statement import Statement
from assigncli.server import attempt_log, record, service
from assigncli.server.attempt_log import Attempt
from assigncli.server.store import members
from tests.acting import acting
from tests.office import Office

OPENING = "attempt refused (would have been: brief opened)"


def attempt(
    session: Session, certificate: UUID | None, act: str, code: str, about: UUID
) -> Attempt:
    statement = Statement(
        organization=session.client.organization_id,
        service=uuid4(),
        certificate=certificate,
        act=act,
        about=about,
        at=session.now,
        nonce=uuid4().bytes,
        seen=Seen(1, bytes(32)),
        arguments={},
        texts={},
        attachments=(),
    )
    body = statement.encode()
    return Attempt(statement, Statement.digest(body), body, bytes(64), code, {}, about)


def refused(office: Office, *kinds: tuple[str, str, UUID | None], new_key: bool = False) -> None:
    """Have the server record that Kari's device tried each act; None is about the organisation."""
    with acting(office, "kari") as session, session.turn.write() as tx:

        def append(act: str, subject: UUID, facts: Mapping[str, Any]) -> int:
            ours = service.own(session.turn, tx).certificate
            return record.record(session.turn, tx, ours, Action(act), subject, **facts).sequence

        own = members.live_certificate(tx, session.client.member_id)
        assert own is not None
        for act, code, about in kinds:
            made = attempt(
                session,
                None if new_key else own.id,
                act,
                code,
                about or session.client.organization_id,
            )
            attempt_log.record(tx, session.client.organization_id, made, session.now, append)


@pytest.fixture
def stage(office: Office) -> Office:
    """An office with an assignment that Kari's device was refused to decline and open."""
    office.dispatch()
    number = UUID(office.ok("show 1 --json").json["id"])
    opened = ("payload_decrypted", "consent_before_payload_access", number)
    refused(office, opened, opened, opened, ("cycle.closed", "role_missing", None))
    office.later(hours=1, seconds=1)
    refused(office, ("payload_decrypted", "number_differs", number))
    refused(office, ("device.joined", "text_differs", uuid4()), new_key=True)
    return office


def test_a_refused_attempt_is_said_with_what_was_tried_and_by_whom(stage: Office) -> None:
    said = stage.ok("audit log --limit 5").stdout
    lines = [line for line in said.splitlines() if line.startswith(("Entry", "By"))]
    assert [line.partition(": ")[2].partition(", 21 ")[0] for line in lines] == [
        "attempt refused (would have been: asked to join), text_differs",
        "service",
        f"{OPENING}, assignment 1, number_differs",
        "Kari Nordmann",
        "2 more attempts refused",
        "Kari Nordmann",
        "attempt refused (would have been: reporting cycle closed), role_missing",
        "Kari Nordmann",
        f"{OPENING}, assignment 1, consent_before_payload_access",
        "Kari Nordmann",
    ]


def test_a_refused_attempt_is_said_in_norwegian(stage: Office) -> None:
    said = stage.ok("audit log --limit 5 --lang nb").stdout
    assert ": forsøk avvist (ville vært: opplysningene åpnet), oppdrag 1, number_differs\n" in said
    assert ": 2 forsøk til avvist\n" in said


def test_a_refused_attempt_has_its_facts_in_json(stage: Office) -> None:
    entries = stage.ok("audit log --limit 5 --json").json["entries"]
    joined, other, counted, closed, first = entries
    assert set(first["details"]) == {"act", "code", "refused"}
    assert counted["details"] == {"from": first["sequence"], "count": 2}
    assert [each["subject_type"] for each in entries] == [
        *("member", "assignment", "organization", "organization", "assignment"),
    ]
    assert other["details"]["refused"] != first["details"]["refused"]
    assert joined["actor"] == "service"
    assert closed["actor"] == "Kari Nordmann"


def test_refused_attempts_are_found_by_their_assignment(stage: Office) -> None:
    said = stage.ok("audit log --assignment 1").stdout
    assert said.count(OPENING) == 2


def test_the_log_with_refused_attempts_is_whole(stage: Office) -> None:
    assert "whole" in stage.ok("audit verify").stdout
    stage.now += timedelta(days=1)
    stage.ok("sweep")
    assert "whole" in stage.ok("audit verify").stdout
    assert stage.run("store check").code == 0
