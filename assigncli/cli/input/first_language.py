"""Ask once for the language, if nothing on the machine tells it."""

from __future__ import annotations

from dataclasses import replace

from assigncli.cli.frame import current_globals, environ
from assigncli.cli.input.prompts import choose, somebody_there
from assigncli.cli.input.spoken_language import told_language
from assigncli.locale import use
from assigncli.profiles import load_settings, preferences, save_settings

_QUESTION = "Hvilket språk? Which language?"
_ORDER = ("nb", "en")
_NAMES = ("norsk bokmål", "English")


def settle_language() -> None:
    """Ask for the language, save the answer as this machine's setting, and use it from now on.

    Asks nothing if --lang, a setting, the locale or the platform tells the language, or if nobody
    can answer. The question is in both languages, since either may not be understood.
    """
    known = current_globals().lang or preferences(current_globals().profile, environ()).language
    if known or told_language(environ()) or not somebody_there():
        return
    chosen = _ORDER[choose(_QUESTION, _NAMES, option="--lang")]
    save_settings(replace(load_settings(environ()), language=chosen), environ())
    use(chosen)
