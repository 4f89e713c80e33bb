"""What a question is answered with, and to whom: nobody is shown what is not theirs."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.client import asking
from assigncli.crypto.identity import Identity
from assigncli.errors import IdentityUnavailable, Tampered
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.message import ANSWERS, Message, MessageKind
from assigncli.protocol.seen import Seen
from assigncli.protocol.statement import Statement
from assigncli.server.handle import Server
from tests.acting import acting
from tests.attacker import certificate_id, column, enrol, hex_id, share_of, value, write
from tests.hostile import Answer, Hostile
from tests.office import Office
from tests.quick import a_few

FULL = "--reference R-1 --coordinator-notes 'Ring twice.' --internal-notes 'Mine.'"
READ = "read.assignment"
HEAD = "read.head"


SHEET = """navn;adresse;postnr;poststed;telefon;epikrise;likeperson;tittel
Olga Prøvesen;Granitten 12 B;0181;Oslo;22 11 22 11;Synsrest.;kari;Hjemmebesøk
"""


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with a brief for kari (1), a draft for her (2), and a second coordinator, eva."""
    office = founded.copy_to(tmp_path_factory.mktemp("reader") / "office")
    enrol(office, "eva", "coordinator")
    office.dispatch(FULL)
    office.create(FULL, title="Draft")
    return office


def of(number: int | None, prefix: str | None = None) -> dict[str, Any]:
    return {"number": number, "prefix": prefix}


def shown(answer: Answer) -> Evidence:
    assert answer.shown is not None, answer.code
    return answer.shown


def texts(answer: Answer) -> set[str]:
    """Return the fields of the manifest's texts that are given away."""
    (manifest,) = shown(answer).manifests
    return set(manifest.texts)


def signers(answer: Answer) -> set[UUID | None]:
    return {Statement.decode(each.body).certificate for each in shown(answer).statements}


def test_ciphertext_and_wraps_are_given_to_a_signed_question_alone(office: Office) -> None:
    kari = Hostile(office, "kari")
    assert shown(kari.asks(READ, None, of(1), signed=False)).envelopes == ()
    (envelope,) = shown(kari.asks(READ, None, of(1))).envelopes
    assert envelope.ciphertext == column(office, 1, "encrypted_payload")
    own = UUID(certificate_id(office, "kari"))
    assert [wrap.certificate for wrap in envelope.wraps] == [own]


def test_nobody_is_given_another_s_wraps(office: Office) -> None:
    (envelope,) = shown(Hostile(office, "eva").asks(READ, None, of(1))).envelopes
    assert envelope.wraps == ()


def test_no_answer_holds_a_share(office: Office) -> None:
    for profile in ("kari", "anne", "eva"):
        asker = Hostile(office, profile)
        share = share_of(office, 1)
        answer = shown(asker.asks(READ, None, of(1))).encode()
        assert share.hex().encode() not in answer
        assert base64.b64encode(share) not in answer


def test_texts_are_given_to_those_who_may_see_the_field(office: Office) -> None:
    public = {"title", "subject_reference"}
    assert texts(Hostile(office, "kari").asks(READ, None, of(1))) == public | {"coordinator_notes"}
    everything = public | {"coordinator_notes", "internal_notes"}
    assert texts(Hostile(office, "anne").asks(READ, None, of(1))) == everything
    assert texts(Hostile(office, "eva").asks(READ, None, of(1))) == public | {"internal_notes"}


def test_statements_are_given_to_their_signer_and_to_staff(office: Office) -> None:
    office.read(1)
    anne, kari = (UUID(certificate_id(office, each)) for each in ("anne", "kari"))
    assert signers(Hostile(office, "kari").asks(READ, None, of(1))) == {kari}
    assert signers(Hostile(office, "eva").asks(READ, None, of(1))) >= {anne, kari, None}


def test_the_name_of_a_device_is_for_its_member_and_for_staff(office: Office) -> None:
    given = shown(Hostile(office, "kari").asks(READ, None, of(1))).certificates
    named = {Certificate.decode(each.body).member for each in given if "device" in each.texts}
    assert len(named) == 1
    given = shown(Hostile(office, "eva").asks(READ, None, of(1))).certificates
    assert all("device" in each.texts for each in given)


