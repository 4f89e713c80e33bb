-- The rules inside the database: every trigger, and the few views that they read. Tables, indexes
-- and CHECK constraints are declared in tables.py and the modules beside it.
--
-- A trigger refuses by the name of the rule it holds (SPEC section 4). It never repairs or fills in
-- anything. It must hold against any program that opens the file, so it uses plain SQL only: no
-- function of ours, no foreign key, no pragma. It knows no clock, and compares the moments that
-- were written. Signatures, and whether a certificate is good, are for the clients to verify.
--
-- The words and numbers here are those of assigncli.domain; tests hold the two together. For every
-- part of a trigger there is a case that goes through without it (tests/unit/store).
--
-- SQLite runs the triggers of one event last made first. Nothing depends on that but which rule is
-- named where several are broken: the more telling ones stand later.
--
-- Three kinds come back in every section:
--   _no_replace  INSERT OR REPLACE deletes the row whose key is taken, and no DELETE trigger runs.
--                So a taken key is refused. The hidden rowid is a key too.
--   _rowid       The rowid is -1 in a BEFORE trigger while SQLite has yet to choose it. So no row
--                may be kept under a number below 1, which every new row would seem to replace.
--   _fixed       Whose a row is, and what it is about, never changes.

-- The one form of a UTC moment, so that text order is time order. A # is a digit.
CREATE VIEW moments (shape) AS
SELECT replace('####-[01]#-[0-3]#T[0-2]#:[0-5]#:[0-5]#.######Z', '#', '[0-9]');

-- What no title holds: `unreadable` finds control and format characters, in ranges (45 is the
-- hyphen), without the two joiners, which some scripts and emoji need. `blanks` are spaces and
-- fillers: a title of these alone shows nothing.
CREATE VIEW hidden_characters (unreadable, blanks) AS SELECT
    '*[' || char(
        1, 45, 31, 127, 45, 159, 173, 45, 173, 1536, 45, 1541, 1564, 45, 1564, 1757, 45, 1757, 1807,
        45, 1807, 6158, 45, 6158, 8203, 45, 8203, 8206, 45, 8207, 8232, 45, 8238, 8288, 45, 8292,
        8294, 45, 8303, 65279, 45, 65279, 65529, 45, 65531, 917505, 45, 917631
    ) || ']*',
    char(
        9, 10, 13, 32, 160, 847, 4447, 4448, 5760, 6068, 6069, 6155, 6156, 6157, 8192, 8193, 8194,
        8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8203, 8204, 8205, 8239, 8287, 10240, 12288,
        12644, 65024, 65025, 65026, 65027, 65028, 65029, 65030, 65031, 65032, 65033, 65034, 65035,
        65036, 65037, 65038, 65039, 65440
    );

