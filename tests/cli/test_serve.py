"""The server in a process of its own: who is answered, who else may open the store, how it stops.

Each test starts a real `assign serve`, with nothing in its environment, and speaks to its socket.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from assigncli.client import approve, asking, config, create, cycle, init, invite
from assigncli.client import member as membership
from assigncli.client.client import Client
from assigncli.client.create import Draft
from assigncli.client.init import Draw, Founding
from assigncli.client.inquiry import Wanted
from assigncli.client.join import joining
from assigncli.client.keys import SecretName, ServiceFiles
from assigncli.crypto.identity import Identity, service_fingerprint, spoken_fingerprint
from assigncli.domain.lifecycle import Role
from assigncli.domain.payload import Payload
from assigncli.errors import AssignError, IdentityUnavailable
from assigncli.kept_heads import Witness
from assigncli.profiles import load_profile
from assigncli.protocol.greeting import Hello
from assigncli.protocol.lines import FoundingLine, InvitationLine
from assigncli.protocol.message import Message, MessageKind, framed
from assigncli.protocol.texts import Text
from tests.office import PERSON, ROOT, Office
from tests.serving import Served, Wire, connected, refusal_of, serving

if os.name != "posix":
    pytest.skip("the server is POSIX only", allow_module_level=True)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be several accounts")

SOMEBODY, ANOTHER = 61_234, 61_235
"""Accounts that need not exist: the kernel tells their numbers."""
NOBODY = UUID(int=0)


def member(office: Office, handle: str) -> UUID:
    return load_profile(handle, office.env).member_id


def hello(member_id: UUID | None) -> bytes:
    return Message(MessageKind.HELLO, (Hello(member_id).encode(),)).encode()


def open_cycles(served: Served, count: int, first: int = 2031) -> None:
    anne = served.person("anne")
    for year in range(first, first + count):
        cycle.open_cycle(anne, f"Year {year}", date(year, 1, 1), date(year, 12, 31))


# Who is answered


@pytest.mark.slow
def test_a_question_is_answered_and_an_act_is_carried_out(office: Office) -> None:
    with serving(office) as served:
        before = asking.standing(served.person("anne")).head.size
        open_cycles(served, 2)
        found = asking.read(served.person("anne"), Wanted("read.cycles"))
        assert found.head.size == before + 2
        assert served.stop() == 0
    assert "Year 2032" in office.ok("cycle list").stdout
    assert "is whole" in office.ok("audit verify").stdout


@as_root
def test_another_account_is_answered_for_nobody_until_it_has_joined(office: Office) -> None:
    with serving(office) as served:
        wire = Wire.to(served.socket, uid=SOMEBODY)
        assert not wire.hello(member(office, "kari")).agreed
        with pytest.raises(IdentityUnavailable):
            asking.standing(connected(office, member(office, "kari"), Identity.generate(), wire))
        assert not Wire.to(served.socket, uid=SOMEBODY).hello(uuid4()).agreed
        assert not Wire.to(served.socket, uid=SOMEBODY).hello(None).agreed


@pytest.mark.slow
@as_root
def test_an_act_needs_a_signature_and_no_account(office: Office) -> None:
    with serving(office) as served:
        anne = served.person("anne")
        before = asking.members(anne, "kari", is_signed=True).head.size
        elsewhere = connected(
            office, anne.member_id, anne.identity, served.wire(anne.member_id, uid=SOMEBODY)
        )
        elsewhere.witness = anne.witness
        assert asking.members(elsewhere, "kari", is_signed=True).head.size == before
        with pytest.raises(IdentityUnavailable):
            asking.members(elsewhere, "kari")


def invited(served: Served, handle: str) -> InvitationLine:
    line = invite.invite(
        served.person("anne"), handle, handle.title(), frozenset({Role.PEER_MENTOR})
    )
    return InvitationLine.decode(line.line)


def join(served: Served, line: InvitationLine, uid: int) -> Identity:
    """Join from this account, and return the new keys."""
    identity = Identity.generate()
    client = connected(served.office, line.member, identity, served.wire(uid=uid))
    device = Text(os.urandom(16), "laptop")
    asking.act(
        client,
        asking.joining_device(client, asking.new_key(client), identity),
        joining(line.member, identity.public, line.token, device),
    )
    return identity


def approved(served: Served, line: InvitationLine, handle: str, identity: Identity) -> None:
    anne = served.person("anne")
    digits = spoken_fingerprint(
        root_key=line.root_key,
        organization_id=line.organization,
        member_id=line.member,
        public=identity.public,
    )
    approve.approve(anne, handle, digits, frozenset({Role.PEER_MENTOR}), None)


def is_agreed(served: Served, member_id: UUID, uid: int) -> bool:
    wire = Wire.to(served.socket, uid=uid)
    try:
        return wire.hello(member_id).agreed
    finally:
        wire.close()


@pytest.mark.slow
@as_root
def test_an_account_is_answered_for_the_member_it_joined_as_once_approved(office: Office) -> None:
    with serving(office, "--relay-account nobody") as served:
        line = invited(served, "nils")
        identity = join(served, line, SOMEBODY)
        assert not is_agreed(served, line.member, SOMEBODY)
        approved(served, line, "nils", identity)
        assert is_agreed(served, line.member, SOMEBODY)
        assert not is_agreed(served, line.member, ANOTHER)
        assert not is_agreed(served, member(office, "kari"), SOMEBODY)
        nils = connected(office, line.member, identity, served.wire(line.member, uid=SOMEBODY))
        assert asking.standing(nils).head.size
        said = served.until("restrict,command=")
        assert (
            f'restrict,command="assign relay --socket {served.socket} --member {line.member}" '
            in said
        )
    accounts = office.store.with_name("assign.db.accounts")
    assert accounts.stat().st_mode & 0o777 == 0o600
    assert f"uid={SOMEBODY} member={line.member}" in accounts.read_text()


@pytest.mark.slow
@as_root
def test_an_account_is_answered_no_more_once_its_member_is_revoked(office: Office) -> None:
    with serving(office) as served:
        line = invited(served, "nils")
        identity = join(served, line, SOMEBODY)
        approved(served, line, "nils", identity)
        nils = connected(office, line.member, identity, served.wire(line.member, uid=SOMEBODY))
        assert asking.standing(nils).head.size
        membership.revoke(served.person("anne"), "nils")
        with pytest.raises(IdentityUnavailable):
            asking.standing(nils)
        assert not is_agreed(served, line.member, SOMEBODY)


@pytest.mark.slow
@as_root
def test_a_line_that_is_taken_away_counts_no_more_and_a_damaged_one_is_told(
    office: Office,
) -> None:
    with serving(office) as served:
        line = invited(served, "nils")
        identity = join(served, line, SOMEBODY)
        approved(served, line, "nils", identity)
        nils = connected(office, line.member, identity, served.wire(line.member, uid=SOMEBODY))
        assert asking.standing(nils).head.size
        office.store.with_name("assign.db.accounts").write_text("# none\nnonsense\n")
        with pytest.raises(IdentityUnavailable):
            asking.standing(nils)
        served.until("Line 2 of")


@pytest.mark.slow
@as_root
def test_the_relay_account_may_name_any_member(office: Office) -> None:
    import pwd

    relay = pwd.getpwnam("nobody").pw_uid
    with serving(office, "--relay-account nobody") as served:
        assert is_agreed(served, member(office, "kari"), relay)
        assert is_agreed(served, member(office, "anne"), relay)
    result = subprocess.run(
        [sys.executable, "-m", "assigncli", "serve", "--relay-account", "no-such-account"],
        env={"PYTHONPATH": str(ROOT), "ASSIGN_HOME": str(office.home)},
        capture_output=True,
        check=False,
    )
    assert (result.returncode, b"account_unknown" in result.stderr) == (2, True)


# What is no request


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (Message(MessageKind.ASK, (b"{}", b"")).encode(), "message_malformed"),
        (b"\x02" + hello(None)[1:], "version_unknown"),
        (hello(None)[:-1], "message_malformed"),
        (b"", "message_malformed"),
        (b"\x01\x04" + bytes(5_000), "message_malformed"),
    ],
)
def test_a_stream_begins_with_a_hello_or_ends(served: Served, sent: bytes, code: str) -> None:
    wire = Wire.to(served.socket)
    assert refusal_of(wire.say(sent)) == code
    assert wire.read() is None


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (hello(None), "message_malformed"),
        (b"", "message_malformed"),
        (b"\x01", "message_malformed"),
    ],
)
def test_a_second_hello_ends_the_stream(served: Served, sent: bytes, code: str) -> None:
    wire = served.wire()
    assert refusal_of(wire.say(sent)) == code
    assert wire.read() is None


def test_what_is_no_request_is_refused_and_the_next_is_answered(served: Served) -> None:
    wire = served.wire()
    assert refusal_of(wire.say(b"\x01\x55garbage")) == "message_malformed"
    assert refusal_of(wire.say(b"\x07\x01garbage")) == "version_unknown"
    ask = Message(MessageKind.ASK, (b"{}", b"")).encode()
    assert refusal_of(wire.say(ask)) == "statement_malformed"


def test_a_frame_that_is_announced_too_large_ends_the_stream(served: Served) -> None:
    wire = served.wire()
    wire.connection.sendall((100_000_000).to_bytes(4, "big"))
    assert refusal_of(wire.read()) == "message_too_large"
    assert wire.read() is None


def test_requests_that_are_sent_together_are_answered_in_their_order(served: Served) -> None:
    wire = served.wire()
    ask = Message(MessageKind.ASK, (b"{}", b"")).encode()
    other = b"\x01\x55garbage"
    for each in (ask, other, ask):
        wire.connection.sendall(len(each).to_bytes(4, "big") + each)
    codes = [refusal_of(wire.read()) for _each in range(3)]
    assert codes == ["statement_malformed", "message_malformed", "statement_malformed"]


# Whose the store is


def test_a_served_store_is_refused_to_every_other_program(office: Office) -> None:
    with serving(office) as served:
        for line in ("list", "status", "sweep", "create --to kari --title 'Home visit'"):
            office.refused(line, "store_served", 7)
        office.refused("store upgrade", "store_served", 7)
        assert served.stop() == 0
    office.ok("list")


@pytest.mark.slow
def test_a_second_server_is_refused_and_a_killed_one_leaves_nothing_locked(office: Office) -> None:
    with serving(office) as served:
        second = second_server(office, served.socket.with_name("other"))
        assert (second.returncode, b"store_served" in second.stderr) == (7, True)
        served.process.kill()
        served.process.wait()
        assert served.socket.exists()
        with subprocess.Popen(
            served.process.args, env={"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE
        ) as again:
            assert again.stderr is not None
            assert b"Listening at" in again.stderr.readline()
            assert Wire.to(served.socket).hello(member(office, "anne")).agreed
            again.terminate()
            assert again.wait(timeout=30) == 0
        assert not served.socket.exists()


@pytest.mark.slow
def test_a_live_socket_is_refused_to_the_server_of_another_store(
    office: Office, founded: Office, tmp_path: Path
) -> None:
    other = founded.copy_to(tmp_path / "other")
    with serving(office) as served:
        second = second_server(other, served.socket)
        assert (second.returncode, b"socket_in_use" in second.stderr) == (7, True)
        assert Wire.to(served.socket).hello(member(office, "anne")).agreed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "why"), [(0o700, "may not enter"), (0o777, "may change"), (0o775, "may change")]
)
def test_a_folder_in_which_the_socket_is_no_use_is_refused(
    office: Office, tmp_path: Path, mode: int, why: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(mode)
    result = second_server(office, folder / "socket")
    assert result.returncode == 7
    assert b"socket_unusable" in result.stderr
    assert why in result.stderr.decode()


def second_server(office: Office, at: Path) -> subprocess.CompletedProcess[bytes]:
    words = [sys.executable, "-m", "assigncli", "serve", "--store", str(office.store)]
    return subprocess.run(
        [*words, "--socket", str(at)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    )


# How it stops


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_what_was_begun_is_answered_before_it_stops(office: Office, number: int) -> None:
    with serving(office) as served:
        clients = [served.person("anne") for _each in range(8)]
        before = asking.standing(clients[0]).head.size
        done: list[str] = []
        threads = [threading.Thread(target=many_settings, args=(each, done)) for each in clients]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        assert served.stop(number) == 0
        for thread in threads:
            thread.join()
        assert done
    found = office.ok("audit verify --json").json
    assert found["entries"] == before + len(done)


def many_settings(client: Client, done: list[str]) -> None:
    """Change a setting until the server closes; note each answer."""
    with suppress(AssertionError, BrokenPipeError, ConnectionError):
        while True:
            config.change(client, "expires_after_days", str(20 + len(done) % 9))
            done.append("")


@pytest.mark.slow
def test_a_killed_server_loses_nothing_that_it_answered(office: Office) -> None:
    done: list[str] = []
    with serving(office) as served:
        clients = [served.person("anne") for _each in range(4)]
        before = asking.standing(clients[0]).head.size
        threads = [threading.Thread(target=many_settings, args=(each, done)) for each in clients]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(done) > 20)
        served.process.kill()
        for thread in threads:
            thread.join()
    with serving(office) as served:
        size = asking.standing(served.person("anne")).head.size
        assert len(done) <= size - before <= len(done) + 1  # one was carried out, and not answered
        open_cycles(served, 1)
        assert served.stop() == 0
    assert "is whole" in office.ok("audit verify").stdout


@pytest.mark.slow
def test_a_second_signal_ends_it_at_once(office: Office) -> None:
    with serving(office) as served:
        wire = served.wire()
        wire.connection.sendall((1_000).to_bytes(4, "big"))
        served.process.send_signal(signal.SIGTERM)
        with suppress(ProcessLookupError):
            served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(timeout=10) in (0, -signal.SIGTERM)


@pytest.mark.slow
def test_who_does_not_read_the_answers_is_dropped_and_others_are_answered(office: Office) -> None:
    with serving(office) as served:
        anne = served.person("anne")
        sent: list[bytes] = []
        answer = anne.connection
        anne.connection = lambda data: answer(sent.append(data) or data)
        asking.read(anne, Wanted("read.members", None, {"handles": [], "role": None}))
        deaf = served.wire(anne.member_id)
        deaf.connection.settimeout(20)
        began = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            send_for_ever(deaf, sent[-1])
        assert time.monotonic() - began < 20
        open_cycles(served, 1)


def send_for_ever(wire: Wire, request: bytes) -> None:
    while True:
        wire.connection.sendall(framed(request))


# What it does by itself


def test_it_tells_systemd_when_it_listens_and_when_it_stops(office: Office) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        path = Path(tempfile.mkdtemp()) / "notify"
        supervisor.bind(str(path))
        supervisor.settimeout(20)
        with serving(office, env={"NOTIFY_SOCKET": str(path)}) as served:
            assert supervisor.recv(100) == b"READY=1"
            assert served.stop() == 0
            assert supervisor.recv(100) == b"STOPPING=1"
    shutil.rmtree(path.parent)


@pytest.mark.slow
def test_it_sweeps_and_says_what_was_done(tmp_path: Path) -> None:
    office = Office(tmp_path / "old", datetime.now(UTC) - timedelta(days=35))
    office.folder.mkdir(mode=0o700)
    office.ok(
        "init --organization Old --handle anne --name 'Anne Berg' --keys keyring", profile=None
    )
    office.ok("member invite kari --name 'Kari Nordmann' --here --keys keyring")
    office.dispatch()
    with serving(office) as served:
        served.until("Assignment 1 has expired")
        assert served.stop() == 0


@pytest.mark.slow
def test_a_notification_is_looked_after_right_after_the_act(office: Office) -> None:
    for setting in ("quiet_hours", "quiet_days"):
        office.ok(f"config set {setting} none")
    with serving(office, "--sweep-every 1440") as served:
        served.person("anne")
        time.sleep(1.0)  # the first sweep is over
        sent = create.create_and_dispatch(
            served.person("anne"), Draft("kari", "Home visit"), Payload.from_fields(PERSON)
        )
        served.until(f"nobody is told about assignment {sent.number}")


# Founding


def founding_line(said: str) -> FoundingLine:
    (line, *_others) = [each for each in said.splitlines() if each.startswith("assign-found-1")]
    return FoundingLine.decode(line)


def test_an_empty_server_is_founded_with_the_line_that_it_prints(machine: Office) -> None:
    with serving(machine, until="assign-found-1") as served:
        line = founding_line(served.output())
        assert line.address == f"unix:{served.socket}"
        keys = ServiceFiles(machine.store.with_name("assign.db.service"))
        service = Identity.from_bytes(keys.load(SecretName(NOBODY, NOBODY, "identity")))
        assert line.fingerprint == service_fingerprint(service.public)
        draw = Draw(service=service)
        founder = founding_client(served, draw)
        founding = Founding("Testforeningen", "anne", "Anne Berg", "Europe/Oslo")
        with pytest.raises(AssignError) as refused:
            init.found_organization(founder, founding, draw, bytes(16), service.public)
        assert refused.value.code == "founding_closed"
        init.found_organization(founder, founding, draw, line.token, service.public)
        assert keys.identities() == [SecretName(draw.organization_id, draw.service_id, "identity")]
        assert keys.pinned(keys.identities()[0]) == draw.root.public
        assert is_agreed(served, draw.member_id, os.geteuid())
        assert served.stop() == 0
    swept = machine.run(f"sweep --store {machine.store}", profile=None)
    assert swept.code == 0, swept.said
    # As a server leaves it that is killed between the commit of the founding and its end.
    keys.delete(keys.identities()[0])
    keys.save(SecretName(NOBODY, NOBODY, "identity"), service.to_bytes())
    with serving(machine):
        assert keys.identities() == [SecretName(draw.organization_id, draw.service_id, "identity")]
        assert keys.pinned(keys.identities()[0]) == draw.root.public


def founding_client(served: Served, draw: Draw) -> Client:
    wire = served.wire(draw.member_id)

    def connection(sent: bytes) -> bytes:
        answer = wire.say(sent)
        assert answer is not None
        return answer

    return Client(
        address="",
        now=datetime.now(UTC),
        organization_id=draw.organization_id,
        member_id=draw.member_id,
        root_public_key=draw.root.public,
        zone="Europe/Oslo",
        load_identity=lambda: draw.identity,
        connection=connection,
        witness=Witness(),
    )


@pytest.mark.slow
def test_sighup_shows_a_fresh_founding_line_and_spends_the_one_before(machine: Office) -> None:
    with serving(machine, until="assign-found-1") as served:
        first = founding_line(served.output())
        served.process.send_signal(signal.SIGHUP)
        wait_for(lambda: served.output().count("assign-found-1") == 2)
        second = FoundingLine.decode(served.output().splitlines()[-1])
        assert (second.fingerprint, second.address) == (first.fingerprint, first.address)
        assert second.token != first.token


@pytest.mark.slow
def test_the_key_is_kept_over_a_restart_of_an_empty_server(machine: Office) -> None:
    found = []
    for _time in range(2):
        with serving(machine, until="assign-found-1") as served:
            found.append(founding_line(served.output()).fingerprint)
            assert served.stop() == 0
    assert found[0] == found[1]


# Faults


@pytest.mark.slow
def test_a_fault_of_the_vault_is_told_by_its_code_and_ends_nothing(office: Office) -> None:
    with serving(office) as served:
        away = office.vault.with_name("away")
        office.vault.rename(away)
        with pytest.raises(AssignError) as fault:
            create.create(
                served.person("anne"), Draft("kari", "Home visit"), Payload.from_fields(PERSON)
            )
        assert fault.value.code == "server_fault"
        assert "Code: vault_missing." in served.until("Fault at")
        assert PERSON["full_name"] not in served.output()
        away.rename(office.vault)
        create.create(
            served.person("anne"), Draft("kari", "Home visit"), Payload.from_fields(PERSON)
        )
        assert served.stop() == 0
    assert "is whole" in office.ok("audit verify").stdout


# Many at once


@pytest.mark.slow
def test_eight_clients_at_once_meet_no_error_and_leave_no_gap(office: Office) -> None:
    with serving(office) as served:
        before = asking.standing(served.person("anne")).head.size
        failed: list[BaseException] = []
        acts: list[int] = []

        def work(number: int) -> None:
            try:
                client = served.person("anne")
                ends = time.monotonic() + 4
                while time.monotonic() < ends:
                    config.change(client, "expires_after_days", str(20 + number))
                    acts.append(number)
                    asking.read(client, Wanted("read.members", None, {"handles": [], "role": None}))
            except BaseException as problem:
                failed.append(problem)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert failed == []
        assert len(set(acts)) == 8
        assert served.stop() == 0
    found = office.ok("audit verify --json").json
    assert found["entries"] == before + len(acts)
    print(f"{len(acts)} acts in 4 seconds")


def wait_for(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.fixture(scope="module")
def served(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for tests that leave it as it is."""
    office = founded.copy_to(tmp_path_factory.mktemp("served") / "office")
    with serving(office) as running:
        yield running
