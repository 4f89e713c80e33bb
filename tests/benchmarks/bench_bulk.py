"""What `dispatch --csv` costs a row, beside its own cryptography and beside other tools.

The sheet goes the real way, `assigncli.cli.main` in this process: read, checked, read again,
sealed and committed, for fifty mentors. Beside it stand (a) the cryptographic calls of the same
rows alone, (b) a shell loop that starts `age` or `gpg` for every row, timed for a few and
extrapolated, and (c) a loop of `pyrage` in this process; b and c encrypt the same payloads and do
nothing else. Whole runs take turns, so that whatever else the machine does meets them all. The aims
are 0.6 of the speed of (a) and over 5 times that of (b), and for 100,000 rows at most 1.5 times the
memory of 1,000.

    python -m tests.benchmarks.bench_bulk               5,000 rows
    python -m tests.benchmarks.bench_bulk 1000          as many as you say
    python -m tests.benchmarks.bench_bulk memory        the check's peak memory, 1,000 and 100,000
    python -m tests.benchmarks.bench_bulk memory full   the whole dispatch's
"""

from __future__ import annotations

import csv
import importlib
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from assigncli.client import approve
from assigncli.client.invite import Newcomer
from assigncli.client.keys import KeyPlace, SecretName
from assigncli.client.salting import new_texts
from assigncli.crypto import envelope
from assigncli.crypto.envelope import Sealed
from assigncli.crypto.identity import Identity
from assigncli.crypto.organization_key import keyed_digest
from assigncli.domain.lifecycle import Role
from assigncli.domain.payload import Payload
from assigncli.protocol.context import Context
from assigncli.protocol.entry import Entry
from assigncli.protocol.manifest import TEXTS, Manifest, payload_digest
from assigncli.protocol.sealed_keys import Wrap
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.protocol.statement import Statement
from assigncli.protocol.tree import Frontier, leaf
from tests.acting import acting, identity_of, process
from tests.office import NOON, Office, found

ROWS = 5_000
MENTORS = 50
RUNS = 3
ROWS_AT_ONCE = 250
LOOPS = 20
"""Rows of a shell loop that are really run."""

HEADER = (
    "name", "address", "postal_code", "city", "phone", "medical_summary", "practical_notes",
    "mentor", "title", "priority", "reference", "external_id",
)  # fmt: skip
SUMMARY = (
    "Synthetic summary {at}: age-related macular degeneration, both eyes, since two years.\n"
    "Reads with a magnifier; wants to meet somebody who uses speech on the telephone. Æøå."
)


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Reader:
    """A mentor's id and the key to seal to."""

    id: UUID
    key: bytes


class Nowhere:
    """A keychain that keeps nothing: the mentors here open nothing."""

    place = KeyPlace.KEYRING

    def load(self, name: SecretName) -> bytes:
        """Have nothing."""
        raise NotImplementedError

    def save(self, name: SecretName, secret: bytes) -> None:
        """Keep nothing."""

    def delete(self, name: SecretName) -> None:
        """Have nothing to delete."""


def main() -> None:
    """Print the figures and their ratios, or the peak memory."""
    words = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        office = found(folder / "office")
        readers = enrolled(office)
        if words[:1] == ["memory"]:
            report_memory(office, folder, "" if "full" in words else "--dry-run")
        else:
            report_speed(office, readers, folder, int(words[0]) if words else ROWS)


def enrolled(office: Office) -> list[Reader]:
    """Enrol the mentors, and return anne herself, who reads what she sends, before them."""
    roles = frozenset({Role.PEER_MENTOR})
    mentors = []
    with acting(office, "anne") as session:
        for at in range(MENTORS):
            made = approve.enrol_here(
                session.client, Nowhere(), mentor(at), f"Mentor {at}", roles, None, Newcomer()
            )
            mentors.append(Reader(made.member_id, Identity.generate().public.encryption_key))
        anne = Reader(session.client.member_id, session.client.identity.public.encryption_key)
    return [anne, *mentors]


def mentor(at: int) -> str:
    """Return the handle of a row's mentor."""
    return f"mentor{at % MENTORS:02}"


def person(at: int) -> Payload:
    """Return a row's payload: nobody, and nobody else's."""
    return Payload(
        full_name=f"Prøve{letters(at)} Oppdiktet",
        address=f"Granitten {at % 90 + 1} B",
        postal_code="0123",
        city="Oslo",
        phone="22 11 22 11",
        medical_summary=SUMMARY.format(at=at),
        practical_notes="Ring twice; the dog is kind.",
    )