@pytest.mark.parametrize("signed", [True, False])
def test_what_is_another_s_is_refused_and_nothing_of_it_told(office: Office, signed: bool) -> None:
    before = value(office, "SELECT count(*) FROM audit_log")
    answer = Hostile(office, "ola").asks(READ, None, of(1), signed=signed)
    assert answer.code == "not_your_assignment"
    assert answer.refusal is not None
    assert set(answer.refusal.facts) == {"assignment"}
    assert answer.refusal.head is not None
    assert value(office, "SELECT count(*) FROM audit_log") == before  # no attempt: nothing is kept


def test_a_draft_is_not_shown_to_whom_it_names(office: Office) -> None:
    assert Hostile(office, "kari").asks(READ, None, of(2)).code == "valid_status_transition"
    assert "coordinator_notes" not in texts(Hostile(office, "eva").asks(READ, None, of(2)))


def test_what_an_act_needs_is_answered_as_a_read_of_its_assignment(office: Office) -> None:
    kari, act = Hostile(office, "kari"), "assignment.acknowledged"
    about = kari.assignment(1)
    read, asked = kari.asks(READ, about, of(None)), kari.asks(act, about)
    assert (shown(asked).entries, shown(asked).act) == (shown(read).entries, act)
    assert kari.asks(act).code == "assignment_not_found"
    assert Hostile(office, "ola").asks(act, about).code == "not_your_assignment"
    assert kari.asks("member.paused", about).code == "act_unknown"  # what it needs is read.members


def test_no_assignment_is_shown_to_who_guesses(office: Office) -> None:
    kari, known = Hostile(office, "kari"), str(column(office, 1, "id")).replace("-", "")
    assert kari.asks(READ, None, of(77)).code == "assignment_not_found"
    assert kari.asks(READ, uuid4(), of(None)).code == "assignment_not_found"
    assert kari.asks(READ, None, of(None, known[:3])).code == "assignment_not_found"
    assert kari.asks(READ, None, of(None, "zzzz")).code == "assignment_not_found"
    assert kari.asks(READ, None, of(None, "%%%%".replace("%", "_"))).code == "statement_malformed"
    assert shown(kari.asks(READ, None, of(None, known[:12]))).about is None
    assert shown(kari.asks(READ, UUID(known), of(None))).about == UUID(known)


def test_a_signature_counts_only_by_its_own_device_for_this_purpose(office: Office) -> None:
    thief = Hostile(office, "kari", key=Identity.generate())
    assert thief.asks(HEAD).code == "signature_invalid"
    kari = Hostile(office, "kari")
    assert kari.asks(HEAD, certificate=uuid4()).code == "certificate_unknown"
    other = UUID(certificate_id(office, "anne"))
    assert kari.asks(HEAD, certificate=other).code == "signature_invalid"
    body = kari.statement(HEAD, UUID(int=1)).encode()
    assert kari.send(body, kind=MessageKind.ASK).code == "statement_malformed"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_signed_question_is_answered_for_five_minutes(office: Office, minutes: int) -> None:
    late = office.now + timedelta(minutes=minutes)
    assert Hostile(office, "kari").asks(HEAD, at=late).code == "clock_apart"


def test_a_signed_question_is_not_answered_by_a_clock_behind_the_log(office: Office) -> None:
    office.later(minutes=10)
    office.create()
    office.later(minutes=-10)
    assert Hostile(office, "kari").asks(HEAD).code == "clock_behind"


@pytest.mark.parametrize("signed", [True, False])
def test_a_column_alone_ends_nobody_s_membership(office: Office, signed: bool) -> None:
    ended = "UPDATE certificates SET revoked_at = '2026-11-21T11:00:00.000000Z' WHERE id = ?"
    write(office, ended, certificate_id(office, "kari"))
    kari = Hostile(office, "kari")
    for asks in (
        lambda: kari.asks(READ, None, of(1), signed=signed),
        lambda: kari.does("assignment.acknowledged", 1),
    ):
        with pytest.raises(Tampered) as found:
            asks()
        assert found.value.code == "certificate_invalid"


