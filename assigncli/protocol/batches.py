"""The two attachments that carry assignments: batch and shares (PROTOCOL.md section 10).

A manifest is not decoded here: what is wrong with one is reported by its place in the batch, where
the rules are checked. Shares go to the vault and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from assigncli.protocol import manifest, texts
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codec import Body, Coded, Data, Items, Many, Signature, Spelling
from assigncli.protocol.forms import RecordForm
from assigncli.protocol.message import MAX_ATTACHMENT, MAX_BATCH, MAX_BATCH_ROWS
from assigncli.protocol.sealed_keys import Wrap
from assigncli.protocol.texts import Text

_ID_SIZE: Final = 16
_SHARE_SIZE: Final = 32
_TEXTS: Final = Spelling(
    RecordForm(dict.fromkeys(manifest.TEXTS, texts.FORM)), texts.from_fields, texts.fields_of
)


@dataclass(frozen=True)
class BatchRow(Coded):
    """One assignment: its signed manifest, and what the manifest covers.

    `ciphertext` is None where the draft's is kept. `texts` has the four fields of a manifest.
    """

    manifest: Data
    signature: Signature
    ciphertext: Data | None
    texts: Annotated[Mapping[str, Text], _TEXTS]
    wraps: Many[Wrap]


@dataclass(frozen=True)
class Share:
    """The vault's half of an encryption key, 32 bytes; not shown by `repr`."""

    encryption_key: UUID
    share: bytes = field(repr=False)


@dataclass(frozen=True)
class _Batch(Body, limit=MAX_BATCH):
    rows: Annotated[tuple[BatchRow, ...], Items(1, MAX_BATCH_ROWS)]


def encode_batch(rows: Sequence[BatchRow]) -> bytes:
    """Return the attachment; Malformed for what `decode_batch` would refuse."""
    return _Batch(tuple(rows)).encode()


def decode_batch(body: bytes, count: int) -> tuple[BatchRow, ...]:
    """Read `count` rows; Malformed for anything else, VersionUnknown for another version."""
    rows = _Batch.decode(body).rows
    if len(rows) != count:
        raise Malformed("rows")
    return rows


def encode_shares(shares: Sequence[Share]) -> bytes:
    """Return the attachment; Malformed for a share of another size."""
    if any(len(each.share) != _SHARE_SIZE for each in shares):
        raise Malformed("shares")
    return b"".join(each.encryption_key.bytes + each.share for each in shares)


def decode_shares(body: bytes, count: int) -> tuple[Share, ...]:
    """Read `count` shares, in the order of their rows; Malformed for another number of them."""
    size = _ID_SIZE + _SHARE_SIZE
    if len(body) != count * size or len(body) > MAX_ATTACHMENT:
        raise Malformed("shares")
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return tuple(Share(UUID(bytes=each[:_ID_SIZE]), each[_ID_SIZE:]) for each in parts)
