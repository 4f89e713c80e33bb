"""Act as another account of this machine for a while, which only root can do.

What a file lets that account do then holds for the process, and what it makes is that account's. So
root reads nothing for an account that it could not read itself, also where a folder is full of
links.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assigncli.errors import InvalidInput, NotAllowed, StoreUnavailable

_ROOT = 0


@dataclass(frozen=True)
class SystemAccount:
    """An account of the operating system: its number, its group's, and its name."""

    uid: int
    gid: int
    name: str


def account_named(name: str) -> SystemAccount:
    """Return the account; raises InvalidInput `account_unknown`."""
    import pwd

    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise InvalidInput("account_unknown", "owner") from None
    return SystemAccount(found.pw_uid, found.pw_gid, found.pw_name)


def owner_of(folder: Path) -> SystemAccount:
    """Return the account that owns a folder; raises StoreUnavailable `store_unreachable`."""
    import pwd

    try:
        uid = folder.stat().st_uid
    except OSError:
        raise StoreUnavailable("store_unreachable", "path", path=str(folder)) from None
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        return SystemAccount(uid, uid, str(uid))
    return SystemAccount(uid, found.pw_gid, found.pw_name)


@contextmanager
def acting_as(account: SystemAccount) -> Iterator[None]:
    """Be this account inside the block; raises NotAllowed `root_needed`."""
    if os.geteuid() == account.uid:
        yield
        return
    if os.getuid() != _ROOT:
        raise NotAllowed("root_needed", account=account.name)
    before = os.geteuid(), os.getegid(), os.getgroups()
    _become(account.uid, account.gid, os.getgrouplist(account.name, account.gid))
    try:
        yield
    finally:
        _become(*before)


@contextmanager
def acting_as_started() -> Iterator[None]:
    """Be the account that started the program inside the block."""
    if os.geteuid() == os.getuid():
        yield
        return
    before = os.geteuid(), os.getegid(), os.getgroups()
    os.seteuid(os.getuid())
    try:
        yield
    finally:
        _become(*before)


def _become(uid: int, gid: int, groups: list[int]) -> None:
    os.seteuid(_ROOT)
    os.setgroups(groups)
    os.setegid(gid)
    os.seteuid(uid)
