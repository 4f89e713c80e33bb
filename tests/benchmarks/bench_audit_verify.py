"""What `audit verify` costs beside the signatures that it has to verify, as a ratio.

Run with `python -m tests.benchmarks.bench_audit_verify`. Some assignments are taken from draft to
completed by real commands; then one of them is opened again and again, each time by a statement and
an entry of its own with signatures that hold, until the log is as long as asked for. So there are
two signatures an entry. Libsodium verifies the very same ones alone, as bytes that are ready. CPU
seconds, the best of three runs, all findings none.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from secrets import token_bytes
from uuid import UUID

import pytest
from nacl.signing import VerifyKey

from assigncli.crypto import signatures
from assigncli.protocol import tree
from assigncli.protocol.entry import Entry
from assigncli.protocol.seen import Seen
from assigncli.protocol.statement import Statement
from assigncli.server import log_end, service
from assigncli.server.heads import node_in
from assigncli.server.verify import whole
from tests.acting import acting, identity_of, own_certificate
from tests.attacker import column
from tests.office import Office, found

SIZES = (10_000, 100_000)
LIVES = 60
RUNS = 3
_PART = 5_000

Signed = tuple[bytes, bytes, bytes]
"""A key, the bytes that it signed, and the signature."""


def main() -> None:
    """Print a line for each size."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as folder:
        office = found(Path(folder) / "office")
        for _ in range(LIVES):
            number = office.dispatch()
            for line in (f"open {number} --reveal", f"ack {number}", f"contact {number}"):
                office.ok(line, profile="kari")
            office.ok(f"complete {number} --in-person", profile="kari")
        for size in sizes:
            lengthen(office, size)
            _show(office)


def lengthen(office: Office, size: int) -> None:
    """Let kari open assignment 1 again until the log has `size` entries; nothing is shown."""
    subject = UUID(str(column(office, 1, "id")))
    arguments = {"encryption_key": str(UUID(str(column(office, 1, "encryption_key_id"))))}
    identity = identity_of(office, "kari")
    with acting(office, "kari", identity=identity) as session:
        while True:
            with session.turn.write() as tx:
                end, ours = log_end.of(tx), service.own(session.turn, tx)
                actor = own_certificate(session, tx)
                for _ in range(min(_PART, size - end.size)):
                    said = Statement(
                        organization=session.client.organization_id,
                        service=ours.certificate.id,
                        certificate=actor.id,
                        act="payload_decrypted",
                        about=subject,
                        at=session.now,
                        nonce=token_bytes(16),
                        seen=Seen(end.size, tree.root(end.size, partial(node_in, end.nodes))),
                        arguments={**arguments, "as": "recipient"},
                        texts={},
                        attachments=(),
                    ).encode()
                    hashed = Statement.digest(said)
                    signature = identity.sign(Statement.purpose, said)
                    end.keep_statement({"hash": hashed, "body": said, "signature": signature})
                    entry = Entry(
                        organization=session.client.organization_id,
                        sequence=end.size + 1,
                        at=session.now,
                        act="payload_decrypted",
                        subject=subject,
                        facts={"number": 1, "as": "recipient"},
                        statement=hashed,
                        actor=actor.id,
                        service=ours.certificate.id,
                    )
                    end.append(entry, actor.member, session.host.service.identity)
                end.write(tx)
                if end.size >= size:
                    return


def _show(office: Office) -> None:
    verified = _signatures(office)
    alone = _best(lambda: [VerifyKey(key).verify(*signed) for key, *signed in verified])
    holds = signatures._holds

    def anew() -> None:
        holds.cache_clear()
        _verify(office)

    whole = _best(anew)
    print(
        f"{_verify(office)} entries, {len(verified)} signatures:"
        f" {whole:.2f} s, libsodium alone {alone:.2f} s, ratio {whole / alone:.2f}",
        flush=True,
    )


def _signatures(office: Office) -> list[Signed]:
    """Return what verifying the log verifies, each once."""
    asked: dict[tuple[bytes, str, bytes, bytes], None] = {}
    holds = signatures._holds

    def noted(key: bytes, purpose: str, body: bytes, signature: bytes) -> bool:
        asked[key, purpose, body, signature] = None
        return holds(key, purpose, body, signature)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signatures, "_holds", noted)
        _verify(office)
    return [
        (key, signatures.signed_bytes(purpose, body), signature)
        for key, purpose, body, signature in asked
    ]


def _verify(office: Office) -> int:
    with acting(office, "anne") as session:
        verdict = whole.verify(session.turn)
    assert verdict.findings == ()
    return verdict.entries


def _best(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


if __name__ == "__main__":
    main()
