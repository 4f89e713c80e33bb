"""`doctor`: what it looks at on this machine and in the store, and what it makes of it."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from datetime import UTC, timedelta
from pathlib import Path, PurePosixPath

import pytest

from assigncli.cli import machine
from assigncli.cli.machine import old_blocks
from tests.office import ROOT, Office
from tests.paper import typed_in_lines
from tests.quick import a_few, all_in_one, one_of_each, only

NAMES = [
    "program",
    "time_zone_data",
    "profile",
    "store",
    "vault",
    "vault_copies",
    "move",
    "network_file_system",
    "old_blocks",
    "locks",
    "disk_room",
    "keyring",
    "keys",
    "log",
    "outstanding",
    "clock",
    "sweep",
    "service_key",
    "reporting_cycle",
    "key_kit",
    "administrators",
    "cron",
]
REAL_MOUNTS = Path("/proc/self/mountinfo")
Usage = namedtuple("Usage", "total used free")

LOCAL = "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
MOUNTS = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
30 27 0:40 / /home rw,relatime shared:2 master:1 - nfs4 server:/home rw,vers=4.2
31 30 0:41 / /home/anne/own rw - xfs /dev/vdb rw
32 27 0:42 / /mnt/two\040words rw - cifs //server/share rw
33 27 0:43 / /mnt/back\134slash rw - fuse.sshfs anne@server: rw
34 27 0:44 / /srv rw - autofs systemd-1 rw,fd=51
35 34 0:45 / /srv rw - nfs server:/srv rw
36 27 0:46 / /media rw - nfs server:/media rw
37 36 0:47 / /media rw - ext4 /dev/vdc rw
38 27 0:48 / /mnt/c rw - 9p drvfs rw
39 27 0:49 / /mnt/fuse rw - fuse.ext4 /dev/vdd rw
40 27 0:50 / /mnt/- rw - ceph mon:/ rw
a line that is none
41 27 0:51 / /short
"""


@pytest.fixture(autouse=True)
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the list of mounts that is read: one local disk with room, whatever runs the test."""
    path = tmp_path / "mountinfo"
    path.write_text(LOCAL, encoding="utf-8")
    monkeypatch.setattr(machine, "MOUNTS", path)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _folder: Usage(10**13, 0, 10**12))
    return path


@all_in_one(
    ("path", "kind"),
    [
        ("/", None),
        ("/var/lib/assign.db", None),
        ("/home", "nfs4"),
        ("/home/anne/assign.db", "nfs4"),
        ("/homestead/assign.db", None),
        ("/home/anne/own/assign.db", None),
        ("/home/anne/owner/assign.db", "nfs4"),
        ("/mnt/two words/assign.db", "cifs"),
        ("/mnt/two/assign.db", None),
        ("/mnt/back\\slash/assign.db", "fuse.sshfs"),
        ("/srv/assign.db", "nfs"),
        ("/media/assign.db", None),
        ("/mnt/c/Users/anne/assign.db", "9p"),
        ("/mnt/fuse/assign.db", None),
        ("/mnt/-/assign.db", "ceph"),
    ],
)
def test_the_deepest_mount_says_the_kind(path: str, kind: str | None) -> None:
    assert machine.network_kind(MOUNTS, PurePosixPath(path)) == kind


@pytest.mark.parametrize("text", ["", "\n", " - \n", "nonsense", "1 2 3 4 5 6", "- nfs x y"])
def test_a_text_that_is_no_list_of_mounts_names_nothing(text: str) -> None:
    assert machine.network_kind(text, PurePosixPath("/home/anne/assign.db")) is None


def findings(office: Office, *, profile: str = "anne") -> dict[str, tuple[bool, str]]:
    """Return what the doctor finds: for each name, whether it is well, and the sentence."""
    result = office.run("doctor --json", profile=profile)
    found = {each["name"]: (each["well"], each["finding"]) for each in result.json["findings"]}
    assert (result.code == 0) == all(well for well, _said in found.values())
    return found


def require_only(office: Office, name: str) -> str:
    """Hold that this one finding needs attention, in words as in JSON; return its sentences."""
    found = findings(office)
    assert [each for each, (well, _said) in found.items() if not well] == [name]
    spoken = office.run("doctor")
    assert spoken.stdout.startswith("1 thing needs attention.\n")
    joined = re.sub(r"\n[^:]+, line \d+: ", " ", spoken.stdout.removesuffix("\n"))
    told, to_do = joined.partition("\n\n")[2].split("\nWhat to do: ")
    label, _colon, wrong = told.partition(": ")
    assert label[:1].isupper()
    assert f"{wrong} {to_do}" == found[name][1]
    assert spoken.error_code == "doctor_findings"
    assert spoken.code == 1
    return found[name][1]


def swept(office: Office, *, ago: timedelta = timedelta(0), failed: int = 0) -> None:
    """Write down a sweep, as one would have."""
    at = (office.now - ago).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with closing(sqlite3.connect(office.store)) as db, db:
        db.execute(
            "INSERT OR REPLACE INTO sweep_runs (organization_id, at, done, failed)"
            " SELECT id, ?, 3, ? FROM organizations",
            (at, failed),
        )


@pytest.fixture(scope="module")
def cared_for(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with two administrators that was swept just now, its key kit in an envelope."""
    office = founded.copy_to(tmp_path_factory.mktemp("cared") / "office")
    office.ok("member invite siri --name 'Siri Lie' --here --keys keyring --role org_admin")
    office.ok("key kit --check", stdin=typed_in_lines(office))
    swept(office)
    return office


