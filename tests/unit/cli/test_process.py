"""The process around a command."""

from __future__ import annotations

import subprocess
import sys

import pytest

CORE = """
import resource
from assigncli.cli.frame.process import prepare
prepare()
print(resource.getrlimit(resource.RLIMIT_CORE))
"""
FINALISER = """
from assigncli.cli.frame.process import prepare
prepare()
class Thing:
    def __del__(self):
        raise ValueError("secret")
Thing()
import warnings
warnings.warn("secret")
"""
INTERRUPTED_IN_A_FINALISER = """
import signal, time
from assigncli.cli.frame.process import prepare
signal.signal(signal.SIGINT, signal.default_int_handler)
prepare()
class Thing:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
try:
    Thing()
    time.sleep(30)
    print("lost")
except KeyboardInterrupt:
    print("heard")
"""
ENDED = """
import signal
from assigncli.cli.frame.process import end_undisturbed, prepare
signal.signal(signal.SIGINT, signal.default_int_handler)
prepare()
end_undisturbed()
class Thing:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
thing = Thing()
"""
INTERRUPTED_IN_CODE_FROM_TEXT = """
from assigncli.cli.frame.process import end_undisturbed
try:
    exec("raise KeyboardInterrupt")
except KeyboardInterrupt:
    pass
end_undisturbed()
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_no_core_dumps() -> None:
    assert run(CORE).stdout == "(0, 0)\n"


def test_nothing_is_printed_behind_our_back() -> None:
    ended = run(FINALISER)
    assert (ended.stdout, ended.stderr) == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no timer to interrupt by")
def test_who_presses_ctrl_c_while_python_tidies_up_is_heard_all_the_same() -> None:
    ended = run(INTERRUPTED_IN_A_FINALISER)
    assert (ended.stdout, ended.stderr) == ("heard\n", "")


def test_who_presses_ctrl_c_when_all_is_said_stops_nothing() -> None:
    assert run(ENDED).returncode == 0


def test_who_presses_ctrl_c_while_code_is_made_from_text_gets_our_exit_code() -> None:
    assert run(INTERRUPTED_IN_CODE_FROM_TEXT).returncode == 0
