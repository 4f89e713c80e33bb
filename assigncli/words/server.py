"""The sentences on a server in another process: its address, and how it could not be reached."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Catalogue

_ADDRESS: Final = N_("Give a path, unix:PATH, or ssh://USER@HOST:PORT without what is not needed.")
_ASK_OPERATOR: Final = N_("Try again in a while; if it lasts, ask the server's operator.")
_UNREACHABLE: Final = N_("The server at {address} cannot be reached, so nothing was done.")
_UNANSWERED: Final = N_("The server at {address} did not answer. Nothing was changed.")

SERVER: Final[Catalogue] = {
    "server_address_invalid": (N_("This is not the address of a store."), _ADDRESS),
    "server_address_invalid.unix": (
        N_("After unix: comes the whole path of a socket, which begins with a slash."),
        _ADDRESS,
    ),
    "server_address_invalid.unix_long": (
        N_("The path of a socket may have at most {limit} bytes."),
        N_("Use the path that the server's operator gave you."),
    ),
    "server_address_invalid.ssh": (
        N_("This is not an address of the form ssh://USER@HOST:PORT."),
        N_(
            "Use letters, digits, dots, hyphens and underscores for user and host, and a port up "
            "to 65535. User and port may be left out."
        ),
    ),
    "founding_line_malformed": (
        N_("This is not the line with which an organisation is founded at a server."),
        N_("Give the whole line that assign serve printed, in quotes."),
    ),
    "founding_closed": (
        N_("Nothing can be founded at this server with this line."),
        N_("Ask the server's operator for a new line; each is good for one hour, once."),
    ),
    "service_uncertified": (
        N_("The server has a new key that no administrator has confirmed, so it takes no act."),
        N_("As administrator run assign member approve service. Others ask their administrator."),
    ),
    "fingerprint_mismatch.service": (
        N_("The fingerprints are not the same, so the server's new key is not confirmed."),
        N_("Compare them once more by telephone. If they differ again, a key was swapped."),
    ),
    "service_not_waiting": (
        N_("No new key of the server waits to be confirmed."),
        N_("If somebody else has just confirmed it, nothing is left to do."),
    ),
    "service_alone": (
        N_("A server has one role, and its certification has no end."),
        N_("Use assign member approve service alone, or with --fingerprint."),
    ),
    "new_key_too_early": (
        N_("No organisation is founded in this store, so the server has no key to replace."),
        N_("Run assign serve without --new-key."),
    ),
    "service_key_unexpected": (
        N_("The server that answers does not have the key that the line names. It is not used."),
        N_("Ask the server's operator for the line again, over a way that nobody else can change."),
    ),
    "needs_server_machine": (
        N_("This needs the server's machine; your profile reaches it at {address}."),
        N_("Ask the server's operator to run it there."),
    ),
    "member_id_invalid": (
        N_("This is not the id of a member."),
        N_("Use the line for authorized_keys as the server printed it."),
    ),
    "server_unreachable": (_UNREACHABLE, _ASK_OPERATOR),
    "server_unreachable.not_there": (
        _UNREACHABLE,
        N_("Ask the server's operator whether it runs, or check the address in your profile."),
    ),
    "server_unreachable.socket": (
        N_("The server at {address} cannot be reached."),
        N_("Start assign serve, or check the path given with --socket."),
    ),
    "server_unreachable.not_allowed": (
        N_("Your account may not use the socket of the server at {address}."),
        N_("Ask the server's operator to let your account in."),
    ),
    "server_unreachable.no_sockets": (
        N_("This system has no Unix sockets, so {address} cannot be reached from here."),
        N_("Use an address that begins with ssh://."),
    ),
    "server_unreachable.ssh": (
        N_("SSH could not connect to {address}, so nothing was done."),
        N_("See what ssh said before this, or try the same host with ssh itself."),
    ),
    "server_unreachable.no_command": (
        N_("The host at {address} does not have the command assign, so nothing was done."),
        N_("Ask the server's operator to check the line with your key in authorized_keys."),
    ),
    "server_unreachable.relay": (
        N_("The host at {address} was reached, but the server on it was not. Nothing was done."),
        _ASK_OPERATOR,
    ),
    "server_unreachable.other": (
        N_("What answers at {address} is not a server of this program. Nothing was done."),
        N_("Check the address in your profile, or ask the server's operator."),
    ),
    "server_unreachable.slow": (_UNANSWERED, _ASK_OPERATOR),
    "server_unreachable.lost": (
        N_("The connection to {address} broke before the answer came. Nothing was changed."),
        N_("Run the command again."),
    ),
    "server_unreachable.ended": (
        N_("The server at {address} ended the connection, so nothing was done."),
        N_("Run the command again; if it lasts, ask the server's operator."),
    ),
    "server_version": (
        N_("The server at {address} has another version of this program. Nothing was done."),
        N_("Install the version that the server has, or ask its operator to renew it."),
    ),
    "ssh_missing": (
        N_("The program ssh was not found, so the server cannot be reached."),
        N_("Install OpenSSH; Windows has it under Optional features."),
    ),
    "store_busy.server": (
        N_("The server has more to do than it can take now. Nothing was done."),
        N_("Try again in a minute."),
    ),
    "store_outcome_unknown.server": (
        N_("The server did not answer. Whether this was done is not known."),
        N_("Run any command in a moment: it asks the server, and says what became of this."),
    ),
}
