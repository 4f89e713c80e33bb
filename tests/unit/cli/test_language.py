"""Which language is spoken when no --lang says so."""

from __future__ import annotations

import pytest

from assigncli.cli.language import spoken_language


@pytest.mark.parametrize(
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
