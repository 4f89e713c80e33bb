"""Nobody joins but whom somebody who may invited, once, in time, as that member and no other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.identity import Identity, spoken_fingerprint
from assigncli.profiles import load_profile
from assigncli.protocol.forms import stamp
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.protocol.texts import Text, encode_texts
from tests.acting import identity_of
from tests.attacker import enrol, hex_id, value
from tests.hostile import Answer, Hostile
from tests.office import Office
from tests.quick import a_few
from tests.refusals import refused

TOKEN = bytes(range(16))
LONGEST = timedelta(days=14)
LOW_ORDER = "00" * 32


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where eva coordinates."""
    office = founded.copy_to(tmp_path_factory.mktemp("invitation") / "office")
    enrol(office, "eva", "coordinator")
    return office


def text(word: str) -> Text:
    return Text(hashlib.sha256(word.encode()).digest()[:16], word)


def until(moment: datetime) -> dict[str, str]:
    return {
        "token_sha256": hashlib.sha256(TOKEN).hexdigest(),
        "expires_at": stamp(moment),
    }


def invites(
    office: Office,
    profile: str,
    *roles: str,
    about: UUID | None = None,
    texts: Mapping[str, str] | None = None,
    **arguments: Any,
) -> Answer:
    """Invite dag, honest but for what is given."""
    words = {"handle": "dag", "display_name": "Dag Dal", **(texts or {})}
    said = {
        "roles": sorted(roles or ("peer_mentor",)),
        **until(office.now + LONGEST),
        **arguments,
    }
    given = {name: text(word) for name, word in words.items()}
    return Hostile(office, profile).does("member.invited", about or uuid4(), said, texts=given)


def invited(office: Office) -> UUID:
    """Invite dag as anne; return his id."""
    about = uuid4()
    assert invites(office, "anne", about=about).code == ""
    return about


def joins(
    office: Office,
    about: UUID,
    token: bytes = TOKEN,
    *,
    key: Identity | None = None,
    device: str = "laptop",
    changes: Mapping[str, Any] | None = None,
    **arguments: str,
) -> tuple[Answer, Hostile]:
    """Join with a new key, honest but for what is given."""
    own = key or Identity.generate()
    client = Hostile(office, "anne", key=own)
    said = {
        "signing_key": own.public.signing_key.hex(),
        "encryption_key": own.public.encryption_key.hex(),
        "token": token.hex(),
        **arguments,
    }
    answer = client.does(
        "device.joined",
        about,
        said,
        texts={"device": text(device)},
        **{"certificate": None, "seen": NOTHING_SEEN, **(changes or {})},
    )
    return answer, client


def held(office: Office, code: str, answer: Answer, *, recorded: bool = True) -> None:
    """Hold that it was refused so, that nobody joined, and whether this is on record."""
    assert answer.code == code
    assert value(office, "SELECT count(*) FROM invitations WHERE spent_at IS NOT NULL") == 0
    tried = value(office, "SELECT count(*) FROM audit_log WHERE action = 'attempt.refused'")
    assert tried == int(recorded)
    assert office.ok("audit verify").code == 0


# Inviting


@pytest.mark.parametrize(
    ("profile", "roles"),
    [("eva", ("peer_mentor",)), ("anne", ("coordinator", "org_admin", "peer_mentor"))],
)
def test_an_invitation_makes_one_entry_and_keeps_only_the_token_s_hash(
    office: Office, profile: str, roles: tuple[str, ...]
) -> None:
    about = uuid4()
    (entry,) = invites(office, profile, *roles, about=about).entries
    assert (entry.act, entry.subject, entry.facts) == ("member.invited", about, {})
    shown = office.ok("member show dag --json").json
    assert (shown["status"], shown["roles"]) == ("invited", list(roles))
    assert TOKEN not in office.store.read_bytes()
    assert office.ok("audit verify").code == 0


@pytest.mark.parametrize(
    ("profile", "roles", "code"),
    a_few(
        2,
        of=[
            ("kari", ("peer_mentor",), "role_missing"),
            ("eva", ("coordinator",), "may_not_vouch"),
            ("eva", ("coordinator", "peer_mentor"), "may_not_vouch"),
            ("eva", ("org_admin",), "may_not_vouch"),
        ],
    ),
)
def test_nobody_invites_in_roles_that_they_may_not_give(
    office: Office, profile: str, roles: tuple[str, ...], code: str
) -> None:
    held(office, code, invites(office, profile, *roles))
    assert value(office, "SELECT count(*) FROM members WHERE handle = 'dag'") == 0


def test_nobody_is_invited_in_no_role_or_as_the_service(office: Office) -> None:
    assert invites(office, "anne", roles=[]).code == "may_not_vouch"
    assert invites(office, "anne", roles=["service"]).code == "statement_malformed"


