"""One member's own program that sends as much as it can: `python -m tests.signed_flood`.

Its arguments are the socket, the member's id, a file of framed messages that the member signed, and
over how many connections they are sent. It prints, as JSON, how many were answered with which code,
an empty one for what was not refused, and the seconds that all took.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from queue import Empty, SimpleQueue
from uuid import UUID

from assigncli.protocol.message import ANSWERS, Message, MessageKind
from assigncli.protocol.refusal import Refusal
from tests.serving import Wire


def main() -> None:
    """Send all of them, and say what came."""
    path, member, file, connections = sys.argv[1:]
    left, codes = SimpleQueue[bytes](), list[str]()
    for each in split(Path(file).read_bytes()):
        left.put(each)
    wires = [Wire.to(Path(path)) for _each in range(int(connections))]
    for wire in wires:
        wire.hello(UUID(member))
    began = time.monotonic()
    threads = [threading.Thread(target=send, args=(wire, left, codes)) for wire in wires]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({"codes": Counter(codes), "seconds": time.monotonic() - began}, sys.stdout)


def split(framed: bytes) -> list[bytes]:
    """Return the messages that stand behind their lengths."""
    found, at = [], 0
    while at < len(framed):
        end = at + 4 + int.from_bytes(framed[at : at + 4], "big")
        found.append(framed[at + 4 : end])
        at = end
    return found


def send(wire: Wire, left: SimpleQueue[bytes], codes: list[str]) -> None:
    """Send one after another until none is left."""
    while True:
        try:
            answer = wire.say(left.get_nowait())
        except Empty:
            return
        codes.append("closed" if answer is None else code_of(answer))
        if answer is None:
            return


def code_of(answer: bytes) -> str:
    """Return the code of a refusal; empty for any other answer."""
    found = Message.decode(answer, ANSWERS)
    refused = found.kind is MessageKind.REFUSAL
    return Refusal.decode(found.parts[0]).code if refused else ""


if __name__ == "__main__":
    main()
