"""No rule about people breaks for a client of somebody's own making, whoever signs with it."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from assigncli.crypto.organization_key import seal_value
from assigncli.errors import Tampered
from assigncli.protocol.attachments import Channel, encode_channels
from assigncli.protocol.sealed_keys import ADDRESSES
from tests.acting import acting, held_key
from tests.attacker import alter_member, certificate_id, enrol, hex_id, value, write
from tests.hostile import Answer, Hostile
from tests.office import Office
from tests.quick import a_few

CERTIFY = "member.certified"
CHANNELS = "member.channels_changed"
PAUSE = "member.paused"
RESTORE = "member.restored"
RESUME = "member.resumed"
REVOKE = "member.revoked"


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where eva coordinates, and `both` is a coordinator and a mentor.

    `lapsed` was certified up to yesterday, and `former` has left. One brief is open with kari.
    """
    office = founded.copy_to(tmp_path_factory.mktemp("people") / "office")
    enrol(office, "eva", "coordinator")
    enrol(office, "both", "coordinator", "peer_mentor")
    enrol(office, "former", "peer_mentor")
    enrol(office, "lapsed", "peer_mentor")
    office.ok("member revoke former --yes")
    office.ok(f"member certify lapsed --certified-until {office.now.date()}")
    office.dispatch()
    office.later(days=1)
    return office


def member(office: Office, handle: str) -> UUID:
    return UUID(hex_id(office, handle))


def standing(office: Office, handle: str) -> tuple[object, ...]:
    """Return what the store says of a member, so that a refused act is seen to change nothing."""
    about = hex_id(office, handle)
    return (
        value(office, "SELECT status || updated_at FROM members WHERE id = ?", about),
        value(
            office,
            "SELECT group_concat(status || ifnull(paused_until, '') || ifnull(certified_until, ''))"
            " FROM peer_mentor_profiles WHERE member_id = ?",
            about,
        ),
        value(
            office,
            "SELECT count(*) FROM certificates WHERE member_id = ? AND revoked_at IS NULL",
            about,
        ),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "act", "whom", "said", "code"),
    a_few(
        3,
        of=[
            ("ola", PAUSE, "kari", {"until": None}, "role_missing"),
            ("ola", RESUME, "kari", {}, "role_missing"),
            ("ola", CERTIFY, "kari", {"until": None}, "role_missing"),
            ("ola", CERTIFY, "ola", {"until": None}, "role_missing"),
            ("ola", REVOKE, "kari", {"open": 1}, "role_missing"),
            ("ola", REVOKE, "ola", {"open": 0}, "role_missing"),
            ("ola", RESTORE, "kari", {}, "role_missing"),
            ("ola", RESTORE, "ola", {}, "role_missing"),
            ("eva", RESTORE, "kari", {}, "changed_meanwhile"),
            ("anne", RESTORE, "former", {}, "changed_meanwhile"),
            ("eva", PAUSE, "anne", {"until": None}, "member_not_a_mentor"),
            ("eva", PAUSE, "eva", {"until": None}, "member_not_a_mentor"),
            ("eva", PAUSE, "service", {"until": None}, "member_not_a_mentor"),
            ("eva", PAUSE, "former", {"until": None}, "member_already_revoked"),
            ("eva", PAUSE, "kari", {"until": "2026-11-21"}, "paused_until_past"),
            ("eva", PAUSE, "lapsed", {"until": None}, "certification_lapsed"),
            ("lapsed", RESUME, "lapsed", {}, "certification_lapsed"),
            ("eva", CERTIFY, "kari", {"until": "2026-11-21"}, "certified_until_past"),
            ("eva", CERTIFY, "anne", {"until": None}, "member_not_a_mentor"),
            ("eva", CERTIFY, "former", {"until": None}, "member_already_revoked"),
            ("eva", CERTIFY, "both", {"until": None}, "may_not_vouch"),
            ("both", CERTIFY, "both", {"until": None}, "may_not_vouch"),
            ("eva", REVOKE, "kari", {"open": 0}, "changed_meanwhile"),
            ("eva", REVOKE, "kari", {"open": 2}, "changed_meanwhile"),
            ("eva", REVOKE, "former", {"open": 0}, "member_already_revoked"),
            ("eva", REVOKE, "both", {"open": 0}, "may_not_vouch"),
            ("eva", REVOKE, "anne", {"open": 0}, "may_not_vouch"),
            ("eva", REVOKE, "eva", {"open": 0}, "may_not_vouch"),
            ("anne", REVOKE, "anne", {"open": 0}, "may_not_vouch"),
            ("anne", REVOKE, "service", {"open": 0}, "may_not_vouch"),
        ],
    ),
)
def test_what_may_not_be_done_to_a_member(
    office: Office, profile: str, act: str, whom: str, said: dict[str, object], code: str
) -> None:
    before = standing(office, whom)
    assert Hostile(office, profile).does(act, member(office, whom), said).code == code
    assert standing(office, whom) == before
    assert value(office, "SELECT count(*) FROM audit_log WHERE action = 'attempt.refused'") == 1
    assert office.ok("audit verify").code == 0


