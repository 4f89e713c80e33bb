"""Evidence: the answer to a question, with what proves it (PROTOCOL.md section 3.2).

This module encodes and decodes it. The client believes only what signatures and proofs confirm, and
checks these elsewhere: a well-formed answer is not yet a true one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from assigncli.protocol.codec import Body, Hash, Id, Many, Moment, Spelling, Value, Word
from assigncli.protocol.forms import listed, mapped
from assigncli.protocol.head import Head
from assigncli.protocol.message import MAX_ANSWER
from assigncli.protocol.sealed_keys import Envelope, OrganizationWrap
from assigncli.protocol.signed import Logged, Signed

Rows = Mapping[str, list[Mapping[str, Any]]]


def _is_cell(value: object) -> bool:
    """Say whether a column may hold this; its spelling is checked with the whole."""
    return value is None or isinstance(value, str | bool | int)


@dataclass(frozen=True)
class Evidence(Body, limit=MAX_ANSWER):
    """What the server shows: `act` and `about` as asked, `now` its clock (aware), and the rest.

    Certificates are ordered so that issuers come first, entries by sequence. `rows` gives the rows
    of each table by column; much of it is only the server's word.
    """

    organization: Id
    act: Word
    about: Id | None
    now: Moment
    zone: Value
    service: Id
    head: Head
    consistency: tuple[Hash, ...]
    certificates: Many[Signed] = ()
    entries: Many[Logged] = ()
    statements: Many[Signed] = ()
    manifests: Many[Signed] = ()
    envelopes: Many[Envelope] = ()
    organization_wraps: Many[OrganizationWrap] = ()
    rows: Annotated[Rows, Spelling(mapped(listed(mapped(_is_cell))), write=dict)] = field(
        default_factory=dict
    )