@pytest.fixture
def office(cared_for: Office, tmp_path: Path) -> Office:
    """A copy of a test's own."""
    return cared_for.copy_to(tmp_path / "office")


def never_swept(office: Office) -> None:
    with closing(sqlite3.connect(office.store)) as db, db:
        db.execute("DELETE FROM sweep_runs")


def service_key(office: Office) -> Path:
    (found,) = office.store.with_name("assign.db.service").glob("*.key")
    return found


def test_a_new_office_is_well_once_it_is_swept(office: Office) -> None:
    found = findings(office)
    assert list(found) == NAMES
    assert all(well for well, _said in found.values())
    assert all(re.fullmatch(r"\S.*[.]", said) for _well, said in found.values())
    assert office.ok("doctor").stdout == (
        "Everything is in order. 22 checks were run. Last sweep: today at 12:00.\n"
    )
    assert office.ok("doctor --lang nb").stdout == (
        "Alt er i orden. 22 kontroller er kjørt. "
        "Siste automatiske gjennomgang: i dag klokken 12:00.\n"
    )


def test_the_number_of_checks_is_the_true_one(office: Office) -> None:
    """A mentor's doctor asks nothing of cycles."""
    assert office.ok("doctor", profile="kari").stdout.startswith(
        "Everything is in order. 19 checks were run. "
    )


def test_every_check_is_shown_when_asked_for(office: Office) -> None:
    said = office.ok("doctor --full").stdout
    assert said.count("\nResult: fine\n") == len(NAMES)
    assert "\nCheck: store\nResult: fine\nFinding: The store is intact, and nobody " in said


def test_what_is_well_is_not_shown_beside_what_must_be_fixed(office: Office) -> None:
    never_swept(office)
    service_key(office).chmod(0o640)
    told = office.run("doctor").stdout.splitlines()
    assert told[0] == "2 things need attention."
    labels = [line.partition(": ")[0] for line in told[1:] if line]
    assert labels == ["Sweep", "What to do", "Key of the sweep", "What to do"]


@pytest.mark.parametrize(
    ("ago", "words"),
    a_few(
        2,
        of=[
            (timedelta(hours=11, minutes=45), "today at 00:15"),
            (timedelta(hours=12, minutes=1), "yesterday at 23:59"),
            (timedelta(hours=25, minutes=59), "yesterday at 10:01"),
        ],
    ),
)
def test_the_last_sweep_is_said_with_its_day(office: Office, ago: timedelta, words: str) -> None:
    swept(office, ago=ago)
    assert office.ok("doctor").stdout.endswith(f" Last sweep: {words}.\n")


