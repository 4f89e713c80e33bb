"""The sensitive record and its canonical bytes.

Reads a record strictly, from JSON or from named fields, and writes it in exactly one way. It does
not encrypt. No error here contains a value or a key that was read, since a key may be personal data
too.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, Self

from assigncli.domain.characters import has_formatting, is_blank
from assigncli.domain.rules import Rule
from assigncli.domain.shapes import national_id
from assigncli.errors import AssignError, InvalidInput, RuleRefused, Tampered

REQUIRED: Final = ("full_name", "address", "postal_code", "city", "phone", "medical_summary")
FIELDS: Final = (*REQUIRED, "practical_notes")
MAX_BYTES: Final = 64 * 1024

_SHAPED: Final = ("postal_code", "phone")
_MULTILINE: Final = frozenset({"address", "medical_summary", "practical_notes"})
_PLAIN: Final = ("full_name", "address", "postal_code", "city", "phone")
"""Fields without format characters.

The two long texts may have them: they are pasted from other systems, where a soft hyphen or a
direction mark is ordinary.
"""
_LINE_END: Final = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_CONTROL: Final = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc and Cs."""
# json.dumps would make a new encoder for each call.
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_POSTAL_CODE: Final = re.compile("[0-9]{4}")


@dataclass(frozen=True, repr=False)
class Payload:
    """Who needs a visit, and why. Text is NFC, trimmed, with LF line ends; `repr` shows nothing."""

    full_name: str
    address: str
    postal_code: str
    city: str
    phone: str
    medical_summary: str
    practical_notes: str | None = None

    def __repr__(self) -> str:
        """Hide every value: a payload may end up in a log or a traceback."""
        return "Payload(values hidden)"

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read a coordinator's JSON: one object in UTF-8, with or without a BOM.

        Raises RuleRefused `encrypted_payload_non_empty`, or InvalidInput `payload_not_json`,
        `payload_unknown_field`, `payload_field_missing`, `payload_field_invalid`,
        `payload_has_national_id` or `payload_too_large`.
        """
        _require_size(len(data))
        payload = cls(**_checked(_parse(data), is_json=True))
        payload._require_acceptable()
        return payload

    @classmethod
    def from_fields(cls, fields: Mapping[str, str]) -> Self:
        """Read named fields, from prompts or a CSV row; checks and errors as `from_json`."""
        payload = cls(**_checked(dict(fields)))
        payload._require_acceptable()
        return payload

    @classmethod
    def from_accepted(cls, fields: Mapping[str, str]) -> Self:
        """Read fields that `from_fields` has accepted, without checking their content again."""
        return cls(**_checked(dict(fields)))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read decrypted bytes; raise Tampered `payload_malformed` if they are no payload.

        The rules for the sender (phone, postal code, no national id) are not checked: they change
        over time, and an old brief must stay readable.
        """
        try:
            _require_size(len(data))
            return cls(**_checked(_parse(data)))
        except AssignError:
            raise Tampered("payload_malformed") from None

    def to_bytes(self) -> bytes:
        """Return canonical JSON: sorted keys, no spaces, UTF-8; an absent note is left out."""
        fields = {name: text for name, text in self._texts().items() if text is not None}
        return _ENCODER.encode(fields).encode()

    def _texts(self) -> dict[str, str | None]:
        return {name: getattr(self, name) for name in FIELDS}

    def _require_acceptable(self) -> None:
        for name, text in self._texts().items():
            _require_no_national_id(name, text or "")
        for name, text in self._texts().items():
            if text is not None:
                _require_seen(name, text)
        for name in _SHAPED:
            _require_shape(name, getattr(self, name))
        _require_size(len(self.to_bytes()))


def accepted(name: str, text: str) -> str:
    """Return one field as a payload keeps it; an optional one may be empty.

    For asking field by field: checks and raises as `Payload.from_fields`, for this field alone.
    """
    kept = _normalised(name, text)
    if name in REQUIRED and not kept:
        raise _missing([name], is_json=False)
    _require_no_national_id(name, kept)
    if kept:
        _require_seen(name, kept)
    _require_shape(name, kept)
    _require_size(len(kept.encode()))
    return kept


def _require_seen(name: str, text: str) -> None:
    if is_blank(text):
        raise InvalidInput("payload_field_invalid", "blank", field=name)
    if name in _PLAIN and has_formatting(text, allowed="\n\t" if name in _MULTILINE else ""):
        raise InvalidInput("payload_field_invalid", "unseen", field=name)


class _UnreadableError(ValueError):
    """A duplicate key, or a constant that JSON does not have; carries no text."""


def _parse(data: bytes) -> dict[str, object]:
    """Return the one JSON object in `data`; raise InvalidInput `payload_not_json` otherwise."""
    parsed: object = None
    try:
        text = data.decode("utf-8-sig")
        parsed = (
            json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
            if text.strip()
            else {}
        )
    except (ValueError, RecursionError):
        pass  # raised below instead: a JSONDecodeError in the chain would carry the whole text
    if isinstance(parsed, dict):
        return parsed
    raise InvalidInput("payload_not_json")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _UnreadableError
    return found


def _no_constant(_name: str) -> NoReturn:
    raise _UnreadableError


def _checked(raw: Mapping[str, object], *, is_json: bool = False) -> dict[str, str]:
    """Return the filled fields, normalised; refuse missing and unknown ones, and non-text."""
    unknown = sum(name not in FIELDS for name in raw)
    if unknown:
        raise InvalidInput("payload_unknown_field", count=unknown)
    texts = {name: _normalised(name, raw[name]) for name in FIELDS if raw.get(name) is not None}
    filled = {name: text for name, text in texts.items() if text}
    if not filled:
        raise RuleRefused(Rule.ENCRYPTED_PAYLOAD_NON_EMPTY, "fields")
    missing = [name for name in REQUIRED if name not in filled]
    if missing:
        raise _missing(missing, is_json=is_json)
    return filled


def _missing(names: Sequence[str], *, is_json: bool) -> InvalidInput:
    """Return the error for missing fields; for JSON, the words name its keys too."""
    if is_json:
        return InvalidInput("payload_field_missing", "json", fields=tuple(names))
    return InvalidInput("payload_field_missing", fields=tuple(names))


def _normalised(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidInput("payload_field_invalid", "text", field=name)
    text = unicodedata.normalize("NFC", _LINE_END.sub("\n", value).strip())
    allowed = "\n\t" if name in _MULTILINE else ""
    if any(c not in allowed for c in _CONTROL.findall(text)):
        raise InvalidInput("payload_field_invalid", "control", field=name)
    return text


def _require_no_national_id(name: str, text: str) -> None:
    if national_id(text):
        raise InvalidInput("payload_has_national_id", field=name)


def _require_shape(name: str, text: str) -> None:
    if name == "postal_code" and not _POSTAL_CODE.fullmatch(text):
        raise InvalidInput("payload_field_invalid", "postal_code", field=name)
    if name == "phone" and not _possible_phone(text):
        raise InvalidInput("payload_field_invalid", "phone", field=name)


def _possible_phone(text: str) -> bool:
    """Say whether the phonenumbers library finds the number possible, read as Norwegian."""
    import phonenumbers  # slow to load, so only when a number is read

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, "NO"))
    except phonenumbers.NumberParseException:
        return False


def _require_size(size: int) -> None:
    if size > MAX_BYTES:
        raise InvalidInput("payload_too_large", limit=MAX_BYTES)
