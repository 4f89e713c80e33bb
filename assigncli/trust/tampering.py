"""The errors of answers that do not verify, one for each code of PROTOCOL.md section 8.2.

Each ends the act and is told to the user. None says what was in the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assigncli.errors import AssignError, Tampered
from assigncli.locale import _
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
    return Tampered(
        _("The server's answer has no form that this program knows."),
        _("Check that program and server are of the same version, then try again."),
        code="answer_malformed",
    )


def head_invalid() -> AssignError:
    """The head is not signed by the organization's service, or is not of this answer."""
    return Tampered(
        _("The server's audit log is not signed by the organisation's service."),
        _("Do not go on. Ask an administrator to check the server."),
        code="head_invalid",
    )


def head_inconsistent() -> AssignError:
    """The head that this device keeps is no beginning of the server's log."""
    return Tampered(
        _("The server's audit log does not continue the one that this device has seen."),
        _("Do not go on. Ask an administrator whether the store was restored."),
        code="head_inconsistent",
    )


def entry_invalid() -> AssignError:
    """An entry's form, signature, organization or order is wrong."""
    return Tampered(
        _("An entry of the audit log does not verify."),
        _("Do not go on. Ask an administrator to check the audit log."),
        code="entry_invalid",
    )


def entry_not_in_log() -> AssignError:
    """A signed entry is not in the log of the head beside it."""
    return Tampered(
        _("The server shows an entry that is not in its audit log."),
        _("Do not go on. Ask an administrator to check the audit log."),
        code="entry_not_in_log",
    )


def entry_missing() -> AssignError:
    """A step without the one before it, or something that no entry shown bears out."""
    return Tampered(
        _("The server left out an entry of the audit log."),
        _("Do not go on. Ask an administrator to check the audit log."),
        code="entry_missing",
    )


def certificate_invalid() -> AssignError:
    """A certificate does not lead to the root, or did not count where it was used."""
    return Tampered(
        _("A member's certificate does not verify."),
        _("Do not go on. Ask an administrator to check the member and issue a new certificate."),
        code="certificate_invalid",
    )


def statement_invalid() -> AssignError:
    """A statement is not signed by its device, or is not what its entries carry out."""
    return Tampered(
        _("What a member signed is not what the audit log says they did."),
        _("Do not go on. Ask an administrator to check the audit log."),
        code="statement_invalid",
    )


def statement_not_ours() -> AssignError:
    """The answer is about something else than was asked or sent."""
    return Tampered(
        _("The server answered something else than was asked."),
        _("Do not rely on the answer. Try again, then ask an administrator to check the server."),
        code="statement_not_ours",
    )


def manifest_invalid() -> AssignError:
    """A manifest or its ciphertext is not what the dispatcher signed and the log names."""
    return Tampered(
        _("This assignment is not as its coordinator signed it."),
        _("Do not rely on it. Tell the coordinator, by another way than this program."),
        code="manifest_invalid",
    )


def text_altered() -> AssignError:
    """A text does not fit its digest, or is missing."""
    return Tampered(
        _("A text is not as it was signed."),
        _("Do not rely on it. Ask an administrator to check the store."),
        code="text_altered",
    )


def wrap_altered() -> AssignError:
    """A wrap's signature, reader or maker is wrong."""
    return Tampered(
        _("A sealed key was altered, or was made by someone who may not make it."),
        _("Ask the coordinator who sent the assignment to seal it to you again."),
        code="wrap_altered",
    )


def share_mismatch() -> AssignError:
    """The share is not the one that the manifest commits to."""
    return Tampered(
        _("The vault's part of the key does not belong to this assignment."),
        _("Do not go on. Ask an administrator to check the store and the vault."),
        code="share_mismatch",
    )
