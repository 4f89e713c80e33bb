"""The two attachments that carry assignments: batch and shares (PROTOCOL.md section 10).

They are read and written here. A manifest stays bytes: what is wrong with one is told by its place
in the batch, by who checks the rules. Shares go to the vault and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import UUID

from assigncli.protocol import manifest, texts
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.forms import (
    VERSION,
    RecordForm,
    from_base64,
    listed,
    optional,
    read,
    to_base64,
    written,
)
from assigncli.protocol.message import MAX_ATTACHMENT, MAX_BATCH, MAX_BATCH_ROWS
from assigncli.protocol.sealed_keys import WRAP, Wrap
from assigncli.protocol.texts import Text

_TEXT: Final = RecordForm({"salt": "hex16", "text": lambda value: isinstance(value, str)})
_ROW: Final = RecordForm(
    {
        "manifest": "base64",
        "signature": "hex64",
        "ciphertext": optional("base64"),
        "texts": RecordForm(dict.fromkeys(manifest.TEXTS, _TEXT)),
        "wraps": listed(WRAP),
    }
)
_FORM: Final = RecordForm({"v": "number", "rows": listed(_ROW, MAX_BATCH_ROWS, least=1)})

_ID_SIZE: Final = 16
_SHARE_SIZE: Final = 32


@dataclass(frozen=True)
class BatchRow:
    """One assignment: its manifest, signed, and what that vouches for.

    `ciphertext` is None where the draft's is kept. `texts` has the four fields of a manifest.
    """

    manifest: bytes
    signature: bytes
    ciphertext: bytes | None
    texts: Mapping[str, Text]
    wraps: tuple[Wrap, ...]

    def fields(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "manifest": to_base64(self.manifest),
            "signature": self.signature.hex(),
            "ciphertext": None if self.ciphertext is None else to_base64(self.ciphertext),
            "texts": texts.fields_of(self.texts),
            "wraps": [each.fields() for each in self.wraps],
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return it from fields of a batch's form."""
        ciphertext = fields["ciphertext"]
        return cls(
            manifest=from_base64(fields["manifest"]),
            signature=bytes.fromhex(fields["signature"]),
            ciphertext=None if ciphertext is None else from_base64(ciphertext),
            texts=texts.from_fields(fields["texts"]),
            wraps=tuple(map(Wrap.from_fields, fields["wraps"])),
        )


@dataclass(frozen=True)
class Share:
    """The vault's half of an encryption key, 32 bytes; not shown by `repr`."""

    encryption_key: UUID
    share: bytes = field(repr=False)


def encode_batch(rows: Sequence[BatchRow]) -> bytes:
    """Return the attachment; Malformed for what `decode_batch` would refuse."""
    fields = {"v": VERSION, "rows": [each.fields() for each in rows]}
    return written(fields, _FORM, MAX_BATCH)


def decode_batch(body: bytes, count: int) -> tuple[BatchRow, ...]:
    """Read a batch of `count` rows; Malformed for all else, VersionUnknown for another version."""
    rows = tuple(map(BatchRow.from_fields, read(body, _FORM, MAX_BATCH)["rows"]))
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
