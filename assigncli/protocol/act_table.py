"""The rows of PROTOCOL.md section 9, in the page's own notation; a test compares the two.

A row gives who signs an act, what it carries, which entries it makes, which tables it writes and
who is notified. `acts` looks rows up by name and checks against them.
"""

from __future__ import annotations

from typing import Final

from assigncli.protocol.act import act, made

_STEP: Final = "from:status?, to:status"
_SENT: Final = f"{_STEP}, manifest:hex32, recipient:id, cycle:id, count:number, tier:tier"
_ENDED_EARLY: Final = f"{_STEP}, cycle:id?, count:number?"
_CAUSE: Final = "cause:lost/stolen/passphrase_forgotten/replaced/left"
_KEY: Final = "encryption_key:id"
_CREATED: Final = f"{_STEP}, manifest:hex32, {_KEY}"

_STEP_ROWS: Final = "assignments, assignment_status_logs"
_ENDED_ROWS: Final = (
    "assignments, assignment_status_logs, assignment_threshold_logs, encryption_keys, notifications"
)
_SENT_ROWS: Final = (
    "assignments, assignment_status_logs, assignment_threshold_logs, encryption_keys, key_wraps,"
    " notifications"
)

ORGANIZATION: Final = (
    act(
        "organization.founded",
        "new key",
        "organization",
        "founder:id, service_member:id, signing_key:hex32, encryption_key:hex32, root_key:hex32,"
        " time_zone:value, token:hex16",
        texts="name, handle, display_name, device",
        attachments="certificates",
        facts="certificate:id, digest:hex32, service_digest:hex32",
        rows="organizations, members, member_roles, certificates, organization_key_wraps",
    ),
    act(
        "service.replaced",
        "org_admin",
        "organization",
        "certificate:id",
        attachments="certificates",
        facts="certificate:id, digest:hex32, replaced:id",
        rows="certificates, organization_key_wraps",
    ),
    act(
        "setting.changed",
        "org_admin",
        "organization",
        "name:word, value:value?",
        texts="value",
        texts_without="value",
        rows="organization_settings, organizations",
    ),
    act(
        "organization_key.shared",
        "coordinator, org_admin",
        "organization",
        "key:id, use:addresses/imports",
        attachments="organization_wraps",
        facts="key:id, use:addresses/imports, certificates:{id}",
        rows="organization_key_wraps",
    ),
    act(
        "cycle.opened",
        "coordinator, org_admin",
        "cycle (new)",
        "starts_on:day, ends_on:day",
        texts="name",
        rows="reporting_cycles",
    ),
    act("cycle.closed", "coordinator, org_admin", "cycle", "forced:bool", rows="reporting_cycles"),
    act("cycle.reopened", "coordinator, org_admin", "cycle", rows="reporting_cycles"),
    act(
        "honorarium.exported",
        "coordinator, org_admin",
        "organization",
        "format:csv/json/text/xlsx, report:honorarium/activity, cycles:{id}, member:id?,"
        " up_to:number",
    ),
    act("privacy.exported", "org_admin", "organization or member", "kind:member/access"),
    act(
        "log.restored",
        "org_admin",
        "organization",
        "size:number, root:hex32, cause:disk_failed/store_damaged/machine_lost/mistake/other",
        facts="number:number",
    ),
)

