"""Canonical JSON: the one spelling of an object (PROTOCOL.md section 1.1).

A reader refuses every other spelling, so that two programs never read one signed body differently.
Which fields an object has, and their values, are checked in `forms`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

MAX_BODY: Final = 16_384
MAX_NUMBER: Final = 2**53 - 1
MAX_DEPTH: Final = 8

_KEY: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")

_PLAIN: Final = (str, bool, type(None))
_ARRAYS: Final = (list, tuple)

# json.dumps would create a new encoder for each call.
_ENCODER: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)

_DECODER: Final = json.JSONDecoder()


class Malformed(ValueError):
    """Bytes or fields that the protocol does not allow; the message says where, never what."""


class VersionUnknown(Malformed):
    """The object has another version than 1."""


def encode(fields: Mapping[str, Any]) -> bytes:
    """Return the one spelling of `fields`; Malformed where there is none.

    Dictionaries, lists and tuples may be nested; numbers other than integers have no spelling.
    """
    plain = dict(fields)
    _require_allowed(plain, 1)
    try:
        return _ENCODER.encode(plain).encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("a lone surrogate") from None


def decode(body: bytes, limit: int = MAX_BODY) -> dict[str, Any]:
    """Return the object in `body`; Malformed for over `limit` bytes or any other spelling."""
    if len(body) > limit:
        raise Malformed("too long")
    try:
        # Trailing bytes are not in `fields`, so that the comparison below refuses them.
        fields, _end = _DECODER.raw_decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    if not isinstance(fields, dict):
        raise Malformed("not an object")
    if encode(fields) != body:
        raise Malformed("not canonical")
    return fields


def _require_allowed(value: Any, depth: int) -> None:
    if isinstance(value, dict):
        _require_depth(depth)
        for key in value:
            require_key(key)
        _require_all_allowed(value.values(), depth + 1)
    elif isinstance(value, _ARRAYS):
        _require_depth(depth)
        _require_all_allowed(value, depth + 1)
    elif not isinstance(value, _PLAIN):
        _require_number(value)


def _require_all_allowed(values: Iterable[Any], depth: int) -> None:
    for each in values:
        kind = type(each)  # most values are plain and need no call
        if kind is int:
            _require_number(each)
        elif kind not in _PLAIN:
            _require_allowed(each, depth)


def _require_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Malformed("too deep")


@lru_cache(maxsize=1024)  # few distinct keys, but a log has each a hundred thousand times
def require_key(key: object) -> None:
    """Raise Malformed for what cannot be an object's key (PROTOCOL.md section 1.1).

    It raises so that only proper keys are remembered, which are short: others may be a stranger's.
    """
    if not (isinstance(key, str) and _KEY.fullmatch(key)):
        raise Malformed("a key of another form")


def _require_number(value: object) -> None:
    if not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        raise Malformed("not a number from 0 to 2^53 - 1")
