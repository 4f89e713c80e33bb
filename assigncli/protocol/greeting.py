"""The two messages that begin a stream: who the client acts for, and whether the server agrees.

PROTOCOL.md section 3.6. They prove nothing: they decide only for whom unsigned questions are
answered, and let a client see that it reached a server, and how far the clocks are apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from assigncli.protocol.codec import Body, Bool, Id, Moment, Value
from assigncli.protocol.message import MAX_GREETING


@dataclass(frozen=True)
class Hello(Body, limit=MAX_GREETING):
    """The member whose unsigned questions come by this stream; None for nobody's."""

    member: Id | None


@dataclass(frozen=True)
class Welcome(Body, limit=MAX_GREETING):
    """The server's clock (aware) and program version; `agreed` if it answers for that member."""

    now: Moment
    program: Value
    agreed: Bool