def test_the_doctor_writes_nothing(office: Office) -> None:
    office.ok("doctor")
    before = office.snapshot()
    office.ok("doctor")
    assert office.snapshot() == before


def test_mounts_of_this_machine_are_read(office: Office, mounts: Path) -> None:
    assert findings(office)["network_file_system"] == (
        True,
        "Store and vault lie on this machine, not on a network file system.",
    )
    line = f"28 27 0:40 / {office.home} rw - nfs4 s:/\xff rw\n"
    mounts.write_bytes(f"{LOCAL}{line}".encode("latin-1"))
    found = findings(office)
    assert [each for each, (well, _said) in found.items() if not well] == [
        "network_file_system",
        "old_blocks",
    ]
    said = found["network_file_system"][1]
    assert said.startswith("Store and vault lie on a network file system (nfs4). ")
    for word in ("one machine write at a time", "cloud drive", "backups"):
        assert word in said
    mounts.unlink()
    well, said = findings(office)["network_file_system"]
    assert well
    assert "cannot tell" in said


@pytest.mark.skipif(not REAL_MOUNTS.exists(), reason="this system has no mountinfo")
def test_the_real_list_of_mounts_can_be_read() -> None:
    text = REAL_MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    assert machine.network_kind(text, PurePosixPath("/proc/self")) is None
    assert (
        machine.network_kind(
            f"{text}999 1 0:9 / /proc/self rw - nfs s: rw\n", PurePosixPath(REAL_MOUNTS)
        )
        == "nfs"
    )


@pytest.mark.parametrize("far", ["store", "vault"])
def test_store_or_vault_alone_on_a_network(
    office: Office, tmp_path: Path, mounts: Path, far: str
) -> None:
    """The link is followed: what counts is where the file is."""
    away = tmp_path / "away"
    away.mkdir(mode=0o700)
    file = getattr(office, far)
    shutil.move(file, away / file.name)
    file.symlink_to(away / file.name)
    mounts.write_text(f"28 27 0:40 / {away} rw - fuse.sshfs s: rw\n", encoding="utf-8")
    well, said = findings(office)["network_file_system"]
    assert not well
    assert said.startswith(f"The {far} lies on a network file system (fuse.sshfs). ")


KEEPS = "The vault lies on a file system that keeps old copies of deleted keys ({}). Keep store "
HIDES = "The vault lies on a file system ({}) that does not show whether old copies of deleted "


@pytest.mark.parametrize(
    ("line", "said"),
    a_few(
        2,
        of=[
            (
                "xfs /dev/vdb rw",
                "The vault's file system writes over deleted keys (xfs). A snapshot ",
            ),
            (
                "tmpfs tmpfs rw",
                "The vault's file system writes over deleted keys (tmpfs). A snapshot ",
            ),
            ("btrfs /dev/vdb rw", KEEPS.format("btrfs")),
            ("zfs tank/home rw", KEEPS.format("zfs")),
            ("bcachefs /dev/vdb rw", KEEPS.format("bcachefs")),
            ("apfs /dev/vdb rw", KEEPS.format("apfs")),
            ("overlay overlay rw,lowerdir=/l,upperdir=/u", HIDES.format("overlay")),
            ("virtiofs shared rw", HIDES.format("virtiofs")),
            ("nfs4 server:/home rw", HIDES.format("nfs4")),
            ("cifs //server/share rw", HIDES.format("cifs")),
            ("fuse.sshfs anne@server: rw", HIDES.format("fuse.sshfs")),
            ("fuse.gocryptfs /srv/a rw", HIDES.format("fuse.gocryptfs")),
            (
                "ext4 /dev/vdb rw,data=journal",
                "The vault's file system keeps a copy of deleted keys in ",
            ),
            (
                "ext4 /dev/vdb rw,data=ordered",
                "The vault's file system writes over deleted keys (ext4).",
            ),
        ],
    ),
)
def test_a_file_system_that_may_keep_old_blocks_is_named(
    office: Office, mounts: Path, line: str, said: str
) -> None:
    mounts.write_text(f"{LOCAL}28 27 0:40 / {office.home} rw - {line}\n", encoding="utf-8")
    well, found = findings(office)["old_blocks"]
    assert found.startswith(said)
    assert well == ("writes over" in said)


