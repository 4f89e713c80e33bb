"""A refusal: nothing was carried out, and why (PROTOCOL.md section 3.4).

A refusal is not signed and proves nothing; if it is recorded, that is an entry of the log. The
codes and their facts are in `codes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assigncli.protocol.codec import AnyObject, Body, Bool, Hash, Moment, Number, Word
from assigncli.protocol.head import Head
from assigncli.protocol.message import MAX_ANSWER


@dataclass(frozen=True)
class Refusal(Body, limit=MAX_ANSWER):
    """A code and its facts, at the server's clock `now` (aware).

    `statement` is None where none could be read, `head` before the organisation is known, and
    `entry` where no entry records it. `known` says that the same statement was refused before.
    """

    code: Word
    now: Moment
    facts: AnyObject = field(default_factory=dict)
    statement: Hash | None = None
    head: Head | None = None
    entry: Number | None = None
    known: Bool = False
