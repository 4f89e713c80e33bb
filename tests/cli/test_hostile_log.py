"""A hostile log: what was done to it, who finds it, and with which code.

Whoever writes to the store's file, and whoever has the service's key beside it, is met here through
the commands that members run. What is found by a machine that saw more is found by nothing else.
"""

from __future__ import annotations

import json
import secrets
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from assigncli import kept_heads
from assigncli.crypto.identity import Identity
from assigncli.domain.actions import Action
from assigncli.protocol.statement import Statement
from tests.acting import identity_of
from tests.attacker import forget_heads, found, guards_down, hex_id, remove_entries, value, write
from tests.office import Office
from tests.quick import a_few
from tests.rewriting import Item, log, rewrite
from tests.sweeping import held_shares, settled

Deed = Callable[[Office], None]

READ = 16
"""The entry by which the brief of assignment 1 was opened."""


@pytest.fixture(scope="module")
def founded(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that anne, kari and the sweep have seen the log of."""
    office = founded.copy_to(tmp_path_factory.mktemp("hostile") / "office")
    office.dispatch()
    office.read(1)
    office.to_status(1, "acknowledged")
    settled(office)
    office.refused("open 1 --reveal", "not_your_assignment", 4, profile="ola")
    settled(office)
    office.ok("list")
    office.ok("inbox", profile="kari")
    assert office.ok("audit verify --json").json["entries"] == len(log(office))
    assert [item.entry.act for item in log(office)][READ - 1] == "payload_decrypted"
    return office


# Rows of the store's file, without any key


def an_entry_altered(office: Office) -> None:
    write(office, "UPDATE audit_log SET details = '{\"number\":9}' WHERE sequence = ?", READ)


def an_entry_removed(office: Office) -> None:
    write(office, "DELETE FROM audit_log WHERE sequence = ?", READ)


def two_entries_swapped(office: Office) -> None:
    for old, new in ((READ, 99), (READ + 1, READ), (99, READ + 1)):
        write(office, "UPDATE audit_log SET sequence = ? WHERE sequence = ?", new, old)


def an_entry_doubled(office: Office) -> None:
    with guards_down(office) as db:
        names = [row[1] for row in db.execute("PRAGMA table_info(audit_log)") if row[1] != "id"]
        listed = ", ".join(names)
        moved = listed.replace("sequence", "(SELECT max(sequence) + 1 FROM audit_log)", 1)
        query = f"INSERT INTO audit_log ({listed}) SELECT {moved} FROM audit_log WHERE sequence = ?"
        db.execute(query, (READ,))


def an_entry_invented(office: Office) -> None:
    items = log(office)
    rewrite(office, [*items, items[-1].told(number=2)])
    write(office, "UPDATE audit_log SET signature = ? WHERE sequence > ?", bytes(64), len(items))


def a_statement_invented(office: Office) -> None:
    write(
        office,
        "INSERT INTO statements SELECT ?, organization_id, body, signature FROM statements LIMIT 1",
        secrets.token_bytes(32),
    )


def a_statement_left_out(office: Office) -> None:
    write(office, "DELETE FROM statements WHERE hash = ?", log(office)[READ - 1].entry.statement)


def two_statements_exchanged(office: Office) -> None:
    one, other = (log(office)[at] for at in (READ - 1, READ))
    for item, instead in ((one, other), (other, one)):
        statement = "UPDATE statements SET body = ?, signature = ? WHERE hash = ?"
        write(office, statement, instead.body, instead.signature, item.entry.statement)


def a_statement_altered(office: Office) -> None:
    item = log(office)[READ - 1]
    assert item.body is not None
    changed = item.body.replace(b'"act":"payload_decrypted"', b'"act":"assignment.read"')
    assert changed != item.body
    write(office, "UPDATE statements SET body = ? WHERE hash = ?", changed, item.entry.statement)


def the_signature_of_a_statement_altered(office: Office) -> None:
    statement = "UPDATE statements SET signature = ? WHERE hash = ?"
    write(office, statement, bytes(64), log(office)[READ - 1].entry.statement)


def the_tail_cut_and_nothing_else(office: Office) -> None:
    write(office, "DELETE FROM audit_log WHERE sequence >= ?", READ)


def a_leaf_altered(office: Office) -> None:
    statement = "UPDATE log_nodes SET hash = ? WHERE level = 0 AND place = ?"
    write(office, statement, bytes(32), READ - 1)


def an_inner_node_altered(office: Office) -> None:
    write(office, "UPDATE log_nodes SET hash = ? WHERE level = 2 AND place = 0", bytes(32))


def an_inner_node_removed(office: Office) -> None:
    write(office, "DELETE FROM log_nodes WHERE level = 1 AND place = 2")


def a_node_too_many(office: Office) -> None:
    write(office, "INSERT INTO log_nodes SELECT organization_id, 7, 0, hash FROM log_nodes LIMIT 1")


# The service's own key: the entries are signed, and the tree is whole


def recalled_by_nobody(office: Office) -> None:
    items = log(office)
    mine = items[-1].entry
    invented = Item(mine, str(value(office, _SERVICE_ID)), None, None).with_(
        act=Action.ASSIGNMENT_RECALLED.value,
        facts={"number": 1},
        statement=None,
        actor=mine.service,
    )
    rewrite(office, [*items, invented])


_SERVICE_ID = "SELECT id FROM members WHERE handle = 'service'"


def an_act_done_twice_by_one_statement(office: Office) -> None:
    items = log(office)
    rewrite(office, [*items, items[READ - 1]])


def another_act_than_was_stated(office: Office) -> None:
    items = log(office)
    items[READ - 1] = items[READ - 1].with_(act=Action.ASSIGNMENT_ACKNOWLEDGED.value)
    rewrite(office, items)


def about_another_than_was_stated(office: Office) -> None:
    items = log(office)
    items[READ - 1] = items[READ - 1].with_(subject=UUID(int=7))
    rewrite(office, items)


def a_fact_changed_that_the_member_decided(office: Office) -> None:
    items = log(office)
    at = next(at for at, item in enumerate(items) if "as" in item.entry.facts)
    items[at] = items[at].told(**{"as": "dispatcher"})
    rewrite(office, items)


def a_fact_added_that_the_member_did_not_state(office: Office) -> None:
    items = log(office)
    items[READ - 1] = items[READ - 1].told(in_person=1)
    rewrite(office, items)


def a_delivery_told_otherwise(office: Office) -> None:
    """The service alone states it, and members have signed what they saw of the log since."""
    items = log(office)
    at = next(at for at, item in enumerate(items) if item.entry.act == "assignment.delivered")
    items[at] = items[at].told(number=2)
    rewrite(office, items)


def a_statement_signed_by_another_member(office: Office) -> None:
    """The mentor ola has the service's key, and acts as kari."""
    items = log(office)
    old = items[READ - 1]
    assert old.body is not None
    said = Statement.decode(old.body)
    body = Statement(**{**vars(said), "nonce": secrets.token_bytes(16)}).encode()
    signature = identity_of(office, "ola").sign("request", body)
    stated = Item(old.entry, old.actor_id, body, signature).with_(statement=Statement.digest(body))
    rewrite(office, [*items[: READ - 1], stated, *items[READ:]])


def _stated_again(item: Item, key: Identity, **arguments: str) -> Item:
    """Return an entry whose statement says this too, and is signed by a key that it names."""
    assert item.body is not None
    said = Statement.decode(item.body)
    named = {"signing_key": key.public.signing_key.hex(), **arguments}
    body = replace(said, arguments={**said.arguments, **named}).encode()
    stated = replace(item, body=body, signature=key.sign("request", body))
    return stated.with_(statement=Statement.digest(body))


def a_founding_by_another_key_than_the_founder_s(office: Office) -> None:
    items = log(office)
    items[0] = _stated_again(items[0], Identity.generate())
    rewrite(office, items)


def a_founding_for_another_zone(office: Office) -> None:
    """The founder's own signature does not cover it, and nobody else can sign."""
    items = log(office)
    assert items[0].body is not None
    body = items[0].body.replace(b"Europe/Oslo", b"Europe/Rome")
    items[0] = replace(items[0], body=body).with_(statement=Statement.digest(body))
    rewrite(office, items)


def a_founding_with_another_certificate_of_the_service(office: Office) -> None:
    items = log(office)
    items[0] = items[0].told(service_digest="00" * 32)
    rewrite(office, items)


def a_device_that_joined_signed_by_another_key(office: Office) -> None:
    items = log(office)
    at = next(at for at, item in enumerate(items) if item.entry.act == "device.joined")
    forged = _stated_again(items[at], Identity.generate())
    items[at] = replace(forged, signature=bytes(64))
    rewrite(office, items)


def a_device_said_to_have_joined_as_another(office: Office) -> None:
    at = next(at for at, item in enumerate(log(office), 1) if item.entry.act == "device.joined")
    other = hex_id(office, "anne")
    write(office, "UPDATE audit_log SET actor_id = ? WHERE sequence = ?", other, at)


FOUND_BY_VERIFYING: dict[Deed, str] = {
    an_entry_altered: "audit_altered",
    an_entry_removed: "audit_missing",
    two_entries_swapped: "audit_reordered",
    an_entry_doubled: "audit_altered",
    an_entry_invented: "audit_forged",
    a_statement_invented: "statement_unused",
    a_statement_left_out: "statement_missing",
    two_statements_exchanged: "statement_altered",
    a_statement_altered: "statement_altered",
    the_signature_of_a_statement_altered: "audit_forged",
    the_tail_cut_and_nothing_else: "audit_missing",
    a_leaf_altered: "tree_differs",
    an_inner_node_altered: "tree_differs",
    an_inner_node_removed: "tree_differs",
    a_node_too_many: "tree_differs",
    recalled_by_nobody: "audit_forged",
    an_act_done_twice_by_one_statement: "audit_forged",
    another_act_than_was_stated: "audit_forged",
    about_another_than_was_stated: "audit_forged",
    a_fact_changed_that_the_member_decided: "audit_forged",
    a_fact_added_that_the_member_did_not_state: "audit_forged",
    a_delivery_told_otherwise: "log_forked",
    a_statement_signed_by_another_member: "audit_forged",
    a_founding_by_another_key_than_the_founder_s: "audit_forged",
    a_founding_for_another_zone: "audit_forged",
    a_founding_with_another_certificate_of_the_service: "certificate_invalid",
    a_device_that_joined_signed_by_another_key: "audit_forged",
    a_device_said_to_have_joined_as_another: "audit_altered",
}


@pytest.mark.slow
@pytest.mark.parametrize("deed", a_few(2, of=FOUND_BY_VERIFYING), ids=lambda deed: deed.__name__)
def test_found_by_who_verifies_and_has_seen_nothing_before(office: Office, deed: Deed) -> None:
    deed(office)
    forget_heads(office)
    assert FOUND_BY_VERIFYING[deed] in {code for _sequence, code in found(office)}


# What only a machine finds that saw more


def the_tail_cut_without_a_trace(office: Office) -> None:
    remove_entries(office, "sequence > ?", len(log(office)) - 2, seen=True)


def heads(office: Office) -> list[Path]:
    return [office.home / "heads" / f"{name}.json" for name in ("anne", "kari")]


def a_refusal_dropped(office: Office) -> None:
    items = log(office)
    kept = [item for item in items if item.entry.act != "attempt.refused"]
    assert len(kept) == len(items) - 1
    rewrite(office, kept)


def a_refusal_dropped_and_the_log_filled_up(office: Office) -> None:
    a_refusal_dropped(office)
    office_of_another(office).create()


def office_of_another(office: Office) -> Office:
    """Return the same office as a machine meets it that has seen nothing yet."""
    return Office(
        office.folder, office.now, {"ASSIGN_PROFILE": "anne", "ASSIGN_HOME": str(blank(office))}
    )


def blank(office: Office) -> Path:
    """Make a second home, of the same profiles and without a head."""
    home = office.folder / "second"
    shutil.copytree(office.home / "profiles", home / "profiles", dirs_exist_ok=True)
    home.chmod(0o700)
    return home


def two_entries_reordered(office: Office) -> None:
    items = log(office)
    at = next(at for at, item in enumerate(items) if item.entry.act == "attempt.refused")
    items[at], items[at - 1] = items[at - 1], items[at]
    rewrite(office, items)


def a_refusal_told_otherwise(office: Office) -> None:
    items = log(office)
    at = next(at for at, item in enumerate(items) if item.entry.act == "attempt.refused")
    items[at] = items[at].told(code="share_missing")
    rewrite(office, items)


FOUND_BY_WHO_SAW_MORE: dict[Deed, str] = {
    the_tail_cut_without_a_trace: "log_behind",
    a_refusal_dropped: "log_behind",
    a_refusal_dropped_and_the_log_filled_up: "log_forked",
    two_entries_reordered: "log_forked",
    a_refusal_told_otherwise: "log_forked",
}


@pytest.mark.slow
@pytest.mark.parametrize("deed", a_few(2, of=FOUND_BY_WHO_SAW_MORE), ids=lambda deed: deed.__name__)
def test_found_by_a_machine_that_saw_more(office: Office, deed: Deed) -> None:
    deed(office)
    code = FOUND_BY_WHO_SAW_MORE[deed]
    office.refused("list", code, 1)
    office.refused("inbox", code, 1, profile="kari")
    office.refused("recall 1 --yes", code, 1)
    assert code in {each for _sequence, each in found(office)}
    assert office.run("sweep").error_code == code
    (log_finding,) = (
        each for each in office.run("doctor --json").json["findings"] if each["name"] == "log"
    )
    assert not log_finding["well"]


@pytest.mark.parametrize(
    "deed", a_few(2, of=[a_refusal_dropped, two_entries_reordered, a_refusal_told_otherwise])
)
def test_and_by_nothing_else(office: Office, deed: Deed) -> None:
    """What the service alone states it can take back, from who has seen nothing of it."""
    deed(office)
    forget_heads(office)
    office.ok("audit verify")


# An old copy put back


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["recall", "completion", "revocation"])
@pytest.mark.parametrize("copied", a_few(1, of=["store", "vault", "both"]))
def test_an_old_copy_put_back(office: Office, copied: str, ending: str) -> None:
    number = office.dispatch("--expires 31.12.2027")
    if ending == "completion":
        office.to_status(number, "contact_made")
    old = {path: path.read_bytes() for path in (office.store, office.vault)}
    if ending == "recall":
        office.ok(f"recall {number} --yes")
        who, line = "anne", "list"
    elif ending == "revocation":
        office.ok("member revoke kari --yes")
        office.run("sweep")  # says that kari is not told any more
        who, line = "anne", "list"
    else:
        office.ok(f"complete {number}", profile="kari")
        who, line = "kari", "inbox"
    settled(office)
    for path, content in old.items():
        if copied in ("both", "store" if path == office.store else "vault"):
            path.write_bytes(content)
    if copied != "vault":
        said = office.refused(line, "log_behind", 1, profile=who)
        assert "lacks the last" in said.stderr
        assert office.run("sweep").error_code == "log_behind"
    elif ending == "recall":
        office.refused(f"open {number} --reveal", "valid_status_transition", 6, profile="kari")
        office.later(days=1)
        held = held_shares(office)
        office.run("sweep")
        assert held_shares(office) == held - 1
    elif ending == "revocation":
        office.refused(f"open {number} --reveal", "membership_revoked", 4, profile="kari")
    else:
        office.read(number)  # within its retention
    if copied == "vault":
        office.ok("audit verify")


