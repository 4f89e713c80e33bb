"""The JSON document of a result: which form each kind of value has. Nothing here prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from assigncli.cli.output.facts import Record
from assigncli.cli.output.plain import escaped


def json_document(content: Mapping[str, object]) -> str:
    """Return `content` as JSON that is safe on a terminal; TypeError for a value without a form."""
    return escaped(json.dumps(_encoded(content), ensure_ascii=False, indent=2))


def _encoded(value: object) -> object:
    """Return the JSON form of `value`; raise TypeError if it has no agreed form."""
    for kinds, encode in _FORMS:
        if isinstance(value, kinds):
            return encode(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _utc(moment: datetime) -> str:
    """Return ISO 8601 in UTC, to the second; raise ValueError without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_FORMS: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any], object]], ...]] = (
    (Enum, lambda value: _encoded(value.value)),
    ((type(None), bool, int, float, str), lambda value: value),
    (Record, lambda value: {each.name: _encoded(each.value) for each in value.fields}),
    (datetime, _utc),
    (date, date.isoformat),
    ((UUID, PurePath), str),
    (Mapping, lambda value: {str(key): _encoded(inner) for key, inner in value.items()}),
    ((set, frozenset), lambda value: sorted((_encoded(each) for each in value), key=str)),
    ((list, tuple), lambda value: [_encoded(each) for each in value]),
)
"""The first match counts: an enum may be a text, a datetime is a date."""
