"""A batch of somebody's own making: no row is kept that a rule forbids, and none of its shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.client.create import Draft, Order, attachments, row_of, sealed
from assigncli.client.roll import Roll
from assigncli.crypto.identity import Identity
from assigncli.domain.payload import Payload
from assigncli.protocol.batches import BatchRow, Share, encode_batch, encode_shares
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.texts import Text
from tests.acting import acting, identity_of
from tests.attacker import certificate_id, column, hex_id, value
from tests.hostile import Answer, Hostile
from tests.office import PERSON, Office
from tests.quick import a_few
from tests.refusals import shares

SENT = "batch.dispatched"
Change = Callable[[Manifest], Manifest]


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with a draft of anne's (1) and a second coordinator, eva."""
    office = founded.copy_to(tmp_path_factory.mktemp("batch") / "office")
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    office.create()
    return office


def honest(
    office: Office,
    *,
    sent: bool = True,
    number: int | None = None,
    own: UUID | None = None,
    **said: Any,
) -> tuple[BatchRow, Share]:
    """Return a row as anne's own client makes it, and its share; or of the draft `number`."""
    draft = Draft(**{"recipient": "kari", "title": "A visit", **said})
    order = Order(draft, Payload.from_fields(PERSON))
    if number is not None:
        own = UUID(str(column(office, number, "id")))
    with acting(office, "anne") as session:
        sender, (each,) = sealed(session.client, [order], Roll(), own)
        row = row_of(session.client, sender, each, sent=sent)
        attachments([row], [each])
        return row, Share(each.envelope.key_id, each.envelope.sealed.share)


def changed(office: Office, row: BatchRow, change: Change, by: str = "anne") -> BatchRow:
    """Return the row with another manifest, signed again."""
    body = change(Manifest.decode(row.manifest)).encode()
    return replace(
        row, manifest=body, signature=identity_of(office, by).sign(Manifest.purpose, body)
    )


def sends(
    office: Office, *rows: tuple[BatchRow, Share], act: str = SENT, by: str = "anne"
) -> Answer:
    batch = encode_batch([row for row, _share in rows])
    given = encode_shares([share for _row, share in rows])
    organization = UUID(str(value(office, "SELECT id FROM organizations")))
    return Hostile(office, by).does(
        act, organization, {"rows": len(rows)}, attachments=(batch, given)
    )


def codes(answer: Answer) -> list[str]:
    """Return the code of each refused row."""
    assert answer.code == "rows_refused", answer.code
    assert answer.refusal is not None
    return [row["code"] for row in answer.refusal.facts["rows"]]


def nothing_kept(office: Office) -> bool:
    return (value(office, "SELECT count(*) FROM assignments"), shares(office)) == (1, 1)


def test_an_honest_batch_is_kept_and_holds(office: Office) -> None:
    answer = sends(office, honest(office), honest(office, recipient="ola"))
    assert [entry.act for entry in answer.entries if entry.statement] == [
        "assignment.created",
        "assignment.dispatched",
    ] * 2
    office.read(2)
    office.ok("audit verify")


def test_a_batch_by_a_mentor(office: Office) -> None:
    assert sends(office, honest(office), by="kari").code == "only_coordinator_can_dispatch"
    assert nothing_kept(office)


MANIFESTS: dict[str, tuple[Change, str]] = {
    "another_organisation": (
        lambda made: replace(made, context=replace(made.context, organization=uuid4())),
        "organization_scope_isolation",
    ),
    "another_dispatcher": (
        lambda made: replace(made, context=replace(made.context, dispatcher=uuid4())),
        "manifest_invalid",
    ),
    "a_draft": (lambda made: replace(made, status="pending"), "manifest_invalid"),
    "another_device": (lambda made: replace(made, certificate=uuid4()), "manifest_invalid"),
    "another_ciphertext": (
        lambda made: replace(made, payload_sha256=bytes(32)),
        "manifest_invalid",
    ),
    "an_unknown_recipient": (
        lambda made: replace(made, context=replace(made.context, recipient=uuid4())),
        "recipient_must_belong_to_same_organization",
    ),
    "a_reader_too_many": (
        lambda made: replace(made, readers=made.readers | {uuid4()}),
        "devices_changed",
    ),
    "a_reader_too_few": (
        lambda made: replace(made, readers=frozenset(sorted(made.readers)[:1])),
        "devices_changed",
    ),
    "another_title": (
        lambda made: replace(made, texts={**made.texts, "title": bytes(32)}),
        "text_differs",
    ),
    "no_deadline": (
        lambda made: replace(made, contact_deadline_days=0),
        "contact_deadline_days_positive",
    ),
    "no_end": (lambda made: replace(made, expires_at=None), "expires_at_in_future"),
    "another_share": (lambda made: replace(made, share_commitment=bytes(32)), "share_mismatch"),
}


