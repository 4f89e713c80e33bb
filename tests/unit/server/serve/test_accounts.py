"""The file of accounts: lines that a person can read, each of an account, a member and a key."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest

from assigncli.errors import StoreUnavailable
from assigncli.server.serve.accounts import AccountLine, Accounts, beside

KARI, OLA = uuid4(), uuid4()
LINE = AccountLine(1001, KARI, b"k" * 32)


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def accounts(tmp_path: Path, told: list[int]) -> Accounts:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return Accounts(beside(folder / "assign.db"), told.append)


def test_a_line_is_for_people_and_comes_back() -> None:
    assert LINE.encode() == f"uid=1001 member={KARI} key={'6b' * 32}"
    assert AccountLine.decode(f"  {LINE.encode()}\n") == LINE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "uid=1001",
        f"uid=-1 member={KARI} key={'6b' * 32}",
        f"uid=1001 member={KARI} key={'6b' * 31}",
        f"uid=1001 member={KARI} key={'6b' * 33}",
        f"uid=1001 member={str(KARI)[:-1]} key={'6b' * 32}",
        f"uid=1001 member={KARI} key={'6b' * 32} more",
        f"uid=١٠٠١ member={KARI} key={'6b' * 32}",
    ],
)
def test_a_line_of_another_form_is_none(text: str) -> None:
    assert AccountLine.decode(text) is None


def test_nobody_may_act_where_there_is_no_file(accounts: Accounts) -> None:
    assert accounts.keys(1001, KARI) == frozenset()
    assert not accounts.path.exists()


def test_a_line_counts_for_its_account_and_its_member_alone(accounts: Accounts) -> None:
    accounts.note(LINE)
    accounts.note(AccountLine(1001, KARI, b"l" * 32))
    assert accounts.keys(1001, KARI) == {b"k" * 32, b"l" * 32}
    assert accounts.keys(1002, KARI) == frozenset()
    assert accounts.keys(1001, OLA) == frozenset()
    assert accounts.path.stat().st_mode & 0o777 == 0o600


def test_a_line_is_written_once(accounts: Accounts) -> None:
    for _time in range(3):
        accounts.note(LINE)
    assert accounts.path.read_text().count("uid=") == 1


def test_a_repeated_statement_makes_no_line_for_a_key_that_has_one(accounts: Accounts) -> None:
    accounts.note(LINE)
    accounts.note(AccountLine(1002, KARI, LINE.key), is_first=True)
    assert accounts.keys(1002, KARI) == frozenset()
    accounts.note(AccountLine(1002, KARI, b"l" * 32), is_first=True)
    assert accounts.keys(1002, KARI) == {b"l" * 32}


def test_another_reader_of_the_file_sees_what_was_noted(accounts: Accounts) -> None:
    accounts.note(LINE)
    assert Accounts(accounts.path, print).keys(1001, KARI) == {b"k" * 32}


def test_a_line_that_somebody_takes_away_counts_no_more(accounts: Accounts) -> None:
    accounts.note(LINE)
    assert accounts.keys(1001, KARI)
    accounts.path.write_text("# nobody\n")
    assert accounts.keys(1001, KARI) == frozenset()


def test_a_damaged_line_is_told_once_and_kept_and_the_others_count(
    accounts: Accounts, told: list[int]
) -> None:
    accounts.path.write_bytes(b"# mine\n\xff\xfe\nuid=1001 nonsense\n" + LINE.encode().encode())
    accounts.path.chmod(0o600)
    assert accounts.keys(1001, KARI) == {b"k" * 32}
    assert accounts.keys(1001, KARI) == {b"k" * 32}
    assert told == [2, 3]
    accounts.note(AccountLine(1002, OLA, b"o" * 32))
    assert "uid=1001 nonsense" in accounts.path.read_text(encoding="utf-8", errors="replace")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX only")
def test_a_file_that_others_may_change_is_refused(accounts: Accounts) -> None:
    accounts.note(LINE)
    accounts.path.chmod(0o620)
    os.utime(accounts.path, (1, 1))
    with pytest.raises(StoreUnavailable) as refused:
        accounts.keys(1001, KARI)
    assert refused.value.code == "store_unsafe"
