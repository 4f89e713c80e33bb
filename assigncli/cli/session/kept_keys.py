"""Private keys that stay unlocked while one process runs several commands, for a limited time.

A thread forgets them when the time is over, also while nobody types. Forgetting is best effort:
Python cannot promise that the memory is overwritten.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from assigncli.client.keys import SecretName
    from assigncli.crypto.identity import Identity

_LOOKS_EVERY: Final = 5.0
"""Seconds between two looks at the clock: a machine that slept is soon found out."""


class KeptKeys:
    """Unlocked keys by name. Each is kept for at most `seconds` after it was unlocked."""

    def __init__(self, seconds: float | None = None) -> None:
        """Keep nothing yet; without `seconds` there is no limit but `forget`."""
        self._seconds = seconds
        self._kept: dict[SecretName, tuple[float, Identity]] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._watching: threading.Thread | None = None
        self.has_run_out = False
        """Whether a key was forgotten because its time was over, since this was last set."""

    def find(self, name: SecretName) -> Identity | None:
        """Return a key whose time is not over."""
        self._forget_old()
        with self._lock:
            found = self._kept.get(name)
        return None if found is None else found[1]

    def keep(self, name: SecretName, identity: Identity) -> None:
        """Keep a key that was unlocked just now."""
        with self._lock:
            self._kept[name] = (_seconds_passed(), identity)
        if self._seconds is not None and self._watching is None:
            self._watching = threading.Thread(target=self._watch, daemon=True)
            self._watching.start()

    def forget(self) -> None:
        """Forget every key."""
        with self._lock:
            self._kept.clear()

    def end(self) -> None:
        """Forget every key, and stop looking at the clock."""
        self._ended.set()
        self.forget()

    def _watch(self) -> None:
        while not self._ended.wait(min(_LOOKS_EVERY, self._seconds or _LOOKS_EVERY)):
            self._forget_old()

    def _forget_old(self) -> None:
        if self._seconds is None:
            return
        now = _seconds_passed()
        with self._lock:
            old = [name for name, (at, _key) in self._kept.items() if now - at >= self._seconds]
            for name in old:
                del self._kept[name]
            self.has_run_out |= bool(old)


def _seconds_passed() -> float:
    """Return a count of seconds that nobody can set back; where possible it counts sleep too."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
