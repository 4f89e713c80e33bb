"""The sentences on members: invited, approved, certified, paused or gone, and who may vouch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from assigncli.domain.days import day_in_words
from assigncli.locale import N_, _
from assigncli.words.form import Catalogue, Sentences

_WHO_IS_A_MENTOR: Final = N_("Run assign member list --role peer_mentor to see who is.")
_WHO_IS_A_MEMBER: Final = N_("Run assign member list to see who is a member.")
_WHO_WAITS: Final = N_("Run assign member list to see who is waiting for approval.")
_CHOOSE_ANOTHER: Final = N_(
    "Choose another mentor. Run assign member list --role peer_mentor to see them."
)


def _lapsed(hint: str) -> Callable[[str, date | None, date, str], Sentences]:
    def said(name: str, until: date | None, today: date, handle: str) -> Sentences:
        return _lapsed_on(name, until, today), _(hint).format(handle=handle)

    return said


def _lapsed_on(name: str, until: date | None, today: date) -> str:
    if until is None or until >= today:
        return _("The certification of {name} has lapsed.").format(name=name)
    day = day_in_words(until, today)
    return _("The certification of {name} lapsed on {day}.").format(name=name, day=day)


def _paused(name: str, until: date | None, today: date, handle: str) -> Sentences:
    hint = _("Run assign member resume {handle} first, or choose another mentor.")
    return _paused_until(name, until, today), hint.format(handle=handle)


def _paused_until(name: str, until: date | None, today: date) -> str:
    if until is None:
        return _("{name} is paused, without an end date.").format(name=name)
    return _("{name} is paused until {day}.").format(name=name, day=day_in_words(until, today))


MEMBERS: Final[Catalogue] = {
    "same_mentor": (
        N_("The assignment is with {name} already."),
        N_("Name another mentor with --to."),
    ),
    "fingerprint_mismatch": (
        N_("The fingerprints are not the same, so the member is not approved."),
        N_("Compare them once more by telephone. If they differ again, a key was swapped."),
    ),
    "kit_of_another": (
        N_("No organisation at this address has the root key of this kit."),
        N_("Check the address, and that the paper is this organisation's."),
    ),
    "kit_alone": (
        N_("The key kit and an invitation are two ways to join."),
        N_("Give one of them: the invitation alone, or --kit with the address."),
    ),
    "kit_needed": (
        N_("An invitation says already who is joining."),
        N_("Leave out --handle, --name and --coordinator, or use --kit."),
    ),
    "handle_taken.no_administrator": (
        N_("{name} has this handle, and is no administrator."),
        N_("Give the handle of an administrator, or a new handle for yourself."),
    ),
    "handle_taken.waiting": (
        N_("Somebody with another name or other roles waits for approval under this handle."),
        N_("Repeat what you typed the first time, or choose another handle."),
    ),
    "invitation_malformed": (
        N_("This is not a whole invitation."),
        N_("Give the whole line that your coordinator sent you, from assign-join-1 to its end."),
    ),
    "handle_taken": (
        N_("Another member already has this handle."),
        N_("Choose another handle."),
    ),
    "member_already_revoked": (
        N_("The membership of {name} is already ended."),
        _WHO_IS_A_MEMBER,
    ),
    "may_not_vouch.renew": (
        N_("Nobody renews their own certification."),
        N_("Ask another coordinator or an administrator."),
    ),
    "may_not_vouch.service": (
        N_("The service cannot be revoked: nothing could be written without it."),
        N_("Keep the folder beside the store that holds its key to yourself."),
    ),
    "may_not_vouch.revoke": (
        N_("You may not revoke this member."),
        N_("Ask another administrator."),
    ),
    "may_not_vouch.own_device": (
        N_("Nobody approves a device of their own."),
        N_("Read its fingerprint to who can approve you; a sole administrator uses the key kit."),
    ),
    "device_of_no_member": (
        N_("{name} is not approved as a member yet, so no device can be added."),
        N_("Run assign member approve {handle} first."),
    ),
    "device_alone": (
        N_("A further device has the name, roles and certification that its member has."),
        N_("Use --device alone, or with --address."),
    ),
    "device_is_here": (
        N_("This machine already holds a key of this member."),
        N_("Use the profile {profile}. For new keys on this machine, run assign key rotate."),
    ),
    "device_not_found": (
        N_("There is no such device, or its key is ended already."),
        N_("Run assign key list to see the devices of a member."),
    ),
    "device_unclear": (
        N_("More than one device of this member has that name."),
        N_("Give the certificate instead of the name, from assign key list --full."),
    ),
    "device_in_use": (
        N_("This is the device that you are using."),
        N_("Do it on another device, or ask a coordinator or an administrator."),
    ),
    "last_administrator": (
        N_("Then no administrator could do anything any more."),
        N_("Approve another administrator first, or another device of this one."),
    ),
    "member_not_waiting": (
        N_("{name} is not waiting for approval."),
        _WHO_WAITS,
    ),
    "member_not_a_mentor": (
        N_("{name} is not a peer mentor."),
        _WHO_IS_A_MENTOR,
    ),
    "certified_until_past": (
        N_("The certification would end in the past."),
        N_("Give a day from today on."),
    ),
    "paused_until_past": (
        N_("The last day of the pause has already passed."),
        N_("Give a day from today on."),
    ),
    "recipient_must_belong_to_same_organization.left": (
        N_("{name} has left the organisation."),
        _CHOOSE_ANOTHER,
    ),
    "member_status_differs": (
        N_("The store says otherwise of the membership of {handle} than the audit log."),
        N_("Run assign member approve {handle} to put it right, then assign audit verify."),
    ),
    "may_not_vouch.approve": (
        N_("You may not approve a member for these roles."),
        N_("A coordinator approves peer mentors; ask an administrator for the others."),
    ),
    "certificate_chain_too_long": (
        N_("Your certificate is too many steps from the organisation's root to vouch for this."),
        N_("Ask an administrator whom the founder approved to do it."),
    ),
    "member_not_found.own": (
        N_("Your membership is not in this store."),
        N_("Check the profile you are using."),
    ),
    "recipient_is_active_peer_mentor.nobody": (
        N_("There is no mentor who can be sent an assignment now."),
        N_("Run assign member list to see who is paused or not approved yet."),
    ),
    "recipient_is_active_peer_mentor.no_mentor": (
        N_("{name} is not a peer mentor."),
        _WHO_IS_A_MENTOR,
    ),
    "recipient_is_active_peer_mentor.lapsed": _lapsed(
        N_("Renew it with assign member certify {handle}, or choose another mentor.")
    ),
    "recipient_is_active_peer_mentor.paused": _paused,
    "recipient_must_belong_to_same_organization.invited": (
        N_("{name} is invited, and has not joined yet."),
        _CHOOSE_ANOTHER,
    ),
    "recipient_must_belong_to_same_organization.suspended": (
        N_("The key of {name} is suspended, so nothing is sent to them."),
        N_("Run assign member approve {handle} to compare it again, or choose another mentor."),
    ),
    "recipient_must_belong_to_same_organization.waiting": (
        N_("{name} is not approved as a member yet."),
        N_("Run assign member approve {handle} first, or choose another mentor."),
    ),
    "certification_lapsed": _lapsed(N_("Renew it with assign member certify {handle}.")),
    "certification_lapsed.meanwhile": (
        N_("The certification has lapsed meanwhile. Nothing was done."),
        N_("Renew it with assign member certify."),
    ),
    "member_already_revoked.meanwhile": (
        N_("The membership has ended meanwhile. Nothing was done."),
        _WHO_IS_A_MEMBER,
    ),
    "member_not_a_mentor.server": (N_("The member is not a peer mentor."), _WHO_IS_A_MENTOR),
    "member_not_waiting.server": (
        N_("The member is not waiting for approval."),
        _WHO_WAITS,
    ),
    "certificate_invalid.meanwhile": (
        N_("The request to join was changed meanwhile, so the member is not approved."),
        N_("Compare the fingerprint once more by telephone before you approve anybody."),
    ),
    "may_not_vouch.server": (
        N_("You may not do this to a member with these roles, nor to yourself."),
        N_("Ask an administrator."),
    ),
    "certificate_suspended": (
        N_("Your certificate is suspended: the device that approved it was lost."),
        N_("Read your fingerprint, from assign key list, to a coordinator or an administrator."),
    ),
    "certificate_revoked": (
        N_("Your certificate is revoked."),
        N_("Ask your administrator if you think that is wrong."),
    ),
    "member_already_revoked.of_one_meanwhile": (
        N_("The membership of {name} has ended meanwhile. Nothing was done."),
        _WHO_IS_A_MEMBER,
    ),
    "certification_lapsed.of_one_meanwhile": (
        N_("The certification of {name} has lapsed meanwhile. Nothing was done."),
        N_("Renew it with assign member certify {handle}."),
    ),
}