# Two branches, shown to two groups


@pytest.mark.slow
def test_two_branches_are_found_by_one_head_of_the_other_side(
    office: Office, tmp_path: Path
) -> None:
    other = office.copy_to(tmp_path / "other")
    office.dispatch(title="One side")
    other.dispatch(title="Another side")
    for each in (office, other):
        each.ok("audit verify")
        each.ok("list")
        each.ok("inbox", profile="kari")
    shutil.copyfile(heads(office)[0], heads(other)[0])
    size = json.loads(heads(office)[0].read_bytes())["size"]
    said = other.refused("list", "log_forked", 1)
    assert f"The first {size} entries" in said.stderr
    assert "log_forked" in {code for _sequence, code in found(other)}


@pytest.mark.parametrize("rubbish", ["rubbish", b"\xff", 2.5])
@pytest.mark.parametrize("column", a_few(1, of=["at", "sequence"]))
def test_a_last_entry_that_cannot_be_read_is_said(
    office: Office, column: str, rubbish: str | bytes | float
) -> None:
    last = len(log(office))
    write(office, f"UPDATE audit_log SET {column} = ? WHERE sequence = ?", rubbish, last)
    said = office.run("list")
    assert (said.code, said.error_code in ("audit_altered", "log_behind", "log_forked")) == (
        1,
        True,
    )
    assert office.run("audit verify").code == 1