def test_old_blocks_are_looked_for_where_the_vault_is(
    office: Office, tmp_path: Path, mounts: Path
) -> None:
    away = tmp_path / "away"
    away.mkdir(mode=0o700)
    shutil.move(office.vault, away / "vault")
    office.vault.symlink_to(away / "vault")
    mounts.write_text(f"{LOCAL}28 27 0:40 / {away} rw - btrfs /dev/vdb rw\n", encoding="utf-8")
    assert require_only(office, "old_blocks").startswith(KEEPS.format("btrfs"))


def test_what_no_list_of_mounts_says_is_not_called_well_or_wrong(
    office: Office, mounts: Path
) -> None:
    mounts.unlink()
    well, said = findings(office)["old_blocks"]
    assert well
    assert said.startswith("This program cannot tell whether old copies of deleted keys stay ")


@pytest.mark.parametrize(
    ("word", "ends"),
    [
        ("0\n", "and this disk is one. Encrypt it."),
        ("1\n", "If this disk is one, encrypt it."),
        (None, "If this disk is one, encrypt it."),
    ],
)
@pytest.mark.parametrize("of", a_few(1, of=["disk", "partition"]))
def test_an_ssd_is_said_to_be_one(
    office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    word: str | None,
    ends: str,
    of: str,
) -> None:
    """Laid out as in /sys: a link for each device, a partition's within its disk."""
    disk = tmp_path / "sys" / "vda"
    (disk / "vda1").mkdir(parents=True)
    (disk / "queue").mkdir()
    if word is not None:
        (disk / "queue" / "rotational").write_text(word)
    (tmp_path / "sys" / "254:0").symlink_to(disk if of == "disk" else disk / "vda1")
    monkeypatch.setattr(old_blocks, "DEVICES", tmp_path / "sys")
    well, said = findings(office)["old_blocks"]
    assert well
    assert said.endswith(ends)


@pytest.mark.parametrize(
    ("free", "well"),
    only(
        99_999_999,
        100_000_000,
        of=[(99_999_999, False), (100_000_000, True), (0, False), (10**12, True)],
    ),
)
def test_room_on_the_disk(
    office: Office, monkeypatch: pytest.MonkeyPatch, free: int, well: bool
) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _folder: Usage(10**13, 0, free))
    assert findings(office)["disk_room"][0] is well
    if not well:
        said = require_only(office, "disk_room")
        assert f"{free // 10**6} megabytes are free, and 100 may be needed." in said


