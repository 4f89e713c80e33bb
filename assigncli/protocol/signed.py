"""Signed bodies in unsigned JSON: with their signature, and with texts or a proof.

What a body says and who signed it are checked elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from assigncli.protocol.codec import Coded, Data, Hash, Signature
from assigncli.protocol.texts import GIVEN, Text


@dataclass(frozen=True)
class Signed(Coded):
    """A certificate, statement or manifest, with those of its texts that the reader may see."""

    body: Data
    signature: Signature
    texts: Annotated[Mapping[str, Text], GIVEN]


@dataclass(frozen=True)
class Logged(Coded):
    """An entry, with the proof that it is in the log of the head beside it."""

    body: Data
    signature: Signature
    proof: tuple[Hash, ...]