def test_a_question_is_for_this_organisation_and_service(office: Office) -> None:
    kari = Hostile(office, "kari")
    assert kari.asks(HEAD, organization=uuid4()).code == "organization_not_found"
    answer = kari.asks(HEAD, service=uuid4())
    assert answer.refusal is not None
    assert answer.refusal.facts == {"service": str(UUID(certificate_id(office, "service")))}


def test_who_has_left_is_shown_nothing(office: Office) -> None:
    office.ok("member revoke --yes kari")
    for signed in (True, False):
        answer = Hostile(office, "kari").asks(READ, None, of(1), signed=signed)
        assert answer.code == "certificate_revoked"


def test_a_device_that_saw_more_or_other_is_told(office: Office) -> None:
    kari, size = Hostile(office, "kari"), value(office, "SELECT count(*) FROM audit_log")
    assert isinstance(size, int)
    assert kari.asks(HEAD, seen=Seen(size + 1, bytes(32))).code == "log_behind"
    assert kari.asks(HEAD, seen=Seen(size, bytes(32))).code == "log_forked"
    assert kari.asks(HEAD, seen=Seen(1, bytes(32))).code == "log_forked"


def test_reading_what_is_past_its_date_ends_it(office: Office) -> None:
    office.later(days=31)
    answer = Hostile(office, "kari").asks(READ, None, of(1), signed=False)
    (row,) = shown(answer).rows["assignments"]
    assert row["status"] == "expired"
    assert value(office, "SELECT count(*) FROM audit_log WHERE action = 'assignment.expired'") == 1


def test_an_inbox_is_the_asker_s_own(office: Office) -> None:
    page = {"after": None, "limit": 10, "contact_made": False}
    found = shown(Hostile(office, "kari").asks("read.inbox", None, page, signed=False))
    assert [line["number"] for line in found.rows["inbox"]] == [1]
    assert column(office, 1, "status") == "delivered"
    for profile in ("ola", "anne"):
        theirs = shown(Hostile(office, profile).asks("read.inbox", None, page))
        assert (theirs.rows["inbox"], theirs.manifests) == ([], ())
    wrong = {**page, "after": 1}
    assert Hostile(office, "ola").asks("read.inbox", None, wrong).code == "assignment_not_found"


def test_who_may_be_sent_to_is_shown_to_coordinators_alone(office: Office) -> None:
    named = {"handles": ["kari", "karu"]}
    for profile in ("kari", "ola"):
        refused = Hostile(office, profile).asks("read.recipients", None, named)
        assert refused.code == "only_coordinator_can_dispatch"
    found = shown(Hostile(office, "eva").asks("read.recipients", None, named))
    assert found.rows["unknown"] == [{"handle": "karu", "near": "kari"}]
    assert (found.manifests, found.envelopes) == ((), ())


def test_what_was_sent_from_a_sheet_is_told_to_coordinators_who_know_its_key(
    office: Office,
) -> None:
    (office.folder / "person.csv").write_text(SHEET, encoding="utf-8")
    office.ok(f"dispatch --csv {office.folder / 'person.csv'}")
    query = "SELECT lower(hex(import_key)) FROM assignments WHERE import_key IS NOT NULL"
    key = str(value(office, query))
    for profile in ("kari", "ola"):
        refused = Hostile(office, profile).asks("read.imports", None, {"keys": [key]})
        assert refused.code == "only_coordinator_can_dispatch"
    eva = Hostile(office, "eva")
    found = shown(eva.asks("read.imports", None, {"keys": [key, "00" * 32]}))
    (row,) = found.rows["imported"]
    assert (row["import_key"], row["status"]) == (key, "dispatched")
    assert (found.manifests, found.envelopes) == ((), ())
    assert eva.asks("read.imports", None, {"keys": [key] * 201}).code == "statement_malformed"


def about(*handles: str, role: str | None = None) -> dict[str, Any]:
    return {"handles": list(handles), "role": role}


