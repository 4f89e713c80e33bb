"""`assign serve --print-units` prints what `examples/` holds; systemd and sshd take it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from assigncli.cli.machine.service_files import PLACES
from assigncli.cli.serve import relay_line
from tests.office import ROOT, Office

EXAMPLES = ROOT / "examples"


@pytest.fixture
def printed(machine: Office) -> str:
    return machine.ok("serve --print-units", profile=None).stdout


def test_what_is_printed_is_what_the_examples_hold_with_the_place_of_each(printed: str) -> None:
    parts = re.split(r"^### (.+)\n", printed, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert {place: text.strip() for place, text in found.items()} == {
        place: (EXAMPLES / name).read_text(encoding="utf-8").strip()
        for name, place in PLACES.items()
    }


def test_printing_makes_nothing(machine: Office) -> None:
    machine.ok("serve --print-units", profile=None)
    assert not machine.home.exists() or list(machine.files()) == []


def test_the_unit_is_hardened_and_lets_others_reach_the_socket() -> None:
    text = (EXAMPLES / "assign-serve.service").read_text(encoding="utf-8")
    settings = dict(
        line.split("=", 1) for line in text.splitlines() if re.match("[A-Z][A-Za-z]+=", line)
    )
    wanted = {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "UMask": "0077",
        "StateDirectoryMode": "0700",
        "RuntimeDirectoryMode": "0755",
        "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    }
    assert wanted.items() <= settings.items()
    assert "SystemCallFilter" in settings
    assert "LoadCredential" not in settings


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_finds_nothing_to_say_about_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "assign"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = (EXAMPLES / "assign-serve.service").read_text(encoding="utf-8")
    unit = tmp_path / "assign-serve.service"
    unit.write_text(text.replace("/usr/local/bin/assign", str(program)), encoding="utf-8")
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in result.stderr.splitlines() if "assign-serve" in line]
    assert ours == []


@pytest.mark.skipif(shutil.which("sshd") is None, reason="there is no sshd here")
def test_sshd_takes_the_lines_for_the_relay_account(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    config = tmp_path / "sshd_config"
    lines = (EXAMPLES / "assign-serve.sshd").read_text(encoding="utf-8")
    config.write_text(f"HostKey {key}\n{lines}", encoding="utf-8")
    sshd = shutil.which("sshd")
    assert sshd is not None
    asked = "user=assign-relay,host=h,addr=127.0.0.1"
    result = subprocess.run(
        [sshd, "-T", "-f", str(config), "-C", asked], capture_output=True, text=True, check=False
    )
    if "privilege separation" in result.stderr.lower():
        pytest.skip("sshd has no folder to run in here")
    assert result.returncode == 0, result.stderr
    assert {"permittty no", "disableforwarding yes", "authenticationmethods publickey"} <= set(
        result.stdout.splitlines()
    )


def test_the_line_that_admits_a_member_survives_the_shell_and_sshd() -> None:
    from uuid import UUID

    line = relay_line(Path("/run/as sign/so\"ck'et"), UUID(int=1))
    command = re.fullmatch(r'restrict,command="((?:[^"\\]|\\.)*)" ', line)
    assert command is not None
    run = command[1].replace('\\"', '"')
    said = subprocess.run(
        ["/bin/sh", "-c", run.replace("assign relay", "printf '%s|' ", 1)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == f"--socket|/run/as sign/so\"ck'et|--member|{UUID(int=1)}|"
