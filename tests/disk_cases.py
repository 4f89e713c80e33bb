"""Each command that writes, on a disk that fails at one call: what it said, and what was so.

`python -m tests.disk_cases` tries every call of every command and prints the table.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from assigncli.domain.actions import Action
from tests import slots
from tests.failing_disk import Disk, Point, failing
from tests.office import ACCEPT, PERSON, Office, Result, found

Facts = Counter[str]

UNKNOWN = "store_outcome_unknown"
UNKNOWN_AFTER = "store_outcome_unknown after an earlier step"
SHARE_LEFT = "share_not_deleted"
UNRECORDED = "export_not_recorded"
INCIDENTAL = frozenset({Action.PAYLOAD_DECRYPTED.value, Action.PAYLOAD_REFUSED.value})
"""Entries of an attempt, which may be there although the act itself is not, and twice as well."""

_FACTS = (
    "SELECT action, count(*) FROM audit_log GROUP BY 1",
    "SELECT 'member ' || status, count(*) FROM members GROUP BY 1",
    "SELECT 'organization', count(*) FROM organizations",
    "SELECT 'assignment ' || status, count(*) FROM assignments GROUP BY 1",
    "SELECT 'archived', count(*) FROM archived_assignments",
    "SELECT 'notification ' || kind, count(*) FROM notifications GROUP BY 1",
    "SELECT 'ledger ' || kind, count(*) FROM assignment_threshold_logs GROUP BY 1",
    "SELECT 'channel', count(*) FROM notification_channels",
    "SELECT 'live key', count(*) FROM encryption_keys WHERE revoked_at IS NULL",
)


@dataclass(frozen=True)
class Case:
    """A command and the office it runs in; `{folder}` in its line is the office's.

    `{invitation}` is the line kept there, for where the office's store is now. `again` are the
    entries that come beside when what is done in part is repeated, which may be there or not.
    """

    name: str
    line: str
    profile: str | None = "anne"
    prepare: Callable[[Office], None] = lambda office: None
    stdin: str = ""
    machine: str = ""
    code: int = 0
    again: tuple[str, ...] = ()

    def office(self, office: Office) -> Office:
        """Return the machine on which the command is typed."""
        return Office(office.folder / self.machine, office.now) if self.machine else office

    def run(self, office: Office) -> Result:
        """Run the command."""
        kept = office.folder / "invitation"
        words = kept.read_text(encoding="ascii").split() if kept.exists() else []
        words[1:2] = [str(office.store)]
        line = self.line.format(folder=office.folder, invitation=" ".join(words))
        return self.office(office).run(line, profile=self.profile, stdin=self.stdin)


@dataclass(frozen=True)
class Verdict:
    """What a command said at one point, and what was so."""

    case: str
    point: Point
    kind: str
    said: str
    so: str
    complaint: str = ""


def facts(office: Office) -> Facts:
    """Return what the store holds, counted, and how many live keys have lost their share."""
    found: Facts = Counter()
    if not office.store.exists():
        return found
    with closing(sqlite3.connect(office.store)) as db:
        for query in _FACTS:
            found.update({str(name): int(number) for name, number in db.execute(query)})
        live = {
            key for (key,) in db.execute("SELECT id FROM encryption_keys WHERE revoked_at IS NULL")
        }
    held = {key.hex() for key in slots.shares(office.vault)}
    found["lost share"] = len(live - held)
    return found


def changed(before: Facts, after: Facts) -> Facts:
    """Return what became more or less, without the entries of mere attempts."""
    names = (set(before) | set(after)) - INCIDENTAL
    return Counter({n: after[n] - before[n] for n in names if after[n] != before[n]})


class Trial:
    """One command: prepared once, its points counted once, tried at each of them on a copy."""

    def __init__(self, case: Case, founded: Office, folder: Path) -> None:
        self.case, self._folder, self._copies = case, folder, count(1)
        if case.name == "init":
            self._prepared = Office(folder / "prepared", founded.now)
            self._prepared.folder.mkdir(mode=0o700)
        else:
            self._prepared = founded.copy_to(folder / "prepared")
        case.prepare(self._prepared)
        self._before = facts(self._prepared)
        self.points, self._full = self._counted()

    def at(self, point: Point, kind: str = "once") -> Verdict:
        """Let the disk fail at a point; `kind` is once, lasting (that and all later), or io."""
        office = self._copy()
        disk = Disk(point.number, lasting="lasting" in kind, full="io" not in kind)
        with failing(disk):
            result = self.case.run(office)
        so = self._state(office)
        said = _said(result)
        complaint = self._complaint(office, result, said, so, kind)
        shutil.rmtree(office.folder)
        return Verdict(self.case.name, point, kind, said, so, complaint)

    def _counted(self) -> tuple[list[Point], Facts]:
        office = self._copy()
        with failing(Disk()) as disk:
            result = self.case.run(office)
        assert result.code == self.case.code, result.said
        return list(disk.points), changed(self._before, facts(office))

    def _copy(self) -> Office:
        return self._prepared.copy_to(self._folder / str(next(self._copies)))

    def _state(self, office: Office) -> str:
        now = changed(self._before, facts(office))
        if now == self._full:
            return "done"
        return "part" if now else "not done"

    def _complaint(self, office: Office, result: Result, said: str, so: str, kind: str) -> str:
        """Return what is wrong with what was said, or with what repeating it leads to."""
        if "Traceback" in result.said or "internal_error" in result.said:
            return "no error of ours"
        if said in (UNKNOWN, UNKNOWN_AFTER) and "lasting" not in kind:
            return "not known although it could be asked"
        wanted = {
            "done": {"done"},
            "done, disk error": {"done"},
            SHARE_LEFT: {"done"},
            UNRECORDED: {"not done"},
            UNKNOWN: {"done", "not done"},
            UNKNOWN_AFTER: {"done", "part", "not done"},
            "part": {"done", "part", "not done"},
        }.get(said, {"not done"})
        if so not in wanted:
            return f"said {said}, but it was {so}"
        return self._repeated(office, so)

    def _repeated(self, office: Office, so: str) -> str:
        """Do as the message says: run it again where it is not done; then all must be done once."""
        if so != "done":
            again = self.case.run(office)
            if again.code != self.case.code:
                return f"repeated: {again.said}"
        after = changed(self._before, facts(office))
        beside = Counter(self.case.again) if so == "part" else Counter[str]()
        if after not in (self._full, self._full + beside):
            return f"in the end: {dict(after - self._full)} {dict(self._full - after)}"
        if self.case.name != "join":
            verified = office.run("audit verify", profile="anne")
            return "" if verified.code == 0 else f"in the end: {verified.said}"
        return ""


def _said(result: Result) -> str:
    """Return in a word what the command claimed."""
    if result.code in (0, 6) and not result.error_code.startswith("store"):
        return "done, disk error" if "the disk reported an error" in result.stderr else "done"
    if result.error_code == UNKNOWN and "An earlier step of this command is saved" in result.stderr:
        return UNKNOWN_AFTER
    if result.error_code in (UNKNOWN, SHARE_LEFT, UNRECORDED):
        return result.error_code
    return "part" if result.code == 5 else f"not done ({result.error_code})"


def thinned(points: Sequence[Point]) -> list[Point]:
    """Leave out writes inside a run of writes to one file: SQLite does the same at each of them."""
    return [
        one
        for before, one, after in zip([None, *points], points, [*points[1:], None], strict=False)
        if one.call != "write" or not (_same(before, one) and _same(one, after))
    ]


def _same(one: Point | None, other: Point | None) -> bool:
    return bool(one and other and (one.call, one.file) == (other.call, other.file))


def _draft(office: Office) -> None:
    office.create()


def _sent(office: Office) -> None:
    office.dispatch()


def _payload(office: Office) -> None:
    office.person()


def _until(status: str) -> Callable[[Office], None]:
    def prepare(office: Office) -> None:
        office.to_status(office.dispatch(), status)

    return prepare


def _with_consent(office: Office) -> None:
    office.dispatch("--consent-required")


def _expired(office: Office) -> None:
    office.dispatch("--expires 23.11.2026")
    office.later(days=5)


def _sheet(office: Office) -> None:
    names = ("navn", "adresse", "postnr", "poststed", "telefon", "epikrise", "likeperson", "tittel")
    person = [PERSON[name] for name in ("full_name", "address", "postal_code", "city", "phone")]
    rows = [";".join([*person, f"Summary {at}", "kari", "Home visit"]) for at in range(3)]
    text = "\n".join((";".join(names), *rows))
    (office.folder / "sheet.csv").write_text(text, encoding="utf-8")


def _due(office: Office) -> None:
    office.dispatch("--expires 23.11.2026")
    office.dispatch("--deadline-days 2")
    office.later(days=5)


def _channel(office: Office) -> None:
    office.ok("member notify kari --channel -", stdin="json://127.0.0.1:9/")
    office.create()


def _machine(office: Office) -> None:
    (office.folder / "machine").mkdir(mode=0o700)
    line = office.invitation("dag", "Dag Dal")
    (office.folder / "invitation").write_text(line, encoding="ascii")


def _paused(office: Office) -> None:
    office.ok("member pause kari")


def _cycle(office: Office) -> None:
    office.ok("cycle open Spring --from 1.1.2027 --to 30.6.2027")


JOIN = "join {invitation} --keys keyring"
CREATE = "create --to kari --title 'Home visit' --payload {folder}/person.json"
CASES = (
    Case("create", CREATE, prepare=_payload),
    Case("create --dispatch", f"{CREATE} --dispatch", prepare=_payload),
    Case("edit", "edit 1 --title 'Other visit'", prepare=_draft),
    Case("dispatch", "dispatch 1", prepare=_draft),
    Case("dispatch, with a channel", "dispatch 1", prepare=_channel),
    Case("dispatch --csv", "dispatch --csv {folder}/sheet.csv", prepare=_sheet),
    Case("recall", "recall 1 --yes", prepare=_sent),
    Case("cancel", "cancel 1 --reason Ill --yes", prepare=_until("read")),
    Case("inbox", "inbox", "kari", prepare=_sent),
    Case("consent", f"consent 1 {ACCEPT}", "kari", prepare=_with_consent),
    Case("open", "open 1 --reveal", "kari", prepare=_sent),
    Case("open, expired", "open 1 --reveal", "kari", prepare=_expired, code=6),
    Case("ack", "ack 1", "kari", prepare=_until("read")),
    Case("decline", "decline 1 --reason ill", "kari", prepare=_sent),
    Case("no answer", "contact 1 --no-answer", "kari", prepare=_until("acknowledged")),
    Case("reassign", "reassign 1 --to ola --yes", prepare=_sent),
    Case("contact", "contact 1", "kari", prepare=_until("acknowledged")),
    Case("complete", "complete 1", "kari", prepare=_until("contact_made")),
    Case("sweep", "sweep", prepare=_due),
    Case("member invite", "member invite dag --name 'Dag Dal'"),
    Case(
        "member invite --here",
        "member invite dag --name 'Dag Dal' --here --keys keyring",
        again=("device.invited",),  # nobody knows the token of the first invitation any more
    ),
    Case("join", JOIN, None, prepare=_machine, machine="machine"),
    Case("member pause", "member pause kari"),
    Case("member resume", "member resume kari", prepare=_paused),
    Case("member certify", "member certify kari --certified-until 31.12.2027"),
    Case("member revoke", "member revoke kari --yes"),
    Case("member notify", "member notify kari --channel -", stdin="json://127.0.0.1:9/"),
    Case("member notify --remove", "member notify kari --remove", prepare=_channel),
    Case("cycle open", "cycle open Spring --from 1.1.2027 --to 30.6.2027"),
    Case("cycle close", "cycle close Spring --yes", prepare=_cycle),
    Case("config set", "config set unread_attention_days 3"),
    Case("honorarium report --output", "honorarium report --output {folder}/figures.csv --force"),
    Case(
        "init",
        "init --organization Testforeningen --handle anne --name 'Anne Berg' --keys keyring",
        None,
    ),
)


def plan(points: Sequence[Point]) -> list[tuple[str, Point]]:
    """Return what is tried: each call once, the first write of each run as an error of the disk
    and not a full one, and a disk that fails for good from a sync or a truncation on."""
    kept = thinned(points)
    first = [
        one for before, one in zip([None, *kept], kept, strict=False) if not _same(before, one)
    ]
    return [
        *(("once", point) for point in kept),
        *(("once io", point) for point in first if point.call == "write"),
        *(("lasting", point) for point in kept if point.call in ("sync", "truncate")),
    ]


def main(names: list[str]) -> None:
    """Try the commands named, else all; print the table, and what is wrong to standard error."""
    print("| Command | Fault at | Times | Said | Was so |", "|---|---|---|---|---|", sep="\n")
    with tempfile.TemporaryDirectory() as place:
        founded = found(Path(place) / "founded")
        for number, case in enumerate(CASES):
            if names and case.name not in names:
                continue
            folder = Path(place) / f"case{number}"
            folder.mkdir()
            trial = Trial(case, founded, folder)
            tally: Counter[tuple[str, str, str]] = Counter()
            for kind, point in plan(trial.points):
                told = trial.at(point, kind)
                tally[(_fault(point, kind), told.said, told.so)] += 1
                if told.complaint:
                    print(case.name, kind, point, told.complaint, file=sys.stderr, flush=True)
            for (fault, said, so), times in tally.items():
                print(f"| {case.name} | {fault} | {times} | {said} | {so} |", flush=True)


def _fault(point: Point, kind: str) -> str:
    more = {"once": "", "once io": " (EIO)", "lasting": ", and all after"}[kind]
    return f"{point.call} {point.file}{more}"


if __name__ == "__main__":
    main(sys.argv[1:])
