"""Every command, and the ways to fail that users meet most, as one story to listen to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from assigncli.cli.frame import commands
from assigncli.cli.frame.root import load
from tests.office import ACCEPT, Office, Result

INVITATION = re.compile(r"assign-join-1 \S+ \S+ \S+ [0-9a-f]{64} [0-9a-f]{32}")
FINGERPRINT = re.compile(r"\d{5}(?: \d{5}){7}")


@dataclass(frozen=True)
class Line:
    """One command: its words, who runs it, and the exit code it must end with."""

    words: str
    profile: str | None = "anne"
    ends: int = 0


@dataclass(frozen=True)
class Heard:
    """A line and what it said."""

    line: Line
    result: Result

    @property
    def name(self) -> str:
        """The command, as it is named in COMMANDS."""
        return self.line.words.partition(" ")[0]


HELP = ("", "--help", "--version", "help", "help options", "help dispatch")


def helped(line: Line) -> bool:
    """Say whether a line asks for a page of help."""
    return line.words in HELP or "--help" in line.words


def help_lines() -> Iterator[str]:
    """Yield a line for every page of help: the first, each command's, each of a group's."""
    yield from HELP
    for entry in commands.COMMANDS:
        yield f"{entry.name} --help"
        for name in getattr(load(entry), "commands", {}):
            yield f"{entry.name} {name} --help"


def successes(office: Office) -> tuple[Line, ...]:
    """Return lines that succeed, in an order in which they do; the demo has tests of its own."""
    person = f"--payload {office.person()}"
    more = (
        "--reference SAK-7 --priority urgent --deadline-days 5 --expires 24.12.2026"
        " --coordinator-notes 'Bring the magnifier.' --internal-notes 'Second request.'"
    )
    figures = office.folder / "figures.csv"
    backup, sealed = office.folder / "backup", office.folder / "sealed"
    sealed.write_text("correct horse battery\n", encoding="utf-8")
    return (
        Line(
            "init --organization Naboforeningen --handle bo --name 'Bo Lie' --keys keyring"
            f" --store {office.home / 'other.db'}",
            None,
        ),
        Line("member list --role peer_mentor", "bo"),
        Line("member invite siri --name 'Siri Moe'"),
        Line("join {invitation} --keys keyring", None),
        Line("member approve siri --fingerprint '{fingerprint}'"),
        Line("member invite liv --name 'Liv Ås'"),
        Line("member invite ane --name 'Ane Ek' --here --keys keyring --role coordinator"),
        Line("member list"),
        Line("member list --role coordinator"),
        Line("member certify ola --certified-until 31.12.2027"),
        Line("member pause ola --until 2026-12-24"),
        Line("member show ola"),
        Line("member resume ola"),
        Line(f"create --to kari --title 'Home visit' {person} --consent-required {more}"),
        Line("edit 1 --title 'Another visit' --no-consent-required"),
        Line("edit 1 --consent-required"),
        Line("dispatch 1"),
        Line(f"create --to kari --title 'Second visit' {person} --dispatch"),
        Line(f"create --to ola --title 'Third visit' {person} --dispatch"),
        Line(f"create --to ola --title 'Fourth visit' {person}"),
        Line("list"),
        Line("list --limit 2"),
        Line("list --status pending --status dispatched --mentor ola"),
        Line("list --overdue"),
        Line("list --unacknowledged --priority urgent"),
        Line("show 4"),
        Line("inbox", "siri"),
        Line("inbox", "kari"),
        Line(f"consent 1 {ACCEPT}", "kari"),
        Line(f"consent 1 {ACCEPT}", "kari"),
        Line("open 1 --reveal", "kari"),
        Line("ack 1", "kari"),
        Line("contact 1 --no-answer", "kari"),
        Line("contact 1", "kari"),
        Line("complete 1 --in-person", "kari"),
        Line("show 1", "kari"),
        Line("open 2 --reveal", "kari"),
        Line("cancel --yes 2 --reason 'No longer needed.'"),
        Line("recall --yes 3"),
        Line(f"create --to siri --title 'Fifth visit' {person} --dispatch"),
        Line("recall --yes 4"),
        Line(f"create --to siri --title 'Sixth visit' {person} --dispatch"),
        Line("decline 6 --reason too_far", "siri"),
        Line("decline 6 --reason too_far", "siri"),
        Line("show 6"),
        Line("status"),
        Line("reassign --yes 6 --to ola"),
        Line("show 6"),
        Line("show 1"),
        Line("show 2"),
        Line("status"),
        Line("cycle open 'Spring 2027' --from 1.1.2027 --to 30.6.2027"),
        Line("cycle list"),
        Line("cycle close 'Spring 2027' --yes"),
        Line("cycle reopen 'Spring 2027'"),
        Line("honorarium report"),
        Line("honorarium report --cycle all"),
        Line("honorarium report --mentor kari", "kari"),
        Line("honorarium report --since"),
        Line(f"honorarium report --output {figures}"),
        Line("honorarium report --since"),
        Line(f"honorarium report --since --mentor ola --output {figures} --force"),
        Line("honorarium report --activity"),
        Line(f"honorarium report --activity --cycle 2026 --output {figures.with_suffix('.xlsx')}"),
        Line("honorarium explain kari"),
        Line("honorarium explain kari", "kari"),
        Line("honorarium explain ola --cycle 'Spring 2027'"),
        Line("key list"),
        Line("key kit --reveal --no-input"),
        Line("key list kari"),
        Line("member invite kari --device", "kari"),
        Line("key rotate", "siri"),
        Line("member approve siri --fingerprint '{fingerprint}'"),
        Line("key rotate", "siri"),
        Line("key reseal"),
        Line("key reseal --for kari"),
        Line("key lost ane --cause stolen --since 21.11.2026 --yes"),
        Line("status"),
        Line("profile use kari"),
        Line("profile list"),
        Line("profile use anne"),
        Line(f"profile address {office.store}"),
        Line("config set contact_deadline_days 12"),
        Line("config get contact_deadline_days"),
        Line("config set output linear"),
        Line("config get output"),
        Line("config get language"),
        Line("config list"),
        Line("audit log"),
        Line("audit log --limit 3 --before 9"),
        Line("audit log --assignment 1"),
        Line("audit verify"),
        *_checkpoints(office),
        Line("privacy register"),
        Line("privacy register --full"),
        Line("store info"),
        Line("store check"),
        Line("store upgrade"),
        Line(f"store move --to {office.folder / 'moved'} --yes"),
        Line(f"store move --to {office.home} --yes"),
        Line("store restore --accept"),
        Line("sweep --dry-run"),
        Line("sweep"),
        Line("doctor"),
        Line("doctor --full"),
        Line(f"doctor --store {office.store}"),
        Line("member notify ola --remove"),
        Line("store check"),
        Line(f"key move --to file --new-passphrase-file {sealed}", "per"),
        Line(f"store backup {backup} --passphrase-file {sealed}"),
        Line(f"store check {backup}"),
        Line(f"store backup {backup}-list --only-deletions"),
        Line("config set contact_deadline_days 14"),
        Line(f"store restore {backup} --deletions {backup}-list --yes"),
        Line("store restore --confirm --cause mistake"),
        Line("store restore --accept", "kari"),
        Line("audit verify"),
        Line("serve --new-key", None),
        Line("member approve service --fingerprint '{fingerprint}'"),
        Line("member revoke --yes liv"),
        Line(f"create --to kari --title 'Third visit' {person} --reference SAK-9 --dispatch"),
        Line("open 8 --reveal", "kari"),
        Line("cancel 8 --yes --reason 'Asked to be left alone.'"),
        Line("privacy access --reference SAK-9"),
        Line("privacy access --reference SAK-9 --names"),
        Line("privacy export kari"),
        Line("privacy erase --reference SAK-9 --yes"),
    )


def _checkpoints(office: Office) -> tuple[Line, ...]:
    """Return lines by which an auditor, here on the same machine, cosigns the log twice."""
    said = office.ok("audit checkpoint --json").json
    first, second = office.folder / "checkpoint.txt", office.folder / "next.txt"
    cosigned = office.folder / "checkpoint.cosigned.txt"
    introduced = f"--key '{said['key']}' --fingerprint '{said['key_fingerprint']}'"
    return (
        Line("audit checkpoint"),
        Line(f"audit checkpoint {first}"),
        Line(f"audit cosign {first} {introduced} --name example.org/eli --keys keyring", None),
        Line(f"audit checkpoint {second} --since {cosigned}"),
        Line(f"audit cosign {second}", None),
        Line(f"audit verify --against {cosigned}"),
    )


def failures(office: Office) -> tuple[Line, ...]:
    """Return lines that fail, after the story of `successes`."""
    person = f"--payload {office.person()}"
    figures = office.folder / "figures.csv"
    return (
        Line("lsit", ends=2),
        Line("store restore --confirm --cause other", ends=2),
        Line("store restore", ends=2),
        Line("list --nope", ends=2),
        Line("list --status lost", ends=2),
        Line("list --limit many", ends=2),
        Line("show", ends=2),
        Line("show 1 2", ends=2),
        Line("member", ends=2),
        Line("member nope", ends=2),
        Line("show 999", ends=3),
        Line("show 1", "ola", 3),
        Line("list", "nobody", 3),
        Line("list", "kari", 4),
        Line("list --mentor nobody", ends=3),
        Line("status", "kari", 4),
        Line(f"create --to nobody --title 'Home visit' {person}", ends=3),
        Line(f"create --to kari --title 'Visit Olga' {person}", ends=6),
        Line(f"create --to kari --title 'Home visit' {person} --deadline-days 0", ends=6),
        Line(f"create --to kari --title 'Home visit' {person} --expires 1.1.2020", ends=6),
        Line(f"create --to kari --title 'Home visit' {person} --expires soon", ends=2),
        Line("create --to kari --title 'Home visit' --payload /nowhere", ends=2),
        Line("create --to kari --title 'Home visit' --no-input", ends=2),
        Line(f"create --to kari --title 'Home visit' {person}", "kari", 6),
        Line("edit 1 --title 'Too late'", ends=6),
        Line("dispatch 1", ends=6),
        Line("recall --yes 1", ends=6),
        Line("recall --yes 2", ends=6),
        Line("cancel --yes 1 --reason 'Too late.'", ends=6),
        Line("cancel --yes 1 --reason ' '", ends=2),
        Line("reassign --yes 1 --to ola", ends=6),
        Line("reassign --yes 7 --to ola", ends=2),
        Line("open 1", "kari", 2),
        Line("open 1 --reveal", "ola", 4),
        Line("open 3 --reveal", "ola", 6),
        Line("ack 1", "kari", 6),
        Line("ack 1", "ola", 4),
        Line("complete 3 --not-in-person", "ola", 6),
        Line("consent 5", "siri", 2),
        Line("member show nobody", ends=3),
        Line("member approve kari --fingerprint 12345", ends=2),
        Line("member approve service --fingerprint 12345", ends=2),
        Line("member approve service --role coordinator", ends=2),
        Line("member invite kari --name 'Kari Ny'", ends=2),
        Line("member pause anne", ends=2),
        Line("member revoke --yes kari", "ola", 4),
        Line("member notify nobody --remove", ends=3),
        Line("member notify ola --remove --test", ends=2),
        Line("member notify ola --test", ends=2),
        Line("member notify ola --channel /nowhere", ends=2),
        Line("member notify ola --remove", "kari", 4),
        Line("sweep --retry 999", ends=3),
        Line("sweep --store /nowhere", ends=7),
        Line("serve --relay-account no-such-account", ends=2),
        Line("cycle close 1999 --yes", ends=3),
        Line("cycle open X --from 2.1.2028 --to 1.1.2028", ends=2),
        Line("cycle open X --from 1.12.2026 --to 31.12.2026", ends=2),
        Line("honorarium", ends=2),
        Line("honorarium report --format pdf", ends=2),
        Line("honorarium report --format xlsx", ends=2),
        Line("honorarium report --since --activity", ends=2),
        Line("honorarium report --cycle 1999", ends=3),
        Line("honorarium report --mentor nobody", ends=3),
        Line("honorarium report", "kari", 4),
        Line(f"honorarium report --output {figures}", ends=2),
        Line("honorarium report --output /nowhere/figures.csv", ends=2),
        Line("honorarium explain", ends=2),
        Line("honorarium explain nobody", ends=3),
        Line("honorarium explain kari --cycle 1999", ends=3),
        Line("honorarium explain kari", "ola", 4),
        Line("config set honorarium_standard_from 15", ends=2),
        Line("config get nope", ends=3),
        Line("config set contact_deadline_days many", ends=2),
        Line("config set language de", ends=2),
        Line("config set contact_deadline_days 3", "kari", 4),
        Line("audit log", "kari", 4),
        Line("audit checkpoint /nowhere/checkpoint.txt", ends=2),
        Line("audit verify --against /nowhere", ends=2),
        Line("audit cosign /nowhere", None, 2),
        Line("profile use nobody", ends=3),
        Line("profile address ssh://-x", ends=2),
        Line(f"store move --to {office.home} --yes", ends=2),
        Line("init --organization X --handle anne --name X --keys keyring", "anne", 2),
        Line("list --profile", None, 2),
    )


def in_november() -> tuple[Line, ...]:
    """Return lines that only look, in the office of the transcripts (tests.office_in_november)."""
    return (
        *(Line(line) for line in ("status", "list", "list --overdue", "list --unacknowledged")),
        *(Line("inbox", profile) for profile in ("kari", "ola", "per", "siri")),
        *(Line(f"show {number}") for number in range(1, 14)),
        *(Line(line) for line in ("member list", "member show kari", "cycle list", "key list")),
        *(Line(line) for line in ("audit log", "audit log --before 31", "audit verify")),
        *(Line(line) for line in ("honorarium report", "honorarium report --activity")),
        *(Line(f"honorarium explain {handle}") for handle in ("kari", "siri")),
        *(Line(line) for line in ("store info", "store check", "config list", "sweep --dry-run")),
    )


def weeks_later() -> tuple[Line, ...]:
    """Return lines for the same office when most of it has expired, before and after a sweep."""
    return (
        *in_november(),
        Line("doctor", ends=1),
        Line("open 5 --reveal", "ola", 6),
        Line("ack 5", "ola", 6),
        Line("contact 3", "per", 6),
        Line("recall --yes 7"),
        Line("recall --yes 7", ends=6),
        Line("sweep"),
        *in_november(),
        Line("doctor"),
        Line("member pause kari"),
        Line("member pause per --until 31.12.2027"),
        Line("status"),
        Line("member revoke --yes ola"),
        Line("status"),
        Line("show 11"),
    )


def _in_this_process(office: Office, words: str, profile: str | None) -> Result:
    return office.run(words, profile=profile)


def told(
    office: Office,
    lines: Iterable[Line],
    *options: str,
    strict: bool = True,
    run: Callable[[Office, str, str | None], Result] = _in_this_process,
) -> list[Heard]:
    """Run each line with `options` added and return all that was heard."""
    heard: list[Heard] = []
    fingerprint = invitation = ""
    for line in lines:
        words = line.words.replace("{fingerprint}", fingerprint)
        words = words.replace("{invitation}", invitation)
        result = run(office, " ".join((words, *options)), line.profile)
        if strict:
            assert result.code == line.ends, f"{line}: {result.code}\n{result.said}"
        heard.append(Heard(line, result))
        found = FINGERPRINT.search(result.stdout)
        fingerprint = found[0] if found else fingerprint
        invited = INVITATION.search(result.stdout)
        invitation = invited[0] if invited else invitation
    return heard
