"""The acts are those of PROTOCOL.md section 9, cell by cell, and are told by their exact form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import assigncli.protocol
from assigncli.domain.actions import ENDING_A_KEY, Action
from assigncli.protocol.act import Act, Made
from assigncli.protocol.acts import (
    ACTS,
    NEW_KEY,
    ROOT,
    SERVICE_ENTRIES,
    ActUnknown,
    check_entry,
    check_facts,
    check_statement,
)
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.entry import Entry
from assigncli.protocol.forms import RecordForm
from assigncli.protocol.seen import NOTHING_SEEN, Seen
from assigncli.protocol.statement import Statement
from tests.quick import all_in_one
from tests.unit.protocol.test_entry import OF_THE_ACT as OF_THE_ENTRY
from tests.unit.protocol.test_statement import OF_THE_ACT
from tests.unit.protocol.vectors import vectors

PAGE = (Path(assigncli.protocol.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")
STEP = {"from": "status?", "to": "status"}
CAUSE = {"cause": "lost/stolen/passphrase_forgotten/replaced/left"}
ENTRY = re.compile(
    r"(?P<before>[^`(]*(?:`[a-z_]+`[^`(]*)*)`(?P<name>[a-z_]+\.[a-z_]+|payload_decrypted)`"
    r"(?: \((?P<inside>[^)]*)\))?"
)
Row = dict[str, str]


def table(heading: str) -> list[Row]:
    """Return the rows of the first table after `heading`, each cell by its column."""
    after = PAGE[PAGE.index(heading) :]
    lines = after[after.index("\n| ") + 1 :].split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def plain(cell: str) -> str:
    return cell.replace("`", "")


def forms(cell: str) -> dict[str, str]:
    """Read "step, `name:form`"; "none" and an empty cell are no forms."""
    found: dict[str, str] = {}
    for each in plain(cell).split(", "):
        if each == "step":
            found |= STEP
        elif each == "cause":
            found |= CAUSE
        elif each not in ("none", ""):
            name, form = each.split(":", 1)
            found[name] = form
    return found


def numbered(facts: dict[str, str]) -> dict[str, str]:
    return {"number": "number", **facts}


class Page:
    """The tables as the page has them; "as above" is what an earlier row of it said."""

    def __init__(self) -> None:
        self.facts: dict[str, dict[str, str]] = {}
        self.rows: dict[str, set[str]] = {}
        self.told: dict[str, dict[str, tuple[str, ...]]] = {}

    def entries(self, row: Row) -> list[Made]:
        cell, name = row.get("Entries and facts", row.get("Facts", "")), plain(row["Act"])
        found = list(ENTRY.finditer(cell))
        if not found:
            facts = forms(cell)
            is_numbered = row["About"].startswith("assignment")
            self.facts[name] = numbered(facts) if is_numbered else facts
            return [Made(name, self.facts[name])]
        of_an_assignment = row["About"].startswith("assignment")
        return list(self._several(found, of_an_assignment=of_an_assignment))

    def _several(self, found: list[re.Match[str]], *, of_an_assignment: bool) -> Iterator[Made]:
        shared = [each["inside"] or "" for each in found]
        for at, each in enumerate(found):
            inside = shared[at] or shared[at + 1]
            said, *conditions = inside.split("; ")
            if conditions and conditions[0].startswith("as above"):
                more = forms(conditions[0].removeprefix("as above").removeprefix(" and "))
                facts, conditions = {**self.facts[each["name"]], **more}, [said]
            elif "as above" in inside:
                facts, conditions = {**self.facts[each["name"]], **forms("`replaced_by:id`")}, []
            else:
                facts = forms(said)
                if of_an_assignment or each["name"].startswith("assignment."):
                    facts = numbered(facts)
            self.facts.setdefault(each["name"], facts)
            when = [plain(each["before"]).strip(" ,;"), *map(plain, conditions)]
            yield Made(each["name"], facts, "; ".join(filter(None, when)))

    def tables(self, row: Row) -> set[str]:
        cell, _, _share = row["Rows"].partition("; ")
        found = {
            "as recalled": self.rows.get("assignment.recalled", set()),
            "those of `batch.dispatched` and recalled": self.rows.get("batch.dispatched", set())
            | self.rows.get("assignment.recalled", set()),
            "none": set(),
        }.get(cell)
        found = set(re.split(", | or ", cell)) if found is None else found
        self.rows[plain(row["Act"])] = found
        return found


def deletes_share(row: Row) -> bool:
    return "share deleted" in row["Rows"] or "recalled" in row["Rows"]


def told(row: Row) -> dict[str, tuple[str, ...]]:
    cell = row["Told"].replace("; a draft: -", "")
    found: dict[str, tuple[str, ...]] = {}
    for each in re.split(", |; ", cell):
        *kinds, who = re.split("` or `|` ", each.removeprefix("`"))
        found |= {kind: tuple(who.split(" and ")) for kind in kinds}
    return found


def about(row: Row) -> tuple[tuple[str, ...], bool]:
    cell = row["About"].removesuffix(" (old)")
    if cell == "what was asked about, or the organization":
        return ("assignment", "member", "cycle", "organization"), False
    return tuple(cell.removesuffix(" (new)").split(" or ")), cell.endswith(" (new)")


def texts(row: Row) -> tuple[list[str], str | None]:
    cell = row.get("Texts", "")
    fields, _, condition = cell.partition(" (only where ")
    without = re.fullmatch("`([a-z]+)` is null\\)", condition)
    return [each for each in fields.split(", ") if each], without[1] if without else None


def test_the_page_and_the_table_are_the_same() -> None:
    page = Page()
    statements, alone = table("Statement acts:"), table("Entries that the service alone states")
    assert [plain(row["Act"]) for row in statements] != []
    assert {plain(row["Act"]) for row in statements} == set(ACTS)
    assert {plain(row["Act"]) for row in alone} == set(SERVICE_ENTRIES)
    for rows, acts in ((statements, ACTS), (alone, SERVICE_ENTRIES)):
        assert len(rows) == len(acts)
        for row in rows:
            compare(page, row, acts[plain(row["Act"])])


def compare(page: Page, row: Row, act: Act) -> None:
    assert list(act.signers) == row["By"].split(", "), act.name
    assert (act.about, act.is_new) == about(row), act.name
    assert dict(act.arguments) == forms(row.get("Arguments", "")), act.name
    assert (list(act.texts), act.texts_without) == texts(row), act.name
    attachments = row.get("Attachments", "")
    assert list(act.attachments) == [each for each in attachments.split(", ") if each], act.name
    assert [(each.name, dict(each.facts), each.when) for each in act.entries] == [
        (each.name, dict(each.facts), each.when) for each in page.entries(row)
    ], act.name
    assert set(act.rows) == page.tables(row), act.name
    assert len(set(act.rows)) == len(act.rows)
    assert act.deletes_share == deletes_share(row), act.name
    assert dict(act.told) == ({} if row["Told"] == "-" else told(row)), act.name


OTHERWISE: list[dict[str, Any]] = [
    {"signers": ("recipient", "nobody")},
    {"about": ("batch",)},
    {"arguments": {"more": "number"}},
    {"texts": ("more",)},
    {"texts_without": "more"},
    {"attachments": ("more",)},
    {"entries": ()},
    {"rows": ("more",)},
    {"told": {"more": ("recipient",)}},
]


@pytest.mark.parametrize("change", OTHERWISE, ids=lambda change: next(iter(change)))
def test_a_cell_that_differs_is_found(change: dict[str, Any]) -> None:
    page = Page()
    for row in table("Statement acts:"):
        act = ACTS[plain(row["Act"])]
        with pytest.raises(AssertionError):
            compare(page, row, replace(act, **change))
        compare(page, row, act)
        with pytest.raises(AssertionError):
            compare(page, row, replace(act, is_new=not act.is_new))
        for at, made in enumerate(act.entries):
            for other in (
                Made(made.name, {**made.facts, "more": "id"}, made.when),
                Made(made.name, made.facts, "never"),
            ):
                entries = (*act.entries[:at], other, *act.entries[at + 1 :])
                with pytest.raises(AssertionError):
                    compare(page, row, replace(act, entries=entries))


def test_every_form_of_the_table_is_known() -> None:
    for act in (*ACTS.values(), *SERVICE_ENTRIES.values()):
        assert isinstance(act.form, RecordForm)
        assert all(isinstance(made.form, RecordForm) for made in act.entries)


def test_what_ends_a_key_is_what_deletes_its_share() -> None:
    named = [*ACTS.items(), *SERVICE_ENTRIES.items()]
    deleting = {Action(name) for name, act in named if act.deletes_share and name in set(Action)}
    assert set(ENDING_A_KEY) == deleting


BODY = vectors("statement")["statement"]["body"].encode()
REFUSED = vectors("statement")["refused"]


def of_an_act(**fields: Any) -> Statement:
    statement = replace(Statement.decode(BODY), **fields)
    is_about_organization = ACTS[statement.act].about == ("organization",)
    return replace(statement, about=statement.organization) if is_about_organization else statement


@all_in_one(
    "case", [case for case in REFUSED if case["what"] in OF_THE_ACT], ids=lambda case: case["what"]
)
def test_a_statement_to_be_refused_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(Malformed) as refusal:
        check_statement(Statement.decode(case["body"].encode("ascii")))
    assert isinstance(refusal.value, ActUnknown) == (case["code"] == "act_unknown")


def test_the_vector_is_of_its_act() -> None:
    assert check_statement(Statement.decode(BODY)) is ACTS["assignment.cancelled"]


@pytest.mark.parametrize(
    "case",
    [case for case in vectors("log")["malformed"] if case["what"] in OF_THE_ENTRY],
    ids=lambda case: case["what"],
)
def test_a_malformed_entry_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(Malformed) as refusal:
        check_entry(Entry.decode(case["body"].encode("ascii")))
    assert isinstance(refusal.value, ActUnknown) == (case["what"] == "unknown act")


def test_the_entries_of_the_vectors_are_of_their_acts() -> None:
    for case in vectors("log")["entries"]:
        check_entry(Entry.decode(case["body"].encode()))


EXAMPLES: dict[str, Any] = {
    "id": "7b095e8d-ab89-4eb9-8558-88a5a973b7af",
    "word": "some_word",
    "value": "Europe/Oslo",
    "hex16": "00" * 16,
    "hex32": "00" * 32,
    "moment": "2026-11-24T08:15:00.000123Z",
    "day": "2026-11-24",
    "number": 7,
    "bool": True,
    "status": "pending",
    "tier": "none",
    "[value]": ["ola"],
    "[word]": ["some_word"],
    "[id]": [],
    "[hex32]": ["00" * 32],
    "{role}": ["peer_mentor"],
    "{id}": [],
}


def example(form: str) -> Any:
    return EXAMPLES.get(form.removesuffix("?"), form.split("/", maxsplit=1)[0])


def examples(fields: Any) -> dict[str, Any]:
    return {name: example(form) for name, form in fields.items()}


@all_in_one("name", ACTS)
def test_exactly_its_arguments(name: str) -> None:
    fields = examples(ACTS[name].arguments)
    ACTS[name].form.require(fields)
    wrong = [{**fields, "more": 1}]
    wrong += [{key: fields[key] for key in fields if key != gone} for gone in fields]
    wrong += [{**fields, key: 1.5} for key in fields]
    for each in wrong:
        with pytest.raises(Malformed):
            ACTS[name].form.require(each)


@pytest.mark.parametrize("alone", [True, False])
def test_exactly_its_facts(alone: bool) -> None:
    for act in (SERVICE_ENTRIES if alone else ACTS).values():
        for made in act.entries:
            facts = examples(made.facts)
            check_facts(made.name, facts, alone=alone)
            for wrong in ({**facts, "more": 1}, *({**facts, key: 1.5} for key in facts)):
                with pytest.raises(Malformed):
                    check_facts(made.name, wrong, alone=alone)


def test_a_value_that_may_be_null() -> None:
    ACTS["setting.changed"].form.require({"name": "quiet_days", "value": None})
    ACTS["member.paused"].form.require({"until": None})
    with pytest.raises(Malformed):
        ACTS["setting.changed"].form.require({"name": None, "value": None})


def test_who_states_an_entry_decides_its_facts() -> None:
    days = {"starts_on": "2027-01-01", "ends_on": "2027-12-31"}
    check_facts("cycle.opened", days, alone=True)
    check_facts("cycle.opened", {}, alone=False)
    for facts, alone in ((days, False), ({}, True)):
        with pytest.raises(Malformed):
            check_facts("cycle.opened", facts, alone=alone)
    for name, alone in (("assignment.delivered", False), ("batch.created", True)):
        with pytest.raises(ActUnknown):
            check_facts(name, {}, alone=alone)
    with pytest.raises(ActUnknown):
        check_facts("batch.created", {}, alone=False)


def test_a_text_where_the_value_is_no_setting_of_closed_form() -> None:
    digest, change = {"value": bytes(32)}, {"act": "setting.changed"}
    typed = {"name": "notification_sender", "value": None}
    closed = {"name": "quiet_days", "value": "none"}
    for arguments, texts in ((typed, digest), (closed, {})):
        check_statement(of_an_act(**change, arguments=arguments, texts=texts))
    for arguments, texts in ((typed, {}), (closed, digest)):
        with pytest.raises(Malformed, match="texts"):
            check_statement(of_an_act(**change, arguments=arguments, texts=texts))


def test_who_signs_without_a_certificate() -> None:
    for name, act in ACTS.items():
        statement = of_an_act(
            act=name,
            arguments=examples(act.arguments),
            texts={field: bytes(32) for field in act.texts if act.texts_without is None},
            attachments=(bytes(32),) * len(act.attachments),
        )
        is_new_key, may_be_root = act.signers == (NEW_KEY,), ROOT in act.signers
        for certificate in (None, UUID(int=1)):
            signed = replace(statement, certificate=certificate)
            is_allowed = is_new_key or may_be_root if certificate is None else not is_new_key
            if is_allowed:
                assert check_statement(signed) is act
            else:
                with pytest.raises(Malformed, match="certificate"):
                    check_statement(signed)


def test_a_new_key_has_seen_nothing() -> None:
    arguments = examples(ACTS["device.joined"].arguments)
    joined = of_an_act(
        act="device.joined", certificate=None, arguments=arguments, texts={"device": bytes(32)}
    )
    assert joined.seen == NOTHING_SEEN
    assert check_statement(joined)
    with pytest.raises(Malformed, match="seen"):
        check_statement(replace(joined, seen=Seen(1, bytes(32))))


def test_an_act_about_the_organization_names_it() -> None:
    restored = of_an_act(
        act="log.restored",
        arguments={"size": 7, "root": "00" * 32, "cause": "mistake"},
        texts={},
    )
    assert check_statement(restored)
    with pytest.raises(Malformed, match="about"):
        check_statement(replace(restored, about=UUID(int=1)))
    exported = of_an_act(act="privacy.exported", arguments={"kind": "access"}, texts={})
    assert check_statement(replace(exported, about=UUID(int=1)))
