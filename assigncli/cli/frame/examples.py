"""One or two examples for the help page of each command.

Each is a whole line that works where the lines before it were run; a test runs them all. A line
with words in it is a message id. Only the help pages import this.
"""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_

EXAMPLES: Final[dict[str, tuple[str, ...]]] = {
    "help": ("assign help dispatch", "assign help options"),
    "demo": ("assign demo",),
    "init": (
        'assign init --organization "Blindeforeningen i Oslo" --handle anne --name "Anne Berg"',
    ),
    "join": (N_("assign join INVITATION"), N_("assign join --kit ADDRESS")),
    "doctor": ("assign doctor", "assign doctor --full"),
    "key list": ("assign key list",),
    "shell": ("assign shell", "assign shell --for 5"),
    "key rotate": ("assign key rotate",),
    "key reseal": ("assign key reseal", "assign key reseal --for kari"),
    "key lost": ("assign key lost kari --cause stolen",),
    "key kit": ("assign key kit", "assign key kit --check"),
    "key move": ("assign key move --to file",),
    "profile address": ("assign profile address moved/assign.db",),
    "profile list": ("assign profile list",),
    "profile use": ("assign profile use ola",),
    "status": ("assign status",),
    "create": (
        N_(
            'assign create --to ola --title "Home visit in June" --payload examples/assignment.json'
        ),
        N_(
            'assign create --to ola --title "Walk in town" --payload examples/assignment-two.json'
            " --reference SAK-7 --consent-required --dispatch"
        ),
    ),
    "edit": ("assign edit 1 --priority urgent",),
    "dispatch": (
        "assign dispatch 1",
        "assign dispatch --csv examples/dispatch-norwegian-excel.csv --dry-run",
    ),
    "list": ("assign list --overdue", "assign list --unacknowledged --mentor ola"),
    "show": ("assign show 1",),
    "recall": ("assign recall 2",),
    "cancel": (N_('assign cancel 3 --reason "The visit is no longer needed."'),),
    "reassign": ("assign reassign 4 --to kari",),
    "honorarium report": (
        "assign honorarium report",
        "assign honorarium report --output honoraria.xlsx",
    ),
    "honorarium explain": ("assign honorarium explain ola",),
    "inbox": ("assign inbox",),
    "consent": ("assign consent 2",),
    "open": ("assign open 1",),
    "ack": ("assign ack 1",),
    "decline": ("assign decline 3", "assign decline 3 --reason no_time"),
    "contact": ("assign contact 1 --no-answer", "assign contact 1"),
    "complete": ("assign complete 1 --in-person",),
    "member invite": (
        'assign member invite kari --name "Kari Nordmann"',
        'assign member invite ola --name "Ola Dunk" --here',
    ),
    "member approve": ("assign member approve kari",),
    "member list": ("assign member list", "assign member list --role peer_mentor"),
    "member show": ("assign member show kari",),
    "member pause": ("assign member pause kari --until 2030-12-31",),
    "member resume": ("assign member resume kari",),
    "member certify": ("assign member certify kari --certified-until 2030-12-31",),
    "member notify": ("assign member notify kari", "assign member notify kari --remove"),
    "member revoke": ("assign member revoke kari",),
    "cycle open": (N_('assign cycle open "Autumn 2031" --from 1.7.2031 --to 31.12.2031'),),
    "cycle close": (N_('assign cycle close "Autumn 2031"'),),
    "cycle reopen": (N_('assign cycle reopen "Autumn 2031"'),),
    "cycle list": ("assign cycle list",),
    "config get": ("assign config get contact_deadline_days",),
    "config set": ("assign config set contact_deadline_days 12", "assign config set language nb"),
    "config list": ("assign config list",),
    "audit log": ("assign audit log", "assign audit log --assignment 1"),
    "audit verify": ("assign audit verify", "assign audit verify --against log.cosigned.txt"),
    "audit checkpoint": ("assign audit checkpoint", "assign audit checkpoint log.txt"),
    "audit cosign": ("assign audit cosign log.txt",),
    "privacy register": ("assign privacy register",),
    "privacy export": ("assign privacy export kari",),
    "privacy access": ("assign privacy access --reference SAK-7",),
    "privacy erase": ("assign privacy erase --reference SAK-7",),
    "sweep": ("assign sweep", "assign sweep --dry-run"),
    "serve": ("assign serve --print-units", "assign serve --new-key"),
    "store info": ("assign store info",),
    "store check": ("assign store check",),
    "store backup": (
        "assign store backup store.backup",
        "assign store backup newest.list --only-deletions",
    ),
    "store restore": ("assign store restore store.backup --deletions newest.list",),
    "store move": ("assign store move --to moved",),
    "store upgrade": ("assign store upgrade",),
}
"""By the command's words. `relay` has none: sshd starts it."""
