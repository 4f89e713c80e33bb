"""The audit log, its tree and the statements inside the database, against raw SQL."""

from __future__ import annotations

from collections.abc import Callable

from .conftest import World, moment, new_id


def entry(world: World, sequence: int) -> None:
    """Append an entry without its node."""
    world.add(
        "audit_log",
        organization_id=world.own.id,
        sequence=sequence,
        at=moment(),
        actor_id=world.own.coordinator,
        actor_certificate_id=world.own.coordinator_certificate,
        action="payload_decrypted",
        subject_id=new_id(),
        details="{}",
        service_certificate_id=world.own.coordinator_certificate,
        signature=bytes(64),
    )


def in_another_organization(world: World, act: Callable[[World], None]) -> None:
    own, world.own = world.own, world.organization()
    act(world)
    world.own = own


def test_audit_chain_neither_branches_nor_skips(world: World) -> None:
    world.audit()
    world.audit(statement_hash=world.statement())
    for changes in (
        {"sequence": 4},
        {"signature": bytes(63)},
        {"statement_hash": bytes(32)},
        {"statement_hash": world.statement(organization_id=world.organization().id)},
    ):
        with world.refused("audit_chain"):
            world.audit(**changes)
    world.audit()


def test_audit_chain_has_a_node_for_each_entry(world: World) -> None:
    other = world.organization()
    with world.refused("audit_chain"):
        world.add(
            "audit_log",
            organization_id=other.id,
            sequence=1,
            at=moment(),
            actor_id=other.coordinator,
            actor_certificate_id=other.coordinator_certificate,
            action="payload_decrypted",
            subject_id=new_id(),
            details="{}",
            service_certificate_id=other.coordinator_certificate,
            signature=bytes(64),
        )


def test_audit_chain_of_nodes_has_no_gaps(world: World) -> None:
    for level, place in ((0, 1), (1, 0), (-1, 0), (0, -1)):
        with world.refused("audit_chain"):
            world.node(level, place)
    with world.refused("audit_chain"):
        world.node(0, 0, hash=bytes(31))
    world.node(0, 0)
    with world.refused("audit_chain"):
        world.node(1, 0)
    world.node(0, 1)
    with world.refused("audit_chain"):
        world.node(1, 1)
    world.node(1, 0)
    with world.refused("append_only"):
        world.node(1, 0)


def test_audit_chain_takes_whole_statements_only(world: World) -> None:
    for changes in ({"hash": bytes(31)}, {"signature": bytes(63)}):
        with world.refused("audit_chain"):
            world.statement(**changes)


def test_append_only_refuses_an_audit_sequence_that_is_taken(world: World) -> None:
    world.audit()
    with world.refused("append_only"):
        world.audit(sequence=1)


def test_audit_chain_is_one_for_each_organization(world: World) -> None:
    world.audit()
    other = world.organization()
    world.own, first = other, world.own
    world.audit(sequence=1)
    world.own = first
    world.audit(sequence=2)


def test_audit_chain_begins_at_one_also_where_a_node_is_ahead(world: World) -> None:
    world.node(0, 0)
    world.node(0, 1)
    with world.refused("audit_chain"):
        entry(world, 2)


def test_audit_chain_counts_no_entry_of_another_organization(world: World) -> None:
    in_another_organization(world, World.audit)
    world.node(0, 0)
    world.node(0, 1)
    with world.refused("audit_chain"):
        entry(world, 2)


def test_audit_chain_takes_no_node_of_another_organization(world: World) -> None:
    in_another_organization(world, lambda other: other.node(0, 0))
    with world.refused("audit_chain"):
        entry(world, 1)


def test_audit_chain_takes_no_node_of_another_entry(world: World) -> None:
    world.audit()
    with world.refused("audit_chain"):
        entry(world, 2)


def test_audit_chain_of_nodes_asks_for_the_neighbour_itself(world: World) -> None:
    world.node(0, 0)
    with world.refused("audit_chain"):
        world.node(0, 2)
    for place in (1, 2, 3):
        world.node(0, place)
    with world.refused("audit_chain"):
        world.node(1, 1)
    world.node(1, 0)
    with world.refused("audit_chain"):
        world.node(2, 0)
    world.node(1, 1)
    world.node(2, 0)


def test_audit_chain_of_nodes_is_one_for_each_organization(world: World) -> None:
    def filled(other: World) -> None:
        other.node(0, 0)
        other.node(0, 1)

    in_another_organization(world, filled)
    with world.refused("audit_chain"):
        world.node(0, 1)
    world.node(0, 0)
    with world.refused("audit_chain"):
        world.node(1, 0)
