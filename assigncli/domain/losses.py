"""Why the key of a device is ended, and what that says about whom it was with."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class LossCause(StrEnum):
    """What happened; the values are part of the signed bytes."""

    LOST = "lost"
    STOLEN = "stolen"
    PASSPHRASE_FORGOTTEN = "passphrase_forgotten"  # noqa: S105 a word, no password
    LEFT = "left"
    """Its owner no longer has to do with the organisation, or gave the device away."""


REPLACED: Final = "replaced"
"""The cause where a device's own new keys take the place of its old ones."""

IN_OTHER_HANDS: Final = frozenset({LossCause.LOST, LossCause.STOLEN})
"""Somebody else may have used the device, which may be a personal data breach."""

HOURS_TO_REPORT: Final = 72
"""GDPR article 33: hours after becoming aware of a breach, within which it is to be reported."""