def test_who_waits_is_shown_with_keys_to_those_who_approve_alone(office: Office) -> None:
    office.join("dag", "Dag Dal")
    office.invitation("bo", "Bo")
    named = about("dag", "bo", "karu")
    for profile in ("kari", "ola"):
        given = shown(Hostile(office, profile).asks("read.members", None, named)).rows
        assert (given["joining"], given["open_assignments"]) == ([], [])
        assert {row["handle"] for row in given["waiting"]} == {"dag", "bo"}
        assert set(given["waiting"][0]) == {"id", "handle", "display_name", "status"}
    given = shown(Hostile(office, "eva").asks("read.members", None, named)).rows
    joined = {row["handle"]: row for row in given["joining"]}
    device = "SELECT device FROM invitations WHERE spent_at IS NOT NULL"
    assert joined["dag"]["device"] == value(office, device)
    key = value(office, "SELECT hex(signing_key) FROM members WHERE handle = 'dag'")
    assert joined["dag"]["signing_key"] == str(key).lower()
    assert (joined["bo"]["signing_key"], joined["bo"]["device"]) == (None, None)
    assert given["unknown"] == [{"handle": "karu", "near": "kari"}]


def test_how_much_is_open_is_told_to_staff_and_of_oneself(office: Office) -> None:
    named = about("kari", "ola")
    own = str(UUID(hex_id(office, "kari")))
    kari = shown(Hostile(office, "kari").asks("read.members", None, named))
    assert kari.rows["open_assignments"] == [{"member": own, "count": 1}]
    assert signers(Hostile(office, "kari").asks("read.members", None, named)) == set()
    counts = shown(Hostile(office, "eva").asks("read.members", None, named)).rows
    assert {row["count"] for row in counts["open_assignments"]} == {0, 1}
    everybody = shown(Hostile(office, "kari").asks("read.members", None, about())).rows
    assert everybody["open_assignments"] == []


def test_devices_of_other_members_keep_their_names_to_themselves(office: Office) -> None:
    given = shown(Hostile(office, "kari").asks("read.members", None, about("ola", "anne")))
    named = {Certificate.decode(each.body).member for each in given.certificates}
    texts_of = [each for each in given.certificates if "device" in each.texts]
    assert len(named) > 2
    assert {Certificate.decode(each.body).member for each in texts_of} == {
        UUID(hex_id(office, "kari"))
    }


def test_members_are_found_by_role_and_by_handle(office: Office) -> None:
    eva = Hostile(office, "eva")

    def found(said: dict[str, Any]) -> set[str]:
        given = shown(eva.asks("read.members", None, said)).rows["members"]
        ids = {row["id"].replace("-", "") for row in given}
        return {each for each in ("kari", "ola", "eva", "anne") if hex_id(office, each) in ids}

    always = {"eva", "anne"}  # who asks, and who vouched for everybody
    assert found(about()) == {"kari", "ola", *always}
    assert found(about(role="peer_mentor")) == {"kari", "ola", *always}
    assert found(about("kari", role="coordinator")) == found(about(role="chef")) == always
    assert found(about("kari")) == {"kari", *always}
    many = [f"m{at}" for at in range(251)]
    assert eva.asks("read.members", None, about(*many)).code == "statement_malformed"
    assert eva.asks("read.members", None, about(*many[:250])).code == ""


@pytest.mark.parametrize("read", ["read.recipients", "read.members"])
def test_the_organisation_s_keys_are_given_to_their_reader_alone(office: Office, read: str) -> None:
    named: dict[str, Any] = {"handles": []} if read == "read.recipients" else about("anne")
    eva = Hostile(office, "eva")
    own = UUID(certificate_id(office, "eva"))
    given = shown(eva.asks(read, None, named)).organization_wraps
    assert {(each.use, each.wrap.certificate) for each in given} == {
        ("addresses", own),
        ("imports", own),
    }
    assert shown(eva.asks(read, None, named, signed=False)).organization_wraps == ()


def test_a_mentor_is_given_no_key_of_the_organisation(office: Office) -> None:
    given = shown(Hostile(office, "kari").asks("read.members", None, about("kari")))
    assert given.organization_wraps == ()


REACHED = "read.channels"


