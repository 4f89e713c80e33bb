"""Encode and decode JSON objects from dataclasses: a class declares its fields and their forms.

A field's annotation gives its type and its form, such as `Hash`: bytes, spelled `hex32`. Checking,
writing and reading follow from it. Conditions between fields go in a class's `require`. Signing is
in `signed_body`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

from assigncli.protocol import canonical, forms
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import RecordForm, Shape

Read = Callable[[Any], Any]
Write = Callable[[Any], Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Spelling:
    """A value's form in JSON, and functions that read and write it; without them it is used as is.

    None is null, and is neither read nor written by them.
    """

    form: Shape
    read: Read | None = None
    write: Write | None = None


@dataclass(frozen=True)
class Spread:
    """A value whose fields are placed directly among those of the containing object."""

    forms: Mapping[str, Shape]
    read: Callable[[Mapping[str, Any]], Any]
    write: Callable[[Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Items:
    """The length limits of an array; `most` None leaves it to the limit of the whole body."""

    least: int = 0
    most: int | None = None


Id = Annotated[UUID, Spelling("id", forms.uuid, forms.spelt_uuid)]
Word = Annotated[str, Spelling("word")]
Value = Annotated[str, Spelling("value")]
Number = Annotated[int, Spelling("number")]
Bool = Annotated[bool, Spelling("bool")]
Moment = Annotated[datetime, Spelling("moment", forms.moment, forms.stamp)]
Nonce = Annotated[bytes, Spelling("hex16", bytes.fromhex, bytes.hex)]
Hash = Annotated[bytes, Spelling("hex32", bytes.fromhex, bytes.hex)]
Signature = Annotated[bytes, Spelling("hex64", bytes.fromhex, bytes.hex)]
SealedSecret = Annotated[bytes, Spelling("hex80", bytes.fromhex, bytes.hex)]
Data = Annotated[bytes, Spelling("base64", forms.from_base64, forms.to_base64)]
AnyObject = Annotated[Mapping[str, Any], Spelling(forms.is_object, None, dict)]
"""An object whose fields are checked elsewhere."""
Many = Annotated[tuple[T, ...], Items()]
"""An array; a plain `tuple` is limited to 64 items, as `[x]` is in the page's notation."""


def digests(form: Shape) -> Spelling:
    """Return the spelling of hashes by name, in an object of the given form."""
    return Spelling(form, _unspelt_hashes, _spelt_hashes)


def spread(kind: type[Coded]) -> Spread:
    """Return the `Spread` of a coded class."""
    return Spread(kind.forms(), kind.from_fields, kind.fields)


@dataclass(frozen=True)
class _Plan:
    """What is computed once for each class."""

    forms: Mapping[str, Shape]
    form: RecordForm
    names: tuple[str, ...]
    reads: tuple[tuple[str, Read], ...]
    writes: tuple[tuple[str, Write], ...]
    spreads: tuple[tuple[str, Spread], ...]


