"""`status` tells an administrator how many requests at the server did not authenticate, and why."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from assigncli.crypto.identity import Identity
from assigncli.protocol.codes import CODES, COUNTED
from assigncli.protocol.message import Message, MessageKind
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import encode_texts
from assigncli.words.unauthenticated import by_cause
from tests.attacker import enrol
from tests.hostile import Hostile
from tests.office import Office
from tests.serving import Served, Wire, reached, refusal_of

if os.name != "posix":
    pytest.skip("the server is POSIX only", allow_module_level=True)


def forged(office: Office, **changes: object) -> bytes:
    """Return a statement of kari's that another key signed."""
    body = replace(Hostile(office, "kari").statement("member.resumed", uuid4()), **changes).encode()
    parts = (body, Identity.generate().sign(Statement.purpose, body), encode_texts({}))
    return Message(MessageKind.ACT, parts).encode()


def harm(served: Served) -> None:
    """Send what does not authenticate: three signatures, an unknown sender, a frame, a hello."""
    wire = served.wire()
    for _each in range(3):
        assert refusal_of(wire.say(forged(served.office))) == "signature_invalid"
    unknown = forged(served.office, certificate=uuid4())
    assert refusal_of(wire.say(unknown)) == "certificate_unknown"
    assert refusal_of(wire.say(b"\x01\x01no message")) == "message_malformed"
    assert refusal_of(Wire.to(served.socket).say(b"\x01\x04no hello")) == "message_malformed"


@pytest.mark.slow
def test_an_administrator_is_told_what_did_not_authenticate_and_a_coordinator_is_not(
    office: Office,
) -> None:
    enrol(office, "hanna", "coordinator")
    office.now = datetime.now(UTC)
    with reached(office) as served:
        assert "refused" not in office.ok("status").stdout
        assert office.ok("status --json").json["unauthenticated"] is None
        harm(served)
        said = office.ok("status").stdout
        begins = "Since the server started on "
        lines = [line.split(": ", 1) for line in said.splitlines() if line.startswith(begins)]
        assert [line[1] for line in lines] == [
            "3 requests were refused because their signature does not hold.",
            "1 request was refused because its sender is not known here.",
            "2 requests were refused because they cannot be read.",
        ]
        counted = office.ok("status --json").json["unauthenticated"]
        since = datetime.fromisoformat(counted["since"])
        assert 0 <= (datetime.now(UTC) - since).total_seconds() < 60
        assert counted["refused"] == [
            {"code": "certificate_unknown", "total": 1},
            {"code": "message_malformed", "total": 2},
            {"code": "signature_invalid", "total": 3},
        ]
        assert "refused" not in office.ok("status", profile="hanna").stdout
        assert office.ok("status --json", profile="hanna").json["unauthenticated"] is None
        assert served.stop() == 0
    with reached(office) as served:  # in memory only
        assert office.ok("status --json").json["unauthenticated"] is None
        assert served.stop() == 0


def test_in_a_process_of_ones_own_nothing_is_said(office: Office) -> None:
    answer = Hostile(office, "kari", key=Identity.generate()).does("member.resumed", uuid4())
    assert answer.code == "signature_invalid"
    assert "refused" not in office.ok("status").stdout
    assert office.ok("status --json").json["unauthenticated"] is None


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_counted_code_has_a_cause_in_words(code: str) -> None:
    (sentence,) = by_cause({code: 2})
    is_counted = CODES[code].recorded == COUNTED
    assert sentence.startswith("2 requests ")
    assert ("without a certificate" in sentence) is not is_counted


def test_no_cause_is_told_of_nothing() -> None:
    assert list(by_cause({})) == []
