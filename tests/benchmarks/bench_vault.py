"""What the vault costs with few and with very many live shares, as a ratio.

First its own acts, then a whole recall with all its store does; the newest share, the oldest, and
one that is not there. Each act opens the file anew, as a command does; the best of several counts,
taken by turns. Processor time, so that a busy machine has little say.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from assigncli.server.vault.vault import Vault
from tests import slots
from tests.office import Office, found

SIZES = (1_000, 1_000_000)
REPEATS = 7

Act = Callable[[Vault, list[UUID]], object]


def main() -> None:
    """Fill vaults, print each act's milliseconds in each, and the ratio."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as folder:
        founded = found(Path(folder) / "founded")
        offices = {size: filled(founded, Path(folder) / str(size), size) for size in sizes}
        columns = "".join(f"{f'{size} shares (ms)':>22}" for size in sizes)
        print(f"{'best of ' + str(REPEATS):32}{columns}{'ratio':>8}")
        for name, act in ACTS.items():
            said(name, {size: best(act, *offices[size]) for size in sizes})
        for name, first in (("recall of the newest", False), ("recall of the oldest", True)):
            said(name, recalled({size: offices[size][0] for size in sizes}, first=first))
        office, keys = offices[sizes[-1]]
        tracemalloc.start()
        Vault.open(office.vault).held_among(keys[:1000])
        print(f"1,000 looked for in {sizes[-1]}: {tracemalloc.get_traced_memory()[1] / 1e6:.1f} MB")


def said(name: str, seconds: dict[int, float]) -> None:
    """Print one line of the table."""
    taken = list(seconds.values())
    figures = "".join(f"{1000 * each:22.1f}" for each in taken)
    print(f"{name:32}{figures}{taken[-1] / taken[0]:8.2f}", flush=True)


def filled(founded: Office, folder: Path, size: int) -> tuple[Office, list[UUID]]:
    """Return an office with `size` live shares, those of real assignments first and last."""
    office = founded.copy_to(folder)
    dispatched(office)
    keys = [uuid4() for _ in range(size)]
    with office.vault.open("ab") as file:  # at once: the system keeps it in few large pages
        file.write(b"".join(slots.live(key.bytes, os.urandom(32)) for key in keys))
    dispatched(office)
    top = office.vault.stat().st_size // slots.SLOT - 1
    slots.write_at(office.vault, slots.header(top), 0)
    return office, keys


def dispatched(office: Office) -> None:
    """Send as many assignments as are recalled."""
    for _repeat in range(REPEATS):
        office.dispatch()


def best(act: Act, office: Office, keys: list[UUID]) -> float:
    """Return the best seconds of an act."""
    taken = []
    for _repeat in range(REPEATS):
        began = time.process_time()
        act(Vault.open(office.vault), keys)
        taken.append(time.process_time() - began)
    return min(taken)


def recalled(offices: dict[int, Office], *, first: bool) -> dict[int, float]:
    """Return the best seconds of recalling real assignments: the first ones, or the last ones."""
    taken: dict[int, list[float]] = {size: [] for size in offices}
    for place in range(1, REPEATS + 1):
        for size, office in offices.items():
            number = place if first else REPEATS + place
            began = time.process_time()
            office.ok(f"recall --yes {number}")
            taken[size].append(time.process_time() - began)
    return {size: min(each) for size, each in taken.items()}


ACTS: dict[str, Act] = {
    "look for the newest": lambda vault, keys: vault.held_among(keys[-1:]),
    "look for the oldest": lambda vault, keys: vault.held_among(keys[:1]),
    "look for one that is not there": lambda vault, _keys: vault.held_among([uuid4()]),
    "look for 200 of all ages": lambda vault, keys: vault.held_among(keys[:: len(keys) // 200]),
    "put one": lambda vault, _keys: vault.put(uuid4(), secrets.token_bytes(32)),
    "look at every slot (check)": lambda vault, _keys: vault.check(),
}


if __name__ == "__main__":
    main()
