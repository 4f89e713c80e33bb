"""Taking over with the key kit from an account that has nothing of the office but the paper."""

from __future__ import annotations

import re

import pytest

from tests.afar import ALIAS, office_afar

GROUP = re.compile(r"^Group \d+ of 10: ([\d ]+)$", re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("address", [f"ssh://{ALIAS}", ""], ids=["ssh", "socket"])
def test_the_paper_alone_makes_an_administrator_of_another_account(address: str) -> None:
    with office_afar(address) as afar:
        place = address or f"unix:{afar.socket}"
        groups = GROUP.findall(afar.ok("anne", "key kit --reveal").stdout)
        assert len(groups) == 10
        bo = afar.person("bo")
        afar.let_in("bo")  # as for every newcomer: the line names no member yet
        words = ["join", "--kit", place, "--handle", "bo", "--name", "Bo Dahl", "--keys", "file"]
        begun = [str(afar.server.program.assign), *words, "--passphrase-file", "passphrase"]
        done = bo.run(begun, given="\n".join(groups).encode())
        said = done.stdout.decode() + done.stderr.decode()
        assert done.returncode == 0, said
        member = afar.member_of("bo")
        assert ("authorized_keys" in said and member in said) == bool(address)
        if address:
            assert afar.run("bo", "member list --json").error["code"] == "not_approved"
            assert f"--member {member}" in afar.printed(f"--member {member}")
            afar.let_in("bo", member)
        assert "Bo Dahl" in afar.ok("bo", "member list").stdout
        assert "whole" in afar.ok("bo", "audit verify").stdout
        afar.ok("bo", "member invite kari --name 'Kari Nordmann'")
        assert not list(bo.home.rglob("*_root*"))
        assert list(afar.people["anne"].home.rglob("*_root*"))
