"""Which language is spoken when no --lang says so."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from assigncli.cli.input.spoken_language import (
    from_windows_identifier,
    spoken_language,
    told_language,
)
from tests.quick import all_in_one


@all_in_one(
    ("setting", "environment", "spoken"),
    [
        (None, {}, "en"),
        (None, {"LANG": "nb_NO.UTF-8"}, "nb"),
        (None, {"LANG": "no_NO"}, "nb"),
        (None, {"LANG": "nn"}, "nb"),
        (None, {"LANG": "nbx_NO"}, "en"),
        (None, {"LANG": "C.UTF-8"}, "en"),
        (None, {"LANG": "nb_NO", "LC_MESSAGES": "en_GB"}, "en"),
        (None, {"LANG": "en_GB", "LC_MESSAGES": "nb_NO"}, "nb"),
        (None, {"LC_ALL": "nb", "LC_MESSAGES": "en", "LANG": "en"}, "nb"),
        (None, {"LC_ALL": "", "LANG": "nb@x"}, "nb"),
        ("en", {"LANG": "nb_NO"}, "en"),
        ("nb", {}, "nb"),
    ],
)
def test_the_setting_then_the_locale_then_english(
    setting: str | None, environment: dict[str, str], spoken: str
) -> None:
    assert spoken_language(setting, environment) == spoken


@pytest.mark.parametrize("nothing", [{}, {"LANG": "C.UTF-8"}, {"LC_ALL": "POSIX", "LANG": "C"}])
def test_a_locale_without_a_language_leaves_it_to_the_platform(nothing: dict[str, str]) -> None:
    assert told_language(nothing, "linux") is None
    assert told_language({"LANG": "sv_SE.UTF-8"}, "linux") == "en"


@pytest.mark.parametrize(
    ("identifier", "spoken"),
    [(0x0414, "nb"), (0x0814, "nb"), (0x0014, "nb"), (0x0409, "en"), (0x041D, "en")],
)
def test_windows_names_the_interface_language_by_number(identifier: int, spoken: str) -> None:
    """The numbers are those of MS-LCID: nb-NO, nn-NO, no; en-US, sv-SE."""
    assert from_windows_identifier(identifier) == spoken


@pytest.mark.parametrize(
    ("languages", "spoken"),
    [
        (["nb-NO", "en-NO"], "nb"),
        (["nn"], "nb"),
        (["en-NO", "nb-NO"], "en"),
        ([], None),
        ("nb-NO", None),
        (None, None),
    ],
)
def test_macos_keeps_the_interface_languages_in_a_file(
    tmp_path: Path, languages: list[str] | str | None, spoken: str | None
) -> None:
    folder = tmp_path / "Library" / "Preferences"
    folder.mkdir(parents=True)
    content = {} if languages is None else {"AppleLanguages": languages}
    for form in (plistlib.FMT_BINARY, plistlib.FMT_XML):
        (folder / ".GlobalPreferences.plist").write_bytes(plistlib.dumps(content, fmt=form))
        assert told_language({"HOME": str(tmp_path)}, "darwin") == spoken


def test_macos_without_a_usable_file_tells_no_language(tmp_path: Path) -> None:
    assert told_language({}, "darwin") is None
    assert told_language({"HOME": str(tmp_path)}, "darwin") is None
    folder = tmp_path / "Library" / "Preferences"
    folder.mkdir(parents=True)
    for content in (b"not a property list", b"<?xml version='1.0'?><plist><dict>", b""):
        (folder / ".GlobalPreferences.plist").write_bytes(content)
        assert told_language({"HOME": str(tmp_path)}, "darwin") is None
