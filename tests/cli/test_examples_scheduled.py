"""The examples for cron and systemd are true: what stands in them sweeps a real office.

Each command runs as cron or systemd would start it, with nothing else in its environment and on the
machine's own clock, so the office here is founded a while ago.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.office import ROOT, Office
from tests.sweeping import held_shares

EXAMPLES = ROOT / "examples"
CRONTAB = (EXAMPLES / "crontab").read_text(encoding="utf-8")
SERVICE = (EXAMPLES / "assign-sweep.service").read_text(encoding="utf-8")
TIMER = (EXAMPLES / "assign-sweep.timer").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
DAYS_AGO = 35
"""Longer ago than the 30 days in which an assignment expires."""


@pytest.fixture(scope="module")
def neglected(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that dispatched one assignment long ago and has not been swept since."""
    folder = tmp_path_factory.mktemp("neglected") / "office"
    folder.mkdir(mode=0o700)
    office = Office(folder, datetime.now(UTC) - timedelta(days=DAYS_AGO))
    founder = "init --organization Testforeningen --handle anne --name 'Anne Berg' --keys keyring"
    office.ok(founder, profile=None)
    office.ok("member invite kari --name 'Kari Nordmann' --here --keys keyring")
    for setting in ("quiet_hours", "quiet_days"):  # what is said depends on no hour of the day
        office.ok(f"config set {setting} none")
    office.dispatch()
    return office


@pytest.fixture
def due(neglected: Office, tmp_path: Path) -> Office:
    """A copy of that office, a test's own."""
    return neglected.copy_to(tmp_path / "office")


def _settings(text: str) -> dict[str, list[str]]:
    """Return the values of a unit's settings, in their order."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def _cron_line() -> str:
    (line,) = [line for line in CRONTAB.splitlines() if line and not line.startswith("#")]
    return line


def _cron_command() -> str:
    return _cron_line().split(maxsplit=5)[5]


def _install(place: Path) -> None:
    """Put a program there, such as pip makes: it knows its Python and its package."""
    place.parent.mkdir(parents=True)
    place.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from assigncli.cli import run\nsys.exit(run())\n",
        encoding="utf-8",
    )
    place.chmod(0o755)


def _home(office: Office) -> Path:
    """Return anne's home: her profile in the usual place, `assign` where pipx installs it."""
    home = office.folder / "anne"
    _install(home / ".local" / "bin" / "assign")
    profiles = home / ".config" / "assigncli" / "profiles"
    profiles.mkdir(mode=0o700, parents=True)
    profiles.parent.chmod(0o700)
    shutil.copy2(office.home / "profiles" / "anne.json", profiles)
    return home


