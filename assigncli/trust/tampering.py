"""The errors of answers that do not verify, one for each code of PROTOCOL.md section 8.2.

Each ends the act and is shown to the user. None contains anything of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assigncli.errors import AssignError, Tampered
from assigncli.protocol.canonical import Malformed

Fault = Callable[[], AssignError]


@contextmanager
def read_or(fault: Fault) -> Iterator[None]:
    """Raise `fault` instead of Malformed."""
    try:
        yield
    except Malformed:
        raise fault() from None


def require(holds: bool, fault: Fault) -> None:
    """Raise `fault` unless `holds`."""
    if not holds:
        raise fault()


def answer_malformed() -> AssignError:
    """Return the error for an answer that is not in a form of the protocol."""
    return Tampered("answer_malformed")


def head_invalid() -> AssignError:
    """Return the error for an invalid head.

    The organisation's service did not sign it, or it does not belong to this answer.
    """
    return Tampered("head_invalid")


def head_inconsistent() -> AssignError:
    """Return the error for a server's log that does not continue the kept head."""
    return Tampered("head_inconsistent")


def entry_invalid() -> AssignError:
    """Return the error for an entry with a wrong form, signature, organisation or order."""
    return Tampered("entry_invalid")


def entry_not_in_log() -> AssignError:
    """Return the error for a signed entry that is not in the log of the head beside it."""
    return Tampered("entry_not_in_log")


def entry_missing() -> AssignError:
    """Return the error for a step without the one before it, or for entries that are not shown."""
    return Tampered("entry_missing")


def certificate_invalid() -> AssignError:
    """Return the error for a certificate that does not lead to the root, or did not count there."""
    return Tampered("certificate_invalid")


def statement_invalid() -> AssignError:
    """Return the error for a statement not signed by its device or not matching its entries."""
    return Tampered("statement_invalid")


def statement_not_ours() -> AssignError:
    """Return the error for an answer about something else than was asked or sent."""
    return Tampered("statement_not_ours")


def manifest_invalid() -> AssignError:
    """Return the error for a manifest or ciphertext that is not as the dispatcher signed it."""
    return Tampered("manifest_invalid")


def text_altered() -> AssignError:
    """Return the error for a text that does not match its digest, or is missing."""
    return Tampered("text_altered")


def wrap_altered() -> AssignError:
    """Return the error for a wrap with a wrong signature, reader or maker."""
    return Tampered("wrap_altered")


def share_mismatch() -> AssignError:
    """Return the error for a share that is not the one to which the manifest commits."""
    return Tampered("share_mismatch")
