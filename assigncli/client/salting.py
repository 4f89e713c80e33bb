"""Texts with a new salt each, so that a digest of one tells nothing without it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from secrets import token_bytes
from typing import Any

from assigncli.domain.member_names import plain_device
from assigncli.protocol.manifest import TEXTS
from assigncli.protocol.texts import SALT_BYTES, Text


def new_salt() -> bytes:
    """Draw the salt of one text; it stays with the text."""
    return token_bytes(SALT_BYTES)


def this_device() -> str:
    """Return what this machine is called in its owner's certificate: its host name."""
    return plain_device(platform.node())


def new_texts(said: Mapping[str, Any]) -> dict[str, Text]:
    """Return an assignment's texts, each with a new salt; an absent one is empty."""
    return {field: Text(new_salt(), said[field] or "") for field in TEXTS}