def _from_nothing(command: str, **variables: object) -> subprocess.CompletedProcess[str]:
    """Have a shell run `command` with these variables and no others, and no input."""
    words = [f"{name}={value}" for name, value in variables.items()]
    return subprocess.run(
        ["env", "-i", *words, "/bin/sh", "-c", command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def _cron(home: Path, **more: object) -> subprocess.CompletedProcess[str]:
    """Run the crontab's command with what cron sets."""
    variables = {"HOME": home, "LOGNAME": "anne", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    return _from_nothing(_cron_command(), **variables, **more)


def _lend(office: Office, mode: int) -> Path:
    """Lend the service folder as systemd does for LoadCredential, and remove it from the store."""
    name, _colon, source = _settings(SERVICE)["LoadCredential"][0].partition(":")
    beside = Path(_moved(source, office))
    lent = office.folder / "credentials"
    lent.mkdir()
    for file in beside.iterdir():
        place = lent / f"{name}_{file.name}"
        place.write_bytes(file.read_bytes())
        place.chmod(mode & ~0o111)
    lent.chmod(mode)
    shutil.rmtree(beside)
    return lent


def _moved(text: str, office: Office) -> str:
    return text.replace("/var/lib/assign", str(office.home))


def _service(office: Office, mode: int) -> subprocess.CompletedProcess[str]:
    """Run the service's command with what systemd sets."""
    program = office.folder / "bin" / "assign"
    _install(program)
    (start,) = _settings(SERVICE)["ExecStart"]
    command = _moved(start, office).replace("/usr/local/bin/assign", str(program))
    lent = _lend(office, mode)
    return _from_nothing(
        f"exec {command}",
        PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        CREDENTIALS_DIRECTORY=lent,
        HOME=office.home,
        LOGNAME="assign",
        USER="assign",
        SHELL="/usr/sbin/nologin",
    )


def _require_swept(office: Office, run: subprocess.CompletedProcess[str]) -> None:
    assert (run.returncode, run.stderr) == (0, ""), run.stdout + run.stderr
    assert "Assignment 1 has expired; its brief can no longer be read." in run.stdout
    office.now = datetime.now(UTC)
    assert office.ok("show 1 --json").json["status"] == "expired"
    assert held_shares(office) == 0


def test_the_crontab_has_one_line_every_ten_minutes_and_sets_nothing() -> None:
    assert _cron_line().split(maxsplit=5)[:5] == ["*/10", "*", "*", "*", "*"]
    assert "%" not in _cron_line()  # cron would make line breaks of them


@pytest.mark.slow
def test_the_crontab_sweeps_and_then_says_nothing(due: Office) -> None:
    home = _home(due)
    _require_swept(due, _cron(home))
    again = _cron(home)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.slow
def test_the_crontab_needs_the_variables_it_speaks_of_only_where_they_are_set(due: Office) -> None:
    """Among several profiles and under another folder, both variables are what it takes."""
    home = _home(due)
    stated = dict(re.findall(r"^#(ASSIGN_\w+)=(\S+)$", CRONTAB, flags=re.MULTILINE))
    assert set(stated) == {"ASSIGN_HOME", "ASSIGN_PROFILE"}
    (home / ".config" / "assigncli" / "profiles" / "anne.json").unlink()
    lost = _cron(home)
    assert (lost.returncode, lost.stdout) == (3, "")
    assert "Code: profile_missing" in lost.stderr
    (due.home / "current").unlink(missing_ok=True)
    unclear = _cron(home, ASSIGN_HOME=due.home)
    assert (unclear.returncode, unclear.stdout) == (2, "")
    assert "Code: profile_unclear" in unclear.stderr
    _require_swept(due, _cron(home, ASSIGN_HOME=due.home, ASSIGN_PROFILE=stated["ASSIGN_PROFILE"]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "mode",
    [
        pytest.param(0o500, id="as the owner's own"),
        pytest.param(
            0o550,
            id="through an access list, as since systemd 254",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_service_sweeps_with_the_key_that_systemd_lends(due: Office, mode: int) -> None:
    run = _service(due, mode)
    _require_swept(due, run)
    assert not due.store.with_name("assign.db.service").exists()


@pytest.mark.slow
def test_the_service_refuses_a_lent_key_that_others_can_read(due: Office) -> None:
    run = _service(due, 0o505)
    assert (run.returncode, run.stdout) == (4, "")
    assert "Code: key_file_unsafe" in run.stderr


def test_a_part_that_failed_is_a_failure_to_systemd() -> None:
    assert "SuccessExitStatus" not in _settings(SERVICE)


def test_the_timer_starts_the_service_every_ten_minutes_and_catches_up() -> None:
    timer = _settings(TIMER)
    assert (timer["OnCalendar"], timer["Persistent"]) == (["*:0/10"], ["true"])
    assert "Unit" not in timer  # so it starts the service of its own name
    assert _settings(SERVICE)["Type"] == ["oneshot"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing")
def test_systemd_finds_nothing_to_say_of_the_units(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "assign"
    _install(program)
    for name, text in (("service", SERVICE), ("timer", TIMER)):
        here = text.replace("/usr/local/bin/assign", str(program))
        (tmp_path / f"assign-sweep.{name}").write_text(here, encoding="utf-8")
    units = [str(tmp_path / f"assign-sweep.{name}") for name in ("service", "timer")]
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    about_ours = [line for line in said.stderr.splitlines() if "assign-sweep" in line]
    assert (said.returncode, about_ours) == (0, [])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing")
def test_systemd_calls_the_service_well_protected(tmp_path: Path) -> None:
    """Its score goes from 0, closed, to 10; what is left open here is mostly the network."""
    unit = tmp_path / "assign-sweep.service"
    unit.write_text(SERVICE, encoding="utf-8")
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", unit],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_manual_shows_the_crontabs_own_line() -> None:
    for lang in ("en", "nb"):
        text = (ROOT / f"assigncli/cli/manual/{lang}/operating.md").read_text(encoding="utf-8")
        assert text.splitlines().count(_cron_line()) == 1


@pytest.mark.parametrize("name", ["crontab", "assign-sweep.service", "assign-sweep.timer"])
def test_the_readme_speaks_of_each_example(name: str) -> None:
    assert f"`examples/{name}`" in README