# What is kept


def size_and_root(path: Path) -> tuple[int, str]:
    kept = json.loads(path.read_bytes())
    return kept["size"], kept["root"]


def test_a_head_is_kept_for_each_profile_and_private(office: Office) -> None:
    for path in heads(office):
        kept = json.loads(path.read_text(encoding="ascii"))
        assert set(kept) == {"organization_id", "size", "root", "service", "certificate"}
        assert kept["size"] == len(log(office))
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    root = office.ok("audit verify --json").json["root"]
    assert {json.loads(path.read_bytes())["root"] for path in heads(office)} == {root}


def test_what_only_reads_keeps_the_newer_head(office: Office) -> None:
    before = heads(office)[1].read_bytes()
    office.create()
    assert heads(office)[1].read_bytes() == before
    office.ok("inbox", profile="kari")
    assert size_and_root(heads(office)[1]) == size_and_root(heads(office)[0])


def test_the_head_is_stated_in_what_is_signed_next(office: Office) -> None:
    kept = json.loads(heads(office)[0].read_bytes())
    office.create()
    with closing(sqlite3.connect(office.store)) as db:
        (body,) = db.execute("SELECT body FROM statements ORDER BY rowid DESC LIMIT 1").fetchone()
    seen = Statement.decode(body).seen
    assert (seen.size, seen.root.hex()) == (kept["size"], kept["root"])