def test_room_is_looked_for_where_the_files_are(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = tmp_path / "away"
    away.mkdir(mode=0o700)
    shutil.move(office.vault, away / "vault")
    office.vault.symlink_to(away / "vault")
    free = {office.home: 10**12, away: 5_000_000}
    monkeypatch.setattr(
        machine.shutil, "disk_usage", lambda folder: Usage(10**13, 0, free[Path(folder)])
    )
    assert "5 megabytes are free" in findings(office)["disk_room"][1]


def test_room_for_a_large_store_is_twice_its_size(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = office.store.stat().st_size + office.vault.stat().st_size
    monkeypatch.setattr(machine, "LEAST_ROOM", 0)
    for free, well in ((2 * size, True), (2 * size - 1, False)):
        usage = Usage(10**13, 0, free)
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda _folder, usage=usage: usage)
        assert findings(office)["disk_room"][0] is well


@pytest.mark.parametrize(
    ("span", "said"),
    only(
        timedelta(minutes=6),
        timedelta(days=400),
        of=[
            (timedelta(minutes=6), "6 minutes"),
            (timedelta(minutes=119, seconds=59), "119 minutes"),
            (timedelta(hours=3), "3 hours"),
            (timedelta(hours=47), "47 hours"),
            (timedelta(days=400), "400 days"),
        ],
    ),
)
def test_a_clock_behind_the_store(office: Office, span: timedelta, said: str) -> None:
    office.dispatch()
    office.now -= span
    heard = require_only(office, "clock")
    assert heard.startswith(f"The clock of this machine is {said} behind what was last written ")
    assert "Set it right before anything else" in heard


def test_a_clock_a_little_behind_is_well(office: Office) -> None:
    office.dispatch()
    for span in (timedelta(minutes=5), timedelta(minutes=-5), timedelta(0)):
        office.now -= span
        assert findings(office)["clock"][0]


def test_a_sweep_still_to_come_is_the_clock_s_fault(office: Office) -> None:
    swept(office, ago=timedelta(minutes=-4))
    assert findings(office)["clock"][0]
    swept(office, ago=timedelta(days=-3))
    assert "3 days behind" in require_only(office, "clock")


def test_an_office_never_swept_has_that_to_fix_from_its_first_day(office: Office) -> None:
    never_swept(office)
    said = require_only(office, "sweep")
    found = re.fullmatch(
        r"The sweep has never run\. Set up assign sweep as a scheduled job, as in (.*)\.", said
    )
    assert found is not None
    assert Path(found[1]).samefile(ROOT / "examples")
    office.ok("sweep")
    assert office.ok("doctor").stdout.startswith("Everything is in order. ")


def test_a_sweep_of_today_is_well(office: Office) -> None:
    office.later(days=40)
    swept(office, ago=timedelta(hours=2))
    # 40 days after 12:00 on 21 November, two hours before, in Oslo.
    assert findings(office)["sweep"] == (True, "Last sweep: today at 10:00.")
    swept(office, ago=timedelta(hours=26))
    assert findings(office)["sweep"][0]


@pytest.mark.parametrize(
    ("ago", "failed", "said"),
    one_of_each(
        [
            (timedelta(hours=26, minutes=1), 0, "The last sweep was 26 hours ago. Run "),
            (timedelta(days=9), 0, "The last sweep was 9 days ago. Run "),
            (timedelta(hours=1), 1, "The last sweep could not do 1 thing. Run "),
            (timedelta(hours=1), 7, "The last sweep could not do 7 things. Run "),
            (
                timedelta(days=2),
                7,
                "The last sweep was 2 days ago. The last sweep could not do 7 things. Run ",
            ),
        ],
        kind=lambda case: case[1],
    ),
)
def test_a_sweep_that_is_old_or_failed(
    office: Office, ago: timedelta, failed: int, said: str
) -> None:
    swept(office, ago=ago, failed=failed)
    assert require_only(office, "sweep").startswith(said)


def test_a_key_of_the_sweep_that_is_elsewhere_is_said(office: Office) -> None:
    assert findings(office)["service_key"] == (
        True,
        "The sweep's own key is on this machine, and nobody else has access.",
    )
    key = service_key(office)
    key.rename(office.folder / "taken-away.key")
    well, said = findings(office)["service_key"]
    assert well
    assert said.endswith("assign sweep must run on the machine that has it.")
    shutil.rmtree(key.parent)
    assert findings(office)["service_key"] == (well, said)


@pytest.mark.parametrize("harm", only("file", "damage", of=["file", "folder", "link", "damage"]))
def test_a_key_of_the_sweep_that_is_not_private_or_not_whole(office: Office, harm: str) -> None:
    key = service_key(office)
    if harm == "file":
        key.chmod(0o640)
    elif harm == "folder":
        key.parent.chmod(0o755)
    elif harm == "link":
        key.rename(key.with_name("elsewhere"))
        key.symlink_to(key.with_name("elsewhere"))
    else:
        key.write_bytes(b"nothing of ours")
    assert "private key" in require_only(office, "service_key")


def test_a_scheduled_job_is_told_by_names_alone(office: Office) -> None:
    said = findings(office)["cron"][1]
    assert "write ASSIGN_HOME, ASSIGN_TEST_KEYRING into the crontab" in said
    assert str(office.folder) not in said
    assert "Only assign sweep works there." in said
    office.environ |= {"LANG": "nb_NO.UTF-8", "ASSIGN_OTHER": "hidden"}
    said = findings(office)["cron"][1]
    assert "hidden" not in said


@all_in_one(
    ("environ", "language", "names"),
    [
        ({}, None, ()),
        ({"HOME": "/home/anne", "PATH": "/bin", "TZ": "UTC"}, None, ()),
        ({"LANG": "C.UTF-8"}, None, ()),
        ({"LANG": "en_GB.UTF-8"}, None, ()),
        ({"LANG": "nb_NO.UTF-8"}, None, ("LANG",)),
        ({"LANG": "nb_NO.UTF-8"}, "nb", ()),
        ({"LANG": "nb_NO.UTF-8"}, "en", ()),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "nb_NO.UTF-8"}, None, ("LC_ALL",)),
        ({"LANG": "nb_NO.UTF-8", "LC_ALL": "C"}, None, ()),
        ({"XDG_DATA_HOME": "/x", "XDG_CONFIG_HOME": "/y"}, None, machine._PLACES),
        ({"XDG_DATA_HOME": "/x", "ASSIGN_HOME": "/y"}, None, ("ASSIGN_HOME",)),
        ({"ASSIGN_PROFILE": "anne", "ASSIGN_HOME": ""}, None, ("ASSIGN_PROFILE",)),
    ],
)
def test_what_would_be_missing_under_cron(
    environ: dict[str, str], language: str | None, names: tuple[str, ...]
) -> None:
    assert machine.missing_under_cron(environ, language) == names
    said = machine.cron(environ, language)
    assert said.startswith(
        "A scheduled job begins " if names else "A scheduled job gets all it needs. "
    )