@pytest.mark.parametrize(
    ("act", "said"),
    a_few(
        2,
        of=[
            (PAUSE, {"until": None}),
            (RESUME, {}),
            (CERTIFY, {"until": None}),
            (REVOKE, {"open": 0}),
            (RESTORE, {}),
        ],
    ),
)
def test_what_is_about_no_member(office: Office, act: str, said: dict[str, object]) -> None:
    anne = Hostile(office, "anne")
    assert anne.does(act, uuid4(), said).code == "member_not_found"
    assert anne.does(act, anne.assignment(1), said).code == "member_not_found"


@pytest.mark.parametrize(
    ("profile", "whom"),
    a_few(2, of=[("kari", "kari"), ("eva", "kari"), ("both", "both"), ("anne", "both")]),
)
def test_who_may_pause_and_resume(office: Office, profile: str, whom: str) -> None:
    about, client = member(office, whom), Hostile(office, profile)
    (entry,) = client.does(PAUSE, about, {"until": "2026-11-22"}).entries
    assert (entry.act, dict(entry.facts)) == (PAUSE, {})
    (entry,) = client.does(RESUME, about).entries
    assert (entry.act, dict(entry.facts)) == (RESUME, {})
    assert office.ok("audit verify").code == 0


def test_a_certification_s_last_day_is_that_of_the_statement(office: Office) -> None:
    said = {"until": "2027-01-31"}
    (entry,) = Hostile(office, "eva").does(CERTIFY, member(office, "kari"), said).entries
    assert dict(entry.facts) == {}
    assert office.ok("member show kari --json").json["certified_until"] == "2027-01-31"
    assert office.ok("audit verify").code == 0


def test_a_revocation_names_the_certificates_that_it_ends(office: Office) -> None:
    ended = str(UUID(certificate_id(office, "kari")))
    kari = Hostile(office, "kari")
    answer = Hostile(office, "eva").does(REVOKE, member(office, "kari"), {"open": 1})
    assert dict(answer.entries[0].facts) == {"certificates": [ended]}
    about = member(office, "kari")
    assert kari.does(PAUSE, about, {"until": None}).code == "certificate_revoked"
    again = Hostile(office, "anne").does(REVOKE, about, {"open": 1})
    assert again.code == "member_already_revoked"
    assert office.ok("audit verify").code == 0


def test_a_revocation_that_was_carried_out_is_not_carried_out_again(office: Office) -> None:
    eva = Hostile(office, "eva")
    first = eva.does(REVOKE, member(office, "ola"), {"open": 0})
    again = eva.raw(eva.sent[-1])
    assert again.reply is not None
    assert (again.reply.known, again.entries) == (True, first.entries)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "whom", "said", "status"),
    a_few(
        2,
        of=[
            ("eva", "kari", "revoked", "active"),
            ("eva", "former", "active", "revoked"),
            ("anne", "anne", "invited", "active"),
            ("eva", "service", "requested", "active"),
        ],
    ),
)
def test_a_row_is_made_again_from_the_log(
    office: Office, profile: str, whom: str, said: str, status: str
) -> None:
    alter_member(office, whom, status=said)
    mentor, about = Hostile(office, "ola"), member(office, whom)
    assert mentor.does(RESTORE, about).code == "role_missing"
    client = Hostile(office, profile)
    (entry,) = client.does(RESTORE, about).entries
    assert (entry.act, entry.subject, dict(entry.facts)) == (RESTORE, about, {})
    kept_status = value(office, "SELECT status FROM members WHERE id = ?", about.hex)
    assert kept_status == status
    again = client.raw(client.sent[-1])
    assert again.reply is not None
    assert (again.reply.known, again.entries) == (True, [entry])
    assert client.does(RESTORE, about).code == "changed_meanwhile"
    assert office.ok("audit verify").code == 0


