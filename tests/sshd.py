"""A real sshd on loopback, with a host key, a configuration and a port of its own.

Its configuration allows everything that a line of `authorized_keys` may take away, so that what is
refused is refused by the line.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.accounts import Account

_PATIENCE = 30
_CONFIGURATION = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile {folder}/pid
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitTTY yes
AllowTcpForwarding yes
AllowAgentForwarding yes
X11Forwarding yes
PermitTunnel yes
PermitUserEnvironment no
AcceptEnv LANG LC_* ASSIGN_*
Subsystem sftp internal-sftp
MaxStartups 100
LogLevel VERBOSE
"""
_HOST = """\
Host {alias}
  HostName 127.0.0.1
  Port {port}
  User {user}
  IdentityFile ~/.ssh/id_ed25519
  IdentitiesOnly yes
  StrictHostKeyChecking yes
  SendEnv ASSIGN_*
"""


def require() -> str:
    """Return the path of sshd, which it needs to be started by; skip where it is not installed."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:/usr/bin")
    if program is None or shutil.which("ssh") is None:
        pytest.skip("OpenSSH's sshd is not installed")
    return program


@dataclass(frozen=True)
class Sshd:
    """A running sshd."""

    port: int
    folder: Path

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "log").read_text()

    def let_in(self, visitor: Account, host: Account, line: str, alias: str = "office") -> None:
        """Give `visitor` a key, and let it into `host` with these options before it.

        The visitor's own configuration then knows that host as `alias`.
        """
        if not (visitor.home / ".ssh" / "id_ed25519").exists():
            made = visitor.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _own_key(visitor)]
            )
            assert made.returncode == 0, made.stderr
        key = (visitor.home / ".ssh" / "id_ed25519.pub").read_text()
        _append(host, ".ssh/authorized_keys", f"{line} {key}")
        known = (self.folder / "host_key.pub").read_text()
        _append(visitor, ".ssh/known_hosts", f"[127.0.0.1]:{self.port} {known}")
        told = _HOST.format(alias=alias, port=self.port, user=host.name)
        _append(visitor, ".ssh/config", told)


def _own_key(visitor: Account) -> str:
    return str(visitor.write(".ssh/id_ed25519.new", "").with_name("id_ed25519"))


def _append(owner: Account, path: str, text: str) -> None:
    before = owner.home / path
    owner.write(path, (before.read_text() if before.exists() else "") + text)


@contextmanager
def running(folder: Path) -> Iterator[Sshd]:
    """Run sshd with its files in `folder`; it is ended with the block."""
    program = require()
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it locks its helper up
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host_key")], check=True
    )
    port = _free_port()
    configuration = folder / "sshd_config"
    configuration.write_text(_CONFIGURATION.format(port=port, folder=folder))
    words = [program, "-D", "-f", str(configuration), "-E", str(folder / "log")]
    with subprocess.Popen(words) as process:
        try:
            _wait_for(port, process)
            yield Sshd(port, folder)
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, "sshd did not start"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("sshd does not listen")
