"""Texts with a random salt each, so that the digest of a text reveals nothing without its salt."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from secrets import token_bytes
from typing import Any

from assigncli.domain.member_names import plain_device
from assigncli.protocol.manifest import TEXTS
from assigncli.protocol.texts import SALT_BYTES, Text


def new_salt() -> bytes:
    """Return a random salt for one text; it is kept with the text."""
    return token_bytes(SALT_BYTES)


def this_device() -> str:
    """Return this machine's name for its owner's certificate: its host name."""
    return plain_device(platform.node())


def new_texts(said: Mapping[str, Any]) -> dict[str, Text]:
    """Return an assignment's texts, each with a new salt; an absent one is empty."""
    return {field: Text(new_salt(), said[field] or "") for field in TEXTS}