def reached(office: Office, profile: str, handle: str | None = "kari", **how: Any) -> Answer:
    return Hostile(office, profile).asks(REACHED, None, {"handle": handle}, **how)


@pytest.mark.slow
def test_channels_are_shown_to_staff_alone(office: Office) -> None:
    office.ok("member notify kari --channel -", stdin="json://127.0.0.1:9")
    enrol(office, "bo", "org_admin")
    for handle in ("kari", "ola", None):
        assert reached(office, "kari", handle).code == "role_missing"
        assert reached(office, "kari", handle, signed=False).code == "role_missing"
    kari = str(UUID(str(value(office, "SELECT id FROM members WHERE handle = 'kari'"))))
    for profile in ("anne", "eva", "bo"):
        found = shown(reached(office, profile))
        (row,) = found.rows["notification_channels"]
        assert row["member"] == kari
        own = UUID(certificate_id(office, profile))
        assert {each.wrap.certificate for each in found.organization_wraps} == {own}
        assert shown(reached(office, profile, None)).rows["notification_channels"] == []


def test_no_key_and_no_channel_is_given_to_a_question_that_is_not_signed(office: Office) -> None:
    office.ok("member notify kari --channel -", stdin="json://127.0.0.1:9")
    found = shown(reached(office, "anne", signed=False))
    assert (found.organization_wraps, found.rows["notification_channels"]) == ((), [])
    for read, named in (("read.cycles", {}), ("read.settings", {}), (HEAD, {})):
        assert shown(Hostile(office, "anne").asks(read, None, named)).organization_wraps == ()


def test_channels_of_who_waits_to_be_approved_and_of_nobody(office: Office) -> None:
    office.ok("member invite siri --name Siri")
    (row,) = shown(reached(office, "anne", "siri")).rows["waiting"]
    assert (row["display_name"], row["status"]) == ("Siri", "invited")
    assert shown(reached(office, "anne", "karu")).rows["unknown"] == [
        {"handle": "karu", "near": "kari"}
    ]


def test_the_cycles_are_shown_to_every_member(office: Office) -> None:
    for profile in ("kari", "anne", "eva"):
        (cycle,) = shown(Hostile(office, profile).asks("read.cycles", signed=False)).rows[
            "reporting_cycles"
        ]
        assert cycle == {
            "id": str(UUID(str(value(office, "SELECT id FROM reporting_cycles")))),
            "name": "2026",
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
            "is_open": True,
        }


def test_the_settings_are_shown_to_every_member(office: Office) -> None:
    office.ok("config set retention_days 14")
    for profile in ("kari", "anne", "eva"):
        rows = shown(Hostile(office, profile).asks("read.settings", signed=False)).rows["settings"]
        kept = {row["name"]: row["value"] for row in rows}
        assert (kept["retention_days"], kept["expires_after_days"]) == ("14", "30")


@pytest.mark.slow
@pytest.mark.parametrize("read", a_few(2, of=["read.cycles", "read.settings", REACHED]))
def test_what_is_settled_is_shown_to_nobody_else(office: Office, read: str) -> None:
    named = {"handle": "ola"} if read == REACHED else {}
    office.ok("member revoke --yes kari")
    for signed in (True, False):
        assert (
            Hostile(office, "kari").asks(read, None, named, signed=signed).code
            == "certificate_revoked"
        )
    office.ok("member invite siri --name Siri --role org_admin")
    ours = {
        "organization": UUID(str(value(office, "SELECT id FROM organizations"))),
        "service": UUID(certificate_id(office, "service")),
    }
    line = "init --organization Andre --handle berit --name Berit --keys keyring"
    office.ok(line, profile=None)
    for handle in ("siri", "berit"):
        member = UUID(str(value(office, "SELECT id FROM members WHERE handle = ?", handle)))
        stranger = Hostile(office, "anne", connection=member)
        assert stranger.asks(read, None, named, signed=False, **ours).code == "certificate_unknown"


