"""The name of each act, in the audit log and elsewhere."""

from __future__ import annotations

from typing import Final

from assigncli.domain.actions import STEP_OF, Action
from assigncli.domain.lifecycle import status_word
from assigncli.locale import N_, _

_ACTIONS: Final = {
    Action.ORGANIZATION_FOUNDED: N_("organisation founded"),
    Action.SERVICE_REPLACED: N_("key of the server replaced"),
    Action.SETTING_CHANGED: N_("setting changed"),
    Action.LOG_RESTORED: N_("store restored"),
    Action.MEMBER_INVITED: N_("member invited"),
    Action.DEVICE_INVITED: N_("device invited"),
    Action.DEVICE_JOINED: N_("asked to join"),
    Action.DEVICE_APPROVED: N_("device approved"),
    Action.DEVICE_REVOKED: N_("device revoked"),
    Action.DEVICE_SUSPENDED: N_("device suspended"),
    Action.DEVICE_CONFIRMED: N_("device compared again"),
    Action.MEMBER_APPROVED: N_("member approved"),
    Action.MEMBER_CERTIFIED: N_("member certified"),
    Action.MEMBER_PAUSED: N_("mentor paused"),
    Action.MEMBER_RESUMED: N_("pause ended"),
    Action.MEMBER_REVOKED: N_("membership revoked"),
    Action.MEMBER_LAPSED: N_("certification lapsed"),
    Action.MEMBER_RESTORED: N_("status of a membership put right"),
    Action.MEMBER_CHANNELS_CHANGED: N_("notification channels changed"),
    Action.CYCLE_OPENED: N_("reporting cycle opened"),
    Action.CYCLE_CLOSED: N_("reporting cycle closed"),
    Action.CYCLE_REOPENED: N_("reporting cycle reopened"),
    Action.ASSIGNMENT_CREATED: N_("created"),
    Action.ASSIGNMENT_EDITED: N_("draft changed"),
    Action.ASSIGNMENT_REMINDED: N_("reminder queued"),
    Action.ASSIGNMENT_ARCHIVED: N_("archived"),
    Action.ASSIGNMENT_ERASED: N_("erased"),
    Action.ASSIGNMENT_DECLINED: N_("declined"),
    Action.CONSENT_COMPLETED: N_("consent given"),
    Action.CONTACT_UNANSWERED: N_("tried, no answer"),
    Action.PAYLOAD_DECRYPTED: N_("brief opened"),
    Action.PAYLOAD_REFUSED: N_("refused to open the brief"),
    Action.PAYLOAD_SHREDDED: N_("key of the brief deleted"),
    Action.WRAP_ADDED: N_("brief made readable on another device"),
    Action.NOTIFICATION_RETRIED: N_("notification queued again"),
    Action.HONORARIUM_EXPORTED: N_("honorarium figures exported"),
    Action.PRIVACY_EXPORTED: N_("personal data given out"),
    Action.ORGANIZATION_KEY_SHARED: N_("key of the organisation shared"),
    Action.ATTEMPT_REFUSED: N_("attempt refused"),
    Action.ATTEMPTS_COUNTED: N_("more attempts refused"),
}
"""An assignment's steps are named as its status, except that a draft is created."""


_BATCHES: Final = {
    "batch.created": Action.ASSIGNMENT_CREATED,
    "batch.dispatched": Action.ASSIGNMENT_DISPATCHED,
}
"""Acts with another name in their entries."""


def root_key() -> str:
    """Return who acted where the organisation's root key did."""
    return _("the root key")


def word(act: str) -> str:
    """Return the name of an act, or the act itself if it has none here."""
    act = _BATCHES.get(act, act)
    if act not in set(Action):
        return act
    action = Action(act)
    return _(_ACTIONS[action]) if action in _ACTIONS else status_word(STEP_OF[action])
