"""How long a coordinator with eight things to follow up listens; a larger office of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import bench_listening as listening
from tests.office import Office

pytestmark = pytest.mark.slow
needs_speech = pytest.mark.skipif(
    not listening.can_speak(), reason="espeak-ng is not installed; words are counted all the same"
)
MOST_SECONDS, MOST_WORDS, URGENT_WITHIN = 80, 150, 15
LANGUAGES = ("nb", "en")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return listening.office(tmp_path_factory.mktemp("larger") / "office")


def status(office: Office, language: str) -> str:
    return office.ok(f"status --lang {language}").said


def test_the_office_has_eight_things_to_follow_up(office: Office) -> None:
    document = office.ok("status --json").json
    assert {each["number"] for each in document["attention"]} == listening.TO_FOLLOW_UP
    assert (document["total"], document["urgent"], document["more"]) == (8, 2, False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_eight_things_are_said_in_a_hundred_and_fifty_words(office: Office, language: str) -> None:
    said = status(office, language)
    assert said.count("\n\n") == len(listening.TO_FOLLOW_UP)
    assert listening.words(said) <= MOST_WORDS


@needs_speech
@pytest.mark.parametrize("language", LANGUAGES)
def test_eight_things_are_spoken_in_eighty_seconds_and_the_urgent_ones_first(
    office: Office, language: str
) -> None:
    said = status(office, language)
    assert listening.seconds(said, language) <= MOST_SECONDS
    assert listening.seconds(listening.until_first_urgent(said), language) <= URGENT_WITHIN


def test_the_twelve_commands_all_succeed(office: Office, tmp_path: Path) -> None:
    copy = office.copy_to(tmp_path / "office")
    heard = dict(listening.said(copy, "nb"))
    assert len(heard) == 12
    assert not [daily.name for daily, said in heard.items() if "Kode: " in said]
