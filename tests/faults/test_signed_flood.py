"""One member's own program sends valid acts as fast as it can: the others' commands go on.

The program is a process of its own, with as many connections as one account may have. What it is
refused is not recorded, and what it did is bounded by the member's allowance.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any
from uuid import UUID

import pytest

from assigncli.client import asking, config
from assigncli.client import member as membership
from assigncli.client.inquiry import Wanted
from assigncli.profiles import load_profile
from assigncli.protocol.message import Message, MessageKind, framed
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import encode_texts
from assigncli.server.serve.limits import Limits
from tests.acting import identity_of
from tests.attacker import value
from tests.hostile import Hostile
from tests.office import ROOT, Office
from tests.serving import Served, person, serving

pytestmark = pytest.mark.slow  # thousands of acts

if os.name != "posix":
    pytest.skip("the server is POSIX only", allow_module_level=True)

LIMITS = Limits()
MORE = 1_500
"""Acts of the flood beyond what the member may do at once."""
SLOWDOWN = 6.0
"""A command of another waits for one act of the flood at each of its messages, where it would wait
for sixty-four; the rest is that three processes have two cores."""


def paused(office: Office, count: int) -> bytes:
    """Return so many acts that kari may do, signed, each behind its length."""
    about, key = load_profile("kari", office.env).member_id, identity_of(office, "kari")
    until = {"until": "2098-12-24"}
    one = Hostile(office, "kari").statement("member.paused", about, arguments=until)

    def act() -> bytes:
        body = replace(one, nonce=token_bytes(16)).encode()
        parts = (body, key.sign(Statement.purpose, body), encode_texts({}))
        return framed(Message(MessageKind.ACT, parts).encode())

    return b"".join(act() for _each in range(count))


def flooding(served: Served, file: Path) -> subprocess.Popen[bytes]:
    member = load_profile("kari", served.office.env).member_id
    words = [sys.executable, "-m", "tests.signed_flood", str(served.socket), str(member), str(file)]
    words.append(str(LIMITS.connections_of_account))
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)


def command(served: Served, number: int) -> float:
    """Connect, ask and act as one command of another member; return the seconds it took."""
    began = time.monotonic()
    wire = served.wire(load_profile("anne", served.office.env).member_id)
    anne = person(served.office, "anne", wire)
    config.change(anne, "expires_after_days", str(20 + number % 9))
    asking.read(anne, Wanted("read.cycles"))
    wire.close()
    return time.monotonic() - began


def test_others_go_on_while_one_members_own_program_floods_the_server(
    office: Office, tmp_path: Path
) -> None:
    office.now = datetime.now(UTC)
    file = tmp_path / "acts"
    file.write_bytes(paused(office, LIMITS.signed_at_once + MORE))
    with serving(office, "--sweep-every 1440") as served:
        usual = statistics.mean(command(served, each) for each in range(20))
        took, process = list[float](), flooding(served, file)
        while process.poll() is None:
            took.append(command(served, len(took)))
        assert process.stdout is not None
        said: dict[str, Any] = json.loads(process.stdout.read())
        process.stdout.close()
        slowdown = statistics.mean(took) / usual
        print(f"{said}; {len(took)} commands of another, {slowdown:.1f} times as long as alone")
        print(f"longest {max(took):.2f} s, alone {usual:.3f} s")
        require_bounded(office, said)
        time.sleep(2 / LIMITS.signed_a_second)
        membership.resume(served.person("kari"), "kari")
        assert served.stop() == 0
    assert slowdown < SLOWDOWN
    assert "is whole" in office.ok("audit verify").stdout


def require_bounded(office: Office, said: dict[str, Any]) -> None:
    """Assert that no more was done than is allowed, and that what was refused left nothing."""
    codes = said["codes"]
    assert set(codes) == {"", "store_busy"}, said
    most = LIMITS.signed_at_once + LIMITS.signed_a_second * said["seconds"]
    assert LIMITS.signed_at_once <= codes[""] <= most + 1, said
    member: UUID = load_profile("kari", office.env).member_id
    done = "SELECT count(*) FROM audit_log WHERE action = 'member.paused' AND subject_id = ?"
    assert value(office, done, member.hex) == codes[""]
    assert value(office, "SELECT count(*) FROM refused_statements") == 0
