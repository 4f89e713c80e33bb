"""Where a profile's store is: a file on this machine, or a server behind a socket or SSH.

Reads and writes the text of an address: a path, `unix:PATH` or `ssh://[USER@]HOST[:PORT]`. What it
accepts can be an argument of `ssh` and never an option. Opens no file and no connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

from assigncli.errors import InvalidInput

MAX_SOCKET_PATH: Final = 103
"""Bytes of a socket's path: what macOS takes, 4 fewer than Linux."""

_SSH: Final = "ssh://"
_UNIX: Final = "unix:"
# Compiled when first used: every command loads this module, and most have a path.
_SCHEME: Final = r"(?i)(ssh|unix):|[a-z][a-z0-9+.-]+://"
# Names of ~/.ssh/config are hosts too, and may have an underscore.
_HOST: Final = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,252}"
_USER: Final = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}"
_PARTS: Final = r"(?:([^@]*)@)?(\[[^\]]*\]|[^:@\[\]]*)(?::([1-9][0-9]{0,4}))?"
_MAX_PORT: Final = 65_535


@dataclass(frozen=True)
class LocalStore:
    """A store that this process opens itself."""

    path: Path


@dataclass(frozen=True)
class UnixServer:
    """A server on this machine; `path` is that of its socket, absolute.

    Raises InvalidInput `server_address_invalid` for a path that no socket can have.
    """

    path: PurePosixPath

    def __post_init__(self) -> None:
        """Check the path."""
        text = str(self.path)
        if not text.startswith("/") or not text.isprintable():
            raise InvalidInput("server_address_invalid", "unix")
        if len(text.encode()) > MAX_SOCKET_PATH:
            raise InvalidInput("server_address_invalid", "unix_long", limit=MAX_SOCKET_PATH)


@dataclass(frozen=True)
class SshServer:
    """A server reached by SSH; where `user` or `port` is None the person's ~/.ssh/config decides.

    `host` is a name, an alias of that file, or an IP address (IPv6 without brackets). Raises
    InvalidInput `server_address_invalid` for a part that has other letters or begins with a hyphen.
    """

    host: str
    user: str | None = None
    port: int | None = None

    def __post_init__(self) -> None:
        """Check the parts."""
        fits = (
            (_is_ipv6(self.host) or re.fullmatch(_HOST, self.host))
            and (self.user is None or re.fullmatch(_USER, self.user))
            and (self.port is None or 0 < self.port <= _MAX_PORT)
        )
        if not fits:
            raise _ssh_invalid()


Server: TypeAlias = UnixServer | SshServer
StoreAddress: TypeAlias = LocalStore | Server


def read_address(text: str) -> StoreAddress:
    """Return the address that a text names; raise InvalidInput `server_address_invalid`.

    A path that begins like another address is written with `./` before it.
    """
    if text.startswith(_SSH):
        return _ssh(text.removeprefix(_SSH))
    if text.startswith(_UNIX):
        return UnixServer(PurePosixPath(text.removeprefix(_UNIX)))
    if not text or "\0" in text or _has_scheme(text):
        raise InvalidInput("server_address_invalid")
    return LocalStore(Path(text))


def written(address: StoreAddress) -> str:
    """Return the text of an address, which `read_address` reads."""
    if isinstance(address, UnixServer):
        return f"{_UNIX}{address.path}"
    if isinstance(address, SshServer):
        return _SSH + _ssh_text(address)
    text = str(address.path)
    return f"./{text}" if _has_scheme(text) else text


def _has_scheme(text: str) -> bool:
    return ":" in text and re.match(_SCHEME, text) is not None


def _ssh(text: str) -> SshServer:
    found = re.fullmatch(_PARTS, text)
    if found is None:
        raise _ssh_invalid()
    user, host, port = found.groups()
    if host.startswith("["):
        host = host[1:-1]
        if not _is_ipv6(host):
            raise _ssh_invalid()
    return SshServer(host, user, None if port is None else int(port))


def _ssh_text(server: SshServer) -> str:
    user = "" if server.user is None else f"{server.user}@"
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"{user}{host}" + ("" if server.port is None else f":{server.port}")


def _is_ipv6(host: str) -> bool:
    """Say whether it is an IPv6 address; one with a zone is none, because ssh expands its `%`."""
    if ":" not in host:
        return False
    from ipaddress import AddressValueError, IPv6Address

    try:
        return IPv6Address(host).scope_id is None
    except AddressValueError:
        return False


def _ssh_invalid() -> InvalidInput:
    return InvalidInput("server_address_invalid", "ssh")
