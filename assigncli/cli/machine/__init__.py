"""Check what this machine gives the program: file systems, disk space, and the environment.

Each check returns a sentence if all is well and raises if something needs attention. Nothing is
changed, and no variable's value is shown.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from assigncli.cli.input.spoken_language import spoken_language
from assigncli.errors import AssignError
from assigncli.locale import _

MOUNTS: Final = Path("/proc/self/mountinfo")
LEAST_ROOM: Final = 100_000_000
_MEGABYTE: Final = 1_000_000
_KIND_AFTER: Final = " - "
_DEVICE: Final = 2
_MOUNT_POINT: Final = 4
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")
# fmt: off
_NETWORK: Final = frozenset((
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "glusterfs", "gpfs", "lustre",
    "ncpfs", "nfs", "nfs4", "openafs", "orangefs", "prl_fs", "pvfs2", "smb2", "smb3", "smbfs",
    "vboxsf", "vmhgfs",
))
_NETWORK_PROGRAMS: Final = frozenset((
    "ceph", "ceph-fuse", "curlftpfs", "davfs", "davfs2", "gcsfuse", "glusterfs",
    "google-drive-ocamlfuse", "gvfsd-fuse", "juicefs", "mfs", "onedriver", "rclone", "s3fs",
    "smbnetfs", "sshfs", "vmhgfs-fuse",
))
"""User-space file systems are named after their program, as in fuse.sshfs."""
# fmt: on
_PLACES: Final = ("XDG_CONFIG_HOME", "XDG_DATA_HOME")
_LANGUAGE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


class StoreFiles(Protocol):
    """Where a store and its vault are; a profile says so, or the operator."""

    @property
    def store(self) -> Path:
        """The store's file."""

    @property
    def vault(self) -> Path:
        """The vault's file."""


def network_file_system(files: StoreFiles) -> str:
    """Say that store and vault are on this machine; raise AssignError if one is on a network."""
    mounts = known_mounts()
    if mounts is None:
        return _(
            "This program cannot tell whether the store and the vault are on a network "
            "file system. If they are, let only one machine write at a time."
        )
    store, vault = (
        network_kind(mounts, PurePosixPath(os.path.realpath(place)))
        for place in (files.store, files.vault)
    )
    if store is None and vault is None:
        return _("Store and vault lie on this machine, not on a network file system.")
    raise AssignError("failure", "on_network", store=store, vault=vault)


def network_kind(mounts: str, path: PurePosixPath) -> str | None:
    """Return the kind of network file system `path` is on, None for a local one.

    `mounts` is the text of mountinfo as in proc(5); `path` is absolute, its links resolved.
    """
    mount = mount_of(mounts, path)
    kind = "" if mount is None else mount.kind
    family, _dot, program = kind.partition(".")
    on_network = kind in _NETWORK or (family == "fuse" and program in _NETWORK_PROGRAMS)
    return kind if on_network else None


@dataclass(frozen=True)
class Mount:
    """One line of the list of mounts: mount point, kind, and what is mounted there.

    `device` is "major:minor"; `options` are those of the file system itself.
    """

    point: PurePosixPath
    kind: str
    source: str
    device: str
    options: frozenset[str]


def listed(mounts: str) -> Iterator[Mount]:
    """Yield the mounts in a text as in proc(5); lines that are not mounts are skipped."""
    for line in mounts.splitlines():
        before, _dash, after = line.partition(_KIND_AFTER)
        fields, kinds = before.split(" "), after.split(" ")
        if len(fields) <= _MOUNT_POINT or not kinds[0]:
            continue
        point = PurePosixPath(_ESCAPED.sub(_character, fields[_MOUNT_POINT]))
        source = _ESCAPED.sub(_character, "".join(kinds[1:2]))
        options = frozenset("".join(kinds[2:3]).split(","))
        yield Mount(point, kinds[0], source, fields[_DEVICE], options)


def mount_of(mounts: str, path: PurePosixPath) -> Mount | None:
    """Return the mount that `path`, absolute and without links, is on."""
    found: Mount | None = None
    for mount in listed(mounts):
        # Of two mounts at the same point the later one hides the earlier.
        deeper = found is None or len(mount.point.parts) >= len(found.point.parts)
        if path.is_relative_to(mount.point) and deeper:
            found = mount
    return found


def disk_room(files: StoreFiles) -> str:
    """Say that there is enough disk space; raise AssignError if there is too little.

    A change keeps a journal of what it changes, and may grow the store: twice the present size is
    enough for anything.
    """
    places = [Path(os.path.realpath(place)) for place in (files.store, files.vault)]
    try:
        free = min(shutil.disk_usage(place.parent).free for place in places)
        size = sum(place.stat().st_size for place in places if place.exists())
    except OSError:
        raise AssignError("failure", "room_unknown") from None
    needed = max(LEAST_ROOM, 2 * size)
    if free >= needed:
        return _("There is enough room for the store and the vault.")
    raise AssignError(
        "failure", "room_short", free=free // _MEGABYTE, needed=-(-needed // _MEGABYTE)
    )


def cron(environ: Mapping[str, str], language: str | None) -> str:
    """Say what a scheduled job would lack; `language` is the setting of profile or machine."""
    names = missing_under_cron(environ, language)
    if names:
        lacks = _(
            "A scheduled job begins with an empty environment: write {names} into the crontab, "
            "as set here."
        ).format(names=", ".join(names))
    else:
        lacks = _("A scheduled job gets all it needs.")
    only = _(
        "A scheduled job has neither a key store nor a passphrase. Only assign sweep works there."
    )
    return f"{lacks} {only}"


def missing_under_cron(environ: Mapping[str, str], language: str | None) -> tuple[str, ...]:
    """Return the names of the variables without which the program would behave differently."""
    names = sorted(name for name in environ if name.startswith("ASSIGN_") and environ[name])
    if not environ.get("ASSIGN_HOME"):
        names += [name for name in _PLACES if environ.get(name)]
    if spoken_language(language, environ) != spoken_language(language, {}):
        names += [name for name in _LANGUAGE if environ.get(name)][:1]
    return tuple(names)


def known_mounts() -> str | None:
    """Return the text of this machine's list of mounts, or None if there is none."""
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None


def _character(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 8))