PEOPLE: Final = (
    act(
        "member.invited",
        "may vouch, root",
        "member (new)",
        "roles:{role}, token_sha256:hex32, expires_at:moment",
        texts="handle, display_name",
        rows="members, member_roles, invitations",
    ),
    act(
        "device.invited",
        "self, may vouch, root",
        "member",
        "token_sha256:hex32, expires_at:moment",
        rows="invitations",
    ),
    act(
        "device.joined",
        "new key",
        "member",
        "signing_key:hex32, encryption_key:hex32, token:hex16",
        texts="device",
        facts="first:bool",
        rows="invitations, members",
    ),
    act(
        "member.approved",
        "may vouch, root",
        "member",
        "certificate:id, certified_until:day?",
        attachments="certificates",
        facts="certificate:id, digest:hex32",
        rows="certificates, members, peer_mentor_profiles, organization_key_wraps, invitations",
    ),
    act(
        "device.approved",
        "may vouch, root",
        "member",
        "certificate:id, replaces:id?",
        attachments="certificates",
        entries=(
            made("device.approved", "certificate:id, digest:hex32"),
            made("device.revoked", f"certificate:id, {_CAUSE}", "with replaces then"),
        ),
        rows="certificates, organization_key_wraps, invitations",
    ),
    act(
        "device.revoked",
        "self, may vouch, root",
        "member",
        f"certificate:id, {_CAUSE}, suspects_from:number?",
        entries=(
            made("device.revoked", f"certificate:id, {_CAUSE}"),
            made(
                "device.suspended",
                "certificate:id, because:id",
                "with suspects_from then for each certificate that it, or one suspended so,"
                " issued in an entry from there on; its subject is that certificate's member",
            ),
        ),
        rows="certificates",
    ),
    act(
        "device.confirmed",
        "may vouch, root",
        "member",
        "certificate:id",
        facts="certificate:id",
        rows="certificates",
    ),
    act("member.certified", "may vouch", "member", "until:day?", rows="peer_mentor_profiles"),
    act(
        "member.paused",
        "self, coordinator, org_admin",
        "member",
        "until:day?",
        rows="peer_mentor_profiles",
    ),
    act("member.resumed", "self, coordinator, org_admin", "member", rows="peer_mentor_profiles"),
    act(
        "member.revoked",
        "may vouch, root",
        "member",
        "open:number",
        facts="certificates:{id}",
        rows="members, certificates",
    ),
    act("member.restored", "coordinator, org_admin", "member", rows="members"),
    act(
        "member.channels_changed",
        "coordinator, org_admin",
        "member",
        attachments="channels",
        facts="count:number",
        rows="notification_channels",
    ),
)

