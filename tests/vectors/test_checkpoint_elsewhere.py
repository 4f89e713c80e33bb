"""Our checkpoints and cosignatures, read by other people's programs.

`metamorphic-log` (Rust) verifies checkpoints and the proofs between them; it knows no cosignatures.
Those are verified by `aics-tlog`, and what is handed to an auditor is taken by `aics-witness`. The
two need Python 3.12. For older ones what they signed with a fixed key is kept here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import metamorphic_log
import pytest

from assigncli.protocol.signed_note import SignedNote, VerifierKey
from assigncli.protocol.witnessing import Submitted, cosigned_text, timed
from assigncli.trust.cosigning import cosigned, cosigned_at
from tests.auditing import NAME, Auditing
from tests.office import Office
from tests.unit.trust.test_cosigning import AUDITOR, LOG, OWN, signed, submitted

POSIX = 1_679_315_147
LINE = (
    "\u2014 example.org/anna W+18HgAAAABkGFDL6UwRwwHgqAFw+0WLAVfqAFrZ2peyz+jrNCvWGS3vu+EbM0hQWVpWeu"
    "2t/FEcMf/u8ECS0ZkViX/XmjYju2lDCw=="
)
"""What aics-tlog 0.2.1 signed with this key at that time, below the checkpoint of five leaves."""
LEAVES = [1, 0, 0, 1, 1]


@pytest.fixture
def auditing(office: Office) -> Auditing:
    office.dispatch()
    return Auditing.of(office)


def test_a_checkpoint_of_an_office_is_verified(auditing: Auditing) -> None:
    note = auditing.taken("first.txt").read_text(encoding="utf-8")
    said = auditing.shown()
    found = metamorphic_log.checkpoint_verify(note, [said["key"]])
    assert (found.origin, found.size, found.root.hex()) == (
        said["origin"],
        said["size"],
        said["root"],
    )
    other = said["key"].replace("+A", "+B")
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.checkpoint_verify(note, [other])
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.checkpoint_verify(note.replace("13\n", "14\n", 1), [said["key"]])


def test_the_proof_from_one_checkpoint_to_the_next_is_verified(auditing: Auditing) -> None:
    first = auditing.first()
    auditing.office.dispatch()
    second = Submitted.read(auditing.taken("second.txt", first).read_bytes())
    notes = first.read_text(encoding="utf-8"), second.note.encode().decode()
    keys, proof = [auditing.shown()["key"]], list(second.proof)
    metamorphic_log.checkpoint_verify_consistency(*notes, keys, proof)
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.checkpoint_verify_consistency(*notes, keys, [*proof[:-1], bytes(32)])


def test_every_proof_between_sizes_up_to_twenty_five_is_verified() -> None:
    log = [at % 3 % 2 for at in range(25)]
    keys = [LOG.encode()]
    for size in range(1, 26):
        newer = submitted(log[:size], 0)
        for old in range(1, size + 1):
            proof = list(submitted(log[:size], old).proof)
            notes = (signed(log[:old]).encode().decode(), newer.note.encode().decode())
            metamorphic_log.checkpoint_verify_consistency(*notes, keys, proof)


def test_a_cosignature_is_the_one_that_another_program_made() -> None:
    note = signed(LEAVES)
    blob = timed(POSIX, OWN.cosign(cosigned_text(POSIX, note.text)))
    assert AUDITOR.signed(blob).line() == f"{LINE}\n"
    theirs = SignedNote.read(f"{note.encode().decode()}{LINE}\n".encode())
    assert cosigned_at(theirs, AUDITOR) == POSIX
    assert cosigned(note, LOG, AUDITOR, blob) == theirs


def test_a_cosignature_over_its_text_is_an_ed25519_signature_to_others() -> None:
    """The cosigned text as a note of its own, which the other program does know how to verify."""
    note = signed(LEAVES)
    text = cosigned_text(POSIX, note.text).decode()
    as_log = VerifierKey(AUDITOR.name, LOG.kind, AUDITOR.key)
    whole = SignedNote(text, (as_log.signed(OWN.cosign(text.encode())),))
    assert metamorphic_log.verify_signed_note(whole.encode().decode(), [as_log.encode()]) == 1


def test_another_verifier_counts_the_auditor_as_a_witness(auditing: Auditing) -> None:
    aics_tlog = pytest.importorskip("aics_tlog", reason="needs Python 3.12")
    done = auditing.first()
    kept = (auditing.auditor.home / "auditor" / "auditor.json").read_text(encoding="utf-8")
    key = next(each for each in kept.split('"') if each.startswith(f"{NAME}+"))
    log, witness = (aics_tlog.parse_vkey(each) for each in (auditing.shown()["key"], key))
    note = aics_tlog.parse_note(done.read_bytes())
    found = aics_tlog.verify_checkpoint(note, log, [witness], 1)
    assert (found.ok, found.log_ok) == (True, True), found


def test_another_witness_takes_what_is_handed_to_the_auditor(
    auditing: Auditing, tmp_path: Path
) -> None:
    """It cosigns our request, and our office verifies its log against what it then has."""
    witness = _witness(auditing, tmp_path)
    first = auditing.taken("first.txt")
    line = witness.add_checkpoint(b"old 0\n\n" + first.read_bytes())
    theirs = auditing.folder / "theirs.txt"
    theirs.write_bytes(first.read_bytes() + line)
    auditing.office.dispatch()
    second = auditing.taken("second.txt", theirs)
    line = witness.add_checkpoint(second.read_bytes())
    theirs.write_bytes(Submitted.read(second.read_bytes()).note.encode() + line)
    against = f"audit verify --against {theirs} --auditor {witness.vkey_text} --json"
    assert auditing.office.ok(against).json["against"] == 15
    forged = second.read_bytes().replace(b"old 13\n", b"old 12\n")
    with pytest.raises(Exception, match="does not match the latest cosigned size"):
        witness.add_checkpoint(forged)


def _witness(auditing: Auditing, folder: Path) -> Any:
    service = pytest.importorskip("aics_witness.service", reason="needs Python 3.12")
    config = pytest.importorskip("aics_witness.config")
    store = pytest.importorskip("aics_witness.store")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    said = auditing.shown()
    log = config.LogConfig.from_strings(said["origin"], [said["key"]])
    own = Ed25519PrivateKey.generate()
    kept = store.WitnessStore(folder / "witness.db", create=True)
    return service.Witness("witness.example/w1", own, kept, [log])