def test_who_waits_is_made_no_member_by_it(office: Office) -> None:
    office.join("dag", "Dag Dal")
    alter_member(office, "dag", status="active")
    Hostile(office, "eva").does(RESTORE, member(office, "dag"))
    assert value(office, "SELECT status FROM members WHERE handle = 'dag'") == "requested"
    assert office.ok("audit verify").code == 0


def test_what_else_was_changed_is_not_put_right_by_it(office: Office) -> None:
    """A certificate taken from a member in the store is for the log to decide, and no row."""
    alter_member(office, "kari", status="revoked")
    write(
        office,
        "UPDATE certificates SET revoked_at = '2026-11-21T11:00:00.000000Z' WHERE id = ?",
        certificate_id(office, "kari"),
    )
    with pytest.raises(Tampered) as fault:
        Hostile(office, "eva").does(RESTORE, member(office, "kari"))
    assert fault.value.code == "certificate_invalid"


@pytest.mark.parametrize(
    ("act", "said"),
    a_few(
        3,
        of=[
            (PAUSE, {"until": "2026-02-30"}),
            (PAUSE, {}),
            (RESUME, {"until": None}),
            (CERTIFY, {"until": 1}),
            (REVOKE, {"open": None}),
            (REVOKE, {"open": 0, "certificates": []}),
            (RESTORE, {"status": "active"}),
        ],
    ),
)
def test_arguments_of_another_form(office: Office, act: str, said: dict[str, object]) -> None:
    answer = Hostile(office, "anne").does(act, member(office, "kari"), said)
    assert answer.code == "statement_malformed"


def sealed(office: Office, whom: str, count: int) -> list[Channel]:
    """Return addresses sealed as a client with the organisation's key does."""
    about = member(office, whom)
    found = []
    with acting(office, "anne") as session, session.host.store.read() as tx:
        held = held_key(session, tx, ADDRESSES)
        assert held is not None
        for _each in range(count):
            id_ = uuid4()
            value_ = seal_value(
                held[0],
                b"json://localhost/x",
                organization_id=session.client.organization_id,
                owner_id=about,
                purpose=f"notification-channel/{id_}",
            )
            found.append(Channel(id_, value_))
    return found


def change(office: Office, profile: str, whom: str, given: list[Channel]) -> Answer:
    attached = encode_channels(given)
    return Hostile(office, profile).does(CHANNELS, member(office, whom), attachments=[attached])


def kept(office: Office, whom: str) -> list[str]:
    found = value(
        office,
        "SELECT group_concat(id) FROM notification_channels WHERE member_id = ?",
        hex_id(office, whom),
    )
    return sorted(str(found).split(",")) if found else []


def test_the_list_of_channels_is_whole(office: Office) -> None:
    given = sealed(office, "kari", 8)
    for part in (given, given[2:5], [], given[:1]):
        (entry,) = change(office, "eva", "kari", part).entries
        assert dict(entry.facts) == {"count": len(part)}
        assert kept(office, "kari") == sorted(each.id.hex for each in part)
    assert office.ok("audit verify").code == 0


@pytest.mark.parametrize(
    ("profile", "whom", "count", "code"),
    a_few(
        2,
        of=[
            ("kari", "kari", 1, "role_missing"),
            ("ola", "kari", 0, "role_missing"),
            ("eva", "kari", 9, "channels_too_many"),
        ],
    ),
)
def test_channels_that_may_not_be_changed(
    office: Office, profile: str, whom: str, count: int, code: str
) -> None:
    assert change(office, "anne", whom, first := sealed(office, whom, 1)).code == ""
    assert change(office, profile, whom, sealed(office, whom, count)).code == code
    assert kept(office, whom) == [first[0].id.hex]


@pytest.mark.parametrize(
    "altered", a_few(2, of=[b"", b"plain@example.org", b"\x01" + bytes(300), bytes(285)])
)
def test_a_channel_that_is_not_sealed(office: Office, altered: bytes) -> None:
    answer = change(office, "anne", "kari", [Channel(uuid4(), altered)])
    assert answer.code == "attachment_malformed"
    assert kept(office, "kari") == []


def test_a_channel_is_one_member_s(office: Office) -> None:
    given = sealed(office, "kari", 1)
    assert change(office, "anne", "kari", given).code == ""
    assert change(office, "anne", "ola", given).code == "attachment_malformed"
    assert (len(kept(office, "kari")), kept(office, "ola")) == (1, [])


def test_channels_of_nobody(office: Office) -> None:
    attached = encode_channels([])
    answer = Hostile(office, "anne").does(CHANNELS, uuid4(), attachments=[attached])
    assert answer.code == "member_not_found"