def test_a_store_that_cannot_be_opened_is_said_once_for_each_that_needs_it(office: Office) -> None:
    """What is read from the store is left out, rather than the same sentence for each."""
    office.store.rename(office.folder / "away.db")
    found = findings(office)
    told_by_the_store = {
        *("log", "outstanding", "clock", "sweep", "service_key", "reporting_cycle"),
        *("key_kit", "administrators"),
    }
    assert list(found) == [name for name in NAMES if name not in told_by_the_store]
    assert [name for name, (well, _said) in found.items() if not well] == ["store", "keys"]


def test_without_a_profile_only_the_machine_is_looked_at(office: Office) -> None:
    assert list(findings(office, profile="nobody")) == NAMES[:3]


def test_a_mentor_asks_the_doctor_too(office: Office) -> None:
    """What mentors can do nothing about is not for them."""
    not_theirs = {"reporting_cycle", "key_kit", "administrators"}
    assert list(findings(office, profile="kari")) == [
        name for name in NAMES if name not in not_theirs
    ]


def test_each_organisation_of_a_store_has_its_own_sweep(office: Office) -> None:
    swept(office, ago=timedelta(days=2))
    founding = "init --organization Nabo --handle bo --name 'Bo Lie' --keys keyring"
    office.ok(f"{founding} --store {office.store}", profile=None)
    assert "The last sweep was 2 days ago." in findings(office)["sweep"][1]
    assert "The sweep has never run." in findings(office, profile="bo")["sweep"][1]
    assert findings(office, profile="bo")["service_key"][0]


def test_the_document_has_four_names_for_each_finding(office: Office) -> None:
    found = office.ok("doctor --json").json["findings"]
    assert {tuple(each) for each in found} == {("name", "well", "advised", "finding")}