@pytest.mark.parametrize("name", a_few(2, of=MANIFESTS))
def test_a_manifest_that_may_not_stand(office: Office, name: str) -> None:
    change, code = MANIFESTS[name]
    row, share = honest(office)
    assert codes(sends(office, (changed(office, row, change), share))) == [code]
    assert nothing_kept(office)


def test_a_date_that_is_past(office: Office) -> None:
    row, share = honest(office)
    past = office.now - timedelta(seconds=1)
    bad = changed(office, row, lambda made: replace(made, expires_at=past))
    assert codes(sends(office, (bad, share))) == ["expires_at_in_future"]


def test_a_manifest_signed_by_another(office: Office) -> None:
    row, share = honest(office)
    signed = changed(office, row, lambda made: made, by="eva")
    assert codes(sends(office, (signed, share))) == ["manifest_invalid"]


def test_a_recipient_who_takes_none(office: Office) -> None:
    row = honest(office)
    office.ok("member pause kari")
    assert codes(sends(office, row)) == ["recipient_is_active_peer_mentor"]
    eva = UUID(hex_id(office, "eva"))
    row, share = honest(office, recipient="ola")
    bad = changed(
        office, row, lambda made: replace(made, context=replace(made.context, recipient=eva))
    )
    assert codes(sends(office, (bad, share))) == ["recipient_is_active_peer_mentor"]


def test_wraps_that_are_not_the_two_s_own(office: Office) -> None:
    row, share = honest(office)
    first, second = row.wraps
    eva = UUID(certificate_id(office, "eva"))
    for wraps in (
        (first,),
        (first, second, second),
        (first, replace(second, signature=bytes(64))),
        (first, replace(second, wrap=bytes(80))),
        (first, replace(second, maker=eva)),
        (first, replace(second, certificate=eva)),
        (first, first),
    ):
        assert codes(sends(office, (replace(row, wraps=wraps), share))) == ["wrap_invalid"]
    assert nothing_kept(office)


@pytest.mark.parametrize(
    ("ciphertext", "code"),
    a_few(
        3,
        of=[
            (None, "encrypted_payload_non_empty"),
            (b"", "encrypted_payload_non_empty"),
            (b'{"full_name":"Olga"}', "payload_must_be_encrypted_before_storage"),
            (b"\x02" + bytes(12 + 256 + 16), "payload_must_be_encrypted_before_storage"),
            (b"\x01" + bytes(12 + 255 + 16), "payload_must_be_encrypted_before_storage"),
            (b"\x01" + bytes(12 + 256 + 16), "manifest_invalid"),
        ],
    ),
)
def test_what_is_no_ciphertext(office: Office, ciphertext: bytes | None, code: str) -> None:
    row, share = honest(office)
    assert codes(sends(office, (replace(row, ciphertext=ciphertext), share))) == [code]


@pytest.mark.parametrize(
    ("field", "text", "code"),
    a_few(
        2,
        of=[
            ("title", "Call 22 11 22 11", "title_no_pii"),
            ("title", "", "title_invalid"),
            ("subject_reference", "x" * 41, "subject_reference_max_length"),
            ("coordinator_notes", "Mail olga@example.org", "title_no_pii"),
        ],
    ),
)
def test_texts_that_a_rule_forbids(office: Office, field: str, text: str, code: str) -> None:
    row, share = honest(office)
    said = Text(bytes(16), text)
    bad = changed(
        office, row, lambda made: replace(made, texts={**made.texts, field: said.digest()})
    )
    answer = sends(office, (replace(bad, texts={**row.texts, field: said}), share))
    assert codes(answer) == [code]


def test_a_share_of_another_key(office: Office) -> None:
    row, share = honest(office)
    assert codes(sends(office, (row, replace(share, encryption_key=uuid4())))) == ["share_mismatch"]
    assert codes(sends(office, (row, replace(share, share=bytes(32))))) == ["share_mismatch"]


@pytest.mark.parametrize(
    "table", a_few(2, of=["members", "reporting_cycles", "organizations", "assignments"])
)
def test_an_id_of_something_else(office: Office, table: str) -> None:
    """The log names all of them by id alone, and would tell of one what was done to the other."""
    taken = UUID(str(value(office, f"SELECT id FROM {table} ORDER BY id DESC")))
    assert codes(sends(office, honest(office, own=taken))) == ["assignment_exists"]
    assert nothing_kept(office)


def test_what_is_taken_already(office: Office) -> None:
    row, share = honest(office)
    assert codes(sends(office, (row, share), (row, share))) == ["assignment_exists"]
    assert sends(office, (row, share)).code == ""
    assert codes(sends(office, (row, share))) == ["assignment_exists"]
    other = changed(
        office, row, lambda made: replace(made, context=replace(made.context, assignment=uuid4()))
    )
    assert codes(sends(office, (other, share)))[0] in ("encryption_key_exists", "wrap_invalid")