@pytest.mark.parametrize(
    ("texts", "code"),
    a_few(
        3,
        of=[
            ({"handle": "Dag"}, "handle_invalid"),
            ({"handle": "dag dal"}, "handle_invalid"),
            ({"handle": "kari"}, "handle_taken"),
            ({"handle": "service"}, "handle_taken"),
            ({"display_name": " Dag"}, "name_invalid"),
            ({"display_name": "\u202edag"}, "name_invalid"),
        ],
    ),
)
def test_nobody_is_invited_by_a_name_that_is_none_or_taken(
    office: Office, texts: dict[str, str], code: str
) -> None:
    held(office, code, invites(office, "anne", texts=texts))


@pytest.mark.parametrize("handle", ["kari", "service"])
def test_nobody_is_invited_by_the_id_of_another(office: Office, handle: str) -> None:
    held(office, "member_exists", invites(office, "anne", about=UUID(hex_id(office, handle))))


def test_nobody_is_invited_by_the_id_of_something_else(office: Office) -> None:
    office.create()
    about = UUID(str(value(office, "SELECT id FROM assignments")))
    held(office, "member_exists", invites(office, "anne", about=about))


@pytest.mark.parametrize(
    "ahead", a_few(2, of=[timedelta(0), timedelta(days=-1), LONGEST + timedelta(microseconds=1)])
)
def test_an_invitation_ends_within_fourteen_days_and_not_before_it_begins(
    office: Office, ahead: timedelta
) -> None:
    answer = invites(office, "anne", **until(office.now + ahead))
    held(office, "expires_at_in_future", answer)


@pytest.mark.parametrize(
    ("profile", "whom", "code"),
    a_few(
        2,
        of=[
            ("eva", "anne", "may_not_vouch"),
            ("anne", "service", "may_not_vouch"),
            ("kari", "ola", "role_missing"),
            ("anne", None, "member_not_found"),
        ],
    ),
)
def test_nobody_invites_a_device_of_whom_they_may_not_vouch_for(
    office: Office, profile: str, whom: str | None, code: str
) -> None:
    about = uuid4() if whom is None else UUID(hex_id(office, whom))
    answer = Hostile(office, profile).does("device.invited", about, until(office.now + LONGEST))
    held(office, code, answer)


@pytest.mark.parametrize(
    ("profile", "whom"), a_few(2, of=[("kari", "kari"), ("eva", "kari"), ("anne", "eva")])
)
def test_a_device_is_invited_by_oneself_or_by_who_may_vouch(
    office: Office, profile: str, whom: str
) -> None:
    about = UUID(hex_id(office, whom))
    said = until(office.now + LONGEST)
    (entry,) = Hostile(office, profile).does("device.invited", about, said).entries
    assert (entry.act, entry.facts) == ("device.invited", {})
    assert office.ok("audit verify").code == 0


def test_a_device_of_whom_is_no_member_any_more_is_not_invited(office: Office) -> None:
    office.ok("member revoke kari --yes")
    about = UUID(hex_id(office, "kari"))
    answer = Hostile(office, "anne").does("device.invited", about, until(office.now + LONGEST))
    held(office, "member_already_revoked", answer)


# Joining


def test_joining_makes_one_entry_that_names_no_certificate(office: Office) -> None:
    about = invited(office)
    (entry,) = joins(office, about)[0].entries
    assert (entry.act, entry.subject, entry.actor) == ("device.joined", about, None)
    assert entry.facts == {"first": True}
    assert office.ok("member show dag --json").json["status"] == "requested"
    log = office.ok("audit log --limit 1 --json").json["entries"]
    assert log[0]["actor"] == "Dag Dal"
    assert office.ok("audit verify").code == 0


def test_another_device_of_a_member_leaves_the_keys_in_force_as_they_are(office: Office) -> None:
    about = UUID(hex_id(office, "kari"))
    before = value(office, "SELECT signing_key FROM members WHERE handle = 'kari'")
    Hostile(office, "kari").does("device.invited", about, until(office.now + LONGEST))
    (entry,) = joins(office, about)[0].entries
    assert entry.facts == {"first": False}
    assert value(office, "SELECT signing_key FROM members WHERE handle = 'kari'") == before
    office.read(office.dispatch())
    assert office.ok("audit verify").code == 0


def test_what_joined_already_is_known_though_its_token_is_spent(office: Office) -> None:
    answer, client = joins(office, invited(office))
    again = client.raw(client.sent[-1])
    assert again.reply is not None
    assert answer.reply is not None
    assert (again.reply.known, again.entries) == (True, answer.entries)


@pytest.mark.parametrize("token", [bytes(16), TOKEN[::-1]])
def test_nobody_joins_with_another_token(office: Office, token: bytes) -> None:
    answer, _client = joins(office, invited(office), token)
    held(office, "token_invalid", answer, recorded=False)


