"""The sentences on the audit log and the records it proves, as the server finds them."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Catalogue

LOG: Final[Catalogue] = {
    "notification_unrecorded": (
        N_("No signed entry causes a notification about assignment {number}."),
        N_("It is not sent. Run assign audit verify."),
    ),
    "refused_statement_altered": (
        N_("What is kept of a refused attempt is not in its proper form."),
        N_("Keep a copy of the store as it is, and tell your administrator."),
    ),
    "ending_unsigned": (
        N_("No signed entry of the audit log ends it."),
        N_("Run assign audit verify."),
    ),
    "assignment_altered": (
        N_("It is not as the signed entries say."),
        N_("Run assign audit verify."),
    ),
    "clock_behind": (
        N_("The clock of this machine is more than five minutes behind the last entry of the log."),
        N_("Set it right and try again. Run assign doctor to see how far it is behind."),
    ),
    "key_unregistered": (
        N_("The audit log names them."),
        N_("Run assign audit verify."),
    ),
    "ending_hidden": (
        N_("The audit log says that its time is over, the store does not; its key goes."),
        N_("Run assign audit verify."),
    ),
    "setting_unsigned.differs": (
        N_("The store and its signed entry differ; the entry counts."),
        N_("Run assign audit verify."),
    ),
    "setting_unsigned.entry": (
        N_("The entry about retention_days does not verify."),
        N_("Run assign audit verify."),
    ),
    "clock_behind.server": (
        N_("The server's clock is more than five minutes behind the last entry of the log."),
        N_("Set it right and try again. Run assign doctor to see how far it is behind."),
    ),
    "clock_apart": (
        N_("The clock of this machine is more than five minutes from the server's."),
        N_("Set it right and try again."),
    ),
}