def test_a_device_that_notes_a_certificate_of_nobody_finds_its_own(office: Office) -> None:
    office.ok("inbox", profile="kari")
    path = office.home / "heads" / "kari.json"
    kept = json.loads(path.read_text(encoding="ascii"))
    path.write_text(json.dumps({**kept, "certificate": str(uuid4())}), encoding="ascii")
    office.read(1)
    own = str(UUID(certificate_id(office, "kari")))
    assert json.loads(path.read_text(encoding="ascii"))["certificate"] == own


@pytest.mark.parametrize("is_noted", [True, False])
def test_who_asks_with_another_key_than_the_certificate_s_is_told(
    office: Office, is_noted: bool
) -> None:
    """A signed question names the certificate that this device had last, whatever key it has."""
    with acting(office, "anne", identity=Identity.generate()) as session:
        if is_noted:
            session.client.witness.signs_as(UUID(certificate_id(office, "anne")))
        with pytest.raises(IdentityUnavailable) as fault:
            asking.members(session.client, "kari", is_signed=True)
    assert fault.value.code == "key_not_certified"


def lying(change: Any) -> Any:
    """Return a connection to a server whose evidence is changed before it comes."""
    carry = Server.handle

    def changed(server: Server, message: bytes, *more: Any) -> bytes:
        answer = Message.decode(carry(server, message, *more), ANSWERS)
        if answer.kind is not MessageKind.EVIDENCE:
            return answer.encode()
        evidence = change(Evidence.decode(answer.parts[0]))
        return Message(MessageKind.EVIDENCE, (evidence.encode(),)).encode()

    return changed


def without_the_last_step(shown: Evidence) -> Evidence:
    """Leave out the step to `read`, and the access that came with it."""
    return replace(shown, entries=shown.entries[:-2])


LIES = {
    "a step left out": (without_the_last_step, "statement_invalid"),
    "another status": (
        lambda each: replace(each, rows=_with(each, "assignments", status="acknowledged")),
        "manifest_invalid",
    ),
    "no manifest": (lambda each: replace(each, manifests=()), "manifest_invalid"),
    "another text": (
        lambda each: replace(each, manifests=tuple(map(_without_title, each.manifests))),
        "text_altered",
    ),
    "a head of nobody": (
        lambda each: replace(each, head=replace(each.head, signature=bytes(64))),
        "head_invalid",
    ),
    "nothing": (lambda each: replace(each, entries=(), manifests=()), "certificate_invalid"),
}


def _with(shown: Evidence, table: str, **cells: object) -> dict[str, Any]:
    return {**shown.rows, table: [{**row, **cells} for row in shown.rows.get(table, [])]}


def _without_title(manifest: Any) -> Any:
    return replace(manifest, texts={**manifest.texts, "title": manifest.texts["subject_reference"]})


@pytest.mark.parametrize("act", ["recall --yes", "edit", "dispatch"])
def test_a_coordinator_who_names_nothing_is_told_of_the_list(office: Office, act: str) -> None:
    verb, *more = act.split()
    said = office.run(" ".join([verb, "zz", *more]))
    assert said.error_code == "assignment_not_found"
    assert "assign list" in said.stderr


