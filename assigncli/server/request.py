"""Check size and form of a request: steps 1 and 2 of PROTOCOL.md section 7.

The store is not asked, so a stranger's bytes cost no more than reading them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from assigncli.protocol import message
from assigncli.protocol.acts import ActUnknown, check_statement
from assigncli.protocol.canonical import Malformed, VersionUnknown
from assigncli.protocol.message import REQUESTS, Message, MessageKind, StatementTooLarge, TooLarge
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text, decode_texts
from assigncli.server.refused import Refused

_STATEMENT_PARTS: Final = 2


@dataclass(frozen=True)
class Request:
    """A statement with its hash and signature; texts and attachments are not checked yet.

    `is_act` is False if only the outcome is asked for.
    """

    is_act: bool
    statement: Statement
    body: bytes
    hash: bytes
    signature: bytes
    texts: Mapping[str, Text] = field(default_factory=dict, repr=False)
    attachments: tuple[bytes, ...] = field(default=(), repr=False)


def read(data: bytes) -> Message:
    """Return the message; raises Refused if its size or form is not allowed."""
    with refused_form("message_malformed"):
        return Message.decode(data, REQUESTS)


def act_of(found: Message) -> Request:
    """Return the statement to carry out, or whose outcome is asked for; raises Refused."""
    body, signature = found.parts[:_STATEMENT_PARTS]
    with refused_form("statement_malformed"):
        statement = Statement.decode(body)
        act = check_statement(statement)
    hashed = Statement.digest(body)
    if found.kind is MessageKind.OUTCOME:
        return Request(False, statement, body, hashed, signature)
    texts, attachments = found.parts[_STATEMENT_PARTS], found.parts[_STATEMENT_PARTS + 1 :]
    with refused_form("message_malformed"):
        message.check_attachments(act, attachments)
        return Request(True, statement, body, hashed, signature, decode_texts(texts), attachments)


@contextmanager
def refused_form(otherwise: str) -> Iterator[None]:
    """Refuse what is too large, unknown or malformed; `otherwise` is the code for malformed."""
    try:
        yield
    except StatementTooLarge:
        raise Refused("statement_too_large") from None
    except TooLarge:
        raise Refused("message_too_large") from None
    except VersionUnknown:
        raise Refused("version_unknown", newest=message.VERSION) from None
    except ActUnknown:
        raise Refused("act_unknown") from None
    except Malformed:
        raise Refused(otherwise) from None
