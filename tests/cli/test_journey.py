"""The main job, from create to completed, as its users type it."""

from __future__ import annotations

from tests.office import ACCEPT, Office


def test_an_assignment_goes_from_draft_to_completed(office: Office) -> None:
    number = office.create("--consent-required --coordinator-notes 'Bring the magnifier.'")
    assert office.ok(f"dispatch {number} --json").json["status"] == "dispatched"
    (item,) = office.ok("inbox --json", profile="kari").json["assignments"]
    assert (item["status"], item["dispatched_by"]) == ("delivered", "Anne Berg")
    office.refused(f"open {number} --reveal", "consent_before_payload_access", 6, profile="kari")
    office.ok(f"consent {number} {ACCEPT}", profile="kari")
    brief = office.ok(f"open {number} --reveal", profile="kari").stdout
    assert "Name: Olga Prøvesen" in brief
    assert "Medical summary, line 2: Second line, æøå." in brief
    for line, status in (
        (f"ack {number}", "acknowledged"),
        (f"contact {number}", "contact_made"),
        (f"complete {number}", "completed"),
    ):
        assert office.ok(f"{line} --json", profile="kari").json["status"] == status
    shown = office.ok(f"show {number} --json").json
    assert [step["to_status"] for step in shown["timeline"]] == [
        "pending",
        "dispatched",
        "delivered",
        "read",
        "acknowledged",
        "contact_made",
        "completed",
    ]
    assert "whole" in office.ok("audit verify").stdout
