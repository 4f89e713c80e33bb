"""How an act is refused: with a code of PROTOCOL.md section 8 and the facts of that code.

The sentence for the code is the client's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from assigncli.errors import InvalidInput, NotAllowed, NotFound, RuleRefused
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codes import CODES, check_code


class Refused(Exception):
    """The request is refused; nothing of it is written."""

    def __init__(self, code: str, **facts: Any) -> None:
        """Take a code and exactly its facts; raises Malformed for others."""
        check_code(code, facts)
        super().__init__(code)
        self.code = code
        self.facts = facts


class RefusedBefore(Refused):
    """The statement was refused before; `entry` is the sequence of the entry on it, if any."""

    def __init__(self, code: str, facts: Mapping[str, Any], entry: int | None) -> None:
        """Take the earlier answer."""
        super().__init__(code, **facts)
        self.entry = entry


class NotAdmitted(Refused):
    """A new key's statement is refused before it was admitted: only counted, whatever the code."""


class Expires(Exception):
    """The act met an assignment past its date: record the expiry first, then refuse the act."""

    def __init__(self, assignment_id: UUID) -> None:
        """Take the id of the assignment."""
        super().__init__("expires")
        self.assignment_id = assignment_id


@contextmanager
def attachment_form() -> Iterator[None]:
    """Refuse a malformed attachment: `attachment_malformed`."""
    try:
        yield
    except Malformed:
        raise Refused("attachment_malformed", place=None) from None


@contextmanager
def by_code(**known: Any) -> Iterator[None]:
    """Turn a rule's error into a refusal; `known` are facts that some codes have.

    Faults of the store, the vault or the service's own keys are not refusals and are raised.
    """
    try:
        yield
    except (InvalidInput, NotAllowed, NotFound, RuleRefused) as error:
        code = CODES.get(error.code)
        if code is None:
            raise
        facts = {name: known.get(name) for name in code.facts.names}
        if not code.facts(facts):  # a fact that the code needs is not known here
            raise
        raise Refused(code.name, **facts) from None
