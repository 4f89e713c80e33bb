"""What people type for a command whose name is another: words of the same meaning.

Only errors and `assign help` import this. Words that are no command but one of a group's are found
by themselves: `approve` is `member approve`.
"""

from __future__ import annotations

from typing import Final

BY_WORD: Final[dict[str, str]] = {
    "accept": "consent",
    "acknowledge": "ack",
    "add": "create",
    "call-off": "cancel",
    "change": "edit",
    "check": "doctor",
    "confirm": "ack",
    "cron": "sweep",
    "decrypt": "open",
    "delete": "cancel",
    "done": "complete",
    "expire": "sweep",
    "finish": "complete",
    "info": "store info",
    "log": "audit log",
    "mentors": "member list",
    "members": "member list",
    "new": "create",
    "overview": "status",
    "overdue": "list --overdue",
    "read": "open",
    "received": "inbox",
    "remind": "sweep",
    "report": "honorarium report",
    "send": "dispatch",
    "setup": "init",
    "settings": "config list",
    "start": "init",
    "timeline": "show",
    "undo": "recall",
    "update": "edit",
    "view": "show",
    "withdraw": "recall",
    # The same in Norwegian.
    "avlys": "cancel",
    "bekreft": "ack",
    "endre": "edit",
    "ferdig": "complete",
    "fullfør": "complete",
    "hjelp": "help",
    "honorar": "honorarium report",
    "innboks": "inbox",
    "innstillinger": "config list",
    "kontakt": "contact",
    "likepersoner": "member list",
    "liste": "list",
    "medlemmer": "member list",
    "ny": "create",
    "opprett": "create",
    "samtykke": "consent",
    "samtykk": "consent",
    "trekk": "recall",
    "vis": "show",
    "åpne": "open",
}
