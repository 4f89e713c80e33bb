"""The errors of answers that do not verify, one for each code of PROTOCOL.md section 8.2.

Each ends the act and is told to the user. None says what was in the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assigncli.errors import AssignError, Tampered
from assigncli.protocol.canonical import Malformed

Fault = Callable[[], AssignError]


@contextmanager
def read_or(fault: Fault) -> Iterator[None]:
    """Raise `fault` for bytes of no allowed form."""
    try:
        yield
    except Malformed:
        raise fault() from None


def require(holds: bool, fault: Fault) -> None:
    """Raise `fault` unless `holds`."""
    if not holds:
        raise fault()


def answer_malformed() -> AssignError:
    """An answer is in no form of the protocol."""
    return Tampered("answer_malformed")


def head_invalid() -> AssignError:
    """The head is not signed by the organization's service, or is not of this answer."""
    return Tampered("head_invalid")


def head_inconsistent() -> AssignError:
    """The head that this device keeps is no beginning of the server's log."""
    return Tampered("head_inconsistent")


def entry_invalid() -> AssignError:
    """An entry's form, signature, organization or order is wrong."""
    return Tampered("entry_invalid")


def entry_not_in_log() -> AssignError:
    """A signed entry is not in the log of the head beside it."""
    return Tampered("entry_not_in_log")


def entry_missing() -> AssignError:
    """A step without the one before it, or something that no entry shown bears out."""
    return Tampered("entry_missing")


def certificate_invalid() -> AssignError:
    """A certificate does not lead to the root, or did not count where it was used."""
    return Tampered("certificate_invalid")


def statement_invalid() -> AssignError:
    """A statement is not signed by its device, or is not what its entries carry out."""
    return Tampered("statement_invalid")


def statement_not_ours() -> AssignError:
    """The answer is about something else than was asked or sent."""
    return Tampered("statement_not_ours")


def manifest_invalid() -> AssignError:
    """A manifest or its ciphertext is not what the dispatcher signed and the log names."""
    return Tampered("manifest_invalid")


def text_altered() -> AssignError:
    """A text does not fit its digest, or is missing."""
    return Tampered("text_altered")


def wrap_altered() -> AssignError:
    """A wrap's signature, reader or maker is wrong."""
    return Tampered("wrap_altered")


def share_mismatch() -> AssignError:
    """The share is not the one that the manifest commits to."""
    return Tampered("share_mismatch")
