"""Verify manifests as dispatchers signed them and entries name them (PROTOCOL.md section 6.6).

A manifest counts only for the entries that name its hash, and must agree with them about the
assignment. Which one is in force is decided in `assignment`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assigncli.domain.lifecycle import Role
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.trust.people import People, Standing
from assigncli.trust.statements import EMPTIED_BY
from assigncli.trust.tampering import manifest_invalid, read_or, require, text_altered

_STATUSES: Final = {
    "assignment.created": {"pending", "dispatched"},
    "assignment.edited": {"pending"},
    "assignment.dispatched": {"dispatched"},
}
_ALWAYS_SHOWN: Final = frozenset({"title", "subject_reference"})


@dataclass(frozen=True)
class Vouched:
    """A verified manifest, its hash and texts; `since` is the last entry that names it."""

    manifest: Manifest
    hash: bytes
    texts: Mapping[str, Text]
    since: int


def verified_manifests(
    signed: Iterable[Signed],
    entries: Sequence[Entry],
    people: People,
    standing: Standing,
    reader: Certificate | None,
) -> dict[bytes, Vouched]:
    """Return the manifests by hash, each signed by the dispatcher and named by its entries.

    Raises Tampered (`manifest_invalid`, `text_altered`). The texts that `reader` may see must be
    there.
    """
    named: dict[str, list[Entry]] = {}
    for entry in entries:
        if "manifest" in entry.facts:
            named.setdefault(entry.facts["manifest"], []).append(entry)
    emptied = {entry.subject for entry in entries if entry.act in EMPTIED_BY}
    found: dict[bytes, Vouched] = {}
    for each in signed:
        hashed = Manifest.digest(each.body)
        naming = named.get(hashed.hex(), [])
        require(bool(naming) and hashed not in found, manifest_invalid)
        manifest = _verified(each, people)
        for entry in naming:
            _require_named(manifest, entry, standing)
        needed = frozenset() if naming[0].subject in emptied else _shown(manifest, reader)
        _require_texts(manifest, each.texts, needed)
        found[hashed] = Vouched(manifest, hashed, each.texts, naming[-1].sequence)
    return found


def _verified(signed: Signed, people: People) -> Manifest:
    with read_or(manifest_invalid):
        manifest = Manifest.decode(signed.body)
    signer = people.person(manifest.certificate).certificate
    require(signer.member == manifest.context.dispatcher, manifest_invalid)
    key = signer.keys.signing_key
    require(Manifest.is_signed(signed.body, signed.signature, key), manifest_invalid)
    return manifest


def _require_named(manifest: Manifest, entry: Entry, standing: Standing) -> None:
    """Require that the entry is of this assignment and device, with the manifest's status.

    The manifest's readers must be exactly the devices in force of the members who may read.
    """
    context = manifest.context
    is_here = (entry.organization, entry.subject) == (context.organization, context.assignment)
    require(is_here and entry.actor == manifest.certificate, manifest_invalid)
    require(manifest.status in _STATUSES[entry.act], manifest_invalid)
    readers = standing.in_force(context.dispatcher, entry.sequence)
    if manifest.status == "dispatched":
        readers |= standing.in_force(context.recipient, entry.sequence)
    require(readers == manifest.readers, manifest_invalid)


def _shown(manifest: Manifest, reader: Certificate | None) -> frozenset[str]:
    """Return the texts that must be there for this reader (PROTOCOL.md section 1.3)."""
    if reader is None:
        return _ALWAYS_SHOWN
    is_one_of_two = reader.member in (manifest.context.recipient, manifest.context.dispatcher)
    notes = {"coordinator_notes"} if is_one_of_two else set()
    internal = {"internal_notes"} if Role.COORDINATOR in reader.roles else set()
    return _ALWAYS_SHOWN | notes | internal


def _require_texts(manifest: Manifest, given: Mapping[str, Text], needed: frozenset[str]) -> None:
    fit = all(
        field in manifest.texts and text.digest() == manifest.texts[field]
        for field, text in given.items()
    )
    require(fit and given.keys() >= needed, text_altered)