def test_a_head_that_cannot_be_kept_is_a_warning_after_the_act(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError

    monkeypatch.setattr(kept_heads, "replace", full)
    result = office.ok(f"create --to kari --title 'Home visit' --payload {office.person()}")
    assert result.stderr.count("Warning: This is saved, but not how long the audit log is") == 1
    listed = office.ok("list --json")
    assert (len(listed.json["assignments"]), listed.stderr) == (2, "")
    line = f"create --to kari --title 'Home visit' --payload {office.person()} --json"
    (warning,) = office.ok(line).json["warnings"]
    assert warning["code"] == "head_unkept"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"size": 1, "root": "00"}'])
def test_a_damaged_head_is_said(office: Office, content: bytes) -> None:
    heads(office)[0].write_bytes(content)
    said = office.refused("list", "head_damaged", 2)
    assert str(heads(office)[0]) in said.stderr
    heads(office)[0].unlink()
    office.ok("list")


def test_a_head_of_another_organisation_is_none_of_this_one(office: Office) -> None:
    kept = json.loads(heads(office)[0].read_bytes())
    kept |= {"organization_id": str(UUID(int=7)), "root": "00" * 32}
    heads(office)[0].write_text(json.dumps(kept), encoding="ascii")
    office.ok("list")
    assert size_and_root(heads(office)[0]) == size_and_root(heads(office)[1])


