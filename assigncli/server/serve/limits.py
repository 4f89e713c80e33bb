"""How much of the server's time and memory a connection may take.

Sizes are bytes, times are seconds. A client that keeps to PROTOCOL.md and reads its answers meets
none of these limits but the allowance of section 8.5.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of one server."""

    connections: int = 4_096
    connections_of_account: int = 64
    """Of an account, or of a member who comes by a trusted one; that may have half of all."""
    hello_within: float = 5.0
    displaced_after: float = 0.1
    """A connection without a hello gives way to a new one after this."""
    idle_within: float = 900.0
    idle_displaced_after: float = 30.0
    """When there is no room, an idle connection gives way to a new one after this."""
    grace: float = 5.0
    """How long a frame or an answer may take before its rate counts."""
    bytes_a_second: int = 4_096
    """The lowest rate of a request that has begun, and of an answer that is being read."""
    held: int = 64 * 1024 * 1024
    """All bytes of requests that have arrived in part, wait or are being answered."""
    held_of_account: int = 16 * 1024 * 1024
    unread: int = 64 * 1024 * 1024
    """All bytes of answers that were not read yet."""
    waiting_acts: int = 128
    waiting_questions: int = 256
    waiting_long: int = 32
    """Of the questions whose answer is read from the whole store."""
    signed_at_once: int = 3_000
    signed_a_second: float = 10.0
    """How many signed messages of a member are looked at: so many, then so many a second.

    A command has two, and a sheet of 3,000 rows about thirty. A thousand members at work make two
    acts a second between them; a script that starts a command for each act stays below ten.
    """
    goodbye: float = 5.0
    """How long a closing connection has to read its last answer."""

    def connections_of(self, *, is_shared: bool) -> int:
        """Return how many connections one account may have."""
        return self.connections // 2 if is_shared else self.connections_of_account

    def held_by(self, *, is_shared: bool) -> int:
        """Return how many bytes of requests one account may have here."""
        return self.held // 2 if is_shared else self.held_of_account

    def is_slow(self, size: int, elapsed: float) -> bool:
        """Return whether `size` bytes are too few for the seconds since the transfer began."""
        return size < (elapsed - self.grace) * self.bytes_a_second
