"""How an act is refused here: with a code of PROTOCOL.md section 8 and that code's facts.

What the code says to a person is said by who asked.
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
    """The request is not carried out; nothing of it is written."""

    def __init__(self, code: str, **facts: Any) -> None:
        """Take a code and exactly its facts; Malformed for others."""
        check_code(code, facts)
        super().__init__(code)
        self.code = code
        self.facts = facts


class RefusedBefore(Refused):
    """The same statement was refused before; `entry` is the sequence of what records it, if any."""

    def __init__(self, code: str, facts: Mapping[str, Any], entry: int | None) -> None:
        """Take what was answered then."""
        super().__init__(code, **facts)
        self.entry = entry


class NotAdmitted(Refused):
    """A new key's statement is refused before it was let in: counted, whatever the code."""


class Expires(Exception):
    """The act met an assignment past its date: that is recorded first, then the act is refused."""

    def __init__(self, assignment_id: UUID) -> None:
        """Say which assignment it is."""
        super().__init__("expires")
        self.assignment_id = assignment_id


@contextmanager
def attachment_form() -> Iterator[None]:
    """Refuse an attachment that is not of its form: `attachment_malformed`."""
    try:
        yield
    except Malformed:
        raise Refused("attachment_malformed", place=None) from None


@contextmanager
def by_code(**known: Any) -> Iterator[None]:
    """Refuse with the code of a rule's error; `known` are the facts that some codes have.

    What is wrong with the store, the vault or the service's own keys is no refusal and is raised.
    """
    try:
        yield
    except (InvalidInput, NotAllowed, NotFound, RuleRefused) as error:
        code = CODES.get(error.code)
        if code is None:
            raise
        facts = {name: known.get(name) for name in code.facts.names}
        if not code.facts(facts):
            raise
        raise Refused(code.name, **facts) from None
