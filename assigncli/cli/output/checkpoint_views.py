"""Show a checkpoint: what two people can read to each other, and the rest under --full."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assigncli.cli.output import Record, views

if TYPE_CHECKING:
    from assigncli.protocol.signed_note import VerifierKey
    from assigncli.protocol.witnessing import Checkpoint


def record(
    found: Checkpoint, key: VerifierKey, content: bytes, spoken: str, **values: object
) -> Record:
    """Return the record of a checkpoint and the file's content.

    `spoken` names the facts that are lines; `values` are further facts, and files by their paths.
    """
    from assigncli.trust.cosigning import digits_of, digits_of_key

    facts = {
        "fingerprint": digits_of(found),
        "key": key.encode(),
        "key_fingerprint": digits_of_key(key),
        "note": views.Said(content.decode("utf-8"), shown=False),
        "root": found.root.hex(),
        **{name: str(each) if isinstance(each, Path) else each for name, each in values.items()},
    }
    names = " ".join(("origin size root log.fingerprint key key_fingerprint", *values, "note"))
    return views.record(found, names, views.lines(found, spoken, **facts), **facts)
