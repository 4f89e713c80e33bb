"""Write and read what is asked and shown in a lookup, as JSON that is checked against its type.

An error of the server crosses with its code and facts; which sentence they make is for the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec

from assigncli.errors import (
    AssignError,
    Fact,
    IdentityUnavailable,
    InvalidInput,
    NotAllowed,
    NotFound,
    RuleRefused,
    Tampered,
)
from assigncli.lookups import AnyLookup
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import conforms, from_base64, to_base64

_KINDS: Final[dict[str, type[AssignError]]] = {
    each.__name__: each
    for each in (
        *(AssignError, InvalidInput, NotFound, NotAllowed),
        *(IdentityUnavailable, RuleRefused, Tampered),
    )
}
"""What a lookup may be refused with; a fault of the store itself is answered as one."""
_MALFORMED: Final = (ValueError, TypeError, LookupError, RecursionError)
_DAY: Final = "day"
_ASKED: Final = "asked"


class _Error(msgspec.Struct, forbid_unknown_fields=True):
    """An error as it crosses: its class, code and facts; a day is an object with one field."""

    kind: str
    code: str
    why: str | None
    facts: dict[str, int | str | tuple[str, ...] | dict[str, date] | None]


def arguments(asked: object) -> dict[str, str]:
    """Return what is asked, as the arguments of a question: JSON in base64.

    What was typed may hold any character, and a signed body printable ASCII alone.
    """
    return {_ASKED: to_base64(msgspec.json.encode(asked))}


def asked(lookup: AnyLookup, said: Mapping[str, Any]) -> Any:
    """Return what a question's arguments ask; raises Malformed if they have another type."""
    try:
        return msgspec.json.decode(from_base64(said[_ASKED]), type=lookup.asked)
    except (msgspec.MsgspecError, AssignError, LookupError, ValueError, TypeError):
        raise Malformed("arguments") from None


def written(value: object) -> str:
    """Return what is shown, or an error, as JSON."""
    return msgspec.json.encode(value, enc_hook=_told).decode()


def shown(lookup: AnyLookup, text: str) -> Any:
    """Return what the server shows; raises Tampered `answer_malformed` if it has another type."""
    return _read(text, lookup.shown)


def error(text: str) -> AssignError:
    """Return the error that the server tells; raises Tampered `answer_malformed`."""
    found: AssignError = _read(text, AssignError)
    return found


def _read(text: str, kind: Any) -> Any:
    try:
        return msgspec.json.decode(text, type=kind, dec_hook=_untold)
    except (msgspec.MsgspecError, AssignError, *_MALFORMED):
        raise Tampered("answer_malformed") from None


def _told(value: Any) -> _Error:
    """Return an error as it crosses; called for what JSON does not have."""
    if not isinstance(value, AssignError):
        raise NotImplementedError
    facts = {name: _fact(each) for name, each in value.facts.items()}
    return _Error(type(value).__name__, value.code, value.why, facts)  # type: ignore[arg-type]


def _fact(value: Fact) -> object:
    return {_DAY: value} if isinstance(value, date) else value


def _untold(kind: type, value: object) -> AssignError:
    if not issubclass(kind, AssignError):
        raise NotImplementedError
    found = msgspec.convert(value, _Error)
    facts: dict[str, Fact] = {
        name: each.get(_DAY) if isinstance(each, dict) else each
        for name, each in found.facts.items()
    }
    if not conforms("word", found.code):
        raise TypeError
    return _KINDS[found.kind](found.code, found.why, **facts)