def test_one_row_of_a_sheet_that_was_sent_before(office: Office) -> None:
    hashes = {"import_key": bytes(32), "import_digest": bytes(32)}

    def imported(made: Manifest) -> Manifest:
        return replace(made, **hashes)  # type: ignore[arg-type]

    (one, first), (two, second) = honest(office), honest(office)
    one, two = (changed(office, row, imported) for row in (one, two))
    assert codes(sends(office, (one, first), (two, second))) == ["import_key_exists"]
    assert sends(office, (one, first)).code == ""
    assert codes(sends(office, (two, second))) == ["import_key_exists"]


def test_every_bad_row_is_named_by_its_place(office: Office) -> None:
    good, bad = honest(office), honest(office)
    broken = (replace(bad[0], wraps=()), bad[1])
    answer = sends(office, good, broken)
    assert answer.refusal is not None
    assert answer.refusal.facts["rows"] == [{"place": 1, "code": "wrap_invalid"}]
    assert nothing_kept(office)


def test_attachments_that_are_not_those_signed(office: Office) -> None:
    row, share = honest(office)
    batch, given = encode_batch([row]), encode_shares([share])
    anne = Hostile(office, "anne")
    organization = UUID(str(value(office, "SELECT id FROM organizations")))
    said = {"arguments": {"rows": 1}}
    anne.does(SENT, organization, {"rows": 2}, attachments=(batch, given))
    assert anne.does(SENT, organization, {"rows": 2}, attachments=(batch, given)).code == (
        "attachment_malformed"
    )
    assert anne.does(SENT, organization, {"rows": 1}, attachments=(b"{}", given)).code == (
        "attachment_malformed"
    )
    signed = anne.statement(SENT, organization, attachments=(bytes(32), bytes(32)), **said)
    assert anne.send(signed.encode(), b"{}", batch, given).code == "attachment_differs"
    assert nothing_kept(office)


def dispatches(office: Office, by: str = "anne", change: Change = lambda made: made) -> Answer:
    """Send the draft 1 as its row and its wraps say, but for `change`."""
    body = value(office, "SELECT manifest_body FROM assignments")
    assert isinstance(body, bytes)
    row, _share = honest(office, number=1)
    drafted = Manifest.decode(body)
    final = replace(drafted, status="dispatched", expires_at=office.now + timedelta(days=5))
    sent = change(replace(final, readers=Manifest.decode(row.manifest).readers)).encode()
    signature = identity_of(office, by).sign(Manifest.purpose, sent)
    texts = {
        name: Text(
            value(office, f"SELECT {name}_salt FROM assignments"),  # type: ignore[arg-type]
            str(column(office, 1, name) or ""),
        )
        for name in row.texts
    }
    made = replace(row, manifest=sent, signature=signature, ciphertext=None, texts=texts)
    return Hostile(office, by).does(
        "assignment.dispatched",
        1,
        {"replaces": Manifest.digest(body).hex()},
        attachments=(encode_batch([made]),),
    )


def test_another_s_draft_is_not_dispatched(office: Office) -> None:
    assert dispatches(office, "eva").code == "only_coordinator_can_dispatch"
    assert column(office, 1, "status") == "pending"


def test_a_draft_is_dispatched_with_its_own_wraps_alone(office: Office) -> None:
    assert dispatches(office).code == "wrap_invalid"  # those of a fresh key
    assert column(office, 1, "status") == "pending"


def test_a_draft_is_edited_only_as_it_stands_and_while_it_is_one(office: Office) -> None:
    anne = Hostile(office, "anne")
    row, share = honest(office, sent=False, number=1)
    given = (encode_batch([row]), encode_shares([share]))
    assert anne.does("assignment.edited", 1, {"replaces": "00" * 32}, attachments=given).code == (
        "changed_meanwhile"
    )
    office.ok("dispatch 1")
    body = value(office, "SELECT manifest_body FROM assignments")
    assert isinstance(body, bytes)
    said = {"replaces": Manifest.digest(body).hex()}
    answer = anne.does("assignment.edited", 1, said, attachments=given)
    assert answer.code == "assignment_immutable_after_dispatch"
    assert shares(office) == 1


def test_a_stranger_s_batch_is_not_looked_at(office: Office) -> None:
    stranger = Hostile(office, "anne", key=Identity.generate())
    row, share = honest(office)
    organization = UUID(str(value(office, "SELECT id FROM organizations")))
    given = (encode_batch([row]), encode_shares([share]))
    answer = stranger.does(SENT, organization, {"rows": 1}, attachments=given)
    assert answer.code == "signature_invalid"
    assert nothing_kept(office)