@pytest.mark.parametrize("lie", a_few(3, of=LIES))
def test_a_server_that_lies_is_caught_before_anything_is_signed(
    office: Office, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    office.to_status(1, "read")
    change, code = LIES[lie]
    before = value(office, "SELECT count(*) FROM statements")
    with monkeypatch.context() as patch:
        patch.setattr(Server, "handle", lying(change))
        office.refused("ack 1", code, 1, profile="kari")
    assert value(office, "SELECT count(*) FROM statements") == before
    office.ok("ack 1", profile="kari")


OTHER_KEYS = Identity.generate().public
LIES_OF_MEMBERS = {
    "other keys than those that joined": (
        lambda each: _with_keys(each, OTHER_KEYS),
        "member approve dag --fingerprint '{digits}'",
        "fingerprint_mismatch",
    ),
    "who waits has no keys": (
        lambda each: replace(each, rows=_with(each, "joining", encryption_key=None)),
        "member approve dag --fingerprint '{digits}'",
        "member_not_waiting",
    ),
    "other roles": (
        lambda each: replace(each, rows=_with(each, "members", roles="org_admin")),
        "member certify kari",
        "certificate_invalid",
    ),
    "another last day": (
        lambda each: replace(each, rows=_with(each, "members", certified_until="2030-01-01")),
        "member certify kari",
        "certificate_invalid",
    ),
    "another name": (
        lambda each: replace(each, certificates=tuple(map(_without_name, each.certificates))),
        "member pause kari",
        "text_altered",
    ),
    "no certificate of a member, who then is none": (
        lambda each: replace(each, certificates=each.certificates[:-1]),
        "member revoke kari --yes",
        "member_not_found",
    ),
    "nobody": (lambda each: replace(each, rows={}), "member revoke karu --yes", "member_not_found"),
}


def _with_keys(shown: Evidence, keys: Any) -> Evidence:
    told = {"signing_key": keys.signing_key.hex(), "encryption_key": keys.encryption_key.hex()}
    return replace(shown, rows=_with(shown, "joining", **told))


def _without_name(certificate: Any) -> Any:
    texts = {**certificate.texts, "display_name": certificate.texts["handle"]}
    return replace(certificate, texts=texts)


@pytest.mark.parametrize("lie", a_few(3, of=LIES_OF_MEMBERS))
def test_a_server_that_lies_of_members_is_caught_before_anything_is_signed(
    office: Office, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    digits = office.join("dag", "Dag Dal")
    change, line, code = LIES_OF_MEMBERS[lie]
    before = value(office, "SELECT count(*) FROM statements")
    with monkeypatch.context() as patch:
        patch.setattr(Server, "handle", lying(change))
        said = office.run(line.format(digits=digits))
        assert said.error_code == code, said.said
    assert value(office, "SELECT count(*) FROM statements") == before


def test_a_count_that_is_not_so_ends_no_membership(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person agreed to is signed, and the server holds it against what is open."""

    def nothing_open(told: Evidence) -> Evidence:
        return replace(told, rows=_with(told, "open_assignments", count=0))

    with monkeypatch.context() as patch:
        patch.setattr(Server, "handle", lying(nothing_open))
        office.refused("member revoke kari --yes", "changed_meanwhile", 1)
    office.ok("member revoke kari --yes")


def test_an_address_is_never_sealed_for_whom_a_server_puts_in_another_s_place(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose handle it is the certificate says, of who has one; not the rows of the answer."""
    ola = str(UUID(str(value(office, "SELECT id FROM members WHERE handle = 'ola'"))))
    put = {"id": ola, "handle": "kari", "display_name": "Kari", "status": "active"}
    with monkeypatch.context() as patch:
        patch.setattr(Server, "handle", lying(lambda each: _told(each, waiting=[put])))
        office.ok("member notify kari --channel -", stdin="json://127.0.0.1:9")
    query = "SELECT handle FROM notification_channels JOIN members ON members.id = member_id"
    assert value(office, query) == "kari"


def test_a_server_that_renames_members_or_settles_nonsense_gets_no_signature(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = value(office, "SELECT count(*) FROM statements")
    cycle = {"id": "2026", "name": "2026", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    for line, code, change in (
        ("member notify kari --remove", "text_altered", _renamed),
        ("cycle close 2026 --force --yes", "answer_malformed",
         lambda each: _told(each, reporting_cycles=[cycle])),
        ("config set retention_days 9", "answer_malformed",
         lambda each: _told(each, settings=[{"name": "retention_days", "value": 9}])),
        ("config set retention_days 9", "certificate_invalid",
         lambda each: replace(each, entries=())),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(Server, "handle", lying(change))
            office.refused(line, code, 1)
    assert value(office, "SELECT count(*) FROM statements") == before


def _told(shown: Evidence, **tables: list[Any]) -> Evidence:
    return replace(shown, rows={**shown.rows, **tables})


def _renamed(shown: Evidence) -> Evidence:
    """Let each be called as the one before is."""
    names = [each.texts for each in shown.certificates]
    moved = zip(shown.certificates, [names[-1], *names[:-1]], strict=True)
    return replace(shown, certificates=tuple(replace(each, texts=said) for each, said in moved))
