"""An act whose connection breaks between two accounts: the next command says what became of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests import accounts
from tests.afar import ALIAS, Afar, office_afar
from tests.listener import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def afar() -> Iterator[Afar]:
    """An office with a coordinator and a mentor, who both come by SSH."""
    with office_afar() as made:
        made.join("kari", "Kari Nordmann", "anne", f"ssh://{ALIAS}")
        yield made


def test_an_act_whose_connection_broke_is_asked_about_by_the_next_command(afar: Afar) -> None:
    """The server stands still while the act is on its way, and the relay is killed meanwhile."""
    line = "create --to kari --title Besøk --payload person.json --dispatch --json"
    number = afar.ok("anne", line).json["number"]
    afar.ok("kari", f"open {number} --reveal")
    kari, (server,) = afar.people["kari"], afar.serving
    awaited = kari.home / "awaited"
    os.mkfifo(awaited)
    awaited.chmod(0o600)
    os.chown(awaited, kari.uid, kari.gid)
    words = [kari.program.assign, "ack", str(number), "--passphrase-file", awaited, "--json"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, **kari.as_it()) as acking:
        try:
            with awaited.open("wb") as passphrase:  # the command reads it after its questions
                server.send_signal(signal.SIGSTOP)
                passphrase.write((kari.home / "passphrase").read_bytes())
            wait_until(lambda: any((kari.home / "assign" / "outstanding" / "kari").iterdir()))
            time.sleep(0.5)  # so that it is not only noted, but sent
        finally:
            accounts.end_processes(afar.relay.uid)
            said = acking.communicate(timeout=30)[1]
            server.send_signal(signal.SIGCONT)
    error = json.loads(said[said.index(b"{") :])["error"]  # after what ssh said of the connection
    assert (acking.returncode, error["code"]) == (1, "store_outcome_unknown")
    told = afar.ok("kari", "inbox").said
    status = afar.ok("anne", f"show {number} --json").json["status"]
    assert ("was carried out" in told) == (status == "acknowledged")
    assert ("was not carried out and will not be" in told) == (status == "read")
    assert not list((kari.home / "assign" / "outstanding" / "kari").iterdir())