-- What the database can tell of personal data in the clear: national ids, with and without marks
-- (~) between their groups of digits (#), phone numbers, e-mail addresses. The program finds all of
-- these too, and much more (domain/shapes).
CREATE VIEW personal_shapes (shape) AS
SELECT '*[^0-9]' || replace(replace(column1, '#', '[0-9]'), '~', '[-._:/, ]') || '[^0-9]*'
FROM (VALUES
    ('###########'),
    ('######~#####'),
    ('######~###~##'),
    ('##~##~##~#####'),
    ('##~##~##~###~##'),
    ('[2-9]#######'),
    ('[2-9]# ## ## ##'),
    ('[2-9]## ## ###'))
UNION ALL SELECT '*[A-Za-z0-9]@[A-Za-z0-9]*';

-- Every step there is, from a draft's making on: one at a time along the path, and out of it only
-- by recall (before reading), cancellation or expiry.
CREATE VIEW steps (from_status, to_status) AS VALUES
    (NULL, 'pending'),
    ('pending', 'dispatched'),
    ('pending', 'recalled'), ('pending', 'cancelled'), ('pending', 'expired'),
    ('dispatched', 'delivered'),
    ('dispatched', 'recalled'), ('dispatched', 'cancelled'), ('dispatched', 'expired'),
    ('delivered', 'read'),
    ('delivered', 'recalled'), ('delivered', 'cancelled'), ('delivered', 'expired'),
    ('read', 'acknowledged'), ('read', 'cancelled'), ('read', 'expired'),
    ('acknowledged', 'contact_made'), ('acknowledged', 'cancelled'), ('acknowledged', 'expired'),
    ('contact_made', 'completed'), ('contact_made', 'cancelled'), ('contact_made', 'expired');

-- ORGANISATIONS AND THEIR MEMBERS
--
-- organization_scope_isolation: a row belongs to one organisation for good, and so does everything
-- it refers to.
CREATE TRIGGER organizations_fixed BEFORE UPDATE ON organizations
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.id IS NOT OLD.id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER members_fixed BEFORE UPDATE ON members
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.id IS NOT OLD.id
  OR NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER member_roles_fixed BEFORE UPDATE ON member_roles
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.member_id IS NOT OLD.member_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER peer_mentor_profiles_fixed BEFORE UPDATE ON peer_mentor_profiles
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.member_id IS NOT OLD.member_id
  OR NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER peer_mentor_profiles_organization BEFORE INSERT ON peer_mentor_profiles
WHEN NOT EXISTS (SELECT 1 FROM members
                 WHERE id = NEW.member_id
                   AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- A member, a name and a key are never replaced by others of the same name.
CREATE TRIGGER members_no_replace BEFORE INSERT ON members
WHEN EXISTS (SELECT 1 FROM members WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM members WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM members
             WHERE organization_id = NEW.organization_id
               AND handle = NEW.handle)
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER members_rowid AFTER INSERT ON members
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER members_handle_taken BEFORE UPDATE OF handle ON members
WHEN EXISTS (SELECT 1 FROM members
             WHERE organization_id = NEW.organization_id
               AND handle = NEW.handle
               AND id <> OLD.id)
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

-- A member who has a certificate or an assignment stays, for the log speaks of them.
CREATE TRIGGER members_no_delete BEFORE DELETE ON members
WHEN EXISTS (SELECT 1 FROM certificates WHERE member_id = OLD.id)
  OR EXISTS (SELECT 1 FROM assignments WHERE recipient_user_id = OLD.id)
  OR EXISTS (SELECT 1 FROM assignments WHERE dispatched_by_user_id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- An invitation is for one member of its organisation, begins unspent, and is spent once. Nothing
-- else of it ever changes.
CREATE TRIGGER invitations_no_replace BEFORE INSERT ON invitations
WHEN EXISTS (SELECT 1 FROM invitations WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER invitations_rowid AFTER INSERT ON invitations
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER invitations_organization BEFORE INSERT ON invitations
WHEN NOT EXISTS (SELECT 1 FROM members
                 WHERE id = NEW.member_id
                   AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER invitations_unspent BEFORE INSERT ON invitations
WHEN NEW.spent_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER invitations_joined_once BEFORE UPDATE ON invitations
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.member_id IS NOT OLD.member_id
  OR NEW.token_hash IS NOT OLD.token_hash
  OR NEW.expires_at IS NOT OLD.expires_at
  OR NEW.created_at IS NOT OLD.created_at
  OR OLD.spent_at IS NOT NULL
  OR NOT coalesce(NEW.spent_at GLOB (SELECT shape FROM moments), 0)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- A certificate is issued once, to a member of its organisation, and may be revoked once. While it
-- is not revoked, it may be suspended, and confirmed.
CREATE TRIGGER certificates_organization BEFORE INSERT ON certificates
WHEN NOT EXISTS (SELECT 1 FROM members
                 WHERE id = NEW.member_id
                   AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER certificates_no_replace BEFORE INSERT ON certificates
WHEN EXISTS (SELECT 1 FROM certificates WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM certificates WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER certificates_rowid AFTER INSERT ON certificates
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER certificates_no_delete BEFORE DELETE ON certificates
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER certificates_revoked_once BEFORE UPDATE ON certificates
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.id IS NOT OLD.id
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.member_id IS NOT OLD.member_id
  OR NEW.body IS NOT OLD.body
  OR NEW.signature IS NOT OLD.signature
  OR NEW.device IS NOT OLD.device
  OR NEW.device_salt IS NOT OLD.device_salt
  OR NEW.issued_at IS NOT OLD.issued_at
  OR OLD.revoked_at IS NOT NULL
  OR NOT CASE
       WHEN NEW.revoked_at IS NOT NULL
         THEN NEW.suspended_at IS OLD.suspended_at
              AND NEW.revoked_at GLOB (SELECT shape FROM moments)
       WHEN OLD.suspended_at IS NULL
         THEN coalesce(NEW.suspended_at GLOB (SELECT shape FROM moments), 0)
       ELSE NEW.suspended_at IS NULL
     END
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- The organisation's own keys are wrapped for certificates of the organisation.
CREATE TRIGGER organization_key_wraps_fixed BEFORE UPDATE ON organization_key_wraps
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.key_id IS NOT OLD.key_id OR NEW.use IS NOT OLD.use
  OR NEW.certificate_id IS NOT OLD.certificate_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER organization_key_wraps_organization BEFORE INSERT ON organization_key_wraps
WHEN NOT EXISTS (SELECT 1 FROM certificates
                 WHERE id = NEW.certificate_id
                   AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- A setting is added, never changed: the newest of a name counts.
CREATE TRIGGER organization_settings_no_replace BEFORE INSERT ON organization_settings
WHEN EXISTS (SELECT 1 FROM organization_settings WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER organization_settings_rowid AFTER INSERT ON organization_settings
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER organization_settings_no_update BEFORE UPDATE ON organization_settings
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER organization_settings_no_delete BEFORE DELETE ON organization_settings
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- ASSIGNMENTS: WHO SENDS AND WHO RECEIVES
--
-- Each of these is asked when a draft is made, when the draft's column changes, and when it is
-- dispatched, since much may have happened in between.
--
-- organization_scope_isolation: the manifest is signed with a certificate of the dispatcher's own.
CREATE TRIGGER dispatcher_certificate_insert BEFORE INSERT ON assignments
WHEN NOT EXISTS (SELECT 1 FROM certificates
                 WHERE id = NEW.dispatcher_certificate_id
                   AND member_id = NEW.dispatched_by_user_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER dispatcher_certificate_update BEFORE UPDATE OF
    dispatcher_certificate_id, status
ON assignments
WHEN (NEW.dispatcher_certificate_id IS NOT OLD.dispatcher_certificate_id
      OR (OLD.status = 'pending' AND NEW.status = 'dispatched'))
 AND NOT EXISTS (SELECT 1 FROM certificates
                 WHERE id = NEW.dispatcher_certificate_id
                   AND member_id = NEW.dispatched_by_user_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- only_coordinator_can_dispatch: an active member of the organisation with the coordinator's role.
CREATE TRIGGER only_coordinator_can_dispatch_insert BEFORE INSERT ON assignments
WHEN NOT EXISTS (SELECT 1 FROM members
                 WHERE id = NEW.dispatched_by_user_id
                   AND organization_id = NEW.organization_id
                   AND status = 'active')
  OR NOT EXISTS (SELECT 1 FROM member_roles
                 WHERE member_id = NEW.dispatched_by_user_id
                   AND role = 'coordinator')
BEGIN SELECT RAISE(ABORT, 'only_coordinator_can_dispatch'); END;

CREATE TRIGGER only_coordinator_can_dispatch_update BEFORE UPDATE OF
    dispatched_by_user_id, status
ON assignments
WHEN (NEW.dispatched_by_user_id IS NOT OLD.dispatched_by_user_id
      OR (OLD.status = 'pending' AND NEW.status = 'dispatched'))
 AND (NOT EXISTS (SELECT 1 FROM members
                  WHERE id = NEW.dispatched_by_user_id
                    AND organization_id = NEW.organization_id
                    AND status = 'active')
      OR NOT EXISTS (SELECT 1 FROM member_roles
                     WHERE member_id = NEW.dispatched_by_user_id
                       AND role = 'coordinator'))
BEGIN SELECT RAISE(ABORT, 'only_coordinator_can_dispatch'); END;

-- recipient_is_active_peer_mentor: a peer mentor, not paused, whose certification has not lapsed.
-- Days are local, so a day's leniency covers every time zone.
CREATE TRIGGER recipient_is_active_peer_mentor_insert BEFORE INSERT ON assignments
WHEN NOT EXISTS (SELECT 1 FROM member_roles
                 WHERE member_id = NEW.recipient_user_id
                   AND role = 'peer_mentor')
  OR NOT EXISTS (SELECT 1 FROM peer_mentor_profiles
                 WHERE member_id = NEW.recipient_user_id
                   AND (status = 'active'
                        OR (status = 'paused'
                            AND paused_until < date(NEW.created_at, '+1 day')))
                   AND (certified_until IS NULL
                        OR certified_until >= date(NEW.created_at, '-1 day')))
BEGIN SELECT RAISE(ABORT, 'recipient_is_active_peer_mentor'); END;

CREATE TRIGGER recipient_is_active_peer_mentor_update BEFORE UPDATE OF
    recipient_user_id, status
ON assignments
WHEN (NEW.recipient_user_id IS NOT OLD.recipient_user_id
      OR (OLD.status = 'pending' AND NEW.status = 'dispatched'))
 AND (NOT EXISTS (SELECT 1 FROM member_roles
                  WHERE member_id = NEW.recipient_user_id
                    AND role = 'peer_mentor')
      OR NOT EXISTS (SELECT 1 FROM peer_mentor_profiles
                     WHERE member_id = NEW.recipient_user_id
                       AND (status = 'active'
                            OR (status = 'paused'
                                AND paused_until
                                    < date(coalesce(NEW.dispatched_at, NEW.updated_at), '+1 day')))
                       AND (certified_until IS NULL
                            OR certified_until
                                >= date(coalesce(NEW.dispatched_at, NEW.updated_at), '-1 day'))))
BEGIN SELECT RAISE(ABORT, 'recipient_is_active_peer_mentor'); END;

-- recipient_must_belong_to_same_organization: an active member of it.
CREATE TRIGGER recipient_must_belong_to_same_organization_insert BEFORE INSERT ON assignments
WHEN NOT EXISTS (SELECT 1 FROM members
                 WHERE id = NEW.recipient_user_id
                   AND organization_id = NEW.organization_id
                   AND status = 'active')
BEGIN SELECT RAISE(ABORT, 'recipient_must_belong_to_same_organization'); END;

CREATE TRIGGER recipient_must_belong_to_same_organization_update BEFORE UPDATE OF
    recipient_user_id, status
ON assignments
WHEN (NEW.recipient_user_id IS NOT OLD.recipient_user_id
      OR (OLD.status = 'pending' AND NEW.status = 'dispatched'))
 AND NOT EXISTS (SELECT 1 FROM members
                 WHERE id = NEW.recipient_user_id
                   AND organization_id = NEW.organization_id
                   AND status = 'active')
BEGIN SELECT RAISE(ABORT, 'recipient_must_belong_to_same_organization'); END;

-- organization_scope_isolation: who recalls or cancels is a member, in whatever standing.
CREATE TRIGGER withdrawn_by_own_organization BEFORE UPDATE OF
    recalled_by_user_id, cancelled_by_user_id
ON assignments
WHEN (NEW.recalled_by_user_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM members
                      WHERE id = NEW.recalled_by_user_id
                        AND organization_id = NEW.organization_id))
  OR (NEW.cancelled_by_user_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM members
                      WHERE id = NEW.cancelled_by_user_id
                        AND organization_id = NEW.organization_id))
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- ASSIGNMENTS: THE STEPS
--
-- valid_status_transition: an assignment begins as a draft on which nothing has happened yet.
CREATE TRIGGER valid_status_transition_insert BEFORE INSERT ON assignments
WHEN NEW.status IS NOT 'pending'
  OR NOT coalesce(NEW.created_at GLOB (SELECT shape FROM moments), 0)
  OR NEW.dispatched_at IS NOT NULL
  OR NEW.delivered_at IS NOT NULL
  OR NEW.first_read_at IS NOT NULL
  OR NEW.acknowledged_at IS NOT NULL
  OR NEW.contact_made_at IS NOT NULL
  OR NEW.completed_at IS NOT NULL
  OR NEW.recalled_at IS NOT NULL
  OR NEW.cancelled_at IS NOT NULL
  OR NEW.recalled_by_user_id IS NOT NULL
  OR NEW.cancelled_by_user_id IS NOT NULL
  OR NEW.reminder_sent_at IS NOT NULL
  OR NEW.consent_completed_at IS NOT NULL
  OR NEW.declined_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'valid_status_transition'); END;

-- An assignment and its number are never replaced, not even after archiving; and what was imported
-- once is not imported again.
CREATE TRIGGER assignments_no_replace BEFORE INSERT ON assignments
WHEN EXISTS (SELECT 1 FROM assignments WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM assignments WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM assignments
             WHERE organization_id = NEW.organization_id
               AND number = NEW.number)
  OR EXISTS (SELECT 1 FROM archived_assignments WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM archived_assignments
             WHERE organization_id = NEW.organization_id
               AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER assignments_import_key BEFORE INSERT ON assignments
WHEN EXISTS (SELECT 1 FROM assignments
             WHERE organization_id = NEW.organization_id
               AND import_key = NEW.import_key)
  OR EXISTS (SELECT 1 FROM archived_assignments
             WHERE organization_id = NEW.organization_id
               AND import_key = NEW.import_key)
BEGIN SELECT RAISE(ABORT, 'import_key_exists'); END;

CREATE TRIGGER assignments_rowid AFTER INSERT ON assignments
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

-- valid_status_transition: one of the steps above. A recall after reading is left to
-- recall_only_before_read, which says more.
CREATE TRIGGER valid_status_transition_update BEFORE UPDATE OF status ON assignments
WHEN NEW.status IS NOT OLD.status
 AND NOT EXISTS (SELECT 1 FROM steps
                 WHERE from_status = OLD.status
                   AND to_status = NEW.status)
 AND NOT (NEW.status = 'recalled' AND OLD.status IN ('read', 'acknowledged', 'contact_made'))
BEGIN SELECT RAISE(ABORT, 'valid_status_transition'); END;

-- expired_payload_inaccessible: the mentor takes no step at or after the expiry.
CREATE TRIGGER expired_payload_inaccessible BEFORE UPDATE OF status ON assignments
WHEN NEW.status <> OLD.status
 AND CASE NEW.status
         WHEN 'delivered' THEN NEW.delivered_at
         WHEN 'read' THEN NEW.first_read_at
         WHEN 'acknowledged' THEN NEW.acknowledged_at
         WHEN 'contact_made' THEN NEW.contact_made_at
         WHEN 'completed' THEN NEW.completed_at
     END >= NEW.expires_at
BEGIN SELECT RAISE(ABORT, 'expired_payload_inaccessible'); END;

-- auto_expiry: an assignment expires at its expiry or later, not before.
CREATE TRIGGER auto_expiry BEFORE UPDATE OF status ON assignments
WHEN NEW.status = 'expired'
 AND OLD.status <> 'expired'
 AND NOT (coalesce(NEW.updated_at GLOB (SELECT shape FROM moments), 0)
          AND coalesce(NEW.updated_at >= NEW.expires_at, 0))
BEGIN SELECT RAISE(ABORT, 'auto_expiry'); END;

-- valid_status_transition: each step is written together with its moment (and with who withdrew
-- it), in the store's form, and no moment is written without its step.
CREATE TRIGGER valid_status_transition_moment BEFORE UPDATE OF
    status, dispatched_at, delivered_at, first_read_at, acknowledged_at, contact_made_at,
    completed_at, recalled_at, cancelled_at, recalled_by_user_id, cancelled_by_user_id
ON assignments
WHEN (OLD.dispatched_at IS NULL AND (NEW.dispatched_at IS NOT NULL) <> (NEW.status = 'dispatched'))
  OR (OLD.delivered_at IS NULL AND (NEW.delivered_at IS NOT NULL) <> (NEW.status = 'delivered'))
  OR (OLD.first_read_at IS NULL AND (NEW.first_read_at IS NOT NULL) <> (NEW.status = 'read'))
  OR (OLD.acknowledged_at IS NULL
      AND (NEW.acknowledged_at IS NOT NULL) <> (NEW.status = 'acknowledged'))
  OR (OLD.contact_made_at IS NULL
      AND (NEW.contact_made_at IS NOT NULL) <> (NEW.status = 'contact_made'))
  OR (OLD.completed_at IS NULL AND (NEW.completed_at IS NOT NULL) <> (NEW.status = 'completed'))
  OR (OLD.recalled_at IS NULL AND (NEW.recalled_at IS NOT NULL) <> (NEW.status = 'recalled'))
  OR (OLD.cancelled_at IS NULL AND (NEW.cancelled_at IS NOT NULL) <> (NEW.status = 'cancelled'))
  OR (OLD.recalled_by_user_id IS NULL
      AND (NEW.recalled_by_user_id IS NOT NULL) <> (NEW.status = 'recalled'))
  OR (OLD.cancelled_by_user_id IS NULL
      AND (NEW.cancelled_by_user_id IS NOT NULL) <> (NEW.status = 'cancelled'))
  OR NEW.dispatched_at NOT GLOB (SELECT shape FROM moments)
  OR NEW.delivered_at NOT GLOB (SELECT shape FROM moments)
  OR NEW.first_read_at NOT GLOB (SELECT shape FROM moments)
  OR NEW.acknowledged_at NOT GLOB (SELECT shape FROM moments)
  OR NEW.contact_made_at NOT GLOB (SELECT shape FROM moments)
  OR NEW.completed_at NOT GLOB (SELECT shape FROM moments)
  OR NEW.recalled_at NOT GLOB (SELECT shape FROM moments)
  OR NEW.cancelled_at NOT GLOB (SELECT shape FROM moments)
BEGIN SELECT RAISE(ABORT, 'valid_status_transition'); END;

-- recall_only_before_read: the mentor has seen the payload, so it is cancelled and not recalled.
CREATE TRIGGER recall_only_before_read BEFORE UPDATE OF status ON assignments
WHEN NEW.status = 'recalled'
 AND OLD.status IN ('read', 'acknowledged', 'contact_made')
BEGIN SELECT RAISE(ABORT, 'recall_only_before_read'); END;

-- assignment_immutable_after_dispatch: what is written stays.
CREATE TRIGGER assignment_moments_written_once BEFORE UPDATE OF
    dispatched_at, delivered_at, first_read_at, acknowledged_at, contact_made_at, completed_at,
    recalled_at, cancelled_at, recalled_by_user_id, cancelled_by_user_id
ON assignments
WHEN (OLD.dispatched_at IS NOT NULL AND NEW.dispatched_at IS NOT OLD.dispatched_at)
  OR (OLD.delivered_at IS NOT NULL AND NEW.delivered_at IS NOT OLD.delivered_at)
  OR (OLD.first_read_at IS NOT NULL AND NEW.first_read_at IS NOT OLD.first_read_at)
  OR (OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_at IS NOT OLD.acknowledged_at)
  OR (OLD.contact_made_at IS NOT NULL AND NEW.contact_made_at IS NOT OLD.contact_made_at)
  OR (OLD.completed_at IS NOT NULL AND NEW.completed_at IS NOT OLD.completed_at)
  OR (OLD.recalled_at IS NOT NULL AND NEW.recalled_at IS NOT OLD.recalled_at)
  OR (OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS NOT OLD.cancelled_at)
  OR (OLD.recalled_by_user_id IS NOT NULL
      AND NEW.recalled_by_user_id IS NOT OLD.recalled_by_user_id)
  OR (OLD.cancelled_by_user_id IS NOT NULL
      AND NEW.cancelled_by_user_id IS NOT OLD.cancelled_by_user_id)
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

-- assignment_declined: a mentor declines once, between dispatch and contact and before the expiry,
-- and takes no step, consents to nothing and tries no contact afterwards. It is a mark beside the
-- status, never taken back.
CREATE TRIGGER decline_expired BEFORE UPDATE OF declined_at ON assignments
WHEN NEW.declined_at IS NOT OLD.declined_at AND NEW.declined_at >= NEW.expires_at
BEGIN SELECT RAISE(ABORT, 'expired_payload_inaccessible'); END;

CREATE TRIGGER decline_step BEFORE UPDATE OF declined_at ON assignments
WHEN NEW.declined_at IS NOT OLD.declined_at
 AND (NEW.status IS NOT OLD.status
      OR OLD.status NOT IN ('dispatched', 'delivered', 'read', 'acknowledged')
      OR NEW.declined_at NOT GLOB (SELECT shape FROM moments))
BEGIN SELECT RAISE(ABORT, 'valid_status_transition'); END;

CREATE TRIGGER decline_written_once BEFORE UPDATE OF declined_at, decline_reason ON assignments
WHEN OLD.declined_at IS NOT NULL
 AND (NEW.declined_at IS NOT OLD.declined_at OR NEW.decline_reason IS NOT OLD.decline_reason)
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER assignment_declined BEFORE UPDATE OF status, consent_completed_at ON assignments
WHEN OLD.declined_at IS NOT NULL
 AND (NEW.consent_completed_at IS NOT OLD.consent_completed_at
      OR (NEW.status IS NOT OLD.status
          AND NEW.status NOT IN ('cancelled', 'expired', 'recalled')))
BEGIN SELECT RAISE(ABORT, 'assignment_declined'); END;

CREATE TRIGGER assignment_declined_consent BEFORE INSERT ON consent_records
WHEN EXISTS (SELECT 1 FROM assignments
             WHERE id = NEW.assignment_id
               AND declined_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'assignment_declined'); END;

CREATE TRIGGER assignment_declined_attempt BEFORE INSERT ON contact_attempts
WHEN EXISTS (SELECT 1 FROM assignments
             WHERE id = NEW.assignment_id
               AND declined_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'assignment_declined'); END;

-- organization_scope_isolation and assignment_immutable_after_dispatch: what never changes, from
-- the draft on; what no longer changes after dispatch; and that an assignment goes only once it is
-- archived, which only an ended one is.
CREATE TRIGGER assignments_organization BEFORE UPDATE OF organization_id ON assignments
WHEN NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER assignments_fixed BEFORE UPDATE ON assignments
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.id IS NOT OLD.id OR NEW.number IS NOT OLD.number
  OR NEW.created_at IS NOT OLD.created_at OR NEW.import_key IS NOT OLD.import_key
  OR NEW.import_digest IS NOT OLD.import_digest
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER assignment_immutable_after_dispatch BEFORE UPDATE OF
    recipient_user_id, dispatched_by_user_id, title, title_salt, subject_reference,
    subject_reference_salt, encrypted_payload, encryption_key_id, priority, contact_deadline_days,
    expires_at, consent_required, threshold_sequence_number, honorarium_tier, reporting_cycle_id,
    coordinator_notes, coordinator_notes_salt, internal_notes, internal_notes_salt, manifest_body,
    manifest_signature, dispatcher_certificate_id
ON assignments
WHEN OLD.status <> 'pending'
 AND (NEW.recipient_user_id IS NOT OLD.recipient_user_id
      OR NEW.dispatched_by_user_id IS NOT OLD.dispatched_by_user_id OR NEW.title IS NOT OLD.title
      OR NEW.title_salt IS NOT OLD.title_salt OR NEW.subject_reference IS NOT OLD.subject_reference
      OR NEW.subject_reference_salt IS NOT OLD.subject_reference_salt
      OR NEW.encrypted_payload IS NOT OLD.encrypted_payload
      OR NEW.encryption_key_id IS NOT OLD.encryption_key_id OR NEW.priority IS NOT OLD.priority
      OR NEW.contact_deadline_days IS NOT OLD.contact_deadline_days
      OR NEW.expires_at IS NOT OLD.expires_at OR NEW.consent_required IS NOT OLD.consent_required
      OR NEW.threshold_sequence_number IS NOT OLD.threshold_sequence_number
      OR NEW.honorarium_tier IS NOT OLD.honorarium_tier
      OR NEW.reporting_cycle_id IS NOT OLD.reporting_cycle_id
      OR NEW.coordinator_notes IS NOT OLD.coordinator_notes
      OR NEW.coordinator_notes_salt IS NOT OLD.coordinator_notes_salt
      OR NEW.internal_notes IS NOT OLD.internal_notes
      OR NEW.internal_notes_salt IS NOT OLD.internal_notes_salt
      OR NEW.manifest_body IS NOT OLD.manifest_body
      OR NEW.manifest_signature IS NOT OLD.manifest_signature
      OR NEW.dispatcher_certificate_id IS NOT OLD.dispatcher_certificate_id)
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER assignments_no_delete BEFORE DELETE ON assignments
WHEN NOT EXISTS (SELECT 1 FROM archived_assignments WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

-- ten_day_no_contact_reminder: one reminder, ever, for what is out, not declined, without contact.
CREATE TRIGGER ten_day_no_contact_reminder BEFORE UPDATE OF reminder_sent_at ON assignments
WHEN NEW.reminder_sent_at IS NOT OLD.reminder_sent_at
 AND (OLD.reminder_sent_at IS NOT NULL
      OR NEW.contact_made_at IS NOT NULL
      OR NEW.declined_at IS NOT NULL
      OR NEW.dispatched_at IS NULL
      OR NEW.status IN ('cancelled', 'expired', 'recalled')
      OR NEW.reminder_sent_at NOT GLOB (SELECT shape FROM moments))
BEGIN SELECT RAISE(ABORT, 'ten_day_no_contact_reminder'); END;

-- contact_deadline_days_positive and expires_at_in_future: what a CHECK misses, since SQLite
-- compares any text as greater than any number; and that nothing is sent without an expiry.
CREATE TRIGGER contact_deadline_days_insert BEFORE INSERT ON assignments
WHEN typeof(NEW.contact_deadline_days) <> 'integer'
BEGIN SELECT RAISE(ABORT, 'contact_deadline_days_positive'); END;

CREATE TRIGGER expires_at_insert BEFORE INSERT ON assignments
WHEN NEW.expires_at NOT GLOB (SELECT shape FROM moments)
BEGIN SELECT RAISE(ABORT, 'expires_at_in_future'); END;

CREATE TRIGGER contact_deadline_days_update BEFORE UPDATE OF contact_deadline_days ON assignments
WHEN typeof(NEW.contact_deadline_days) <> 'integer'
BEGIN SELECT RAISE(ABORT, 'contact_deadline_days_positive'); END;

CREATE TRIGGER expires_at_update BEFORE UPDATE OF expires_at ON assignments
WHEN NEW.expires_at NOT GLOB (SELECT shape FROM moments)
BEGIN SELECT RAISE(ABORT, 'expires_at_in_future'); END;

CREATE TRIGGER expires_at_dispatch BEFORE UPDATE OF status ON assignments
WHEN NEW.status = 'dispatched' AND OLD.status <> 'dispatched' AND NEW.expires_at IS NULL
BEGIN SELECT RAISE(ABORT, 'expires_at_in_future'); END;

-- ASSIGNMENTS: WHAT STANDS IN THE CLEAR
--
-- title_invalid: a title and a reference show something, and what they show is what they hold.
CREATE TRIGGER title_invalid_insert BEFORE INSERT ON assignments
WHEN EXISTS (SELECT 1 FROM hidden_characters
             WHERE NEW.title GLOB unreadable
                OR (NEW.title <> '' AND trim(NEW.title, blanks) = '')
                OR NEW.subject_reference GLOB unreadable
                OR (NEW.subject_reference <> '' AND trim(NEW.subject_reference, blanks) = ''))
BEGIN SELECT RAISE(ABORT, 'title_invalid'); END;

CREATE TRIGGER title_invalid_update BEFORE UPDATE OF title, subject_reference ON assignments
WHEN EXISTS (SELECT 1 FROM hidden_characters
             WHERE NEW.title GLOB unreadable
                OR (NEW.title <> '' AND trim(NEW.title, blanks) = '')
                OR NEW.subject_reference GLOB unreadable
                OR (NEW.subject_reference <> '' AND trim(NEW.subject_reference, blanks) = ''))
BEGIN SELECT RAISE(ABORT, 'title_invalid'); END;

-- title_no_pii: nothing shaped like personal data in any clear text. GLOB stops at a NUL character,
-- which would hide what follows, so none is let in.
CREATE TRIGGER title_no_pii_insert BEFORE INSERT ON assignments
WHEN EXISTS (SELECT 1 FROM personal_shapes
             WHERE ' ' || NEW.title || ' ' GLOB shape
                OR ' ' || NEW.subject_reference || ' ' GLOB shape
                OR ' ' || NEW.coordinator_notes || ' ' GLOB shape
                OR ' ' || NEW.internal_notes || ' ' GLOB shape)
  OR instr(NEW.title, char(0)) > 0
  OR instr(NEW.subject_reference, char(0)) > 0
  OR instr(NEW.coordinator_notes, char(0)) > 0
  OR instr(NEW.internal_notes, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'title_no_pii'); END;

CREATE TRIGGER title_no_pii_update BEFORE UPDATE OF
    title, subject_reference, coordinator_notes, internal_notes
ON assignments
WHEN EXISTS (SELECT 1 FROM personal_shapes
             WHERE ' ' || NEW.title || ' ' GLOB shape
                OR ' ' || NEW.subject_reference || ' ' GLOB shape
                OR ' ' || NEW.coordinator_notes || ' ' GLOB shape
                OR ' ' || NEW.internal_notes || ' ' GLOB shape)
  OR instr(NEW.title, char(0)) > 0
  OR instr(NEW.subject_reference, char(0)) > 0
  OR instr(NEW.coordinator_notes, char(0)) > 0
  OR instr(NEW.internal_notes, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'title_no_pii'); END;

CREATE TRIGGER title_no_pii_reason BEFORE INSERT ON assignment_status_logs
WHEN EXISTS (SELECT 1 FROM personal_shapes WHERE ' ' || NEW.reason || ' ' GLOB shape)
  OR instr(NEW.reason, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'title_no_pii'); END;

CREATE TRIGGER title_no_pii_archived BEFORE INSERT ON archived_assignments
WHEN EXISTS (SELECT 1 FROM personal_shapes
             WHERE ' ' || NEW.title || ' ' GLOB shape
                OR ' ' || NEW.subject_reference || ' ' GLOB shape)
  OR instr(NEW.title, char(0)) > 0
  OR instr(NEW.subject_reference, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'title_no_pii'); END;

-- KEYS AND ACCESS
--
-- The register of vault keys is only added to. A key is retired, revoked and shredded once each,
-- and not shredded before it is revoked.
CREATE TRIGGER encryption_keys_no_replace BEFORE INSERT ON encryption_keys
WHEN EXISTS (SELECT 1 FROM encryption_keys WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM encryption_keys WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER encryption_keys_rowid AFTER INSERT ON encryption_keys
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER encryption_keys_no_delete BEFORE DELETE ON encryption_keys
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER encryption_keys_organization BEFORE INSERT ON encryption_keys
WHEN NOT EXISTS (SELECT 1 FROM organizations WHERE id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER encryption_keys_written_once BEFORE UPDATE ON encryption_keys
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.id IS NOT OLD.id
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.assignment_id IS NOT OLD.assignment_id
  OR NEW.share_commitment IS NOT OLD.share_commitment
  OR NEW.created_at IS NOT OLD.created_at
  OR (OLD.retired_at IS NOT NULL AND NEW.retired_at IS NOT OLD.retired_at)
  OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NOT OLD.revoked_at)
  OR (OLD.shredded_at IS NOT NULL AND NEW.shredded_at IS NOT OLD.shredded_at)
  OR NEW.retired_at NOT GLOB (SELECT shape FROM moments)
  OR NEW.revoked_at NOT GLOB (SELECT shape FROM moments)
  OR NEW.shredded_at NOT GLOB (SELECT shape FROM moments)
  OR (NEW.revoked_at IS NULL AND NEW.shredded_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- encryption_key_exists: an assignment has a live key of its organisation whenever it is given one,
-- and at every step up to reading.
CREATE TRIGGER encryption_key_exists_insert BEFORE INSERT ON assignments
WHEN NOT EXISTS (SELECT 1 FROM encryption_keys
                 WHERE id = NEW.encryption_key_id
                   AND organization_id = NEW.organization_id
                   AND revoked_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'encryption_key_exists'); END;

CREATE TRIGGER encryption_key_exists_update BEFORE UPDATE OF
    encryption_key_id, status
ON assignments
WHEN (NEW.encryption_key_id IS NOT OLD.encryption_key_id
      OR (NEW.status <> OLD.status AND NEW.status IN ('delivered', 'dispatched', 'read')))
 AND NOT EXISTS (SELECT 1 FROM encryption_keys
                 WHERE id = NEW.encryption_key_id
                   AND organization_id = NEW.organization_id
                   AND revoked_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'encryption_key_exists'); END;

-- organization_scope_isolation and encryption_key_exists: a wrap is for a certificate of the
-- recipient or the dispatcher, and of the assignment's own key.
CREATE TRIGGER key_wraps_no_replace BEFORE INSERT ON key_wraps
WHEN EXISTS (SELECT 1 FROM key_wraps WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM key_wraps
             WHERE assignment_id = NEW.assignment_id
               AND certificate_id = NEW.certificate_id)
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER key_wraps_rowid AFTER INSERT ON key_wraps
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER key_wraps_key BEFORE INSERT ON key_wraps
WHEN NOT EXISTS (SELECT 1 FROM assignments
                 WHERE id = NEW.assignment_id
                   AND encryption_key_id = NEW.encryption_key_id)
BEGIN SELECT RAISE(ABORT, 'encryption_key_exists'); END;

CREATE TRIGGER key_wraps_reader BEFORE INSERT ON key_wraps
WHEN NOT EXISTS (SELECT 1 FROM assignments
                 WHERE id = NEW.assignment_id
                   AND NEW.certificate_id IN (
                           SELECT id FROM certificates
                           WHERE member_id IN (recipient_user_id, dispatched_by_user_id)))
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- assignment_immutable_after_dispatch: a wrap may be sealed again for the same reader, but neither
-- moved nor, while the assignment is out, removed.
CREATE TRIGGER key_wraps_fixed BEFORE UPDATE ON key_wraps
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.assignment_id IS NOT OLD.assignment_id
  OR NEW.certificate_id IS NOT OLD.certificate_id
  OR NEW.encryption_key_id IS NOT OLD.encryption_key_id
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER key_wraps_no_delete BEFORE DELETE ON key_wraps
WHEN EXISTS (SELECT 1 FROM assignments
             WHERE id = OLD.assignment_id
               AND status NOT IN ('cancelled', 'completed', 'expired', 'pending', 'recalled'))
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

-- key_wraps_match: what is dispatched has no wrap left for a reader or a key that a draft once had.
CREATE TRIGGER key_wraps_match BEFORE UPDATE OF status ON assignments
WHEN OLD.status = 'pending'
 AND NEW.status = 'dispatched'
 AND EXISTS (SELECT 1 FROM key_wraps
             WHERE assignment_id = NEW.id
               AND (certificate_id NOT IN (
                        SELECT id FROM certificates
                        WHERE member_id IN (NEW.recipient_user_id, NEW.dispatched_by_user_id))
                    OR encryption_key_id <> NEW.encryption_key_id))
BEGIN SELECT RAISE(ABORT, 'key_wraps_match'); END;

-- consent_before_payload_access: no reading before the consent; and the consent's moment is
-- written once, after dispatch, on the recipient's own record.
CREATE TRIGGER consent_before_payload_access BEFORE UPDATE OF status ON assignments
WHEN OLD.status = 'delivered'
 AND NEW.status = 'read'
 AND NEW.consent_required IS NOT 0
 AND NEW.consent_completed_at IS NULL
BEGIN SELECT RAISE(ABORT, 'consent_before_payload_access'); END;

CREATE TRIGGER consent_completed BEFORE UPDATE OF consent_completed_at ON assignments
WHEN NEW.consent_completed_at IS NOT OLD.consent_completed_at
 AND (OLD.consent_completed_at IS NOT NULL
      OR OLD.status = 'pending'
      OR NEW.consent_completed_at NOT GLOB (SELECT shape FROM moments)
      OR NOT EXISTS (SELECT 1 FROM consent_records
                     WHERE assignment_id = NEW.id
                       AND member_id = NEW.recipient_user_id))
BEGIN SELECT RAISE(ABORT, 'consent_before_payload_access'); END;

-- audit_all_access: the entry of a decryption is in the log before the assignment counts as read.
CREATE TRIGGER audit_all_access BEFORE UPDATE OF status ON assignments
WHEN OLD.status = 'delivered'
 AND NEW.status = 'read'
 AND NOT EXISTS (SELECT 1 FROM audit_log
                 WHERE subject_id = NEW.id
                   AND action = 'payload_decrypted'
                   AND organization_id = NEW.organization_id
                   AND actor_id = NEW.recipient_user_id)
BEGIN SELECT RAISE(ABORT, 'audit_all_access'); END;

-- organization_scope_isolation: only the recipient consents. Consents are only added to.
CREATE TRIGGER consent_records_organization BEFORE INSERT ON consent_records
WHEN NOT EXISTS (SELECT 1 FROM assignments
                 WHERE id = NEW.assignment_id
                   AND organization_id = NEW.organization_id
                   AND recipient_user_id = NEW.member_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER consent_records_no_replace BEFORE INSERT ON consent_records
WHEN EXISTS (SELECT 1 FROM consent_records WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM consent_records WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM consent_records
             WHERE assignment_id = NEW.assignment_id
               AND member_id = NEW.member_id)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER consent_records_rowid AFTER INSERT ON consent_records
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER consent_records_no_update BEFORE UPDATE ON consent_records
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER consent_records_no_delete BEFORE DELETE ON consent_records
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- organization_scope_isolation: only the recipient says that nobody answered.
CREATE TRIGGER contact_attempts_organization BEFORE INSERT ON contact_attempts
WHEN NOT EXISTS (SELECT 1 FROM assignments
                 WHERE id = NEW.assignment_id
                   AND organization_id = NEW.organization_id
                   AND recipient_user_id = NEW.member_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- valid_status_transition: where contact could be recorded. Attempts are counted from 1, and only
-- added to.
CREATE TRIGGER contact_attempts_status BEFORE INSERT ON contact_attempts
WHEN EXISTS (SELECT 1 FROM assignments
             WHERE id = NEW.assignment_id
               AND status <> 'acknowledged')
BEGIN SELECT RAISE(ABORT, 'valid_status_transition'); END;

CREATE TRIGGER contact_attempts_no_replace BEFORE INSERT ON contact_attempts
WHEN EXISTS (SELECT 1 FROM contact_attempts WHERE rowid = NEW.rowid)
  OR NEW.attempt IS NOT 1 + (SELECT count(*) FROM contact_attempts
                             WHERE assignment_id = NEW.assignment_id)
  OR NEW.at NOT GLOB (SELECT shape FROM moments)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER contact_attempts_rowid AFTER INSERT ON contact_attempts
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER contact_attempts_no_update BEFORE UPDATE ON contact_attempts
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER contact_attempts_no_delete BEFORE DELETE ON contact_attempts
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- REPORTING CYCLES
--
-- Cycles of one organisation have names of their own, share no day, and stay.
CREATE TRIGGER reporting_cycles_no_replace BEFORE INSERT ON reporting_cycles
WHEN EXISTS (SELECT 1 FROM reporting_cycles WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM reporting_cycles WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM reporting_cycles
             WHERE organization_id = NEW.organization_id
               AND name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER reporting_cycles_rowid AFTER INSERT ON reporting_cycles
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER reporting_cycles_fixed BEFORE UPDATE ON reporting_cycles
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.id IS NOT OLD.id
  OR NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER reporting_cycles_no_delete BEFORE DELETE ON reporting_cycles
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER reporting_cycles_overlap_insert BEFORE INSERT ON reporting_cycles
WHEN EXISTS (SELECT 1 FROM reporting_cycles
             WHERE organization_id = NEW.organization_id
               AND id <> NEW.id
               AND starts_on <= NEW.ends_on
               AND ends_on >= NEW.starts_on)
BEGIN SELECT RAISE(ABORT, 'reporting_cycles_overlap'); END;

CREATE TRIGGER reporting_cycles_overlap_update BEFORE UPDATE OF
    starts_on, ends_on
ON reporting_cycles
WHEN EXISTS (SELECT 1 FROM reporting_cycles
             WHERE organization_id = NEW.organization_id
               AND id <> NEW.id
               AND starts_on <= NEW.ends_on
               AND ends_on >= NEW.starts_on)
BEGIN SELECT RAISE(ABORT, 'reporting_cycles_overlap'); END;

CREATE TRIGGER reporting_cycles_name_taken BEFORE UPDATE OF name ON reporting_cycles
WHEN EXISTS (SELECT 1 FROM reporting_cycles
             WHERE organization_id = NEW.organization_id
               AND name = NEW.name
               AND id <> OLD.id)
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

-- reporting_cycle_status: a cycle begins open; the moment of its closing comes with the closing,
-- stays, and goes when it is opened again.
CREATE TRIGGER reporting_cycles_begin_open BEFORE INSERT ON reporting_cycles
WHEN NEW.status <> 'open' OR NEW.closed_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'reporting_cycle_status'); END;

CREATE TRIGGER reporting_cycles_closed_at BEFORE UPDATE OF status, closed_at ON reporting_cycles
WHEN (NEW.status = 'closed') IS NOT coalesce(NEW.closed_at GLOB (SELECT shape FROM moments), 0)
  OR (NEW.status <> 'closed' AND NEW.closed_at IS NOT NULL)
  OR (OLD.status = 'closed' AND NEW.status = 'closed' AND NEW.closed_at IS NOT OLD.closed_at)
BEGIN SELECT RAISE(ABORT, 'reporting_cycle_status'); END;

-- reporting_cycle_active: an open cycle of the organisation covers the day of dispatch. Days are
-- local, so a day's leniency covers every time zone.
CREATE TRIGGER reporting_cycle_active BEFORE UPDATE OF status ON assignments
WHEN OLD.status = 'pending'
 AND NEW.status = 'dispatched'
 AND NOT EXISTS (SELECT 1 FROM reporting_cycles
                 WHERE id = NEW.reporting_cycle_id
                   AND status = 'open'
                   AND substr(NEW.dispatched_at, 1, 10)
                       BETWEEN date(starts_on, '-1 day') AND date(ends_on, '+1 day'))
BEGIN SELECT RAISE(ABORT, 'reporting_cycle_active'); END;

-- organization_scope_isolation: an assignment counts in a cycle of its own organisation.
CREATE TRIGGER assignments_cycle_insert BEFORE INSERT ON assignments
WHEN NEW.reporting_cycle_id IS NOT NULL
 AND NOT EXISTS (SELECT 1 FROM reporting_cycles
                 WHERE id = NEW.reporting_cycle_id
                   AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER assignments_cycle_update BEFORE UPDATE OF reporting_cycle_id ON assignments
WHEN NEW.reporting_cycle_id IS NOT NULL
 AND NOT EXISTS (SELECT 1 FROM reporting_cycles
                 WHERE id = NEW.reporting_cycle_id
                   AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- THE HONORARIUM LEDGER
--
-- The ledger is the only count, and its numbers are neither shared nor skipped. A dispatch is
-- written first, then its line, in one transaction; a dispatch or withdrawal without its line stops
-- the next dispatch to the same mentor. Each line carries the mentor's counts in the cycle after
-- it, so whoever wants a count reads the last line.
--
-- threshold_honorarium_counting: a draft has no number and earns nothing.
CREATE TRIGGER threshold_of_draft_insert BEFORE INSERT ON assignments
WHEN NEW.threshold_sequence_number IS NOT NULL OR NEW.honorarium_tier IS NOT 'none'
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

CREATE TRIGGER threshold_of_draft_update BEFORE UPDATE OF
    threshold_sequence_number, honorarium_tier
ON assignments
WHEN OLD.status = 'pending'
 AND NEW.status <> 'dispatched'
 AND (NEW.threshold_sequence_number IS NOT NULL OR NEW.honorarium_tier IS NOT 'none')
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

-- threshold_honorarium_trigger: the tier is the one that holds at the number, by the organisation's
-- newest thresholds, or by the defaults.
CREATE TRIGGER threshold_honorarium_trigger BEFORE UPDATE OF status ON assignments
WHEN OLD.status = 'pending'
 AND NEW.status = 'dispatched'
 AND NEW.threshold_sequence_number IS NOT NULL
 AND NEW.honorarium_tier IS NOT CASE
     WHEN NEW.threshold_sequence_number
          >= coalesce((SELECT CAST(value AS INTEGER) FROM organization_settings
                      WHERE organization_id = NEW.organization_id
                        AND name = 'honorarium_elevated_from'
                      ORDER BY id DESC LIMIT 1), 15)
     THEN 'elevated'
     WHEN NEW.threshold_sequence_number
          >= coalesce((SELECT CAST(value AS INTEGER) FROM organization_settings
                      WHERE organization_id = NEW.organization_id
                        AND name = 'honorarium_standard_from'
                      ORDER BY id DESC LIMIT 1), 3)
     THEN 'standard'
     ELSE 'none'
     END
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_trigger'); END;

-- threshold_honorarium_counting: the number is the mentor's running count in the cycle plus one,
-- and no earlier assignment of theirs lacks a line.
--
-- A dispatch that lacks its line lets no other through, and until it has it the count can only go
-- down. So its number is not below this one, and no dispatch with a lower number is looked at. A
-- withdrawal that lacks its line may have any number: all of them are looked at, by the index that
-- has nothing else. (The + keeps SQLite from taking the index of numbers.)
CREATE TRIGGER threshold_honorarium_counting BEFORE UPDATE OF status ON assignments
WHEN OLD.status = 'pending'
 AND NEW.status = 'dispatched'
 AND (NEW.threshold_sequence_number IS NOT 1 + coalesce((
          SELECT dispatched_count FROM assignment_threshold_logs
          WHERE member_id = NEW.recipient_user_id
            AND reporting_cycle_id = NEW.reporting_cycle_id
          ORDER BY id DESC LIMIT 1), 0)
      OR EXISTS (SELECT 1 FROM assignments AS a
                 WHERE a.recipient_user_id = NEW.recipient_user_id
                   AND a.reporting_cycle_id = NEW.reporting_cycle_id
                   AND a.id <> NEW.id
                   AND a.threshold_sequence_number >= NEW.threshold_sequence_number
                   AND NOT EXISTS (SELECT 1 FROM assignment_threshold_logs
                                   WHERE assignment_id = a.id
                                     AND kind = 'dispatched'))
      OR EXISTS (SELECT 1 FROM assignments AS a
                 WHERE a.recipient_user_id = NEW.recipient_user_id
                   AND a.reporting_cycle_id = NEW.reporting_cycle_id
                   AND +a.threshold_sequence_number IS NOT NULL
                   AND a.status IN ('cancelled', 'expired', 'recalled')
                   AND NOT EXISTS (SELECT 1 FROM assignment_threshold_logs
                                   WHERE assignment_id = a.id
                                     AND kind = a.status)))
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

-- threshold_honorarium_counting: the counts of a line are those of the line before of the same
-- mentor and cycle, which all began at 0, and the line's own change. Only damage can bring a count
-- below 0, and is met at the next dispatch: what was sent must be possible to withdraw even then.
CREATE TRIGGER assignment_threshold_logs_counts BEFORE INSERT ON assignment_threshold_logs
WHEN NOT EXISTS (
    SELECT 1 FROM assignments AS a
    LEFT JOIN assignment_threshold_logs AS before
        ON before.id = (SELECT max(id) FROM assignment_threshold_logs
                        WHERE member_id = NEW.member_id
                          AND reporting_cycle_id = NEW.reporting_cycle_id)
    WHERE a.id = NEW.assignment_id
      AND NEW.dispatched_count = coalesce(before.dispatched_count, 0) + NEW.dispatched_change
      AND NEW.completed_count = coalesce(before.completed_count, 0) + NEW.completed_change
      AND NEW.from_earlier_count = coalesce(before.from_earlier_count, 0)
          + (NEW.kind = 'completed' AND a.reporting_cycle_id <> NEW.reporting_cycle_id)
      AND NEW.in_person_count = coalesce(before.in_person_count, 0) + (NEW.in_person IS 1)
      AND NEW.not_in_person_count = coalesce(before.not_in_person_count, 0)
          + (NEW.in_person IS 0))
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

-- organization_scope_isolation: a line is of its assignment's recipient, in a cycle of the
-- organisation.
CREATE TRIGGER assignment_threshold_logs_organization BEFORE INSERT ON assignment_threshold_logs
WHEN NOT EXISTS (SELECT 1 FROM assignments
                 WHERE id = NEW.assignment_id
                   AND organization_id = NEW.organization_id
                   AND recipient_user_id = NEW.member_id)
  OR NOT EXISTS (SELECT 1 FROM reporting_cycles
                 WHERE id = NEW.reporting_cycle_id
                   AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- threshold_honorarium_counting: each kind of line moves the counts as domain/honorarium says, and
-- only a completion says whether the two met in person.
CREATE TRIGGER assignment_threshold_logs_change BEFORE INSERT ON assignment_threshold_logs
WHEN NEW.dispatched_change IS NOT CASE NEW.kind
         WHEN 'dispatched' THEN 1
         WHEN 'recalled' THEN -1
         WHEN 'cancelled' THEN -1
         WHEN 'expired' THEN -1
         WHEN 'completed' THEN 0
     END
  OR NEW.completed_change IS NOT CASE NEW.kind
         WHEN 'dispatched' THEN 0
         WHEN 'recalled' THEN 0
         WHEN 'cancelled' THEN 0
         WHEN 'expired' THEN 0
         WHEN 'completed' THEN 1
     END
  OR (NEW.in_person IS NOT NULL AND (NEW.kind <> 'completed' OR NEW.in_person NOT IN (0, 1)))
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

-- threshold_honorarium_counting: a line follows the step it records: a dispatch in the assignment's
-- cycle; a completion in the cycle of its day, or else the assignment's; a withdrawal in the cycle
-- in which the dispatch was counted.
CREATE TRIGGER assignment_threshold_logs_step BEFORE INSERT ON assignment_threshold_logs
WHEN EXISTS (SELECT 1 FROM assignments
             WHERE id = NEW.assignment_id
               AND organization_id = NEW.organization_id
               AND recipient_user_id = NEW.member_id)
 AND NOT CASE NEW.kind
     WHEN 'dispatched' THEN
         EXISTS (SELECT 1 FROM assignments
                 WHERE id = NEW.assignment_id
                   AND status <> 'pending'
                   AND threshold_sequence_number IS NOT NULL
                   AND reporting_cycle_id = NEW.reporting_cycle_id)
     WHEN 'completed' THEN
         EXISTS (SELECT 1 FROM assignments AS a
                 JOIN reporting_cycles AS c ON c.id = NEW.reporting_cycle_id
                 WHERE a.id = NEW.assignment_id
                   AND a.status = 'completed'
                   AND (substr(a.completed_at, 1, 10)
                        BETWEEN date(starts_on, '-1 day') AND date(ends_on, '+1 day')
                        OR c.id = a.reporting_cycle_id))
     ELSE
         EXISTS (SELECT 1 FROM assignments
                 WHERE id = NEW.assignment_id
                   AND status = NEW.kind)
         AND EXISTS (SELECT 1 FROM assignment_threshold_logs
                     WHERE assignment_id = NEW.assignment_id
                       AND kind = 'dispatched'
                       AND reporting_cycle_id = NEW.reporting_cycle_id)
     END
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

-- The ledger is only added to, one line of a kind for an assignment.
CREATE TRIGGER assignment_threshold_logs_no_replace BEFORE INSERT ON assignment_threshold_logs
WHEN EXISTS (SELECT 1 FROM assignment_threshold_logs WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM assignment_threshold_logs
             WHERE assignment_id = NEW.assignment_id
               AND kind = NEW.kind)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- And only at its end. The last line is the one with the highest number, and the next is counted on
-- from it; so a new one takes the number after it, and no line comes between others or far ahead.
CREATE TRIGGER assignment_threshold_logs_rowid AFTER INSERT ON assignment_threshold_logs
WHEN NEW.id <> 1 + coalesce((SELECT id FROM assignment_threshold_logs
                             ORDER BY id DESC LIMIT 1 OFFSET 1), 0)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER assignment_threshold_logs_no_update BEFORE UPDATE ON assignment_threshold_logs
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER assignment_threshold_logs_no_delete BEFORE DELETE ON assignment_threshold_logs
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- RECORDS
--
-- organization_scope_isolation: a step's record is of the organisation, and so is who took it.
CREATE TRIGGER assignment_status_logs_organization BEFORE INSERT ON assignment_status_logs
WHEN NOT EXISTS (SELECT 1 FROM assignments
                 WHERE id = NEW.assignment_id
                   AND organization_id = NEW.organization_id)
  OR NOT EXISTS (SELECT 1 FROM members
                 WHERE id = NEW.actor_id
                   AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- valid_status_transition: a record follows the step it speaks of, and speaks of it once.
CREATE TRIGGER assignment_status_logs_step BEFORE INSERT ON assignment_status_logs
WHEN EXISTS (SELECT 1 FROM assignments
             WHERE id = NEW.assignment_id
               AND organization_id = NEW.organization_id)
 AND (NOT EXISTS (SELECT 1 FROM assignments
                  WHERE id = NEW.assignment_id
                    AND status = NEW.to_status)
      OR NOT EXISTS (SELECT 1 FROM steps
                     WHERE from_status IS NEW.from_status
                       AND to_status = NEW.to_status)
      OR EXISTS (SELECT 1 FROM assignment_status_logs
                 WHERE assignment_id = NEW.assignment_id
                   AND to_status = NEW.to_status))
BEGIN SELECT RAISE(ABORT, 'valid_status_transition'); END;

-- Steps are only added to. A reason is emptied once its assignment is archived, and then only.
CREATE TRIGGER assignment_status_logs_no_replace BEFORE INSERT ON assignment_status_logs
WHEN EXISTS (SELECT 1 FROM assignment_status_logs WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER assignment_status_logs_rowid AFTER INSERT ON assignment_status_logs
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER assignment_status_logs_fixed BEFORE UPDATE ON assignment_status_logs
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.assignment_id IS NOT OLD.assignment_id
  OR NEW.from_status IS NOT OLD.from_status
  OR NEW.to_status IS NOT OLD.to_status
  OR NEW.actor_id IS NOT OLD.actor_id
  OR NEW.at IS NOT OLD.at
  OR NEW.reason IS NOT NULL
  OR NEW.reason_salt IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM archived_assignments
                 WHERE id = OLD.assignment_id)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER assignment_status_logs_no_delete BEFORE DELETE ON assignment_status_logs
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- An archived assignment is what an ended one was, and is then neither changed nor replaced. Only
-- its texts are emptied, once, when it is erased (which the table's own check requires).
CREATE TRIGGER archived_assignments_no_replace BEFORE INSERT ON archived_assignments
WHEN EXISTS (SELECT 1 FROM archived_assignments WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM archived_assignments WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER archived_assignments_rowid AFTER INSERT ON archived_assignments
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER archived_assignments_fixed BEFORE UPDATE ON archived_assignments
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.id IS NOT OLD.id
  OR NEW.number IS NOT OLD.number
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.recipient_user_id IS NOT OLD.recipient_user_id
  OR NEW.dispatched_by_user_id IS NOT OLD.dispatched_by_user_id
  OR NEW.status IS NOT OLD.status
  OR NEW.honorarium_tier IS NOT OLD.honorarium_tier
  OR NEW.threshold_sequence_number IS NOT OLD.threshold_sequence_number
  OR NEW.reporting_cycle_id IS NOT OLD.reporting_cycle_id
  OR NEW.import_key IS NOT OLD.import_key
  OR NEW.import_digest IS NOT OLD.import_digest
  OR NEW.manifest_body IS NOT OLD.manifest_body
  OR NEW.created_at IS NOT OLD.created_at
  OR NEW.dispatched_at IS NOT OLD.dispatched_at
  OR NEW.completed_at IS NOT OLD.completed_at
  OR NEW.closed_at IS NOT OLD.closed_at
  OR NEW.archived_at IS NOT OLD.archived_at
  OR OLD.erased_at IS NOT NULL
  OR NEW.erased_at IS NULL
  OR NEW.erased_at NOT GLOB (SELECT shape FROM moments)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER archived_assignments_ended BEFORE INSERT ON archived_assignments
WHEN NOT EXISTS (SELECT 1 FROM assignments
                 WHERE id = NEW.id
                   AND number = NEW.number
                   AND organization_id = NEW.organization_id
                   AND status = NEW.status
                   AND import_key IS NEW.import_key
                   AND import_digest IS NEW.import_digest
                   AND status IN ('cancelled', 'completed', 'expired', 'recalled'))
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

-- audit_chain: sequences have no gap, and each entry has its node and, where it names a statement,
-- that statement. Whether node, signature and statement are right is for `assign audit verify`.
CREATE TRIGGER audit_log_sequence BEFORE INSERT ON audit_log
WHEN NEW.sequence IS NOT 1 + coalesce((SELECT sequence FROM audit_log
                                       WHERE organization_id = NEW.organization_id
                                       ORDER BY sequence DESC LIMIT 1), 0)
  OR NOT EXISTS (SELECT 1 FROM log_nodes
                 WHERE organization_id = NEW.organization_id
                   AND level = 0
                   AND place = NEW.sequence - 1)
  OR length(CAST(NEW.signature AS BLOB)) <> 64
  OR (NEW.statement_hash IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM statements
                      WHERE hash = NEW.statement_hash
                        AND organization_id = NEW.organization_id))
BEGIN SELECT RAISE(ABORT, 'audit_chain'); END;

CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM audit_log
             WHERE organization_id = NEW.organization_id
               AND sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER audit_log_rowid AFTER INSERT ON audit_log
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- audit_chain: a node comes after its neighbour on the left and above the two that it covers, of
-- which the right one is there only after the left one.
CREATE TRIGGER log_nodes_complete BEFORE INSERT ON log_nodes
WHEN NEW.level < 0
  OR NEW.place < 0
  OR length(CAST(NEW.hash AS BLOB)) <> 32
  OR (NEW.place > 0
      AND NOT EXISTS (SELECT 1 FROM log_nodes
                      WHERE organization_id = NEW.organization_id
                        AND level = NEW.level
                        AND place = NEW.place - 1))
  OR (NEW.level > 0
      AND NOT EXISTS (SELECT 1 FROM log_nodes
                      WHERE organization_id = NEW.organization_id
                        AND level = NEW.level - 1
                        AND place = 2 * NEW.place + 1))
BEGIN SELECT RAISE(ABORT, 'audit_chain'); END;

CREATE TRIGGER log_nodes_no_replace BEFORE INSERT ON log_nodes
WHEN EXISTS (SELECT 1 FROM log_nodes WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM log_nodes
             WHERE organization_id = NEW.organization_id
               AND level = NEW.level
               AND place = NEW.place)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER log_nodes_rowid AFTER INSERT ON log_nodes
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER log_nodes_no_update BEFORE UPDATE ON log_nodes
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER log_nodes_no_delete BEFORE DELETE ON log_nodes
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- audit_chain: what members signed is kept as it came, under its hash.
CREATE TRIGGER statements_shape BEFORE INSERT ON statements
WHEN length(CAST(NEW.hash AS BLOB)) <> 32 OR length(CAST(NEW.signature AS BLOB)) <> 64
BEGIN SELECT RAISE(ABORT, 'audit_chain'); END;

CREATE TRIGGER statements_no_replace BEFORE INSERT ON statements
WHEN EXISTS (SELECT 1 FROM statements WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM statements WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER statements_rowid AFTER INSERT ON statements
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER statements_no_update BEFORE UPDATE ON statements
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER statements_no_delete BEFORE DELETE ON statements
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- What was refused is no record for ever: it is emptied, and goes in time. Which rows may go, and
-- when, is the server's rule; that no count is lost with one is held here, and that nothing which
-- was carried out counts as refused.
CREATE TRIGGER refused_statements_no_replace BEFORE INSERT ON refused_statements
WHEN EXISTS (SELECT 1 FROM refused_statements WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM refused_statements WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER refused_statements_rowid AFTER INSERT ON refused_statements
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER refused_statements_not_carried_out BEFORE INSERT ON refused_statements
WHEN EXISTS (SELECT 1 FROM statements WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER refused_statements_fixed BEFORE UPDATE ON refused_statements
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.hash IS NOT OLD.hash
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.certificate_id IS NOT OLD.certificate_id
  OR NEW.act IS NOT OLD.act
  OR NEW.subject_id IS NOT OLD.subject_id
  OR NEW.code IS NOT OLD.code
  OR NEW.facts IS NOT OLD.facts
  OR NEW.at IS NOT OLD.at
  OR NEW.kept_until IS NOT OLD.kept_until
  OR NEW.sequence IS NOT OLD.sequence
  OR (NEW.body IS NOT NULL AND NEW.body IS NOT OLD.body)
  OR (NEW.signature IS NOT NULL AND NEW.signature IS NOT OLD.signature)
  OR (NEW.counted IS NOT NULL
      AND NEW.counted IS NOT OLD.counted
      AND NEW.counted IS NOT OLD.counted + 1)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER refused_statements_counting BEFORE DELETE ON refused_statements
WHEN OLD.counted IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- THE OUTBOX AND THE SWEEP
--
-- organization_scope_isolation: a notification is of an assignment and for a member of the
-- organisation. One that was sent stays sent.
CREATE TRIGGER notifications_organization BEFORE INSERT ON notifications
WHEN NOT EXISTS (SELECT 1 FROM assignments
                 WHERE id = NEW.assignment_id
                   AND organization_id = NEW.organization_id)
  OR NOT EXISTS (SELECT 1 FROM members
                 WHERE id = NEW.recipient_id
                   AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER notifications_fixed BEFORE UPDATE ON notifications
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.id IS NOT OLD.id
  OR NEW.organization_id IS NOT OLD.organization_id OR NEW.assignment_id IS NOT OLD.assignment_id
  OR NEW.recipient_id IS NOT OLD.recipient_id OR NEW.kind IS NOT OLD.kind
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER notifications_sent_for_good BEFORE UPDATE OF status ON notifications
WHEN OLD.status = 'sent' AND NEW.status <> 'sent'
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- An address is given by its member, and another one is another row.
CREATE TRIGGER notification_channels_no_replace BEFORE INSERT ON notification_channels
WHEN EXISTS (SELECT 1 FROM notification_channels WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM notification_channels WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER notification_channels_rowid AFTER INSERT ON notification_channels
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;
CREATE TRIGGER notification_channels_no_update BEFORE UPDATE ON notification_channels
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER notification_channels_organization BEFORE INSERT ON notification_channels
WHEN NOT EXISTS (SELECT 1 FROM members
                 WHERE id = NEW.member_id
                   AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- organization_scope_isolation: each organisation has its own last run.
CREATE TRIGGER sweep_runs_fixed BEFORE UPDATE ON sweep_runs
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;
CREATE TRIGGER sweep_runs_organization BEFORE INSERT ON sweep_runs
WHEN NOT EXISTS (SELECT 1 FROM organizations WHERE id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

-- append_only: what the lost part of a log had ended stays ended, and a number that it gave stays
-- given.
CREATE TRIGGER log_restores_fixed BEFORE UPDATE ON log_restores
WHEN NEW.organization_id IS NOT OLD.organization_id OR NEW.last_number < OLD.last_number
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER log_restores_no_delete BEFORE DELETE ON log_restores
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER lost_endings_no_update BEFORE UPDATE ON lost_endings
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER lost_endings_no_delete BEFORE DELETE ON lost_endings
BEGIN SELECT RAISE(ABORT, 'append_only'); END;
