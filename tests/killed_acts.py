"""Each act that has a command, and what must hold once that command was killed at some point.

The next command says what became of the act, and that is true; the same command ends what is not
done, and does nothing twice; after a sweep no share is without its row nor a row without its share.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.attacker import value
from tests.devices import given, joins
from tests.losing import folder, notes
from tests.must_hold import require_nothing_left_in_vault, require_whole
from tests.office import ACCEPT, Office
from tests.refusals import rows
from tests.story import FINGERPRINT

DONE = "An earlier act got no answer, but was carried out: "
NOTHING = "An earlier act got no answer, was not carried out and will not be: "

CREATE = "create --to kari --title 'Home visit' --payload {folder}/person.json"
SPRING = "cycle open 'Spring 2027' --from 1.1.2027 --to 30.6.2027"
CHANNEL = "member notify ola --channel {folder}/address"
JOIN = "join {invitation} --keys keyring"
SHEET = """navn;adresse;postnr;poststed;telefon;epikrise;likeperson;tittel
Olga Prøvesen;Granitten 12 B;0181;Oslo;22 11 22 11;Synsrest.;kari;Hjemmebesøk
Olav Prøvesen;Granitten 14 B;0181;Oslo;22 11 22 12;Synsrest.;ola;Hjemmebesøk
Oda Prøvesen;Granitten 16 B;0181;Oslo;22 11 22 13;Synsrest.;kari;Hjemmebesøk
"""

Step = tuple[str, str | None]
"""A command, and who runs it."""


@dataclass(frozen=True)
class Act:
    """A command, the act that it signs, and what is needed first.

    `code` is how the command ends. `again` is the exit code and error of the same command once it
    is done; None where that would be another act of the same kind, and is not tried. `ready` does
    what no command on this machine does. `acts_before` is how many acts the command sends before
    this one.
    """

    line: str
    word: str
    before: tuple[Step, ...] = ()
    profile: str = "anne"
    code: int = 0
    again: tuple[int, str] | None = None
    ready: Callable[[Office], None] | None = None
    acts_before: int = 0

    @property
    def next(self) -> str:
        """What its member looks at next."""
        return "list" if self.profile == "anne" else "inbox"


DRAFTED: tuple[Step, ...] = ((CREATE, "anne"),)
SENT: tuple[Step, ...] = ((f"{CREATE} --dispatch", "anne"),)
ASKED: tuple[Step, ...] = ((f"{CREATE} --dispatch --consent-required", "anne"),)
READ: tuple[Step, ...] = (*SENT, ("open 1 --reveal", "kari"))
ACKNOWLEDGED: tuple[Step, ...] = (*READ, ("ack 1", "kari"))
ERASE = "privacy erase --reference SAK-7 --yes"
VISITED: tuple[Step, ...] = (
    (f"{CREATE} --dispatch --reference SAK-7", "anne"),
    *((line, "kari") for line in ("open 1 --reveal", "ack 1", "contact 1", "complete 1")),
)
SPRING_OPEN: tuple[Step, ...] = ((SPRING, "anne"),)
CLOSE = "cycle close 'Spring 2027' --yes"
WRONG_STEP = (6, "valid_status_transition")


def joined_elsewhere(office: Office) -> None:
    """Let another device of kari join."""
    joins(office, "kari")


def another_device(office: Office) -> None:
    """Give kari one more device, after something was sent to the first."""
    given(office, "anne", "kari", joins(office, "kari")).send(office, "anne")


ACTS = {
    "create": Act(CREATE, "batch.created"),
    "create and dispatch": Act(f"{CREATE} --dispatch", "batch.dispatched"),
    "edit": Act("edit 1 --payload {folder}/person.json", "assignment.edited", DRAFTED),
    "dispatch": Act("dispatch 1", "assignment.dispatched", DRAFTED, again=WRONG_STEP),
    "sheet": Act("dispatch --csv {folder}/sheet.csv --quiet", "batch.dispatched", again=(0, "")),
    "consent": Act(f"consent 1 {ACCEPT}", "consent.completed", ASKED, "kari", again=(0, "")),
    "open": Act("open 1 --reveal", "payload_decrypted", SENT, "kari"),
    "refused open": Act("open 1 --reveal", "payload.refused", ASKED, "kari", code=6),
    "ack": Act("ack 1", "assignment.acknowledged", READ, "kari", again=WRONG_STEP),
    "contact": Act("contact 1", "assignment.contact_made", ACKNOWLEDGED, "kari", again=WRONG_STEP),
    "no answer": Act("contact 1 --no-answer", "contact.unanswered", ACKNOWLEDGED, "kari"),
    "decline": Act("decline 1 --reason ill", "assignment.declined", READ, "kari", again=(0, "")),
    "complete": Act(
        "complete 1 --in-person",
        "assignment.completed",
        (*ACKNOWLEDGED, ("contact 1", "kari")),
        "kari",
        again=WRONG_STEP,
    ),
    "recall": Act("recall 1 --yes", "assignment.recalled", SENT, again=WRONG_STEP),
    "cancel": Act(
        "cancel 1 --yes --reason 'Moved away.'", "assignment.cancelled", READ, again=WRONG_STEP
    ),
    "reassign": Act(
        "reassign 1 --to ola --yes",
        "assignment.reassigned",
        SENT,
        again=WRONG_STEP,
        acts_before=1,  # it opens the brief first
    ),
    "reassign declined": Act(
        "reassign 1 --to ola --yes",
        "assignment.reassigned",
        (*READ, ("decline 1 --reason ill", "kari")),
        again=WRONG_STEP,
        acts_before=1,
    ),
    "approve": Act(
        "member approve siri --fingerprint '{fingerprint}'",
        "member.approved",
        ((JOIN, None),),
        again=(2, "member_not_waiting"),
    ),
    "approve device": Act(
        "member approve kari --fingerprint '{fingerprint}'",
        "device.approved",
        (("key list kari --full", "anne"),),
        again=(2, "member_not_waiting"),
        ready=joined_elsewhere,
    ),
    "new service key": Act(
        "member approve service --fingerprint '{fingerprint}'",
        "service.replaced",
        (("serve --new-key --store {folder}/home/assign.db", None),),
        again=(2, "service_not_waiting"),
    ),
    "reseal": Act("key reseal", "wrap.added", SENT, "kari", again=(0, ""), ready=another_device),
    "pause": Act("member pause ola --until 2026-12-24", "member.paused"),
    "resume": Act("member resume ola", "member.resumed", (("member pause ola", "anne"),)),
    "certify": Act("member certify ola --certified-until 31.12.2027", "member.certified"),
    "revoke": Act("member revoke --yes per", "member.revoked", again=(2, "member_already_revoked")),
    "channel": Act(CHANNEL, "member.channels_changed"),
    "no channel": Act(
        "member notify ola --remove", "member.channels_changed", ((CHANNEL, "anne"),)
    ),
    "cycle open": Act(SPRING, "cycle.opened", again=(2, "cycle_overlaps")),
    "cycle close": Act(CLOSE, "cycle.closed", SPRING_OPEN, again=(2, "cycle_already_closed")),
    "cycle reopen": Act(
        "cycle reopen 'Spring 2027'",
        "cycle.reopened",
        (*SPRING_OPEN, (CLOSE, "anne")),
        again=(2, "cycle_already_open"),
    ),
    "setting": Act("config set contact_deadline_days 12", "setting.changed"),
    "erase": Act(ERASE, "assignment.erased", VISITED, again=(3, "reference_not_found")),
    "access": Act("privacy access --reference SAK-7", "privacy.exported", VISITED),
    "member data": Act("privacy export kari", "privacy.exported"),
    "export": Act("honorarium report --output {folder}/figures.csv --force", "honorarium.exported"),
}


def prepared(office: Office, act: Act) -> str:
    """Do what is needed first; return the line with what only this office knows."""
    office.person()
    (office.folder / "address").write_text("json://127.0.0.1:9/\n", encoding="utf-8")
    (office.folder / "sheet.csv").write_text(SHEET, encoding="utf-8")
    fingerprint = ""
    if act.ready is not None and act.word == "device.approved":
        act.ready(office)
    for line, profile in act.before:
        said = office.ok(filled(line, office), profile=profile).stdout
        found = FINGERPRINT.findall(said)
        fingerprint = found[-1] if found else fingerprint
    if act.ready is not None and act.word != "device.approved":
        act.ready(office)
    return act.line.replace("{fingerprint}", fingerprint)


def filled(line: str, office: Office) -> str:
    if "{invitation}" in line:
        line = line.replace("{invitation}", office.invitation("siri", "Siri Moe"))
    return line.replace("{folder}", str(office.folder))


def carried_out(office: Office, act: Act) -> int:
    """Return how many statements of this act are carried out, a batch of a sheet being one."""
    return _statements(office, act.word)


def _statements(office: Office, word: str) -> int:
    found = value(
        office,
        "SELECT count(*) FROM statements WHERE instr(CAST(body AS TEXT), ?) > 0",
        f'"act":"{word}"',
    )
    assert isinstance(found, int)
    return found


def outcome(office: Office, act: Act) -> tuple[object, ...]:
    """Return how often the act is in the log, and where each assignment stands."""
    entries = value(office, "SELECT count(*) FROM audit_log WHERE action = ?", act.word)
    statuses = rows(office, "SELECT number, status FROM assignments ORDER BY number")
    return carried_out(office, act), entries, statuses


def is_done(left: Office, before: Office, act: Act) -> bool:
    """Return whether the act that is noted was carried out; without a note, the command's own.

    A command that signs two acts may have been killed when it had noted the first of them.
    """
    noted = (json.loads(note.read_bytes()) for note in notes(left, act.profile))
    words = [json.loads(note["statement"])["act"] for note in noted]
    word = words[0] if words else act.word
    return _statements(left, word) > _statements(before, word)


def require_said(left: Office, act: Act, *, is_done: bool) -> str:
    """Assert that the next command says what is so, and return it."""
    was_noted, head = bool(notes(left, act.profile)), kept_size(left, act.profile)
    size = value(left, "SELECT max(sequence) FROM audit_log")
    heard = left.ok(act.next, profile=act.profile).stderr
    assert (DONE in heard) is (was_noted and is_done), heard
    assert (NOTHING in heard) is (was_noted and not is_done), heard
    if not was_noted and is_done:  # then the reply had come, and was believed
        assert head == size
    assert list(folder(left, act.profile).glob("*")) == []
    return "unsaid" if not was_noted else "done" if is_done else "nothing"


def kept_size(office: Office, profile: str) -> object:
    path = office.home / "heads" / f"{profile}.json"
    if not path.exists():  # their first command was killed
        return 0
    return json.loads(path.read_text(encoding="ascii"))["size"]


def require_ended(left: Office, act: Act, line: str, whole: Office) -> None:
    """Assert that the same command ends what is not done, and that what is done is done once.

    `whole` is the office in which the command was not killed, at the same moment; so the outcome
    must be the same.
    """
    is_done = carried_out(left, act) == carried_out(whole, act)
    if act.word == "honorarium.exported" and is_done:
        assert (left.folder / "figures.csv").exists()
    if not is_done or act.again is not None:
        again = left.run(line, profile=act.profile)
        code, _error = ended = (again.code, again.error_code)
        assert (ended == act.again) if is_done else (code == act.code), again.said
    assert outcome(left, act) == outcome(whole, act)
    left.ok("sweep", profile=None)  # deletes shares without a row
    require_whole(left)
    require_nothing_left_in_vault(left)