# The clock


def test_a_clock_behind_the_last_entry_dates_nothing_before_it(office: Office) -> None:
    office.create()
    last = value(office, "SELECT max(at) FROM audit_log")
    office.later(minutes=-5)
    office.create()
    assert value(office, "SELECT at FROM audit_log ORDER BY sequence DESC") == last
    office.ok("audit verify")
    office.later(seconds=-1)
    line = f"create --to kari --title 'Home visit' --payload {office.person()}"
    office.refused(line, "clock_behind", 1)
    office.ok("list")


# The service's key


def the_key_file(office: Office) -> Path:
    (path,) = office.store.with_name("assign.db.service").glob("*.key")
    return path


def test_without_the_service_s_key_nothing_is_written_and_all_is_read(office: Office) -> None:
    the_key_file(office).unlink()
    line = f"create --to kari --title 'Home visit' --payload {office.person()}"
    office.refused(line, "service_key_missing", 4)
    for reading in ("list", "show 1", "audit log", "audit verify", "member list"):
        office.ok(reading)


def test_with_another_key_than_the_service_s_nothing_is_written(
    office: Office, tmp_path: Path
) -> None:
    other = Office(tmp_path / "elsewhere")
    other.folder.mkdir(mode=0o700)
    other.ok("init --organization X --handle anne --name Anne --keys keyring", profile=None)
    shutil.copyfile(the_key_file(other), the_key_file(office))
    line = f"create --to kari --title 'Home visit' --payload {office.person()}"
    office.refused(line, "service_key_differs", 4)
    office.ok("audit verify")


# What was typed


@pytest.mark.parametrize(
    "name", a_few(2, of=["Våren æøå", 'Half "one" \\ 50 %', "%C3%A5 +1", "\N{DOG} 2031"])
)
def test_a_name_in_any_script_is_told_as_it_was_typed(office: Office, name: str) -> None:
    """A signed body holds plain ASCII alone."""
    quoted = shlex.quote(name)
    office.ok(f"cycle open --from 1.1.2031 --to 30.6.2031 {quoted}")
    (entry,) = office.ok("audit log --limit 1 --json").json["entries"]
    assert entry["details"]["name"] == name
    assert all(each.entry.encode().isascii() for each in log(office))
    office.ok("audit verify")
