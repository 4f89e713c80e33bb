"""The table of acts that the server carries out."""

from __future__ import annotations

from assigncli.protocol.acts import ACTS
from assigncli.server.carry_out import CARRY_OUT


def test_every_act_of_the_protocol_is_carried_out_and_no_other() -> None:
    assert CARRY_OUT.keys() == ACTS.keys()