@pytest.mark.parametrize("lang", only("nb", of=["en", "nb"]))
def test_no_line_is_too_long(office: Office, lang: str) -> None:
    def longest(*, full: str = "") -> int:
        """Return the length of the longest line, the folder of this test left out."""
        said = office.run(f"doctor --lang {lang} {full}").stdout
        return max(map(len, said.replace(str(ROOT), "").splitlines()))

    assert longest(full="--full") <= 160
    office.dispatch()
    office.now -= timedelta(days=400)
    assert longest() <= 160
    assert longest(full="--full") <= 160


def advice(office: Office) -> dict[str, str]:
    """Return what is advised, which is well all the same, in JSON as in words."""
    result = office.ok("doctor --json")
    advised = {each["name"]: each["finding"] for each in result.json["findings"] if each["advised"]}
    assert all(each["well"] for each in result.json["findings"])
    spoken = office.ok("doctor").stdout
    assert spoken.count("\nWhat to do: ") == len(advised)
    count = {0: "Everything is in order. ", 1: " 1 thing is advised.\n"}
    assert count.get(len(advised), f" {len(advised)} things are advised.\n") in spoken
    assert ("Everything" in spoken) == (not advised)
    return advised


SECOND = "Invite a second administrator: assign member invite HANDLE --name NAME --role org_admin."


def test_a_kit_that_was_never_typed_is_asked_for_where_the_root_key_is(
    founded: Office, tmp_path: Path
) -> None:
    office = founded.copy_to(tmp_path / "new")
    swept(office)
    assert advice(office) == {
        "key_kit": (
            "The key kit of the organisation has not been printed and typed back here. Run assign "
            "key kit. If this machine and its copies are lost, only the paper is left."
        ),
        "administrators": (
            "You are the only administrator, and this is your only device. If it is lost, nobody "
            f"here can approve another. {SECOND}"
        ),
    }
    assert office.ok("doctor --full").stdout.count("\nResult: advised\n") == 2
    office.ok("key kit --check --remove --yes", stdin=typed_in_lines(office))
    assert set(advice(office)) == {"administrators"}


def test_a_kit_is_asked_for_again_after_a_year(office: Office) -> None:
    office.later(days=365)
    swept(office)
    assert findings(office)["key_kit"] == (
        True,
        "The key kit was last typed from paper on 21 November 2026.",
    )
    assert advice(office) == {}
    office.later(seconds=1)
    assert advice(office) == {
        "key_kit": (
            "The key kit of the organisation was last typed from paper on 21 November 2026. Take "
            "it out of its envelope and type it again: assign key kit --check."
        )
    }
    office.ok("key kit --check", stdin=typed_in_lines(office))
    assert advice(office) == {}


@pytest.mark.slow
def test_advice_is_shown_beside_what_needs_attention(office: Office) -> None:
    never_swept(office)
    office.later(days=366)
    told = office.run("doctor")
    assert told.code == 1
    assert told.stdout.startswith("1 thing needs attention. 1 thing is advised.\n\nSweep: ")
    assert "\n\nKey kit: The key kit of the organisation was last typed" in told.stdout


def test_a_second_administrator_is_not_asked_for_a_kit_that_was_never_here(office: Office) -> None:
    assert findings(office, profile="siri")["key_kit"] == (
        True,
        "The root key is not on this machine, and no key kit was typed here.",
    )
    assert not {"key_kit", "administrators"} & set(findings(office, profile="kari"))


@pytest.mark.slow
def test_one_administrator_is_told_that_everything_depends_on_them(
    office: Office, machine: Office
) -> None:
    assert findings(office)["administrators"] == (True, "The organisation has 2 administrators.")
    line = office.ok("member invite anne --device --json").json["invitation"]
    digits = machine.ok(f"join {line} --keys keyring --json", profile=None).json["fingerprint"]
    office.ok(f"member approve anne --fingerprint '{digits}'", profile="siri")
    assert advice(office) == {}
    office.ok("member revoke siri --yes")
    alone = "You are the only administrator. If you leave, nobody here can approve another."
    assert advice(office) == {"administrators": f"{alone} {SECOND}"}