def test_a_token_lets_one_device_join(office: Office) -> None:
    about = invited(office)
    key = Identity.generate()
    joins(office, about, key=key)
    answer, _client = joins(office, about)
    assert answer.code == "token_invalid"
    kept = value(office, "SELECT signing_key FROM members WHERE handle = 'dag'")
    assert kept == key.public.signing_key


@pytest.mark.parametrize("whose", a_few(2, of=["kari", "anne", "service", "nobody"]))
def test_a_token_lets_nobody_join_as_another(office: Office, whose: str) -> None:
    invited(office)
    about = uuid4() if whose == "nobody" else UUID(hex_id(office, whose))
    held(office, "token_invalid", joins(office, about)[0], recorded=False)


@pytest.mark.parametrize(("late", "code"), [(0, ""), (1, "token_invalid")])
def test_a_token_holds_up_to_its_end(office: Office, late: int, code: str) -> None:
    about = invited(office)
    office.later(days=14, microseconds=late)
    assert joins(office, about)[0].code == code


def test_who_is_revoked_before_they_join_does_not_join(office: Office) -> None:
    about = invited(office)
    office.ok("member revoke dag --yes")
    held(office, "member_already_revoked", joins(office, about)[0])


def test_only_the_key_that_joins_signs(office: Office) -> None:
    about, other = invited(office), Identity.generate().public
    answer, _client = joins(office, about, signing_key=other.signing_key.hex())
    held(office, "signature_invalid", answer, recorded=False)


def test_a_member_s_certificate_does_not_join(office: Office) -> None:
    about = invited(office)
    answer, _client = joins(
        office, about, key=identity_of(office, "anne"), changes={"certificate": uuid4()}
    )
    held(office, "statement_malformed", answer, recorded=False)


def test_a_key_that_protects_nothing_does_not_join(office: Office) -> None:
    answer, _client = joins(office, invited(office), encryption_key=LOW_ORDER)
    held(office, "certificate_invalid", answer)


@pytest.mark.parametrize("device", a_few(2, of=["d" * 41, " laptop", "\u200blaptop"]))
def test_a_device_s_name_that_is_none_does_not_join(office: Office, device: str) -> None:
    answer, _client = joins(office, invited(office), device=device)
    held(office, "name_invalid", answer)


@pytest.mark.parametrize("field", ["organization", "service"])
def test_what_is_for_another_organisation_or_service_does_not_join(
    office: Office, field: str
) -> None:
    answer, _client = joins(office, invited(office), changes={field: uuid4()})
    code = {"organization": "organization_not_found", "service": "service_differs"}[field]
    held(office, code, answer, recorded=False)


def test_a_clock_that_is_apart_is_counted_and_not_recorded(office: Office) -> None:
    late = {"at": office.now + timedelta(minutes=6)}
    answer, _client = joins(office, invited(office), changes=late)
    held(office, "clock_apart", answer, recorded=False)


def test_what_was_withdrawn_does_not_join(office: Office) -> None:
    about, own = invited(office), Identity.generate()
    client = Hostile(office, "anne", key=own)
    device = {"device": text("laptop")}
    body = client.statement(
        "device.joined",
        about,
        certificate=None,
        arguments={
            "signing_key": own.public.signing_key.hex(),
            "encryption_key": own.public.encryption_key.hex(),
            "token": TOKEN.hex(),
        },
        texts={name: each.digest() for name, each in device.items()},
    ).encode()
    assert client.outcome(body).code == "statement_unknown"
    answer = client.send(body, encode_texts(device))
    held(office, "statement_withdrawn", answer, recorded=False)


def test_a_refused_token_is_kept_nowhere_in_the_store(office: Office) -> None:
    answer, _client = joins(office, invited(office), device="d" * 41)
    assert answer.code == "name_invalid"
    assert TOKEN.hex().encode() not in office.store.read_bytes()


def fingerprint(office: Office, about: UUID, client: Hostile) -> str:
    """Return what the person with this key reads out."""
    assert client.key is not None
    who = load_profile("anne", office.env)
    return spoken_fingerprint(
        root_key=who.root_public_key,
        organization_id=who.organization_id,
        member_id=about,
        public=client.key.public,
    )


def test_a_joined_device_is_approved_for_exactly_its_keys(office: Office) -> None:
    about = invited(office)
    _answer, first = joins(office, about)
    Hostile(office, "anne").does("device.invited", about, until(office.now + LONGEST))
    _answer, second = joins(office, about)
    digits = [fingerprint(office, about, each) for each in (first, second)]
    refused(office, f"member approve dag --fingerprint '{digits[0]}'", "fingerprint_mismatch", 1)
    count = "SELECT count(*) FROM invitations WHERE member_id = ? AND spent_at IS NOT NULL"
    assert value(office, count, about.hex) == 2
    office.ok(f"member approve dag --fingerprint '{digits[1]}'")
