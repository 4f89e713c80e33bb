"""The README's recipe for a command, followed file by file in a copy of the package."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.office import ROOT, Office

STEPS: dict[str, tuple[str, str] | str] = {
    "assigncli/domain/actions.py": (
        '    SETTING_CHANGED = "setting.changed"\n',
        '    SETTING_CHANGED = "setting.changed"\n'
        '    ORGANIZATION_GREETED = "organization.greeted"\n',
    ),
    "assigncli/protocol/act_table.py": (
        '    act("privacy.exported"',
        '    act("organization.greeted", "coordinator, org_admin", "organization", "times:number"),'
        '\n    act("privacy.exported"',
    ),
    "assigncli/server/greet.py": '''"""Greet the organisation: a line of the log."""

from __future__ import annotations

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role
from assigncli.server.carrying import Carrying
from assigncli.server.record import record


def greet(doing: Carrying) -> None:
    """Record that somebody greeted; staff may."""
    doing.require_role(Role.COORDINATOR, Role.ORG_ADMIN)
    record(doing.turn, doing.tx, doing.actor, Action.ORGANIZATION_GREETED, doing.about)
''',
    "assigncli/server/carry_out.py": (
        '    "setting.changed":',
        '    "organization.greeted": greet.greet,\n    "setting.changed":',
    ),
    "assigncli/client/greet.py": '''"""Greet the organisation."""

from __future__ import annotations

from assigncli.client import asking
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.domain.actions import Action


def greet(client: Client, times: int) -> None:
    """Have it recorded; raises NotAllowed `role_missing`."""
    signer = asking.this_device(client, asking.standing(client))
    about = client.organization_id
    intent = Intent(Action.ORGANIZATION_GREETED.value, about, {"times": times})
    asking.act(client, signer, intent)
''',
    "assigncli/cli/greet.py": '''"""`greet`: say hello to everybody."""

from __future__ import annotations

from assigncli.cli.frame import command, out
from assigncli.cli.session import opened
from assigncli.locale import N_, _


@command(N_("Greet the organisation."))
def greet() -> None:
    from assigncli.client import greet as action

    with opened(keys=True) as session:
        action.greet(session.client, 3)
        out().result(_("You have greeted everybody."))
''',
    "assigncli/cli/frame/commands.py": (
        '    _ours("list", ',
        '    _ours("greet", N_("Greet the organisation.")),\n    _ours("list", ',
    ),
    "assigncli/cli/output/act_names.py": (
        "    Action.SETTING_CHANGED:",
        '    Action.ORGANIZATION_GREETED: N_("organisation greeted"),\n    Action.SETTING_CHANGED:',
    ),
}
"""By file: its text, or what stands there and what it becomes."""
BESIDE = {
    "assigncli/server/carry_out.py": ("    export,\n", "    export,\n    greet,\n"),
}
"""The second place in a file: the import."""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, with what the recipe adds."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "assigncli", copy / "assigncli", ignore=shutil.ignore_patterns("*.pyc"))
    for name, step in STEPS.items():
        if isinstance(step, str):
            (copy / name).write_text(step, encoding="utf-8")
            continue
        for old, new in (step, BESIDE.get(name, ("", ""))):
            text = (copy / name).read_text(encoding="utf-8")
            assert text.count(old) == 1 or not old, (name, old)
            (copy / name).write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return copy


@pytest.mark.slow
def test_a_command_is_added_by_the_files_that_the_recipe_names(
    office: Office, package: Path
) -> None:
    def said(line: str) -> str:
        words = [sys.executable, "-m", "assigncli", *office.command(line)[3:]]
        env = {**office.process_env(), "PYTHONPATH": f"{package}:{ROOT}"}
        ended = subprocess.run(
            words, env=env, cwd=package, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    assert said("greet") == "You have greeted everybody.\n"
    (newest, *_others) = json.loads(said("audit log --json"))["entries"]
    assert newest["action"] == "organization.greeted"
    assert "The audit log is whole" in said("audit verify")


def test_the_recipe_names_each_of_these_files() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    recipe = readme[readme.index("### Add a command") :]
    named = set(re.findall(r"`((?:assigncli|tests)/[a-z_./]+)`", recipe))
    assert set(STEPS) <= named
    assert {name for name in named if not (ROOT / name).exists()} == {
        name for name, step in STEPS.items() if isinstance(step, str)
    }
