"""Which certificates are in doubt once a device was in other hands (PROTOCOL.md section 9).

What a lost device certified from some entry on may be another's, and so may what that certified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Issued:
    """A certificate, who issued it, and the sequence of the entry that approved it."""

    certificate: UUID
    issuer: UUID | None
    sequence: int


@dataclass(frozen=True)
class Suspect:
    """A certificate in doubt, and the issuer because of which it is."""

    certificate: UUID
    because: UUID


def suspects(device: UUID, since: int, issued: Iterable[Issued]) -> list[Suspect]:
    """Return what `device` certified from the entry `since` on, and what that certified in turn.

    `issued` are all certificates, in the order of the log. A certificate that has ended is among
    the suspects, for the sake of what it certified: whoever suspends leaves it out.
    """
    found: dict[UUID, Suspect] = {}
    for each in issued:
        issuer = each.issuer
        if each.sequence < since or issuer is None or each.certificate == device:
            continue
        if issuer == device or issuer in found:
            found[each.certificate] = Suspect(each.certificate, issuer)
    return list(found.values())
