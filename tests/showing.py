"""What a server would show of its whole log: evidence from the rows of an office's store."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from sqlmodel import Session as Transaction
from sqlmodel import select

from assigncli.protocol import tree
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.head import Head, head_text
from assigncli.protocol.question import Question
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.protocol.signed import Logged, Signed
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text
from assigncli.server.heads import node_in
from assigncli.server.record import entry_of
from assigncli.server.store import members, organizations
from assigncli.server.store.statement_rows import LogNode, StatementRow
from assigncli.server.store.tables import AuditEntry, CertificateRow, Member
from tests.acting import acting
from tests.office import Office


def shown(office: Office, profile: str = "anne") -> tuple[bytes, Question]:
    """Return evidence of every entry of the log, and the question that it answers."""
    with acting(office, profile) as session, session.host.store.read() as tx:
        organization = session.client.organization_id
        found = tx.exec(select(AuditEntry).order_by("sequence")).all()  # type: ignore[arg-type]
        nodes = {(each.level, each.place): each.hash for each in tx.exec(select(LogNode))}
        node_at, size = partial(node_in, nodes), len(found)
        root, service = tree.root(size, node_at), found[0].service_certificate_id
        signature = session.host.service.identity.sign_head(head_text(organization, size, root))
        evidence = Evidence(
            organization=organization,
            act="read.log",
            about=None,
            now=office.now,
            zone=session.zone,
            service=service,
            head=Head(size, root, service, signature),
            consistency=(),
            certificates=_certificates(tx, organization),
            entries=tuple(
                Logged(
                    entry_of(row).encode(),
                    row.signature,
                    tuple(tree.inclusion(row.sequence - 1, size, node_at)),
                )
                for row in found
            ),
            statements=tuple(_statement(tx, row) for row in tx.exec(select(StatementRow))),
        )
        question = Question(
            organization,
            service,
            members.live_certificates(tx, session.client.member_id)[0].id,
            "read.log",
            None,
            office.now,
            bytes(16),
            NOTHING_SEEN,
            {"after": 0, "limit": 250, "subject": None},
        )
        return evidence.encode(), question


def _certificates(tx: Transaction, organization: UUID) -> tuple[Signed, ...]:
    """Return all certificates, those that the root issued before the others."""
    rows = members.certificates_of(tx, organization)
    rows.sort(key=lambda row: Certificate.decode(row.body).issuer is not None)
    return tuple(_certificate(tx, row) for row in rows)


def _certificate(tx: Transaction, row: CertificateRow) -> Signed:
    texts = _names(tx, Certificate.decode(row.body).member)
    return Signed(row.body, row.signature, {**texts, "device": Text(row.device_salt, row.device)})


def _names(tx: Transaction, member_id: UUID) -> dict[str, Text]:
    member = tx.get(Member, member_id)
    assert member is not None
    return {
        "handle": Text(member.handle_salt, member.handle),
        "display_name": Text(member.display_name_salt, member.display_name),
    }


def _device(tx: Transaction, member_id: UUID) -> dict[str, Text]:
    """Return the name of the one device that a member has."""
    (row,) = members.live_certificates(tx, member_id)
    return {"device": Text(row.device_salt, row.device)}


def _statement(tx: Transaction, row: StatementRow) -> Signed:
    said = Statement.decode(row.body)
    texts: dict[str, Text] = {}
    if said.act == "organization.founded":
        organization = organizations.by_id(tx, said.organization)
        assert organization is not None
        texts["name"] = Text(organization.name_salt, organization.name)
        texts |= _names(tx, UUID(said.arguments["founder"]))
        texts |= _device(tx, UUID(said.arguments["founder"]))
    elif said.act == "member.invited":
        texts = _names(tx, said.about)
    elif said.act == "device.joined":
        texts = _device(tx, said.about)
    return Signed(row.body, row.signature, texts)
