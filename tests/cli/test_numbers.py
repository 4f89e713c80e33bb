"""Numbers that no database keeps are refused in words, wherever a number can be given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typer.core import TyperGroup, TyperOption

from assigncli.cli.frame import commands
from assigncli.cli.frame.arguments import LARGEST
from assigncli.cli.frame.click import Command
from assigncli.cli.frame.root import load
from tests.office import Office
from tests.quick import a_few

BEYOND = [2**63, 10**20, -(10**20), 10**400]
LINES = [
    "list --before {}", "list --limit {}", "audit log --before {}", "audit log --limit {}",
    "sweep --retry {}", "show {}", "recall {} --yes", "dispatch {}", "edit {} --title X",
    "open {} --reveal", "edit 1 --deadline-days {}", "config set retention_days {}",
    "config set honorarium_standard_from {}",
]  # fmt: skip


def every_command() -> Iterator[Command]:
    for entry in commands.COMMANDS:
        loaded = load(entry)
        yield from loaded.commands.values() if isinstance(loaded, TyperGroup) else [loaded]


@pytest.mark.parametrize("line", a_few(2, of=LINES))
def test_a_number_out_of_range_is_refused_in_words(office: Office, line: str) -> None:
    office.create()
    for number in BEYOND:
        result = office.run(line.format(number))
        assert result.code in (2, 3, 6), f"{number}\n{result.said}"
        assert "internal_error" not in result.said


def test_every_whole_number_among_the_options_has_an_end() -> None:
    whole = [
        (command.name, option.opts[0], option.type_descriptor.annotation, option.max)
        for command in every_command()
        for option in command.params
        if isinstance(option, TyperOption) and option.type_descriptor.annotation is int
    ]
    assert len(whole) >= 5
    assert [each for each in whole if each[3] is None or each[3] > LARGEST] == []


def test_what_comes_past_the_options_is_refused_by_the_store(office: Office) -> None:
    from sqlmodel import select

    from assigncli.errors import InvalidInput
    from assigncli.server.store import assignments
    from assigncli.server.store.engine import Store
    from assigncli.server.store.tables import Organization

    with Store.open(office.store) as store, store.read() as tx:
        organization = tx.exec(select(Organization)).one()

    def look() -> None:
        with Store.open(office.store) as store, store.read() as tx:
            assignments.by_number(tx, organization.id, 2**63)

    with pytest.raises(InvalidInput) as caught:
        look()
    assert caught.value.code == "number_too_large"