ASSIGNMENTS: Final = (
    act(
        "batch.created",
        "coordinator",
        "organization",
        "rows:number",
        attachments="batch, shares",
        entries=(made("assignment.created", _CREATED, "for each row"),),
        rows="assignments, assignment_status_logs, encryption_keys, key_wraps",
    ),
    act(
        "batch.dispatched",
        "coordinator",
        "organization",
        "rows:number",
        attachments="batch, shares",
        entries=(
            made("assignment.created", _CREATED, "for each row"),
            made("assignment.dispatched", _SENT),
        ),
        rows=_SENT_ROWS,
        told="dispatched recipient",
    ),
    act(
        "assignment.edited",
        "dispatcher",
        "assignment",
        "replaces:hex32",
        attachments="batch, shares",
        facts=f"manifest:hex32, {_KEY}, ended_key:id",
        rows="assignments, encryption_keys, key_wraps",
        deletes_share=True,
    ),
    act(
        "assignment.dispatched",
        "dispatcher",
        "assignment",
        "replaces:hex32",
        attachments="batch",
        facts=_SENT,
        rows="assignments, assignment_status_logs, assignment_threshold_logs, key_wraps,"
        " notifications",
        told="dispatched recipient",
    ),
    act(
        "payload_decrypted",
        "recipient, dispatcher",
        "assignment",
        f"{_KEY}, as:recipient/dispatcher",
        entries=(
            made("assignment.read", _STEP, "once, as recipient, where delivered"),
            made("payload_decrypted", "as:recipient/dispatcher"),
        ),
        rows=_STEP_ROWS,
    ),
    act(
        "payload.refused",
        "recipient, dispatcher",
        "assignment",
        "code:word",
        facts="code:word",
    ),
    act(
        "wrap.added",
        "recipient, dispatcher",
        "assignment",
        _KEY,
        attachments="wraps",
        facts="certificates:{id}",
        rows="key_wraps",
    ),
    act(
        "consent.completed",
        "recipient",
        "assignment",
        "text:value, language:nb/en, steps:[word], text_sha256:hex32",
        rows="consent_records, assignments",
    ),
    act(
        "assignment.acknowledged",
        "recipient",
        "assignment",
        facts=_STEP,
        rows=f"{_STEP_ROWS}, notifications",
        told="acknowledged dispatcher",
    ),
    act("assignment.contact_made", "recipient", "assignment", facts=_STEP, rows=_STEP_ROWS),
    act(
        "contact.unanswered",
        "recipient",
        "assignment",
        facts="attempt:number",
        rows="contact_attempts",
    ),
    act(
        "assignment.completed",
        "recipient",
        "assignment",
        "in_person:bool?",
        facts=f"{_STEP}, cycle:id, count:number, tier:tier",
        rows=_ENDED_ROWS,
        told="completed dispatcher",
    ),
    act(
        "assignment.declined",
        "recipient",
        "assignment",
        "reason:no_time/knows_the_person/too_far/ill/not_suited/other",
        rows="assignments, notifications",
        told="declined dispatcher",
    ),
    act(
        "assignment.recalled",
        "coordinator",
        "assignment",
        "number:number",
        facts=_ENDED_EARLY,
        rows=_ENDED_ROWS,
        deletes_share=True,
        told="recalled recipient",
    ),
    act(
        "assignment.cancelled",
        "coordinator",
        "assignment",
        "number:number, read:bool",
        texts="reason",
        facts=_ENDED_EARLY,
        rows=_ENDED_ROWS,
        deletes_share=True,
        told="cancelled recipient",
    ),
    act(
        "assignment.reassigned",
        "dispatcher",
        "assignment",
        "number:number, new:id, read:bool",
        attachments="batch, shares",
        entries=(
            made("assignment.created", _CREATED, "new"),
            made("assignment.dispatched", _SENT, "new"),
            made("assignment.recalled", f"{_ENDED_EARLY}, replaced_by:id", "then; old"),
            made("assignment.cancelled", f"{_ENDED_EARLY}, replaced_by:id", "or with read; old"),
        ),
        rows=_SENT_ROWS,
        deletes_share=True,
        told="dispatched new recipient, recalled old recipient, cancelled old recipient",
    ),
    act(
        "assignment.erased",
        "org_admin",
        "assignment",
        "number:number",
        facts=_KEY,
        rows="assignments, archived_assignments, assignment_status_logs, encryption_keys",
        deletes_share=True,
    ),
)

SERVICE_ALONE: Final = (
    act("assignment.delivered", "service", "assignment", facts=_STEP, rows=_STEP_ROWS),
    act(
        "assignment.expired",
        "service",
        "assignment",
        facts=_ENDED_EARLY,
        rows=_ENDED_ROWS,
        deletes_share=True,
        told="expired recipient and dispatcher",
    ),
    act(
        "assignment.reminded",
        "service",
        "assignment",
        rows="assignments, notifications",
        told="reminder recipient, reminded dispatcher",
    ),
    act(
        "assignment.archived",
        "service",
        "assignment",
        facts=_KEY,
        rows="archived_assignments, assignments, encryption_keys",
        deletes_share=True,
    ),
    act(
        "payload.shredded",
        "service",
        "assignment",
        facts=_KEY,
        rows="encryption_keys",
        deletes_share=True,
    ),
    act("member.lapsed", "service", "member", rows="peer_mentor_profiles"),
    act(
        "cycle.opened",
        "service",
        "cycle (new)",
        facts="starts_on:day, ends_on:day",
        rows="reporting_cycles",
    ),
    act("cycle.closed", "service", "cycle", rows="reporting_cycles"),
    act(
        "notification.retried",
        "service",
        "assignment",
        facts="kind:word, recipient:id",
        rows="notifications",
    ),
    act(
        "attempt.refused",
        "service",
        "assignment or member or cycle or organization",
        facts="act:word, certificate:id?, code:word, refused:hex32",
        rows="refused_statements",
    ),
    act(
        "attempts.counted",
        "service",
        "organization",
        facts="certificate:id?, from:number, count:number",
        rows="refused_statements",
    ),
)
