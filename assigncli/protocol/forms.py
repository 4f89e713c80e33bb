"""The types of PROTOCOL.md section 1.2, by the notation that the page uses for them.

A form such as `id?`, `[hex32]`, `{role}` or `csv/json/xlsx` is parsed once into a check of one
value; `RecordForm` is an object with exactly the fields it names. A check returns a bool and never
raises. What a well-formed value means, and whether a rule allows it, is not decided here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, Final
from uuid import UUID

from assigncli.protocol.canonical import MAX_NUMBER, Malformed, VersionUnknown

Check = Callable[[object], bool]
Shape = str | Check
"""A form in the page's notation, or a check where the notation has none."""

VERSION: Final = 1
SUITE: Final = 1
"""The algorithms: Ed25519, X25519, and how PROTOCOL.md section 6.5 uses them."""
MAX_ITEMS: Final = 64

_ID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NIL: Final = "00000000-0000-0000-0000-000000000000"
_WORD: Final = r"[a-z][a-z0-9_.]{0,63}"
_YEAR: Final = r"(?:20[0-9]{2}|2[1-9][0-9]{2}|[3-9][0-9]{3})"
_DAY: Final = _YEAR + r"-[0-9]{2}-[0-9]{2}"
# Python 3.13 accepts 24:00:00 as the next day; here a moment has only one spelling.
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}"
_HEX: Final = re.compile(r"hex([0-9]+)")
_ENUMERATION: Final = re.compile(rf"{_WORD}(?:/{_WORD})+")


class RecordForm:
    """An object with exactly these fields, each of its form."""

    def __init__(self, fields: Mapping[str, Shape]) -> None:
        self._checks = {name: checker(shape) for name, shape in fields.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, in the order they were given."""
        return tuple(self._checks)

    def __call__(self, value: object) -> bool:
        """Say whether `value` is such an object; never raises."""
        return self.fault(value) is None

    def fault(self, value: object) -> str | None:
        """Return the first field that is missing, unexpected or of another form, or None."""
        if type(value) is not dict and not isinstance(value, Mapping):
            return "not an object"
        if value.keys() != self._checks.keys():
            return min(map(str, value.keys() ^ self._checks.keys()))
        for name, check in self._checks.items():
            if not check(value[name]):
                return name
        return None

    def require(self, value: object) -> None:
        """Raise Malformed, with the field's name, unless `value` conforms."""
        fault = self.fault(value)
        if fault is not None:
            raise Malformed(fault)


def conforms(form: str, value: object) -> bool:
    """Say whether `value` has this form, such as `[hex32]`; ValueError for an unknown notation."""
    return _parsed(form)(value)


def checker(shape: Shape) -> Check:
    """Return the check of a form; a check is returned unchanged."""
    return _parsed(shape) if isinstance(shape, str) else shape


def optional(shape: Shape) -> Check:
    """Return the check of `x?`."""
    check = checker(shape)
    return lambda value: value is None or check(value)


def listed(shape: Shape, limit: int | None = None, *, least: int = 0) -> Check:
    """Return the check of an array of `least` to `limit` items."""
    check = checker(shape)

    def is_list(value: object) -> bool:
        if not isinstance(value, list | tuple) or len(value) < least:
            return False
        return (limit is None or len(value) <= limit) and all(map(check, value))

    return is_list


def mapped(shape: Shape) -> Check:
    """Return the check of an object with any keys, all of whose values have this form."""
    check = checker(shape)
    return lambda value: isinstance(value, Mapping) and all(map(check, value.values()))


def require_version(fields: Mapping[str, Any]) -> None:
    """Raise VersionUnknown where `v` is a number other than 1, Malformed where it is no number.

    `v` is checked before the other fields, because another version may have others.
    """
    version = fields.get("v")
    if not _is_number(version):
        raise Malformed("v")
    if version != VERSION:
        raise VersionUnknown("v")


@lru_cache(maxsize=256)  # the entries of a batch all have the same one
def moment(text: str) -> datetime:
    """Return a checked `moment` as aware UTC."""
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


def stamp(at: datetime) -> str:
    """Spell an aware moment in UTC to the microsecond; ValueError for a naive one."""
    if at.tzinfo is not UTC:  # most are UTC, and the conversion takes half of the time
        if at.utcoffset() is None:
            raise ValueError("A moment needs a time zone.")
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


@lru_cache(maxsize=1024)
def uuid(text: str) -> UUID:
    """Return the id that a checked `id` spells; cached, because an organisation's ids recur.

    Raises ValueError and AttributeError for anything else.
    """
    return UUID(text)


spelt_uuid: Final = lru_cache(maxsize=1024)(str)
"""Spells an id as `uuid` reads it; the argument must be a UUID."""


def to_base64(data: bytes) -> str:
    """Return the canonical `base64` spelling."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Return the bytes of a checked `base64`."""
    return base64.b64decode(text)


def is_object(value: object) -> bool:
    """Say whether `value` is an object, with any fields."""
    return isinstance(value, Mapping)


def is_suite(value: object) -> bool:
    """Say whether `value` is the number of the one suite."""
    return _is_number(value) and value == SUITE


@cache
def _parsed(form: str) -> Check:
    if form.endswith("?"):
        return optional(form[:-1])
    if form[:1] + form[-1:] == "[]":
        return listed(form[1:-1], MAX_ITEMS)
    if form[:1] + form[-1:] == "{}":
        return _set_of(form[1:-1])
    if size := _HEX.fullmatch(form):
        return _matching(f"[0-9a-f]{{{2 * int(size[1])}}}")
    if _ENUMERATION.fullmatch(form):
        return _one_of(form.split("/"))
    if form not in _TYPES:
        raise ValueError(f"{form} is no form of the protocol.")
    return _TYPES[form]


def _matching(pattern: str) -> Check:
    matched = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and matched(value) is not None


def _one_of(words: list[str]) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _set_of(form: str) -> Check:
    is_list = listed(form, MAX_ITEMS)

    def is_set(value: object) -> bool:
        # Members are ASCII strings, or there is no order by byte: characters sort as bytes do.
        return is_list(value) and list(value) == sorted(set(value))  # type: ignore[call-overload]

    return is_set


def _is_number(value: object) -> bool:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return is_integer and 0 <= value <= MAX_NUMBER  # type: ignore[operator]


def _is_dated(pattern: str, parse: Callable[[str], object]) -> Check:
    has_form = _matching(pattern)

    def exists(value: object) -> bool:
        try:
            return has_form(value) and parse(str(value)) is not None
        except ValueError:
            return False

    return exists


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        data = base64.b64decode(value, validate=True)
    except ValueError:
        return False
    # Python accepts base64 whose unused bits are not zero, which would be a second spelling.
    return to_base64(data) == value


_TYPES: Final[dict[str, Check]] = {
    "id": _matching(rf"(?!{_NIL}){_ID}"),
    "word": _matching(_WORD),
    "value": _matching(r"[A-Za-z0-9][A-Za-z0-9:_/+.-]{0,63}"),
    "moment": _is_dated(_DAY + "T" + _TIME + "Z", moment),
    "day": _is_dated(_DAY, date.fromisoformat),
    "number": _is_number,
    "bool": lambda value: isinstance(value, bool),
    "base64": _is_base64,
    "role": _parsed("coordinator/org_admin/peer_mentor"),
    "status": _parsed(
        "pending/dispatched/delivered/read/acknowledged/contact_made/completed"
        "/recalled/cancelled/expired"
    ),
    "tier": _parsed("none/standard/elevated"),
}