def letters(at: int) -> str:
    """Return a number in letters."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(at))


def sheet(path: Path, count: int) -> Path:
    """Write a sheet as a coordinator's Excel does."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        for at in range(count):
            said = ("Home visit", "normal", f"C-{letters(at)}", f"id-{at}")
            writer.writerow([*vars(person(at)).values(), mentor(at), *said])
    return path


def report_speed(office: Office, readers: Sequence[Reader], folder: Path, count: int) -> None:
    """Print seconds, rows a second, and what each way is worth beside ours."""
    path = sheet(folder / "sheet.csv", count)
    payloads = [person(at).to_bytes() for at in range(count)]
    ways: dict[str, Callable[[], Cost]] = {
        "dispatch --csv": Numbered(office, folder, path),
        "(a) its cryptography": lambda: timed(
            lambda: cryptography_alone(identity_of(office, "anne"), readers, payloads)
        ),
        **other_tools(folder, payloads),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _run in range(RUNS):
        for name, way in ways.items():
            costs[name].append(way())
    print(
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {count} rows, {MENTORS}"
        f" mentors, in this process through main(), medians of {RUNS} runs in turn"
    )
    print(
        f"{'':26}{'wall s':>9}{'CPU s':>9}{'rows/s':>9}{'ms/row':>9}"
        f"{'ours is times as fast':>24}{'by CPU':>8}"
    )
    ours = median(costs["dispatch --csv"])
    for name, taken in costs.items():
        one = median(taken)
        print(
            f"{name:26}{one.wall:9.2f}{one.cpu:9.2f}{count / one.wall:9.0f}"
            f"{1000 * one.wall / count:9.3f}{one.wall / ours.wall:24.2f}"
            f"{one.cpu / ours.cpu:8.2f}"
        )


def median(costs: Sequence[Cost]) -> Cost:
    """Return the medians of both clocks."""
    return Cost(
        statistics.median(each.wall for each in costs),
        statistics.median(each.cpu for each in costs),
    )


def timed(work: Callable[[], object]) -> Cost:
    """Run `work` and return what it took; CPU is this process's and its children's."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    work()
    return Cost(time.perf_counter() - wall, sum(os.times()[:4]) - cpu)


class Numbered:
    """Dispatches the sheet, each time in a fresh copy of the office."""

    def __init__(self, office: Office, folder: Path, path: Path) -> None:
        self._office, self._folder, self._path = office, folder, path
        self._runs = 0

    def __call__(self) -> Cost:
        """Dispatch and return what it took."""
        self._runs += 1
        office = self._office.copy_to(self._folder / f"run{self._runs}")
        result = self._folder / "result.csv"
        cost = timed(lambda: office.ok(f"dispatch --csv {self._path} --result {result}"))
        shutil.rmtree(office.folder)
        return cost


def cryptography_alone(
    identity: Identity, readers: Sequence[Reader], payloads: Sequence[bytes]
) -> None:
    """Do what a sheet's rows need of cryptography, by the very calls, and nothing else.

    The import key's hash, the seal, a wrap to the coordinator and one to the mentor, both signed,
    the manifest, and two entries of the log; one statement for a batch.
    """
    anne, *mentors = readers
    organization, certificate, key = uuid4(), uuid4(), bytes(32)
    log = Frontier()
    for at, payload in enumerate(payloads):
        keyed_digest(key, payload, purpose="import")
        to = mentors[at % len(mentors)]
        context = Context(organization, uuid4(), uuid4(), to.id, anne.id)
        sealed = envelope.seal(payload, context.encode())
        for reader in (anne, to):
            wrapped = envelope.wrap(sealed.secret, context.wrap_info(reader.id), reader.key)
            Wrap(reader.id, certificate, wrapped, b"").signed(context, identity)
        _manifest(context, sealed, at, certificate).signed_by(identity)
        statement = _statement(context, certificate).encode()
        if at % ROWS_AT_ONCE == 0:
            identity.sign("request", statement)
        for step in (1, 2):
            entry = _entry(
                context, 2 * at + step, certificate, Statement.digest(statement)
            ).encode()
            identity.sign("entry", entry)
            log.append(leaf(entry))


def _manifest(context: Context, sealed: Sealed, at: int, certificate: UUID) -> Manifest:
    said = {**dict.fromkeys(TEXTS), "title": "Home visit", "subject_reference": f"C-{letters(at)}"}
    return Manifest(
        context=context,
        certificate=certificate,
        status="dispatched",
        payload_sha256=payload_digest(sealed.encrypted_payload),
        share_commitment=context.commitment(sealed.share),
        texts={field: text.digest() for field, text in new_texts(said).items()},
        priority="normal",
        contact_deadline_days=10,
        consent_required=False,
        expires_at=NOON + timedelta(days=30),
        readers=frozenset({certificate}),
    )


def _statement(context: Context, certificate: UUID) -> Statement:
    return Statement(
        organization=context.organization,
        service=certificate,
        certificate=certificate,
        act="assignment.dispatched",
        about=context.assignment,
        at=NOON,
        nonce=secrets.token_bytes(16),
        seen=NOTHING_SEEN,
        arguments={"key": str(context.encryption_key)},
        texts={},
        attachments=(),
    )


def _entry(context: Context, sequence: int, certificate: UUID, stated: bytes) -> Entry:
    return Entry(
        organization=context.organization,
        sequence=sequence,
        at=NOON,
        act="assignment.dispatched",
        subject=context.assignment,
        facts={"number": sequence, "key": str(context.encryption_key)},
        statement=stated,
        actor=certificate,
        service=certificate,
    )


def other_tools(folder: Path, payloads: Sequence[bytes]) -> dict[str, Callable[[], Cost]]:
    """Return what can be compared on this machine, by name."""
    ways: dict[str, Callable[[], Cost]] = {}
    if shutil.which("age") and shutil.which("age-keygen"):
        ways["(b) shell loop of age"] = shell_loop(folder, payloads, *age(folder))
    if shutil.which("gpg"):
        ways["(b) shell loop of gpg"] = shell_loop(folder, payloads, *gpg(folder))
    try:
        pyrage = importlib.import_module("pyrage")
    except ImportError:
        return ways
    reader = pyrage.x25519.Identity.generate().to_public()
    ways["(c) loop of pyrage"] = lambda: timed(
        lambda: [pyrage.encrypt(payload, [reader]) for payload in payloads]
    )
    return ways


def shell_loop(
    folder: Path, payloads: Sequence[bytes], command: str, env: dict[str, str]
) -> Callable[[], Cost]:
    """Return a loop that runs `command` for a few payloads, and says what all of them take."""
    place = folder / command.split(maxsplit=1)[0]
    place.mkdir()
    for at, payload in enumerate(payloads[:LOOPS]):
        (place / f"{at}.json").write_bytes(payload)
    script = f"for each in {place}/*.json; do {command} -o $each.out $each && rm $each.out; done"

    def run() -> Cost:
        cost = timed(
            lambda: subprocess.run(
                ["sh", "-c", script], env={**os.environ, **env}, check=True, capture_output=True
            )
        )
        times = len(payloads) / min(LOOPS, len(payloads))
        return Cost(cost.wall * times, cost.cpu * times)

    return run


def age(folder: Path) -> tuple[str, dict[str, str]]:
    """Return a command of `age`, to a throw-away key."""
    key = folder / "age.key"
    subprocess.run(["age-keygen", "-o", key], check=True, capture_output=True)
    public = subprocess.run(["age-keygen", "-y", key], check=True, capture_output=True, text=True)
    return f"age -r {public.stdout.strip()}", {}


def gpg(folder: Path) -> tuple[str, dict[str, str]]:
    """Return a command of `gpg`, to a throw-away key in a folder of its own."""
    home = folder / "gnupg"
    home.mkdir(mode=0o700)
    env = {"GNUPGHOME": str(home)}
    make = [
        "gpg",
        "--batch",
        "--passphrase",
        "",
        "--quick-gen-key",
        "nobody@example.invalid",
        "future-default",
        "default",
        "never",
    ]
    subprocess.run(make, env={**os.environ, **env}, check=True, capture_output=True)
    subprocess.run(["gpgconf", "--kill", "all"], env={**os.environ, **env}, check=False)
    return "gpg --batch --yes -e --trust-model always -r nobody@example.invalid", env


def report_memory(office: Office, folder: Path, option: str) -> None:
    """Print the peak memory of a process for a small sheet and for a large one."""
    peaks = []
    for count in (1_000, 100_000):
        copy = office.copy_to(folder / f"memory{count}")
        line = f"dispatch --csv {sheet(folder / 'sheet.csv', count)} {option}"
        start = time.perf_counter()
        peaks.append(peak(copy, line))
        print(
            f"{line.split(maxsplit=3)[-1] if option else 'dispatch'} of {count} rows:"
            f" peak {peaks[-1] / 1024:.1f} MB, {time.perf_counter() - start:.1f} s",
            flush=True,
        )
    print(f"ratio: {peaks[1] / peaks[0]:.2f}")


_HELD = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(office: Office, line: str) -> int:
    """Return the most kilobytes that a process of its own held at once.

    Started by a small one: to a child Linux counts what its parent held when it began.
    """
    done = subprocess.run(
        [sys.executable, "-c", _HELD, *process(office, line)],
        env=office.process_env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return int(done.stdout)


if __name__ == "__main__":
    main()
