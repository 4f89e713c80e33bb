"""A small legal world made by raw SQL: every test changes one thing in it and meets the guard."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from assigncli.server.store.engine import Store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEALED = b"\x01" + bytes(12 + 256 + 16)
STEPS = {
    "dispatched": "dispatched_at",
    "delivered": "delivered_at",
    "read": "first_read_at",
    "acknowledged": "acknowledged_at",
    "contact_made": "contact_made_at",
    "completed": "completed_at",
    "recalled": "recalled_at",
    "cancelled": "cancelled_at",
}
CHANGES = {"dispatched": (1, 0), "completed": (0, 1)}
COUNTS = (
    *("dispatched_count", "completed_count", "from_earlier_count"),
    *("in_person_count", "not_in_person_count"),
)


def moment(days: float = 0) -> str:
    """Return the moment so many days after NOW, as it stands in the database."""
    return (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_id() -> str:
    return uuid4().hex


@dataclass
class Organization:
    id: str
    coordinator: str = ""
    coordinator_certificate: str = ""
    mentor: str = ""
    cycle: str = ""
    size: int = 0


@dataclass
class World:
    """One or more organisations behind a raw connection without any of our pragmas."""

    db: sqlite3.Connection
    path: Path
    own: Organization = field(default_factory=lambda: Organization(new_id()))
    numbers: int = 0
    verb: str = "INSERT"
    on_refusal: Callable[[str], None] = lambda _rule: None

    def add(self, table: str, **columns: object) -> None:
        self.put(f"{self.verb} INTO {table}", columns)

    def put(self, verb: str, columns: dict[str, object]) -> None:
        marks = ", ".join("?" for _ in columns)
        self.db.execute(f"{verb} ({', '.join(columns)}) VALUES ({marks})", [*columns.values()])

    @contextmanager
    def replacing(self) -> Iterator[None]:
        """Add rows in the one way that deletes what has the same key, by no DELETE trigger."""
        self.verb = "INSERT OR REPLACE"
        yield
        self.verb = "INSERT"

    def change(self, table: str, key: str, **columns: object) -> None:
        sets = ", ".join(f"{column} = ?" for column in columns)
        self.db.execute(f"UPDATE {table} SET {sets} WHERE id = ?", [*columns.values(), key])

    def value(self, table: str, key: str, column: str) -> object:
        (found,) = self.db.execute(f"SELECT {column} FROM {table} WHERE id = ?", [key]).fetchone()
        return found

    def organization(self) -> Organization:
        made = Organization(new_id())
        self.add(
            "organizations",
            id=made.id,
            name="Synforeningen",
            name_salt=bytes(16),
            name_key=f"synforeningen {made.id}",
            time_zone="Europe/Oslo",
            root_public_key=bytes(32),
            created_at=moment(-30),
        )
        made.coordinator = self.member(made, "coordinator")
        made.coordinator_certificate = self.certificate(made, made.coordinator)
        made.mentor = self.mentor(made)
        made.cycle = self.cycle(made)
        return made

    def member(self, organization: Organization, *roles: str, status: str = "active") -> str:
        key = new_id()
        self.add(
            "members",
            id=key,
            organization_id=organization.id,
            handle=key[:8],
            handle_salt=bytes(16),
            display_name="Kari",
            display_name_salt=bytes(16),
            status=status,
            created_at=moment(-20),
            updated_at=moment(-20),
        )
        for role in roles:
            self.add("member_roles", member_id=key, role=role)
        return key

    def mentor(self, organization: Organization, **profile: object) -> str:
        key = self.member(organization, "peer_mentor")
        self.mentor_profile(organization, key, **profile)
        self.certificate(organization, key)
        return key

    def mentor_profile(self, organization: Organization, member: str, **profile: object) -> None:
        columns: dict[str, object] = {
            "member_id": member,
            "organization_id": organization.id,
            "status": "active",
            "updated_at": moment(-20),
        }
        self.add("peer_mentor_profiles", **columns | profile)

    def certificate(self, organization: Organization, member: str, **changes: object) -> str:
        key = new_id()
        columns: dict[str, object] = {
            "id": key,
            "organization_id": organization.id,
            "member_id": member,
            "body": b"{}",
            "signature": bytes(64),
            "device": "laptop",
            "device_salt": bytes(16),
            "issued_at": moment(-20),
        }
        self.add("certificates", **columns | changes)
        return key

    def cycle(
        self, organization: Organization, first: str = "2026-01-01", last: str = "2026-12-31"
    ) -> str:
        key = new_id()
        self.add(
            "reporting_cycles",
            id=key,
            organization_id=organization.id,
            name=key[:4],
            starts_on=first,
            ends_on=last,
            status="open",
            created_at=moment(-20),
        )
        return key

    def key(self, organization: Organization, **changes: object) -> str:
        key = new_id()
        columns: dict[str, object] = {
            "id": key,
            "organization_id": organization.id,
            "assignment_id": new_id(),
            "share_commitment": bytes(32),
            "created_at": moment(),
        }
        self.add("encryption_keys", **columns | changes)
        return key

    def draft_columns(self, organization: Organization | None = None) -> dict[str, object]:
        own = organization or self.own
        self.numbers += 1
        return {
            "id": new_id(),
            "number": self.numbers,
            "organization_id": own.id,
            "recipient_user_id": own.mentor,
            "dispatched_by_user_id": own.coordinator,
            "title": "Home visit - Oslo East",
            "title_salt": bytes(16),
            "subject_reference_salt": bytes(16),
            "coordinator_notes_salt": bytes(16),
            "internal_notes_salt": bytes(16),
            "encrypted_payload": SEALED,
            "encryption_key_id": self.key(own),
            "status": "pending",
            "priority": "normal",
            "contact_deadline_days": 10,
            "consent_required": 0,
            "honorarium_tier": "none",
            "manifest_body": b"{}",
            "manifest_signature": bytes(64),
            "dispatcher_certificate_id": own.coordinator_certificate,
            "created_at": moment(),
            "updated_at": moment(),
        }

    def draft(self, organization: Organization | None = None, **changes: object) -> str:
        """Make a pending assignment with its two wraps and its log line."""
        columns = self.draft_columns(organization) | changes
        self.add("assignments", **columns)
        key = str(columns["id"])
        for reader in {columns["recipient_user_id"], columns["dispatched_by_user_id"]}:
            self.wrap(key, str(reader))
        self.log(key, None, "pending")
        return key

    def wrap(self, key: str, reader: str, **changes: object) -> None:
        columns: dict[str, object] = {
            "assignment_id": key,
            "certificate_id": self.certificate_of(reader),
            "encryption_key_id": self.value("assignments", key, "encryption_key_id"),
            "wrap": bytes(80),
            "maker_certificate_id": self.own.coordinator_certificate,
            "signature": bytes(64),
            "created_at": moment(),
        }
        self.add("key_wraps", **columns | changes)

    def certificate_of(self, member: str) -> str:
        """Return a certificate of the member's, made now for who has none."""
        query = "SELECT id FROM certificates WHERE member_id = ?"
        found = self.db.execute(query, [member]).fetchone()
        if found is None:
            query = "SELECT organization_id FROM members WHERE id = ?"
            (organization,) = self.db.execute(query, [member]).fetchone()
            return self.certificate(Organization(organization), member)
        return str(found[0])

    def log(self, key: str, source: str | None, target: str, **changes: object) -> None:
        columns: dict[str, object] = {
            "organization_id": self.value("assignments", key, "organization_id"),
            "assignment_id": key,
            "from_status": source,
            "to_status": target,
            "actor_id": self.value("assignments", key, "dispatched_by_user_id"),
            "at": moment(),
        }
        self.add("assignment_status_logs", **columns | changes)

    def dispatch_columns(self, key: str) -> dict[str, object]:
        """Return what the UPDATE of a legal dispatch sets."""
        recipient = self.value("assignments", key, "recipient_user_id")
        count = self.sums(recipient, self.own.cycle)["dispatched_count"]
        tier = "elevated" if count + 1 >= 15 else "standard" if count + 1 >= 3 else "none"
        return {
            "status": "dispatched",
            "dispatched_at": moment(),
            "expires_at": moment(30),
            "reporting_cycle_id": self.own.cycle,
            "threshold_sequence_number": count + 1,
            "honorarium_tier": tier,
            "updated_at": moment(),
        }

    def dispatch(self, key: str, **changes: object) -> None:
        """Dispatch a draft, with its log and ledger lines."""
        self.change("assignments", key, **self.dispatch_columns(key) | changes)
        self.log(key, "pending", "dispatched")
        self.line(key, "dispatched")

    def sums(self, member: object, cycle: object) -> dict[str, int]:
        """Return what the lines of a member in a cycle come to, whatever counts they carry."""
        found = self.db.execute(
            "SELECT coalesce(sum(dispatched_change), 0), coalesce(sum(completed_change), 0),"
            " count(*) FILTER (WHERE kind = 'completed'"
            " AND a.reporting_cycle_id <> l.reporting_cycle_id),"
            " count(*) FILTER (WHERE in_person = 1), count(*) FILTER (WHERE in_person = 0)"
            " FROM assignment_threshold_logs AS l JOIN assignments AS a ON a.id = assignment_id"
            " WHERE member_id = ? AND l.reporting_cycle_id = ?",
            [member, cycle],
        ).fetchone()
        return dict(zip(COUNTS, found, strict=True))

    def line(self, key: str, kind: str, **changes: object) -> None:
        self.add("assignment_threshold_logs", **self.line_columns(key, kind, **changes))

    def line_columns(self, key: str, kind: str, **changes: object) -> dict[str, object]:
        """Return a ledger line, by default with the counts that the lines before it lead to."""
        dispatched, completed = CHANGES.get(kind, (-1, 0))
        columns: dict[str, object] = {
            "organization_id": self.value("assignments", key, "organization_id"),
            "assignment_id": key,
            "member_id": self.value("assignments", key, "recipient_user_id"),
            "reporting_cycle_id": self.own.cycle,
            "kind": kind,
            "dispatched_change": dispatched,
            "completed_change": completed,
            "at": moment(),
        }
        columns |= changes
        cycle, said = columns["reporting_cycle_id"], columns.get("in_person")
        earlier = self.value("assignments", key, "reporting_cycle_id") != cycle
        changed = [columns[f"{name}_change"] or 0 for name in ("dispatched", "completed")]
        own = (*changed, kind == "completed" and earlier, said == 1, said == 0)
        before = self.sums(columns["member_id"], cycle)
        after = {name: before[name] + more for name, more in zip(COUNTS, own, strict=True)}
        return after | columns

    def step(self, key: str, target: str, days: float = 1, **changes: object) -> None:
        """Take one step with its moment and its log line."""
        source = str(self.value("assignments", key, "status"))
        columns: dict[str, object] = {"status": target, "updated_at": moment(days)}
        if target in STEPS:
            columns[STEPS[target]] = moment(days)
        if target in ("recalled", "cancelled"):
            columns[f"{target}_by_user_id"] = self.own.coordinator
        if target == "read":
            self.audit(subject_id=key, actor_id=self.value("assignments", key, "recipient_user_id"))
        self.change("assignments", key, **columns | changes)
        self.log(key, source, target)

    def sent(self, until: str = "dispatched", **changes: object) -> str:
        """Make an assignment and take it along the path up to `until`."""
        key = self.draft(**changes)
        self.dispatch(key)
        for target in ("delivered", "read", "acknowledged", "contact_made", "completed"):
            if until == self.value("assignments", key, "status"):
                break
            self.step(key, target)
        return key

    def audit(self, **changes: object) -> None:
        """Append an entry to the log, with its node; hashes are stand-ins."""
        columns: dict[str, object] = {
            "organization_id": self.own.id,
            "sequence": self.own.size + 1,
            "at": moment(),
            "actor_id": self.own.coordinator,
            "actor_certificate_id": self.own.coordinator_certificate,
            "action": "payload_decrypted",
            "subject_id": new_id(),
            "details": "{}",
            "service_certificate_id": self.own.coordinator_certificate,
            "signature": bytes(64),
        }
        columns |= changes
        self.db.execute(
            "INSERT INTO log_nodes SELECT ?1, 0, ?2, zeroblob(32) WHERE NOT EXISTS"
            " (SELECT 1 FROM log_nodes WHERE organization_id = ?1 AND place = ?2)",
            (columns["organization_id"], self.own.size),
        )
        self.add("audit_log", **columns)
        self.own.size += 1

    def node(self, level: int, place: int, **changes: object) -> None:
        """Add a node of the tree."""
        columns = {"organization_id": self.own.id, "level": level, "place": place}
        self.add("log_nodes", **columns | {"hash": bytes(32)} | changes)

    def statement(self, **changes: object) -> bytes:
        """Keep a statement; return its hash."""
        columns: dict[str, object] = {
            "hash": uuid4().bytes * 2,
            "organization_id": self.own.id,
            "body": b"{}",
            "signature": bytes(64),
        }
        columns |= changes
        self.add("statements", **columns)
        return bytes(columns["hash"])  # type: ignore[call-overload,no-any-return]

    def setting(self, name: str, value: str) -> None:
        self.add(
            "organization_settings",
            organization_id=self.own.id,
            name=name,
            value=value,
            set_by=self.own.coordinator,
            set_at=moment(),
        )

    def consent(self, key: str, member: str | None = None, **changes: object) -> None:
        columns: dict[str, object] = {
            "id": new_id(),
            "organization_id": self.value("assignments", key, "organization_id"),
            "assignment_id": key,
            "member_id": member or self.value("assignments", key, "recipient_user_id"),
            "text_version": "1",
            "statement_hash": bytes(32),
            "completed_at": moment(),
        }
        self.add("consent_records", **columns | changes)

    def attempt(self, key: str, **changes: object) -> None:
        """Record that nobody answered, for the first time unless `changes` says otherwise."""
        columns: dict[str, object] = {
            "organization_id": self.value("assignments", key, "organization_id"),
            "assignment_id": key,
            "member_id": self.value("assignments", key, "recipient_user_id"),
            "attempt": 1,
            "at": moment(),
        }
        self.add("contact_attempts", **columns | changes)

    @contextmanager
    def refused(self, rule: str) -> Iterator[None]:
        """Expect the database to refuse what is in the block, by this rule's name."""
        with pytest.raises(sqlite3.IntegrityError) as caught:
            yield
        assert str(caught.value) in (rule, f"CHECK constraint failed: {rule}")
        self.on_refusal(rule)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated store, made once; tests copy it."""
    path = tmp_path_factory.mktemp("template") / "home" / "store.db"
    Store.create(path, now=NOW).close()
    return path


@pytest.fixture
def store_path(empty_store: Path, tmp_path: Path) -> Path:
    """A store of this test's own, empty but for its schema."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    path = folder / "store.db"
    shutil.copyfile(empty_store, path)
    path.chmod(0o600)
    return path


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store.open(store_path, busy_seconds=0.2) as opened:
        yield opened


@pytest.fixture
def raw(store_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection as any other program would make it: no pragma, no function of ours."""
    connection = sqlite3.connect(store_path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    yield connection
    connection.close()


@pytest.fixture
def world(raw: sqlite3.Connection, store_path: Path) -> World:
    made = World(raw, store_path)
    made.own = made.organization()
    return made
