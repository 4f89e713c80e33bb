"""A passphrase that does not fit is asked for again, where it was typed: three times in all."""

from __future__ import annotations

import getpass
import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from assigncli.cli.frame import Frame, Globals, entered
from assigncli.cli.input import passphrases
from assigncli.cli.output import Output
from assigncli.cli.session import private_keys
from assigncli.client.keys import PassphraseFiles, SecretName
from assigncli.crypto.passphrase import INTERACTIVE, lock, unlock
from assigncli.errors import IdentityUnavailable, InvalidInput
from tests.quick import a_few
from tests.typist import Typist

RIGHT, WRONG = "fem grønne synger", "fem grønne singer"
NAME = SecretName(uuid4(), uuid4(), "identity")
SECRET = b"\x01" * 64

Typing = Callable[..., list[str]]


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def typing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typing:
    """Keep a secret in a real file, and type these passphrases when asked for them."""
    place = partial(
        PassphraseFiles, tmp_path / "keys", lock=partial(lock, cost=INTERACTIVE), unlock=unlock
    )
    place(RIGHT.encode).save(NAME, SECRET)
    monkeypatch.setattr(private_keys, "keychain", lambda keys: place(passphrases.known))
    monkeypatch.setattr(sys, "stdin", Typist())

    def typing(*answers: str) -> list[str]:
        left = list(answers)
        monkeypatch.setattr(getpass, "getpass", lambda prompt, stream: left.pop(0))
        return left

    return typing


def frame(said: io.StringIO, **options: object) -> Frame:
    return Frame(Globals(**options), Output("linear", False, io.StringIO(), said), {})  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", a_few(2, of=[0, 1, 2]))
def test_a_wrong_one_is_asked_for_again(typing: Typing, said: io.StringIO, wrong: int) -> None:
    left = typing(*[WRONG] * wrong, RIGHT)
    with entered(frame(said), "en"):
        assert private_keys.loaded("file", NAME) == SECRET
    assert left == []
    assert said.getvalue().count("The passphrase does not open the private key.") == wrong
    assert WRONG not in said.getvalue()


def test_three_wrong_ones_are_the_end(typing: Typing, said: io.StringIO) -> None:
    left = typing(WRONG, WRONG, WRONG, RIGHT)
    with entered(frame(said), "en"), pytest.raises(IdentityUnavailable) as raised:
        private_keys.loaded("file", NAME)
    assert raised.value.code == "passphrase_wrong"
    assert left == [RIGHT]
    assert said.getvalue().splitlines()[1::2] == [
        "You can try 2 more times.",
        "You can try 1 more time.",
    ]


def test_one_from_a_file_is_tried_once(
    typing: Typing, said: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "passphrase"
    file.write_text(WRONG, encoding="utf-8")
    left = typing(RIGHT)
    tried: list[bytes] = []
    monkeypatch.setattr(
        passphrases,
        "_first_line",
        lambda path: tried.append(path) or WRONG,  # type: ignore[func-returns-value]
    )
    with entered(frame(said, passphrase_file=file), "en"), pytest.raises(IdentityUnavailable):
        private_keys.loaded("file", NAME)
    assert (left, len(tried), said.getvalue()) == ([RIGHT], 1, "")


def test_without_a_person_it_is_not_asked_for(typing: Typing, said: io.StringIO) -> None:
    left = typing(RIGHT)
    with entered(frame(said, no_input=True), "en"), pytest.raises(InvalidInput) as raised:
        private_keys.loaded("file", NAME)
    assert raised.value.code == "input_needed"
    assert left == [RIGHT]


def test_a_secret_that_is_not_there_is_said_before_a_passphrase_is_asked(
    typing: Typing, said: io.StringIO
) -> None:
    left = typing(RIGHT)
    missing = SecretName(uuid4(), uuid4(), "identity")
    with entered(frame(said), "en"), pytest.raises(IdentityUnavailable) as raised:
        private_keys.loaded("file", missing)
    assert raised.value.code == "key_missing"
    assert left == [RIGHT]