class Coded:
    """A JSON object with exactly the fields of the dataclass, each of its declared form."""

    constants: ClassVar[Mapping[str, int]] = {}
    """Fields that every object of the class has besides, with fixed values."""

    @classmethod
    def form(cls) -> RecordForm:
        """Return the check for such an object."""
        return _PLANS[cls].form

    @classmethod
    def forms(cls) -> Mapping[str, Shape]:
        """Return the form of each field."""
        return _PLANS[cls].forms

    def fields(self) -> dict[str, Any]:
        """Return its JSON fields."""
        plan, values = _PLANS[type(self)], self.__dict__
        found = {name: values[name] for name in plan.names}
        for name, write in plan.writes:
            if found[name] is not None:
                found[name] = write(found[name])
        for name, spread in plan.spreads:
            found.update(spread.write(values[name]))
        found.update(self.constants)
        return found

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return an instance from fields that already conform to its form."""
        plan = _PLANS[cls]
        values = {name: fields[name] for name in plan.names}
        for name, read in plan.reads:
            if values[name] is not None:
                values[name] = read(values[name])
        for name, spread in plan.spreads:
            values[name] = spread.read(fields)
        made = object.__new__(cls)
        made.__dict__.update(values)  # faster than a frozen class's __init__
        return made


class Body(Coded):
    """An object that is sent or signed by itself, of version 1 and at most `limit` bytes."""

    limit: ClassVar[int]

    def __init_subclass__(cls, *, limit: int = canonical.MAX_BODY, suite: bool = False) -> None:
        """Set the limit in bytes, and whether the body names its suite."""
        cls.limit = limit
        cls.constants = {"v": forms.VERSION, **({"suite": forms.SUITE} if suite else {})}

    def encode(self) -> bytes:
        """Return its canonical JSON; Malformed for what `decode` would refuse."""
        self.require()
        found = self.fields()
        _PLANS[type(self)].form.require(found)
        body = canonical.encode(found)
        if len(body) > self.limit:
            raise Malformed("too long")
        return body

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Read what `encode` wrote; Malformed for anything else, VersionUnknown for another `v`."""
        found = canonical.decode(body, cls.limit)
        forms.require_version(found)
        _PLANS[cls].form.require(found)
        made = cls.from_fields(found)
        made.require()
        return made

    def require(self) -> None:
        """Raise Malformed for fields that contradict each other; subclasses override it."""


class _Plans(dict[type[Coded], _Plan]):
    """Plans by class, each made when it is first needed, because most commands need few."""

    def __missing__(self, kind: type[Coded]) -> _Plan:
        return self.setdefault(kind, _plan(kind))


_PLANS: Final = _Plans()
_CONSTANTS: Final[Mapping[str, Shape]] = {"v": "number", "suite": forms.is_suite}


def _plan(kind: type[Coded]) -> _Plan:
    hints = get_type_hints(kind, include_extras=True)
    told = {each.name: _spelling(hints[each.name]) for each in fields(kind)}  # type: ignore[arg-type]
    spellings = {name: each for name, each in told.items() if isinstance(each, Spelling)}
    spreads = {name: each for name, each in told.items() if isinstance(each, Spread)}
    shapes = {name: _CONSTANTS[name] for name in kind.constants}
    shapes |= {name: each.form for name, each in spellings.items()}
    for each in spreads.values():
        shapes |= each.forms
    return _Plan(
        shapes,
        RecordForm(shapes),
        tuple(spellings),
        tuple((name, each.read) for name, each in spellings.items() if each.read),
        tuple((name, each.write) for name, each in spellings.items() if each.write),
        tuple(spreads.items()),
    )


def _spelling(hint: Any, items: Items | None = None) -> Spelling | Spread:
    """Return the spelling of a field with this annotation."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        told = parts[1]
        return _spelling(parts[0], told) if isinstance(told, Items) else told
    if origin in (Union, UnionType):
        (kind,) = (part for part in parts if part is not NoneType)
        one = _single(kind)
        return replace(one, form=forms.optional(one.form))
    if origin is tuple:
        return _array(_single(parts[0]), items or Items(most=forms.MAX_ITEMS))
    if issubclass(hint, Coded):
        return Spelling(hint.form(), hint.from_fields, hint.fields)
    raise TypeError(f"{hint} has no spelling.")


def _single(hint: Any) -> Spelling:
    found = _spelling(hint)
    if isinstance(found, Spread):
        raise TypeError(f"{hint} stands among other fields.")
    return found


def _array(one: Spelling, items: Items) -> Spelling:
    read, write = one.read or _same, one.write or _same
    return Spelling(
        forms.listed(one.form, items.most, least=items.least),
        lambda values: tuple(map(read, values)),
        lambda values: list(map(write, values)),
    )


def _same(value: Any) -> Any:
    return value


def _spelt_hashes(hashes: Mapping[str, bytes]) -> dict[str, str]:
    return {name: found.hex() for name, found in hashes.items()}


def _unspelt_hashes(hashes: Mapping[str, str]) -> dict[str, bytes]:
    return {name: bytes.fromhex(found) for name, found in hashes.items()}
