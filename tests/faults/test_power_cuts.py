"""The power is cut after writes and syncs of store and vault: what LazyFS then has on its disk.

Nothing that was not synced is there, or, torn, only some sectors or bytes of one write. After each
cut a sweep runs, as it would, and then store and vault are whole: no live share is lost, no deleted
one is back, no row is without its share, and what a command said is done is done.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from assigncli.server.vault import slot_file
from tests import slots
from tests.disk_cases import facts
from tests.office import PERSON, Office, Result
from tests.power_cuts import Cut, Operation, mount
from tests.refusals import rows
from tests.sweeping import moment

pytestmark = pytest.mark.slow

NIGHT = moment("2026-12-01T02:00:00")
VAULT, STORE, JOURNAL = (f"office/home/assign.db{end}" for end in (".vault", "", "-journal"))
SECTOR = 512
HEADER_PART = 32


@dataclass(frozen=True)
class Case:
    """A command, in an office that was prepared; it ends these numbers, or makes a new one."""

    name: str
    line: str
    prepare: Callable[[Office], None]
    profile: str = "anne"
    ends: tuple[int, ...] = ()


def _sent(office: Office) -> None:
    office.dispatch()
    office.dispatch()


def _read(office: Office) -> None:
    _sent(office)
    office.read(1)


def _expired(office: Office) -> None:
    for _number in range(3):
        office.dispatch("--expires 28.11.2026")
    office.dispatch("--expires 24.12.2026")
    office.now = NIGHT


def _left_behind(office: Office) -> None:
    """Recall three whose shares stay, as where the vault is out of reach.

    A sweep has looked at all of them, so that the next one goes by what the store says of keys.
    """
    for _number in range(4):
        office.dispatch()
    office.ok("sweep")
    aside = office.folder / "aside"
    shutil.copy(office.vault, aside)
    for number in (1, 2, 3):
        office.ok(f"recall {number} --yes")
    aside.replace(office.vault)


def _sheet(office: Office) -> None:
    office.dispatch()
    names = ("navn", "adresse", "postnr", "poststed", "telefon", "epikrise", "likeperson", "tittel")
    person = [PERSON[name] for name in ("full_name", "address", "postal_code", "city", "phone")]
    lines = [";".join([*person, f"Summary {at}", "kari", "Home visit"]) for at in range(3)]
    (office.folder / "sheet.csv").write_text("\n".join((";".join(names), *lines)), encoding="utf-8")


def _payload(office: Office) -> None:
    office.dispatch()
    office.person()


CREATE = "create --to kari --title Visit --dispatch --payload {folder}/person.json"
CASES = (
    Case("create", CREATE, _payload),
    Case("sheet", "dispatch --csv {folder}/sheet.csv", _sheet),
    Case("recall", "recall 1 --yes", _sent, ends=(1,)),
    Case("cancel", "cancel 1 --reason Ill --yes", _read, ends=(1,)),
    Case("expiry met by a read", "open 1 --reveal", _expired, "kari", ends=(1, 2, 3)),
    Case("sweep", "sweep", _expired, ends=(1, 2, 3)),
    Case("sweep of what was left", "sweep", _left_behind, ends=(1, 2, 3)),
)
BY_NAME = {case.name: case for case in CASES}


@dataclass
class Trial:
    """An office on a disk of its own, prepared once; each cut is tried on a copy."""

    case: Case
    folder: Path
    prepared: Office
    shares: dict[bytes, bytes]

    def __post_init__(self) -> None:
        self._copies = count(1)

    @contextmanager
    def _copy(self) -> Iterator[tuple[Path, Office]]:
        """Yield a disk's folder with a copy of the office, and the office where it is mounted.

        The keys and what is typed in are no part of the disk.
        """
        root = self.folder / f"disk{next(self._copies)}"
        shutil.copytree(self.prepared.folder, root / "office")
        place = self.folder / "mounted"
        for path in (root / "office" / "home" / "profiles").glob("*.json"):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(str(self.prepared.folder), str(place / "office")), "utf-8")
        office = Office(place / "office", self.prepared.now)
        office.environ["ASSIGN_TEST_KEYRING"] = str(self.prepared.folder / "keyring.json")
        yield root, office
        shutil.rmtree(root)

    def operations(self, *files: str) -> list[Operation]:
        """Run the command once with no cut before its end; return its writes and syncs of these."""
        with self._copy() as (root, office):
            with mount(root, office.folder.parent, logged=True) as disk:
                result = self._run(office)
                found = disk.operations()
            faults = self._faults(root, office, result)
            assert not faults, faults
        return [each for each in found if each.file in files]

    def at(self, cut: Cut) -> bool:
        """Run the command with the power cut there, and hold what must be so then.

        Say whether it was: how many pages a command writes differs, as ids are random.
        """
        with self._copy() as (root, office):
            with mount(root, office.folder.parent, cut) as disk:
                result = self._run(office)
                was_cut = disk.is_dead
            faults = self._faults(root, office, result)
            assert not faults, f"{cut}: {faults}\n{result.said}"
        return was_cut

    def _run(self, office: Office) -> Result:
        line = self.case.line.format(folder=self.prepared.folder)
        return office.run(line, profile=self.case.profile)

    def _faults(self, root: Path, office: Office, result: Result) -> list[str]:
        """Return what is wrong once the power is back and a sweep has run."""
        with mount(root, office.folder.parent):
            found = [f"before the sweep {each}" for each in self._lost(office)]
            swept = office.run("sweep")
            if swept.code != 0:
                found.append(f"sweep: {swept.said}")
            found += self._lost(office)
            found += [
                said
                for line in ("store check", "audit verify")
                if (said := office.run(line).said) and office.run(line).code != 0
            ]
            found += self._returned(office)
            found += self._undone(office, result)
        return found

    def _lost(self, office: Office) -> list[str]:
        """Return what live share is lost: each live row has its own, as it was put."""
        lost = [f"{facts(office)['lost share']} lost"] if facts(office)["lost share"] else []
        now = slots.shares(office.vault)
        for (key,) in rows(office, "SELECT id FROM encryption_keys WHERE revoked_at IS NULL"):
            raw = bytes.fromhex(str(key))
            if raw in self.shares and now.get(raw) != self.shares[raw]:
                lost.append(f"another share for {key}")
        return lost

    def _returned(self, office: Office) -> list[str]:
        """Return what is left of shares that no live row has."""
        live = {
            bytes.fromhex(str(key))
            for (key,) in rows(office, "SELECT id FROM encryption_keys WHERE revoked_at IS NULL")
        }
        content = office.vault.read_bytes()
        held = set(slots.shares(office.vault))
        dead = [key for key, share in self.shares.items() if key not in live and share in content]
        return [f"{len(dead)} deleted shares are there"] * bool(dead) + [
            f"{len(held - live)} shares have no row"
        ] * bool(held - live)

    def _undone(self, office: Office, result: Result) -> list[str]:
        """Return what the command said was done, and was not."""
        if result.code not in (0, 6):
            return []
        statuses = dict(rows(office, "SELECT number, status FROM assignments"))
        open_still = [n for n in self.case.ends if statuses.get(n) in ("dispatched", "read")]
        if not self.case.ends and len(statuses) < 2:
            return ["said to be made, and is not"]
        return [f"said to be ended, and is open: {open_still}"] if open_still else []


@pytest.fixture
def trial(request: pytest.FixtureRequest, founded: Office, tmp_path: Path) -> Trial:
    case: Case = request.param
    prepared = founded.copy_to(tmp_path / "prepared")
    case.prepare(prepared)
    return Trial(case, tmp_path, prepared, slots.shares(prepared.vault))


def cases(*names: str) -> pytest.MarkDecorator:
    chosen = [BY_NAME[name] for name in names] or list(CASES)
    return pytest.mark.parametrize("trial", chosen, indirect=True, ids=[c.name for c in chosen])


@cases()
def test_a_cut_after_each_write_and_sync_of_the_vault(trial: Trial) -> None:
    found = trial.operations(VAULT)
    assert {each.op for each in found} == {"write", "fsync"}
    for each in found:
        assert trial.at(Cut(each.file, each.number, each.op))


@cases()
def test_a_write_of_the_vault_that_is_torn(trial: Trial) -> None:
    """Within a slot too, which no disk does: a slot never lies across two sectors.

    The header's own part is left out: the next share that is put makes it right.
    """
    for each in trial.operations(VAULT):
        if each.op == "write" and each.size != HEADER_PART:
            for first in {16, 32, 48, each.size // 2 // 64 * 64} & set(range(1, each.size)):
                for persist in (1, 2):
                    parts = (first, each.size - first)
                    assert trial.at(Cut(VAULT, each.number, parts=parts, persist=(persist,)))


@cases("sweep of what was left")
@pytest.mark.parametrize("persist", [(2,), (1, 2), (1, 3)])
def test_some_of_several_deletions_reach_the_disk(trial: Trial, persist: tuple[int, ...]) -> None:
    assert trial.at(Cut(VAULT, 1, persist=persist))


@cases()
def test_a_cut_after_each_sync_of_the_store_and_some_of_its_writes(trial: Trial) -> None:
    found = trial.operations(STORE, JOURNAL)
    syncs = [each for each in found if each.op == "fsync"]
    assert {each.file for each in syncs} == {STORE, JOURNAL}
    for each in syncs:
        assert trial.at(Cut(each.file, each.number, each.op))
    made = [
        trial.at(Cut(each.file, each.number, each.op))
        for each in [each for each in found if each.op == "write"][::17]
    ]
    assert made.count(True) > len(made) / 2


@cases()
def test_a_page_of_the_store_that_is_torn_into_sectors(trial: Trial) -> None:
    found = trial.operations(STORE, JOURNAL)
    pages = [each for each in found if each.op == "write" and each.size > SECTOR]
    assert {each.file for each in pages} == {STORE, JOURNAL}
    made = []
    for each in pages[::29]:
        whole, rest = divmod(each.size, SECTOR)
        parts = (SECTOR,) * whole + (rest,) * bool(rest)
        for persist in ((1,), tuple(range(2, len(parts) + 1, 2))):
            made.append(trial.at(Cut(each.file, each.number, parts=parts, persist=persist)))
    assert any(made)


# That the cuts cut


def test_what_was_not_synced_is_lost_and_what_was_is_kept(tmp_path: Path) -> None:
    root, place = tmp_path / "disk", tmp_path / "mounted"
    root.mkdir()
    with mount(root, place):
        for name in ("synced", "unsynced"):
            with (place / name).open("wb") as file:
                file.write(b"kept")
                file.flush()
                if name == "synced":
                    slot_file.sync(file.fileno())
    assert (root / "synced").read_bytes() == b"kept"
    assert b"kept" not in (root / "unsynced").read_bytes()


@cases("create", "sweep of what was left")
def test_a_vault_that_does_not_sync_is_found(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power is cut once the command is through: a share is lost, or three are back."""
    monkeypatch.setattr(slot_file, "sync", lambda _handle: None)
    with pytest.raises(AssertionError, match=r"1 lost|3 deleted shares are there"):
        trial.operations()
