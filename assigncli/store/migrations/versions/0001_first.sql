CREATE TABLE store_info (
  id INTEGER NOT NULL,
  store_id CHAR(32) NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  recent_writes VARCHAR NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT store_info_single CHECK (id = 1)
);

CREATE TABLE organizations (
  id CHAR(32) NOT NULL,
  name VARCHAR NOT NULL,
  name_salt BLOB NOT NULL,
  name_key VARCHAR NOT NULL,
  time_zone VARCHAR NOT NULL,
  root_public_key BLOB NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (name_key)
);

CREATE TABLE organization_settings (
  id INTEGER NOT NULL,
  organization_id CHAR(32) NOT NULL,
  name VARCHAR NOT NULL,
  value VARCHAR NOT NULL,
  value_salt BLOB,
  set_by CHAR(32) NOT NULL,
  set_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(organization_id) REFERENCES organizations (id)
);

CREATE TABLE members (
  id CHAR(32) NOT NULL,
  organization_id CHAR(32) NOT NULL,
  handle VARCHAR NOT NULL,
  handle_salt BLOB NOT NULL,
  display_name VARCHAR NOT NULL,
  display_name_salt BLOB NOT NULL,
  status VARCHAR(32) NOT NULL,
  signing_key BLOB,
  encryption_key BLOB,
  created_at VARCHAR(27) NOT NULL,
  updated_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT members_handle_unique UNIQUE (organization_id, handle),
  CONSTRAINT members_id_organization_unique UNIQUE (id, organization_id),
  CONSTRAINT status_known CHECK (status IN ('invited', 'requested', 'active', 'revoked')),
  FOREIGN KEY(organization_id) REFERENCES organizations (id)
);

CREATE TABLE encryption_keys (
  id CHAR(32) NOT NULL,
  organization_id CHAR(32) NOT NULL,
  assignment_id CHAR(32) NOT NULL,
  share_commitment BLOB NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  retired_at VARCHAR(27),
  revoked_at VARCHAR(27),
  shredded_at VARCHAR(27),
  PRIMARY KEY (id),
  CONSTRAINT share_commitment_length CHECK (length(share_commitment) = 32),
  FOREIGN KEY(organization_id) REFERENCES organizations (id)
);

CREATE TABLE reporting_cycles (
  id CHAR(32) NOT NULL,
  organization_id CHAR(32) NOT NULL,
  name VARCHAR NOT NULL,
  name_salt BLOB,
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  status VARCHAR(32) NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  closed_at VARCHAR(27),
  PRIMARY KEY (id),
  CONSTRAINT reporting_cycles_name_unique UNIQUE (organization_id, name),
  CONSTRAINT reporting_cycles_in_order CHECK (starts_on <= ends_on),
  CONSTRAINT status_known CHECK (status IN ('open', 'closed')),
  FOREIGN KEY(organization_id) REFERENCES organizations (id)
);

CREATE TABLE assignment_status_logs (
  id INTEGER NOT NULL,
  organization_id CHAR(32) NOT NULL,
  assignment_id CHAR(32) NOT NULL,
  from_status VARCHAR(32),
  to_status VARCHAR(32) NOT NULL,
  actor_id CHAR(32) NOT NULL,
  at VARCHAR(27) NOT NULL,
  reason VARCHAR,
  reason_salt BLOB,
  PRIMARY KEY (id),
  FOREIGN KEY(organization_id) REFERENCES organizations (id)
);

CREATE TABLE audit_log (
  id INTEGER NOT NULL,
  organization_id CHAR(32) NOT NULL,
  sequence INTEGER NOT NULL,
  at VARCHAR(27) NOT NULL,
  actor_id CHAR(32) NOT NULL,
  actor_certificate_id CHAR(32),
  action VARCHAR NOT NULL,
  subject_id CHAR(32) NOT NULL,
  details VARCHAR NOT NULL,
  statement_hash BLOB,
  service_certificate_id CHAR(32) NOT NULL,
  signature BLOB NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT audit_sequence_unique UNIQUE (organization_id, sequence),
  FOREIGN KEY(organization_id) REFERENCES organizations (id)
);

CREATE TABLE archived_assignments (
  id CHAR(32) NOT NULL,
  number INTEGER NOT NULL,
  organization_id CHAR(32) NOT NULL,
  recipient_user_id CHAR(32) NOT NULL,
  dispatched_by_user_id CHAR(32) NOT NULL,
  title VARCHAR NOT NULL,
  status VARCHAR(32) NOT NULL,
  honorarium_tier VARCHAR(32) NOT NULL,
  threshold_sequence_number INTEGER,
  reporting_cycle_id CHAR(32),
  import_key BLOB,
  import_digest BLOB,
  created_at VARCHAR(27) NOT NULL,
  dispatched_at VARCHAR(27),
  completed_at VARCHAR(27),
  closed_at VARCHAR(27) NOT NULL,
  archived_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT archived_number_unique UNIQUE (organization_id, number),
  CONSTRAINT archived_import_key_unique UNIQUE (organization_id, import_key),
  FOREIGN KEY(organization_id) REFERENCES organizations (id)
);

CREATE TABLE statements (
  hash BLOB NOT NULL,
  organization_id CHAR(32) NOT NULL,
  body BLOB NOT NULL,
  signature BLOB NOT NULL,
  PRIMARY KEY (hash),
  FOREIGN KEY(organization_id) REFERENCES organizations (id)
);

CREATE TABLE log_nodes (
  organization_id CHAR(32) NOT NULL,
  level INTEGER NOT NULL,
  place INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (organization_id, level, place),
  FOREIGN KEY(organization_id) REFERENCES organizations (id)
);

CREATE TABLE sweep_runs (
  organization_id CHAR(32) NOT NULL,
  at VARCHAR(27) NOT NULL,
  done INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  ended_to INTEGER DEFAULT '0' NOT NULL,
  completed_to INTEGER DEFAULT '0' NOT NULL,
  PRIMARY KEY (organization_id),
  FOREIGN KEY(organization_id) REFERENCES organizations (id)
);

CREATE TABLE member_roles (
  member_id CHAR(32) NOT NULL,
  role VARCHAR(32) NOT NULL,
  PRIMARY KEY (member_id, role),
  CONSTRAINT role_known CHECK (role IN ('coordinator', 'peer_mentor', 'org_admin', 'service')),
  FOREIGN KEY(member_id) REFERENCES members (id)
);

CREATE TABLE peer_mentor_profiles (
  member_id CHAR(32) NOT NULL,
  organization_id CHAR(32) NOT NULL,
  status VARCHAR(32) NOT NULL,
  paused_until DATE,
  certified_until DATE,
  updated_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (member_id),
  FOREIGN KEY(member_id, organization_id) REFERENCES members (id, organization_id),
  CONSTRAINT status_known CHECK (status IN ('active', 'paused', 'expired'))
);

CREATE TABLE certificates (
  id CHAR(32) NOT NULL,
  organization_id CHAR(32) NOT NULL,
  member_id CHAR(32) NOT NULL,
  body BLOB NOT NULL,
  signature BLOB NOT NULL,
  device VARCHAR NOT NULL,
  device_salt BLOB NOT NULL,
  issued_at VARCHAR(27) NOT NULL,
  revoked_at VARCHAR(27),
  PRIMARY KEY (id),
  FOREIGN KEY(member_id, organization_id) REFERENCES members (id, organization_id)
);

CREATE TABLE assignment_threshold_logs (
  id INTEGER NOT NULL,
  organization_id CHAR(32) NOT NULL,
  assignment_id CHAR(32) NOT NULL,
  member_id CHAR(32) NOT NULL,
  reporting_cycle_id CHAR(32) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  dispatched_change INTEGER NOT NULL,
  completed_change INTEGER NOT NULL,
  in_person BOOLEAN,
  at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT threshold_line_once UNIQUE (assignment_id, kind),
  CONSTRAINT kind_known CHECK (kind IN ('dispatched', 'recalled', 'cancelled', 'expired', 'completed')),
  FOREIGN KEY(organization_id) REFERENCES organizations (id),
  FOREIGN KEY(member_id) REFERENCES members (id),
  FOREIGN KEY(reporting_cycle_id) REFERENCES reporting_cycles (id)
);

CREATE TABLE consent_records (
  id CHAR(32) NOT NULL,
  organization_id CHAR(32) NOT NULL,
  assignment_id CHAR(32) NOT NULL,
  member_id CHAR(32) NOT NULL,
  text_version VARCHAR NOT NULL,
  statement_hash BLOB NOT NULL,
  completed_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT consent_once UNIQUE (assignment_id, member_id),
  FOREIGN KEY(organization_id) REFERENCES organizations (id),
  FOREIGN KEY(member_id) REFERENCES members (id)
);

CREATE TABLE invitations (
  id INTEGER NOT NULL,
  organization_id CHAR(32) NOT NULL,
  member_id CHAR(32) NOT NULL,
  token_hash BLOB NOT NULL,
  expires_at VARCHAR(27) NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  spent_at VARCHAR(27),
  signing_key BLOB,
  encryption_key BLOB,
  device VARCHAR,
  device_salt BLOB,
  PRIMARY KEY (id),
  CONSTRAINT invitations_token CHECK (length(CAST(token_hash AS BLOB)) = 32),
  CONSTRAINT invitations_spent_whole CHECK ((spent_at IS NULL) = (signing_key IS NULL) AND (spent_at IS NULL) = (encryption_key IS NULL) AND (spent_at IS NULL) = (device IS NULL) AND (spent_at IS NULL) = (device_salt IS NULL)),
  FOREIGN KEY(organization_id) REFERENCES organizations (id),
  FOREIGN KEY(member_id) REFERENCES members (id)
);

CREATE TABLE notifications (
  id CHAR(32) NOT NULL,
  organization_id CHAR(32) NOT NULL,
  assignment_id CHAR(32) NOT NULL,
  recipient_id CHAR(32) NOT NULL,
  kind VARCHAR NOT NULL,
  status VARCHAR(32) NOT NULL,
  attempts INTEGER NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  due_at VARCHAR(27) NOT NULL,
  attempted_at VARCHAR(27),
  problem VARCHAR,
  PRIMARY KEY (id),
  CONSTRAINT notification_once UNIQUE (assignment_id, kind, recipient_id),
  CONSTRAINT status_known CHECK (status IN ('queued', 'sending', 'sent', 'unknown', 'failed', 'dropped')),
  FOREIGN KEY(organization_id) REFERENCES organizations (id),
  FOREIGN KEY(recipient_id) REFERENCES members (id)
);

CREATE TABLE notification_channels (
  id CHAR(32) NOT NULL,
  organization_id CHAR(32) NOT NULL,
  member_id CHAR(32) NOT NULL,
  sealed BLOB NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(member_id, organization_id) REFERENCES members (id, organization_id),
  CONSTRAINT payload_must_be_encrypted_before_storage CHECK (typeof(sealed) = 'blob' AND substr(sealed, 1, 1) = x'01')
);

CREATE TABLE assignments (
  id CHAR(32) NOT NULL,
  number INTEGER NOT NULL,
  organization_id CHAR(32) NOT NULL,
  recipient_user_id CHAR(32) NOT NULL,
  dispatched_by_user_id CHAR(32) NOT NULL,
  title VARCHAR NOT NULL,
  title_salt BLOB NOT NULL,
  subject_reference VARCHAR,
  subject_reference_salt BLOB NOT NULL,
  encrypted_payload BLOB NOT NULL,
  encryption_key_id CHAR(32) NOT NULL,
  status VARCHAR(32) NOT NULL,
  priority VARCHAR(32) NOT NULL,
  contact_deadline_days INTEGER NOT NULL,
  dispatched_at VARCHAR(27),
  delivered_at VARCHAR(27),
  first_read_at VARCHAR(27),
  acknowledged_at VARCHAR(27),
  contact_made_at VARCHAR(27),
  completed_at VARCHAR(27),
  expires_at VARCHAR(27),
  reminder_sent_at VARCHAR(27),
  consent_required BOOLEAN NOT NULL,
  consent_completed_at VARCHAR(27),
  threshold_sequence_number INTEGER,
  honorarium_tier VARCHAR(32) NOT NULL,
  reporting_cycle_id CHAR(32),
  recalled_at VARCHAR(27),
  recalled_by_user_id CHAR(32),
  cancelled_at VARCHAR(27),
  cancelled_by_user_id CHAR(32),
  coordinator_notes VARCHAR,
  coordinator_notes_salt BLOB NOT NULL,
  internal_notes VARCHAR,
  internal_notes_salt BLOB NOT NULL,
  import_key BLOB,
  import_digest BLOB,
  manifest_body BLOB NOT NULL,
  manifest_signature BLOB NOT NULL,
  dispatcher_certificate_id CHAR(32) NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  updated_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT assignments_number_unique UNIQUE (organization_id, number),
  CONSTRAINT assignments_import_key_unique UNIQUE (organization_id, import_key),
  CONSTRAINT import_whole CHECK ((import_key IS NULL) = (import_digest IS NULL)),
  FOREIGN KEY(encryption_key_id) REFERENCES encryption_keys (id),
  CONSTRAINT status_known CHECK (status IN ('pending', 'dispatched', 'delivered', 'read', 'acknowledged', 'contact_made', 'completed', 'recalled', 'cancelled', 'expired')),
  CONSTRAINT priority_known CHECK (priority IN ('normal', 'urgent')),
  CONSTRAINT honorarium_tier_known CHECK (honorarium_tier IN ('none', 'standard', 'elevated')),
  CONSTRAINT number_positive CHECK (number >= 1),
  CONSTRAINT title_length CHECK (length(title) BETWEEN 1 AND 200),
  CONSTRAINT encrypted_payload_non_empty CHECK (length(encrypted_payload) > 0),
  CONSTRAINT payload_must_be_encrypted_before_storage CHECK (typeof(encrypted_payload) = 'blob' AND substr(encrypted_payload, 1, 1) = x'01' AND length(encrypted_payload) > 29 AND (length(encrypted_payload) - 29) % 256 = 0),
  CONSTRAINT expires_at_in_future CHECK (expires_at IS NULL OR expires_at > coalesce(dispatched_at, created_at)),
  CONSTRAINT contact_deadline_days_positive CHECK (contact_deadline_days > 0),
  CONSTRAINT threshold_sequence_positive CHECK (threshold_sequence_number IS NULL OR threshold_sequence_number >= 1),
  CONSTRAINT subject_reference_max_length CHECK (subject_reference IS NULL OR length(subject_reference) <= 40),
  FOREIGN KEY(organization_id) REFERENCES organizations (id),
  FOREIGN KEY(recipient_user_id) REFERENCES members (id),
  FOREIGN KEY(dispatched_by_user_id) REFERENCES members (id),
  FOREIGN KEY(reporting_cycle_id) REFERENCES reporting_cycles (id),
  FOREIGN KEY(recalled_by_user_id) REFERENCES members (id),
  FOREIGN KEY(cancelled_by_user_id) REFERENCES members (id),
  FOREIGN KEY(dispatcher_certificate_id) REFERENCES certificates (id)
);

CREATE TABLE refused_statements (
  hash BLOB NOT NULL,
  organization_id CHAR(32) NOT NULL,
  certificate_id CHAR(32),
  act VARCHAR NOT NULL,
  subject_id CHAR(32) NOT NULL,
  code VARCHAR NOT NULL,
  facts VARCHAR NOT NULL,
  at VARCHAR(27) NOT NULL,
  kept_until VARCHAR(27) NOT NULL,
  sequence INTEGER,
  counted INTEGER,
  body BLOB,
  signature BLOB,
  PRIMARY KEY (hash),
  CONSTRAINT refused_statements_shape CHECK (length(CAST(hash AS BLOB)) = 32 AND (body IS NULL) = (signature IS NULL) AND (body IS NULL OR sequence IS NOT NULL) AND (counted IS NULL OR (counted >= 0 AND sequence IS NOT NULL)) AND coalesce(length(CAST(body AS BLOB)), 0) <= 16384 AND coalesce(length(CAST(signature AS BLOB)), 64) = 64 AND length(CAST(facts AS BLOB)) <= 65536),
  FOREIGN KEY(organization_id) REFERENCES organizations (id),
  FOREIGN KEY(certificate_id) REFERENCES certificates (id)
);

CREATE TABLE organization_key_wraps (
  organization_id CHAR(32) NOT NULL,
  key_id CHAR(32) NOT NULL,
  certificate_id CHAR(32) NOT NULL,
  use VARCHAR NOT NULL,
  wrap BLOB NOT NULL,
  maker_certificate_id CHAR(32) NOT NULL,
  signature BLOB NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (organization_id, key_id, certificate_id),
  CONSTRAINT organization_key_use CHECK (use IN ('addresses', 'imports')),
  FOREIGN KEY(organization_id) REFERENCES organizations (id),
  FOREIGN KEY(certificate_id) REFERENCES certificates (id),
  FOREIGN KEY(maker_certificate_id) REFERENCES certificates (id)
);

CREATE TABLE key_wraps (
  assignment_id CHAR(32) NOT NULL,
  certificate_id CHAR(32) NOT NULL,
  encryption_key_id CHAR(32) NOT NULL,
  wrap BLOB NOT NULL,
  maker_certificate_id CHAR(32) NOT NULL,
  signature BLOB NOT NULL,
  created_at VARCHAR(27) NOT NULL,
  PRIMARY KEY (assignment_id, certificate_id),
  FOREIGN KEY(assignment_id) REFERENCES assignments (id),
  FOREIGN KEY(certificate_id) REFERENCES certificates (id),
  FOREIGN KEY(encryption_key_id) REFERENCES encryption_keys (id),
  FOREIGN KEY(maker_certificate_id) REFERENCES certificates (id)
);

CREATE INDEX ix_assignment_status_logs_assignment ON assignment_status_logs (assignment_id, id);

CREATE INDEX ix_assignment_threshold_logs_member ON assignment_threshold_logs (member_id, reporting_cycle_id, id);

CREATE INDEX ix_assignments_archive_due ON assignments (organization_id, updated_at, number) WHERE status IN ('cancelled', 'completed', 'expired', 'recalled');

CREATE INDEX ix_assignments_completed_key ON assignments (encryption_key_id) WHERE status IN ('completed');

CREATE INDEX ix_assignments_dispatched_at ON assignments (dispatched_at);

CREATE INDEX ix_assignments_dispatcher ON assignments (dispatched_by_user_id);

CREATE INDEX ix_assignments_expires_at ON assignments (expires_at);

CREATE INDEX ix_assignments_expiry_due ON assignments (organization_id, expires_at, number) WHERE status IN ('acknowledged', 'contact_made', 'delivered', 'dispatched', 'pending', 'read');

CREATE INDEX ix_assignments_open_recipient ON assignments (organization_id, recipient_user_id, number) WHERE coalesce(status, status) IN ('acknowledged', 'contact_made', 'delivered', 'dispatched', 'pending', 'read');

CREATE INDEX ix_assignments_organization_status ON assignments (organization_id, status, number);

CREATE INDEX ix_assignments_recipient ON assignments (recipient_user_id, number);

CREATE INDEX ix_assignments_recipient_cycle ON assignments (recipient_user_id, reporting_cycle_id);

CREATE INDEX ix_assignments_recipient_status ON assignments (recipient_user_id, status, number);

CREATE INDEX ix_assignments_reminder_due ON assignments (organization_id, contact_deadline_days, dispatched_at, number) WHERE status IN ('acknowledged', 'delivered', 'dispatched', 'read') AND reminder_sent_at IS NULL;

CREATE INDEX ix_assignments_sweep ON assignments (status, reminder_sent_at, dispatched_at);

CREATE INDEX ix_audit_log_completions ON audit_log (organization_id, sequence) WHERE action = 'assignment.completed';

CREATE INDEX ix_audit_log_endings ON audit_log (organization_id, sequence) WHERE action IN ('assignment.edited', 'assignment.recalled', 'assignment.cancelled', 'assignment.expired', 'assignment.archived', 'payload.shredded');

CREATE INDEX ix_audit_log_statement ON audit_log (statement_hash) WHERE statement_hash IS NOT NULL;

CREATE INDEX ix_audit_log_subject ON audit_log (subject_id, sequence);

CREATE INDEX ix_certificates_member ON certificates (member_id, issued_at);

CREATE INDEX ix_encryption_keys_retired ON encryption_keys (organization_id, retired_at, id) WHERE revoked_at IS NULL AND retired_at IS NOT NULL;

CREATE INDEX ix_encryption_keys_unshredded ON encryption_keys (organization_id, id) WHERE revoked_at IS NOT NULL AND shredded_at IS NULL;

CREATE INDEX ix_invitations_member ON invitations (member_id);

CREATE INDEX ix_key_wraps_certificate ON key_wraps (certificate_id);

CREATE INDEX ix_notification_channels_member ON notification_channels (member_id);

CREATE INDEX ix_notifications_due ON notifications (organization_id, status, due_at, id);

CREATE INDEX ix_organization_key_wraps_certificate ON organization_key_wraps (certificate_id, use, created_at);

CREATE INDEX ix_organization_settings_name ON organization_settings (organization_id, name, id);

CREATE INDEX ix_refused_statements_bodies ON refused_statements (organization_id, sequence) WHERE body IS NOT NULL;

CREATE INDEX ix_refused_statements_device ON refused_statements (organization_id, certificate_id, kept_until, code);

CREATE INDEX ix_refused_statements_hours ON refused_statements (organization_id, certificate_id) WHERE counted IS NOT NULL;

CREATE INDEX ix_refused_statements_recorded ON refused_statements (organization_id, certificate_id, sequence) WHERE sequence IS NOT NULL;

CREATE INDEX ix_refused_statements_spent ON refused_statements (organization_id, kept_until) WHERE body IS NULL AND counted IS NULL;

CREATE INDEX ix_reporting_cycles_days ON reporting_cycles (organization_id, starts_on, ends_on);

CREATE TRIGGER organizations_fixed BEFORE UPDATE ON organizations
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.id IS NOT OLD.id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER members_no_replace BEFORE INSERT ON members
WHEN (EXISTS (SELECT 1 FROM members WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM members WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM members WHERE organization_id = NEW.organization_id AND handle = NEW.handle))
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER members_rowid AFTER INSERT ON members
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER members_fixed BEFORE UPDATE ON members
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.id IS NOT OLD.id OR NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER members_handle_taken BEFORE UPDATE OF handle ON members
WHEN EXISTS (SELECT 1 FROM members WHERE organization_id = NEW.organization_id AND handle = NEW.handle AND id <> OLD.id)
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER members_no_delete BEFORE DELETE ON members
WHEN (EXISTS (SELECT 1 FROM certificates WHERE member_id = OLD.id)
  OR EXISTS (SELECT 1 FROM assignments WHERE recipient_user_id = OLD.id)
  OR EXISTS (SELECT 1 FROM assignments WHERE dispatched_by_user_id = OLD.id))
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER member_roles_fixed BEFORE UPDATE ON member_roles
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.member_id IS NOT OLD.member_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER peer_mentor_profiles_fixed BEFORE UPDATE ON peer_mentor_profiles
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.member_id IS NOT OLD.member_id OR NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER organization_key_wraps_fixed BEFORE UPDATE ON organization_key_wraps
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.organization_id IS NOT OLD.organization_id OR NEW.key_id IS NOT OLD.key_id OR NEW.use IS NOT OLD.use OR NEW.certificate_id IS NOT OLD.certificate_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER invitations_no_replace BEFORE INSERT ON invitations
WHEN (EXISTS (SELECT 1 FROM invitations WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM invitations WHERE id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER invitations_rowid AFTER INSERT ON invitations
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER invitations_organization BEFORE INSERT ON invitations
WHEN NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.member_id AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER invitations_joined_once BEFORE UPDATE ON invitations
WHEN (NEW.rowid IS NOT OLD.rowid OR NEW.organization_id IS NOT OLD.organization_id OR NEW.member_id IS NOT OLD.member_id OR NEW.token_hash IS NOT OLD.token_hash OR NEW.expires_at IS NOT OLD.expires_at OR NEW.created_at IS NOT OLD.created_at
  OR OLD.spent_at IS NOT NULL
  OR NOT coalesce(NEW.spent_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER invitations_unspent BEFORE INSERT ON invitations
WHEN NEW.spent_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER peer_mentor_profiles_organization BEFORE INSERT ON peer_mentor_profiles
WHEN NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.member_id AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER certificates_organization BEFORE INSERT ON certificates
WHEN NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.member_id AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER organization_key_wraps_organization BEFORE INSERT ON organization_key_wraps
WHEN NOT EXISTS (SELECT 1 FROM certificates WHERE id = NEW.certificate_id AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER only_coordinator_can_dispatch_insert BEFORE INSERT ON assignments
WHEN NOT (EXISTS (SELECT 1 FROM members WHERE id = NEW.dispatched_by_user_id AND organization_id = NEW.organization_id AND status = 'active')
  AND EXISTS (SELECT 1 FROM member_roles WHERE member_id = NEW.dispatched_by_user_id AND role = 'coordinator'))
BEGIN SELECT RAISE(ABORT, 'only_coordinator_can_dispatch'); END;

CREATE TRIGGER only_coordinator_can_dispatch_update BEFORE UPDATE OF dispatched_by_user_id, status ON assignments
WHEN (NEW.dispatched_by_user_id IS NOT OLD.dispatched_by_user_id OR (OLD.status = 'pending' AND NEW.status = 'dispatched'))
  AND NOT (EXISTS (SELECT 1 FROM members WHERE id = NEW.dispatched_by_user_id AND organization_id = NEW.organization_id AND status = 'active')
  AND EXISTS (SELECT 1 FROM member_roles WHERE member_id = NEW.dispatched_by_user_id AND role = 'coordinator'))
BEGIN SELECT RAISE(ABORT, 'only_coordinator_can_dispatch'); END;

CREATE TRIGGER recipient_must_belong_to_same_organization_insert BEFORE INSERT ON assignments
WHEN NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.recipient_user_id AND organization_id = NEW.organization_id AND status = 'active')
BEGIN SELECT RAISE(ABORT, 'recipient_must_belong_to_same_organization'); END;

CREATE TRIGGER recipient_must_belong_to_same_organization_update BEFORE UPDATE OF recipient_user_id, status ON assignments
WHEN (NEW.recipient_user_id IS NOT OLD.recipient_user_id OR (OLD.status = 'pending' AND NEW.status = 'dispatched'))
  AND NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.recipient_user_id AND organization_id = NEW.organization_id AND status = 'active')
BEGIN SELECT RAISE(ABORT, 'recipient_must_belong_to_same_organization'); END;

CREATE TRIGGER recipient_is_active_peer_mentor_insert BEFORE INSERT ON assignments
WHEN NOT (NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.recipient_user_id AND organization_id = NEW.organization_id AND status = 'active') OR (EXISTS (SELECT 1 FROM member_roles WHERE member_id = NEW.recipient_user_id AND role = 'peer_mentor')
  AND EXISTS (SELECT 1 FROM peer_mentor_profiles WHERE member_id = NEW.recipient_user_id AND organization_id = NEW.organization_id AND (status = 'active' OR (status = 'paused' AND paused_until < date(NEW.created_at, '+1 day'))) AND (certified_until IS NULL OR certified_until >= date(NEW.created_at, '-1 day')))))
BEGIN SELECT RAISE(ABORT, 'recipient_is_active_peer_mentor'); END;

CREATE TRIGGER recipient_is_active_peer_mentor_update BEFORE UPDATE OF recipient_user_id, status ON assignments
WHEN (NEW.recipient_user_id IS NOT OLD.recipient_user_id OR (OLD.status = 'pending' AND NEW.status = 'dispatched'))
  AND NOT (NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.recipient_user_id AND organization_id = NEW.organization_id AND status = 'active') OR (EXISTS (SELECT 1 FROM member_roles WHERE member_id = NEW.recipient_user_id AND role = 'peer_mentor')
  AND EXISTS (SELECT 1 FROM peer_mentor_profiles WHERE member_id = NEW.recipient_user_id AND organization_id = NEW.organization_id AND (status = 'active' OR (status = 'paused' AND paused_until < date(coalesce(NEW.dispatched_at, NEW.updated_at), '+1 day'))) AND (certified_until IS NULL OR certified_until >= date(coalesce(NEW.dispatched_at, NEW.updated_at), '-1 day')))))
BEGIN SELECT RAISE(ABORT, 'recipient_is_active_peer_mentor'); END;

CREATE TRIGGER dispatcher_certificate_insert BEFORE INSERT ON assignments
WHEN NOT (NOT (EXISTS (SELECT 1 FROM members WHERE id = NEW.dispatched_by_user_id AND organization_id = NEW.organization_id AND status = 'active')
  AND EXISTS (SELECT 1 FROM member_roles WHERE member_id = NEW.dispatched_by_user_id AND role = 'coordinator')) OR EXISTS (SELECT 1 FROM certificates WHERE id = NEW.dispatcher_certificate_id AND organization_id = NEW.organization_id AND member_id = NEW.dispatched_by_user_id))
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER dispatcher_certificate_update BEFORE UPDATE OF dispatcher_certificate_id, status ON assignments
WHEN (NEW.dispatcher_certificate_id IS NOT OLD.dispatcher_certificate_id OR (OLD.status = 'pending' AND NEW.status = 'dispatched'))
  AND NOT (NOT (EXISTS (SELECT 1 FROM members WHERE id = NEW.dispatched_by_user_id AND organization_id = NEW.organization_id AND status = 'active')
  AND EXISTS (SELECT 1 FROM member_roles WHERE member_id = NEW.dispatched_by_user_id AND role = 'coordinator')) OR EXISTS (SELECT 1 FROM certificates WHERE id = NEW.dispatcher_certificate_id AND organization_id = NEW.organization_id AND member_id = NEW.dispatched_by_user_id))
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER withdrawn_by_own_organization BEFORE UPDATE OF recalled_by_user_id, cancelled_by_user_id ON assignments
WHEN ((NEW.recalled_by_user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.recalled_by_user_id AND organization_id = NEW.organization_id))
  OR (NEW.cancelled_by_user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.cancelled_by_user_id AND organization_id = NEW.organization_id)))
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER valid_status_transition_insert BEFORE INSERT ON assignments
WHEN NEW.status IS NOT 'pending' OR NOT coalesce(NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0)
  OR NEW.dispatched_at IS NOT NULL OR NEW.delivered_at IS NOT NULL OR NEW.first_read_at IS NOT NULL OR NEW.acknowledged_at IS NOT NULL OR NEW.contact_made_at IS NOT NULL OR NEW.completed_at IS NOT NULL OR NEW.recalled_at IS NOT NULL OR NEW.cancelled_at IS NOT NULL OR NEW.recalled_by_user_id IS NOT NULL OR NEW.cancelled_by_user_id IS NOT NULL OR NEW.reminder_sent_at IS NOT NULL OR NEW.consent_completed_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'valid_status_transition'); END;

CREATE TRIGGER assignments_no_replace BEFORE INSERT ON assignments
WHEN (EXISTS (SELECT 1 FROM assignments WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM assignments WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM assignments WHERE organization_id = NEW.organization_id AND number = NEW.number)
  OR EXISTS (SELECT 1 FROM archived_assignments WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM archived_assignments WHERE organization_id = NEW.organization_id AND number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER assignments_import_key BEFORE INSERT ON assignments
WHEN (EXISTS (SELECT 1 FROM assignments WHERE organization_id = NEW.organization_id AND import_key = NEW.import_key)
  OR EXISTS (SELECT 1 FROM archived_assignments WHERE organization_id = NEW.organization_id AND import_key = NEW.import_key))
BEGIN SELECT RAISE(ABORT, 'import_key_exists'); END;

CREATE TRIGGER assignments_rowid AFTER INSERT ON assignments
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER valid_status_transition_update BEFORE UPDATE OF status ON assignments
WHEN NEW.status IS NOT OLD.status
  AND NOT (NEW.status = 'recalled' AND OLD.status <> 'recalled' AND (OLD.status IN ('acknowledged', 'contact_made', 'read') OR (OLD.first_read_at IS NOT NULL AND OLD.status NOT IN ('cancelled', 'completed', 'expired', 'recalled'))))
  AND NOT CASE OLD.status WHEN 'pending' THEN NEW.status IN ('cancelled', 'dispatched', 'expired', 'recalled')
    WHEN 'dispatched' THEN NEW.status IN ('cancelled', 'delivered', 'expired', 'recalled')
    WHEN 'delivered' THEN NEW.status IN ('cancelled', 'expired', 'read', 'recalled')
    WHEN 'read' THEN NEW.status IN ('acknowledged', 'cancelled', 'expired')
    WHEN 'acknowledged' THEN NEW.status IN ('cancelled', 'contact_made', 'expired')
    WHEN 'contact_made' THEN NEW.status IN ('cancelled', 'completed', 'expired') ELSE 0 END
BEGIN SELECT RAISE(ABORT, 'valid_status_transition'); END;

CREATE TRIGGER recall_only_before_read BEFORE UPDATE OF status ON assignments
WHEN (NEW.status = 'recalled' AND OLD.status <> 'recalled' AND (OLD.status IN ('acknowledged', 'contact_made', 'read') OR (OLD.first_read_at IS NOT NULL AND OLD.status NOT IN ('cancelled', 'completed', 'expired', 'recalled'))))
BEGIN SELECT RAISE(ABORT, 'recall_only_before_read'); END;

CREATE TRIGGER valid_status_transition_moment BEFORE UPDATE OF status, dispatched_at, delivered_at, first_read_at, acknowledged_at, contact_made_at, completed_at, recalled_at, cancelled_at, recalled_by_user_id, cancelled_by_user_id ON assignments
WHEN NOT (NEW.status = 'recalled' AND OLD.status <> 'recalled' AND (OLD.status IN ('acknowledged', 'contact_made', 'read') OR (OLD.first_read_at IS NOT NULL AND OLD.status NOT IN ('cancelled', 'completed', 'expired', 'recalled')))) AND ((NEW.dispatched_at IS NULL AND (NEW.status = 'dispatched' AND OLD.status <> 'dispatched'))
  OR (OLD.dispatched_at IS NULL AND NEW.dispatched_at IS NOT NULL AND NOT (NEW.status = 'dispatched' AND OLD.status <> 'dispatched'))
  OR (NEW.delivered_at IS NULL AND (NEW.status = 'delivered' AND OLD.status <> 'delivered'))
  OR (OLD.delivered_at IS NULL AND NEW.delivered_at IS NOT NULL AND NOT (NEW.status = 'delivered' AND OLD.status <> 'delivered'))
  OR (NEW.first_read_at IS NULL AND (NEW.status = 'read' AND OLD.status <> 'read'))
  OR (OLD.first_read_at IS NULL AND NEW.first_read_at IS NOT NULL AND NOT (NEW.status = 'read' AND OLD.status <> 'read'))
  OR (NEW.acknowledged_at IS NULL AND (NEW.status = 'acknowledged' AND OLD.status <> 'acknowledged'))
  OR (OLD.acknowledged_at IS NULL AND NEW.acknowledged_at IS NOT NULL AND NOT (NEW.status = 'acknowledged' AND OLD.status <> 'acknowledged'))
  OR (NEW.contact_made_at IS NULL AND (NEW.status = 'contact_made' AND OLD.status <> 'contact_made'))
  OR (OLD.contact_made_at IS NULL AND NEW.contact_made_at IS NOT NULL AND NOT (NEW.status = 'contact_made' AND OLD.status <> 'contact_made'))
  OR (NEW.completed_at IS NULL AND (NEW.status = 'completed' AND OLD.status <> 'completed'))
  OR (OLD.completed_at IS NULL AND NEW.completed_at IS NOT NULL AND NOT (NEW.status = 'completed' AND OLD.status <> 'completed'))
  OR (NEW.recalled_at IS NULL AND (NEW.status = 'recalled' AND OLD.status <> 'recalled'))
  OR (OLD.recalled_at IS NULL AND NEW.recalled_at IS NOT NULL AND NOT (NEW.status = 'recalled' AND OLD.status <> 'recalled'))
  OR (NEW.cancelled_at IS NULL AND (NEW.status = 'cancelled' AND OLD.status <> 'cancelled'))
  OR (OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL AND NOT (NEW.status = 'cancelled' AND OLD.status <> 'cancelled'))
  OR (NEW.recalled_by_user_id IS NULL AND (NEW.status = 'recalled' AND OLD.status <> 'recalled'))
  OR (OLD.recalled_by_user_id IS NULL AND NEW.recalled_by_user_id IS NOT NULL AND NOT (NEW.status = 'recalled' AND OLD.status <> 'recalled'))
  OR (NEW.cancelled_by_user_id IS NULL AND (NEW.status = 'cancelled' AND OLD.status <> 'cancelled'))
  OR (OLD.cancelled_by_user_id IS NULL AND NEW.cancelled_by_user_id IS NOT NULL AND NOT (NEW.status = 'cancelled' AND OLD.status <> 'cancelled'))
  OR (NEW.dispatched_at IS NOT OLD.dispatched_at AND NOT coalesce(NEW.dispatched_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
  OR (NEW.delivered_at IS NOT OLD.delivered_at AND NOT coalesce(NEW.delivered_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
  OR (NEW.first_read_at IS NOT OLD.first_read_at AND NOT coalesce(NEW.first_read_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
  OR (NEW.acknowledged_at IS NOT OLD.acknowledged_at AND NOT coalesce(NEW.acknowledged_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
  OR (NEW.contact_made_at IS NOT OLD.contact_made_at AND NOT coalesce(NEW.contact_made_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
  OR (NEW.completed_at IS NOT OLD.completed_at AND NOT coalesce(NEW.completed_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
  OR (NEW.recalled_at IS NOT OLD.recalled_at AND NOT coalesce(NEW.recalled_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
  OR (NEW.cancelled_at IS NOT OLD.cancelled_at AND NOT coalesce(NEW.cancelled_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0)))
BEGIN SELECT RAISE(ABORT, 'valid_status_transition'); END;

CREATE TRIGGER assignment_moments_written_once BEFORE UPDATE OF dispatched_at, delivered_at, first_read_at, acknowledged_at, contact_made_at, completed_at, recalled_at, cancelled_at, recalled_by_user_id, cancelled_by_user_id ON assignments
WHEN ((OLD.dispatched_at IS NOT NULL AND NEW.dispatched_at IS NOT OLD.dispatched_at)
  OR (OLD.delivered_at IS NOT NULL AND NEW.delivered_at IS NOT OLD.delivered_at)
  OR (OLD.first_read_at IS NOT NULL AND NEW.first_read_at IS NOT OLD.first_read_at)
  OR (OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_at IS NOT OLD.acknowledged_at)
  OR (OLD.contact_made_at IS NOT NULL AND NEW.contact_made_at IS NOT OLD.contact_made_at)
  OR (OLD.completed_at IS NOT NULL AND NEW.completed_at IS NOT OLD.completed_at)
  OR (OLD.recalled_at IS NOT NULL AND NEW.recalled_at IS NOT OLD.recalled_at)
  OR (OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS NOT OLD.cancelled_at)
  OR (OLD.recalled_by_user_id IS NOT NULL AND NEW.recalled_by_user_id IS NOT OLD.recalled_by_user_id)
  OR (OLD.cancelled_by_user_id IS NOT NULL AND NEW.cancelled_by_user_id IS NOT OLD.cancelled_by_user_id))
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER assignments_organization BEFORE UPDATE OF organization_id ON assignments
WHEN NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER assignments_fixed BEFORE UPDATE ON assignments
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.id IS NOT OLD.id OR NEW.number IS NOT OLD.number OR NEW.created_at IS NOT OLD.created_at OR NEW.import_key IS NOT OLD.import_key OR NEW.import_digest IS NOT OLD.import_digest
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER assignment_immutable_after_dispatch BEFORE UPDATE OF recipient_user_id, dispatched_by_user_id, title, title_salt, subject_reference, subject_reference_salt, encrypted_payload, encryption_key_id, priority, contact_deadline_days, expires_at, consent_required, threshold_sequence_number, honorarium_tier, reporting_cycle_id, coordinator_notes, coordinator_notes_salt, internal_notes, internal_notes_salt, manifest_body, manifest_signature, dispatcher_certificate_id ON assignments
WHEN OLD.status <> 'pending' AND (NEW.recipient_user_id IS NOT OLD.recipient_user_id OR NEW.dispatched_by_user_id IS NOT OLD.dispatched_by_user_id OR NEW.title IS NOT OLD.title OR NEW.title_salt IS NOT OLD.title_salt OR NEW.subject_reference IS NOT OLD.subject_reference OR NEW.subject_reference_salt IS NOT OLD.subject_reference_salt OR NEW.encrypted_payload IS NOT OLD.encrypted_payload OR NEW.encryption_key_id IS NOT OLD.encryption_key_id OR NEW.priority IS NOT OLD.priority OR NEW.contact_deadline_days IS NOT OLD.contact_deadline_days OR NEW.expires_at IS NOT OLD.expires_at OR NEW.consent_required IS NOT OLD.consent_required OR NEW.threshold_sequence_number IS NOT OLD.threshold_sequence_number OR NEW.honorarium_tier IS NOT OLD.honorarium_tier OR NEW.reporting_cycle_id IS NOT OLD.reporting_cycle_id OR NEW.coordinator_notes IS NOT OLD.coordinator_notes OR NEW.coordinator_notes_salt IS NOT OLD.coordinator_notes_salt OR NEW.internal_notes IS NOT OLD.internal_notes OR NEW.internal_notes_salt IS NOT OLD.internal_notes_salt OR NEW.manifest_body IS NOT OLD.manifest_body OR NEW.manifest_signature IS NOT OLD.manifest_signature OR NEW.dispatcher_certificate_id IS NOT OLD.dispatcher_certificate_id)
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER assignments_no_delete BEFORE DELETE ON assignments
WHEN OLD.status NOT IN ('cancelled', 'completed', 'expired', 'recalled') OR NOT EXISTS (SELECT 1 FROM archived_assignments WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER expired_payload_inaccessible BEFORE UPDATE OF status ON assignments
WHEN NEW.status <> OLD.status AND NEW.status IN ('acknowledged', 'completed', 'contact_made', 'delivered', 'read')
  AND coalesce(CASE NEW.status WHEN 'delivered' THEN NEW.delivered_at WHEN 'read' THEN NEW.first_read_at WHEN 'acknowledged' THEN NEW.acknowledged_at WHEN 'contact_made' THEN NEW.contact_made_at WHEN 'completed' THEN NEW.completed_at END GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0)
  AND coalesce(CASE NEW.status WHEN 'delivered' THEN NEW.delivered_at WHEN 'read' THEN NEW.first_read_at WHEN 'acknowledged' THEN NEW.acknowledged_at WHEN 'contact_made' THEN NEW.contact_made_at WHEN 'completed' THEN NEW.completed_at END >= NEW.expires_at, 0)
BEGIN SELECT RAISE(ABORT, 'expired_payload_inaccessible'); END;

CREATE TRIGGER auto_expiry BEFORE UPDATE OF status ON assignments
WHEN (NEW.status = 'expired' AND OLD.status <> 'expired')
  AND NOT (coalesce(NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0) AND coalesce(NEW.updated_at >= NEW.expires_at, 0))
BEGIN SELECT RAISE(ABORT, 'auto_expiry'); END;

CREATE TRIGGER ten_day_no_contact_reminder BEFORE UPDATE OF reminder_sent_at ON assignments
WHEN NEW.reminder_sent_at IS NOT OLD.reminder_sent_at AND (OLD.reminder_sent_at IS NOT NULL OR NEW.contact_made_at IS NOT NULL OR NEW.dispatched_at IS NULL OR NEW.status IN ('cancelled', 'completed', 'expired', 'recalled') OR NOT coalesce(NEW.reminder_sent_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
BEGIN SELECT RAISE(ABORT, 'ten_day_no_contact_reminder'); END;

CREATE TRIGGER contact_deadline_days_insert BEFORE INSERT ON assignments
WHEN typeof(NEW.contact_deadline_days) <> 'integer'
BEGIN SELECT RAISE(ABORT, 'contact_deadline_days_positive'); END;

CREATE TRIGGER expires_at_insert BEFORE INSERT ON assignments
WHEN NEW.expires_at IS NOT NULL AND NOT coalesce(NEW.expires_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0)
BEGIN SELECT RAISE(ABORT, 'expires_at_in_future'); END;

CREATE TRIGGER contact_deadline_days_update BEFORE UPDATE OF contact_deadline_days ON assignments
WHEN typeof(NEW.contact_deadline_days) <> 'integer'
BEGIN SELECT RAISE(ABORT, 'contact_deadline_days_positive'); END;

CREATE TRIGGER expires_at_update BEFORE UPDATE OF expires_at ON assignments
WHEN NEW.expires_at IS NOT NULL AND NOT coalesce(NEW.expires_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0)
BEGIN SELECT RAISE(ABORT, 'expires_at_in_future'); END;

CREATE TRIGGER expires_at_dispatch BEFORE UPDATE OF status ON assignments
WHEN (NEW.status = 'dispatched' AND OLD.status <> 'dispatched') AND NEW.expires_at IS NULL
BEGIN SELECT RAISE(ABORT, 'expires_at_in_future'); END;

CREATE TRIGGER title_invalid_insert BEFORE INSERT ON assignments
WHEN ((NEW.title GLOB '*[' || char(1, 45, 31, 127, 45, 159, 173, 45, 173, 1536, 45, 1541, 1564, 45, 1564, 1757, 45, 1757, 1807, 45, 1807, 6158, 45, 6158, 8203, 45, 8203, 8206, 45, 8207, 8232, 45, 8238, 8288, 45, 8292, 8294, 45, 8303, 65279, 45, 65279, 65529, 45, 65531, 917505, 45, 917631) || ']*'
  OR (NEW.title <> '' AND trim(NEW.title, char(9, 10, 13, 32, 160, 847, 4447, 4448, 5760, 6068, 6069, 6155, 6156, 6157, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8203, 8204, 8205, 8239, 8287, 10240, 12288, 12644, 65024, 65025, 65026, 65027, 65028, 65029, 65030, 65031, 65032, 65033, 65034, 65035, 65036, 65037, 65038, 65039, 65440)) = ''))
  OR (NEW.subject_reference GLOB '*[' || char(1, 45, 31, 127, 45, 159, 173, 45, 173, 1536, 45, 1541, 1564, 45, 1564, 1757, 45, 1757, 1807, 45, 1807, 6158, 45, 6158, 8203, 45, 8203, 8206, 45, 8207, 8232, 45, 8238, 8288, 45, 8292, 8294, 45, 8303, 65279, 45, 65279, 65529, 45, 65531, 917505, 45, 917631) || ']*'
  OR (NEW.subject_reference <> '' AND trim(NEW.subject_reference, char(9, 10, 13, 32, 160, 847, 4447, 4448, 5760, 6068, 6069, 6155, 6156, 6157, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8203, 8204, 8205, 8239, 8287, 10240, 12288, 12644, 65024, 65025, 65026, 65027, 65028, 65029, 65030, 65031, 65032, 65033, 65034, 65035, 65036, 65037, 65038, 65039, 65440)) = '')))
BEGIN SELECT RAISE(ABORT, 'title_invalid'); END;

CREATE TRIGGER title_invalid_update BEFORE UPDATE OF title, subject_reference ON assignments
WHEN ((NEW.title GLOB '*[' || char(1, 45, 31, 127, 45, 159, 173, 45, 173, 1536, 45, 1541, 1564, 45, 1564, 1757, 45, 1757, 1807, 45, 1807, 6158, 45, 6158, 8203, 45, 8203, 8206, 45, 8207, 8232, 45, 8238, 8288, 45, 8292, 8294, 45, 8303, 65279, 45, 65279, 65529, 45, 65531, 917505, 45, 917631) || ']*'
  OR (NEW.title <> '' AND trim(NEW.title, char(9, 10, 13, 32, 160, 847, 4447, 4448, 5760, 6068, 6069, 6155, 6156, 6157, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8203, 8204, 8205, 8239, 8287, 10240, 12288, 12644, 65024, 65025, 65026, 65027, 65028, 65029, 65030, 65031, 65032, 65033, 65034, 65035, 65036, 65037, 65038, 65039, 65440)) = ''))
  OR (NEW.subject_reference GLOB '*[' || char(1, 45, 31, 127, 45, 159, 173, 45, 173, 1536, 45, 1541, 1564, 45, 1564, 1757, 45, 1757, 1807, 45, 1807, 6158, 45, 6158, 8203, 45, 8203, 8206, 45, 8207, 8232, 45, 8238, 8288, 45, 8292, 8294, 45, 8303, 65279, 45, 65279, 65529, 45, 65531, 917505, 45, 917631) || ']*'
  OR (NEW.subject_reference <> '' AND trim(NEW.subject_reference, char(9, 10, 13, 32, 160, 847, 4447, 4448, 5760, 6068, 6069, 6155, 6156, 6157, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8203, 8204, 8205, 8239, 8287, 10240, 12288, 12644, 65024, 65025, 65026, 65027, 65028, 65029, 65030, 65031, 65032, 65033, 65034, 65035, 65036, 65037, 65038, 65039, 65440)) = '')))
BEGIN SELECT RAISE(ABORT, 'title_invalid'); END;

CREATE TRIGGER title_no_pii_insert BEFORE INSERT ON assignments
WHEN ((' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][2-9][0-9] [0-9][0-9] [0-9][0-9] [0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][2-9][0-9][0-9] [0-9][0-9] [0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[A-Za-z0-9]@[A-Za-z0-9]*' OR instr(NEW.title, char(0)) > 0)
  OR (' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][2-9][0-9] [0-9][0-9] [0-9][0-9] [0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][2-9][0-9][0-9] [0-9][0-9] [0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[A-Za-z0-9]@[A-Za-z0-9]*' OR instr(NEW.subject_reference, char(0)) > 0)
  OR (' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][2-9][0-9] [0-9][0-9] [0-9][0-9] [0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][2-9][0-9][0-9] [0-9][0-9] [0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[A-Za-z0-9]@[A-Za-z0-9]*' OR instr(NEW.coordinator_notes, char(0)) > 0)
  OR (' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][2-9][0-9] [0-9][0-9] [0-9][0-9] [0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][2-9][0-9][0-9] [0-9][0-9] [0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[A-Za-z0-9]@[A-Za-z0-9]*' OR instr(NEW.internal_notes, char(0)) > 0))
BEGIN SELECT RAISE(ABORT, 'title_no_pii'); END;

CREATE TRIGGER title_no_pii_update BEFORE UPDATE OF title, subject_reference, coordinator_notes, internal_notes ON assignments
WHEN ((' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][2-9][0-9] [0-9][0-9] [0-9][0-9] [0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][2-9][0-9][0-9] [0-9][0-9] [0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[A-Za-z0-9]@[A-Za-z0-9]*' OR instr(NEW.title, char(0)) > 0)
  OR (' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][2-9][0-9] [0-9][0-9] [0-9][0-9] [0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[^0-9][2-9][0-9][0-9] [0-9][0-9] [0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.subject_reference || ' ' GLOB '*[A-Za-z0-9]@[A-Za-z0-9]*' OR instr(NEW.subject_reference, char(0)) > 0)
  OR (' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][2-9][0-9] [0-9][0-9] [0-9][0-9] [0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[^0-9][2-9][0-9][0-9] [0-9][0-9] [0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.coordinator_notes || ' ' GLOB '*[A-Za-z0-9]@[A-Za-z0-9]*' OR instr(NEW.coordinator_notes, char(0)) > 0)
  OR (' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][2-9][0-9] [0-9][0-9] [0-9][0-9] [0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[^0-9][2-9][0-9][0-9] [0-9][0-9] [0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.internal_notes || ' ' GLOB '*[A-Za-z0-9]@[A-Za-z0-9]*' OR instr(NEW.internal_notes, char(0)) > 0))
BEGIN SELECT RAISE(ABORT, 'title_no_pii'); END;

CREATE TRIGGER title_no_pii_reason BEFORE INSERT ON assignment_status_logs
WHEN (' ' || NEW.reason || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.reason || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.reason || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.reason || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.reason || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.reason || ' ' GLOB '*[^0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.reason || ' ' GLOB '*[^0-9][2-9][0-9] [0-9][0-9] [0-9][0-9] [0-9][0-9][^0-9]*' OR ' ' || NEW.reason || ' ' GLOB '*[^0-9][2-9][0-9][0-9] [0-9][0-9] [0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.reason || ' ' GLOB '*[A-Za-z0-9]@[A-Za-z0-9]*' OR instr(NEW.reason, char(0)) > 0)
BEGIN SELECT RAISE(ABORT, 'title_no_pii'); END;

CREATE TRIGGER title_no_pii_archived BEFORE INSERT ON archived_assignments
WHEN (' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][0-9][0-9][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][-._:/, ][0-9][0-9][0-9][-._:/, ][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][2-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][2-9][0-9] [0-9][0-9] [0-9][0-9] [0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[^0-9][2-9][0-9][0-9] [0-9][0-9] [0-9][0-9][0-9][^0-9]*' OR ' ' || NEW.title || ' ' GLOB '*[A-Za-z0-9]@[A-Za-z0-9]*' OR instr(NEW.title, char(0)) > 0)
BEGIN SELECT RAISE(ABORT, 'title_no_pii'); END;

CREATE TRIGGER encryption_key_exists_insert BEFORE INSERT ON assignments
WHEN NOT EXISTS (SELECT 1 FROM encryption_keys WHERE id = NEW.encryption_key_id AND organization_id = NEW.organization_id AND revoked_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'encryption_key_exists'); END;

CREATE TRIGGER encryption_key_exists_update BEFORE UPDATE OF encryption_key_id, status ON assignments
WHEN (NEW.encryption_key_id IS NOT OLD.encryption_key_id OR (NEW.status <> OLD.status AND NEW.status IN ('delivered', 'dispatched', 'read'))) AND NOT EXISTS (SELECT 1 FROM encryption_keys WHERE id = NEW.encryption_key_id AND organization_id = NEW.organization_id AND revoked_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'encryption_key_exists'); END;

CREATE TRIGGER key_wraps_no_replace BEFORE INSERT ON key_wraps
WHEN (EXISTS (SELECT 1 FROM key_wraps WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM key_wraps WHERE assignment_id = NEW.assignment_id AND certificate_id = NEW.certificate_id))
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER key_wraps_rowid AFTER INSERT ON key_wraps
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER key_wraps_reader BEFORE INSERT ON key_wraps
WHEN NOT EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND NEW.certificate_id IN (SELECT id FROM certificates WHERE member_id IN (recipient_user_id, dispatched_by_user_id)))
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER key_wraps_key BEFORE INSERT ON key_wraps
WHEN EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND NEW.certificate_id IN (SELECT id FROM certificates WHERE member_id IN (recipient_user_id, dispatched_by_user_id))) AND NOT EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND encryption_key_id = NEW.encryption_key_id)
BEGIN SELECT RAISE(ABORT, 'encryption_key_exists'); END;

CREATE TRIGGER key_wraps_fixed BEFORE UPDATE ON key_wraps
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.assignment_id IS NOT OLD.assignment_id OR NEW.certificate_id IS NOT OLD.certificate_id OR NEW.encryption_key_id IS NOT OLD.encryption_key_id
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER key_wraps_no_delete BEFORE DELETE ON key_wraps
WHEN EXISTS (SELECT 1 FROM assignments WHERE id = OLD.assignment_id AND status NOT IN ('cancelled', 'completed', 'expired', 'pending', 'recalled'))
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;

CREATE TRIGGER key_wraps_match BEFORE UPDATE OF status ON assignments
WHEN (OLD.status = 'pending' AND NEW.status = 'dispatched')
  AND EXISTS (SELECT 1 FROM key_wraps WHERE assignment_id = NEW.id AND (certificate_id NOT IN (SELECT id FROM certificates WHERE member_id IN (NEW.recipient_user_id, NEW.dispatched_by_user_id)) OR encryption_key_id <> NEW.encryption_key_id))
BEGIN SELECT RAISE(ABORT, 'key_wraps_match'); END;

CREATE TRIGGER consent_before_payload_access BEFORE UPDATE OF status ON assignments
WHEN (OLD.status = 'delivered' AND NEW.status = 'read') AND NEW.consent_required IS NOT 0 AND NEW.consent_completed_at IS NULL
BEGIN SELECT RAISE(ABORT, 'consent_before_payload_access'); END;

CREATE TRIGGER consent_completed BEFORE UPDATE OF consent_completed_at ON assignments
WHEN NEW.consent_completed_at IS NOT OLD.consent_completed_at AND (OLD.consent_completed_at IS NOT NULL OR OLD.status = 'pending' OR NOT coalesce(NEW.consent_completed_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0)
  OR NOT EXISTS (SELECT 1 FROM consent_records WHERE assignment_id = NEW.id AND member_id = NEW.recipient_user_id))
BEGIN SELECT RAISE(ABORT, 'consent_before_payload_access'); END;

CREATE TRIGGER audit_all_access BEFORE UPDATE OF status ON assignments
WHEN (OLD.status = 'delivered' AND NEW.status = 'read')
  AND NOT EXISTS (SELECT 1 FROM audit_log WHERE subject_id = NEW.id AND action = 'payload_decrypted' AND organization_id = NEW.organization_id AND actor_id = NEW.recipient_user_id)
BEGIN SELECT RAISE(ABORT, 'audit_all_access'); END;

CREATE TRIGGER reporting_cycles_no_replace BEFORE INSERT ON reporting_cycles
WHEN (EXISTS (SELECT 1 FROM reporting_cycles WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM reporting_cycles WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM reporting_cycles WHERE organization_id = NEW.organization_id AND name = NEW.name))
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER reporting_cycles_rowid AFTER INSERT ON reporting_cycles
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER reporting_cycles_fixed BEFORE UPDATE ON reporting_cycles
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.id IS NOT OLD.id OR NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER reporting_cycles_no_delete BEFORE DELETE ON reporting_cycles
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER reporting_cycles_overlap_insert BEFORE INSERT ON reporting_cycles
WHEN EXISTS (SELECT 1 FROM reporting_cycles WHERE organization_id = NEW.organization_id AND id <> NEW.id AND starts_on <= NEW.ends_on AND ends_on >= NEW.starts_on)
BEGIN SELECT RAISE(ABORT, 'reporting_cycles_overlap'); END;

CREATE TRIGGER reporting_cycles_overlap_update BEFORE UPDATE OF starts_on, ends_on ON reporting_cycles
WHEN EXISTS (SELECT 1 FROM reporting_cycles WHERE organization_id = NEW.organization_id AND id <> NEW.id AND starts_on <= NEW.ends_on AND ends_on >= NEW.starts_on)
BEGIN SELECT RAISE(ABORT, 'reporting_cycles_overlap'); END;

CREATE TRIGGER reporting_cycles_name_taken BEFORE UPDATE OF name ON reporting_cycles
WHEN EXISTS (SELECT 1 FROM reporting_cycles WHERE organization_id = NEW.organization_id AND name = NEW.name AND id <> OLD.id)
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER reporting_cycles_begin_open BEFORE INSERT ON reporting_cycles
WHEN NEW.status <> 'open' OR NEW.closed_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'reporting_cycle_status'); END;

CREATE TRIGGER reporting_cycles_closed_at BEFORE UPDATE OF status, closed_at ON reporting_cycles
WHEN ((NEW.status = 'closed') IS NOT coalesce(NEW.closed_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0)
  OR (NEW.status <> 'closed' AND NEW.closed_at IS NOT NULL)
  OR (OLD.status = 'closed' AND NEW.status = 'closed' AND NEW.closed_at IS NOT OLD.closed_at))
BEGIN SELECT RAISE(ABORT, 'reporting_cycle_status'); END;

CREATE TRIGGER reporting_cycle_active BEFORE UPDATE OF status ON assignments
WHEN (OLD.status = 'pending' AND NEW.status = 'dispatched')
  AND NOT EXISTS (SELECT 1 FROM reporting_cycles WHERE id = NEW.reporting_cycle_id AND organization_id = NEW.organization_id AND status = 'open' AND substr(NEW.dispatched_at, 1, 10) BETWEEN date(starts_on, '-1 day') AND date(ends_on, '+1 day'))
BEGIN SELECT RAISE(ABORT, 'reporting_cycle_active'); END;

CREATE TRIGGER assignments_cycle_insert BEFORE INSERT ON assignments
WHEN NEW.reporting_cycle_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reporting_cycles WHERE id = NEW.reporting_cycle_id AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER assignments_cycle_update BEFORE UPDATE OF reporting_cycle_id ON assignments
WHEN NEW.reporting_cycle_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reporting_cycles WHERE id = NEW.reporting_cycle_id AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER threshold_of_draft_insert BEFORE INSERT ON assignments
WHEN NEW.threshold_sequence_number IS NOT NULL OR NEW.honorarium_tier IS NOT 'none'
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

CREATE TRIGGER threshold_of_draft_update BEFORE UPDATE OF threshold_sequence_number, honorarium_tier ON assignments
WHEN OLD.status = 'pending' AND NEW.status <> 'dispatched' AND (NEW.threshold_sequence_number IS NOT NULL OR NEW.honorarium_tier IS NOT 'none')
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

CREATE TRIGGER threshold_honorarium_trigger BEFORE UPDATE OF status ON assignments
WHEN (OLD.status = 'pending' AND NEW.status = 'dispatched') AND NEW.threshold_sequence_number IS NOT NULL AND NEW.honorarium_tier IS NOT CASE WHEN NEW.threshold_sequence_number >= coalesce((SELECT CAST(value AS INTEGER) FROM organization_settings WHERE organization_id = NEW.organization_id AND name = 'honorarium_elevated_from' ORDER BY id DESC LIMIT 1), 15) THEN 'elevated'
    WHEN NEW.threshold_sequence_number >= coalesce((SELECT CAST(value AS INTEGER) FROM organization_settings WHERE organization_id = NEW.organization_id AND name = 'honorarium_standard_from' ORDER BY id DESC LIMIT 1), 3) THEN 'standard'
    ELSE 'none' END
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_trigger'); END;

CREATE TRIGGER threshold_honorarium_counting BEFORE UPDATE OF status ON assignments
WHEN (OLD.status = 'pending' AND NEW.status = 'dispatched') AND (NEW.threshold_sequence_number IS NOT 1 + (SELECT coalesce(sum(dispatched_change), 0) FROM assignment_threshold_logs WHERE member_id = NEW.recipient_user_id AND reporting_cycle_id = NEW.reporting_cycle_id)
  OR EXISTS (SELECT 1 FROM assignments AS a WHERE a.recipient_user_id = NEW.recipient_user_id AND a.reporting_cycle_id = NEW.reporting_cycle_id AND a.id <> NEW.id AND a.threshold_sequence_number IS NOT NULL
    AND (NOT EXISTS (SELECT 1 FROM assignment_threshold_logs WHERE assignment_id = a.id AND kind = 'dispatched')
      OR (a.status IN ('cancelled', 'expired', 'recalled') AND NOT EXISTS (SELECT 1 FROM assignment_threshold_logs WHERE assignment_id = a.id AND kind = a.status)))))
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

CREATE TRIGGER assignment_threshold_logs_organization BEFORE INSERT ON assignment_threshold_logs
WHEN (NOT EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND organization_id = NEW.organization_id AND recipient_user_id = NEW.member_id)
  OR NOT EXISTS (SELECT 1 FROM reporting_cycles WHERE id = NEW.reporting_cycle_id AND organization_id = NEW.organization_id))
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER assignment_threshold_logs_change BEFORE INSERT ON assignment_threshold_logs
WHEN (NEW.dispatched_change IS NOT CASE NEW.kind WHEN 'dispatched' THEN 1 WHEN 'recalled' THEN -1 WHEN 'cancelled' THEN -1 WHEN 'expired' THEN -1 WHEN 'completed' THEN 0 END
  OR NEW.completed_change IS NOT CASE NEW.kind WHEN 'dispatched' THEN 0 WHEN 'recalled' THEN 0 WHEN 'cancelled' THEN 0 WHEN 'expired' THEN 0 WHEN 'completed' THEN 1 END
  OR (NEW.in_person IS NOT NULL AND (NEW.kind <> 'completed' OR NEW.in_person NOT IN (0, 1))))
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

CREATE TRIGGER assignment_threshold_logs_step BEFORE INSERT ON assignment_threshold_logs
WHEN EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND organization_id = NEW.organization_id AND recipient_user_id = NEW.member_id) AND NOT CASE NEW.kind
    WHEN 'dispatched' THEN EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND status <> 'pending' AND threshold_sequence_number IS NOT NULL AND reporting_cycle_id = NEW.reporting_cycle_id)
    WHEN 'completed' THEN EXISTS (SELECT 1 FROM assignments AS a JOIN reporting_cycles AS c ON c.id = NEW.reporting_cycle_id WHERE a.id = NEW.assignment_id AND a.status = 'completed' AND (substr(a.completed_at, 1, 10) BETWEEN date(starts_on, '-1 day') AND date(ends_on, '+1 day') OR c.id = a.reporting_cycle_id))
    ELSE (EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND status = NEW.kind) AND EXISTS (SELECT 1 FROM assignment_threshold_logs WHERE assignment_id = NEW.assignment_id AND kind = 'dispatched' AND reporting_cycle_id = NEW.reporting_cycle_id)) END
BEGIN SELECT RAISE(ABORT, 'threshold_honorarium_counting'); END;

CREATE TRIGGER assignment_status_logs_organization BEFORE INSERT ON assignment_status_logs
WHEN (NOT EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND organization_id = NEW.organization_id)
  OR NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.actor_id AND organization_id = NEW.organization_id))
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER assignment_status_logs_step BEFORE INSERT ON assignment_status_logs
WHEN EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND organization_id = NEW.organization_id)
  AND (NOT EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND organization_id = NEW.organization_id AND status = NEW.to_status)
  OR NOT CASE WHEN NEW.from_status IS NULL THEN NEW.to_status = 'pending'
    WHEN NEW.from_status = 'pending' THEN NEW.to_status IN ('cancelled', 'dispatched', 'expired', 'recalled')
    WHEN NEW.from_status = 'dispatched' THEN NEW.to_status IN ('cancelled', 'delivered', 'expired', 'recalled')
    WHEN NEW.from_status = 'delivered' THEN NEW.to_status IN ('cancelled', 'expired', 'read', 'recalled')
    WHEN NEW.from_status = 'read' THEN NEW.to_status IN ('acknowledged', 'cancelled', 'expired')
    WHEN NEW.from_status = 'acknowledged' THEN NEW.to_status IN ('cancelled', 'contact_made', 'expired')
    WHEN NEW.from_status = 'contact_made' THEN NEW.to_status IN ('cancelled', 'completed', 'expired') ELSE 0 END
  OR EXISTS (SELECT 1 FROM assignment_status_logs WHERE assignment_id = NEW.assignment_id AND to_status = NEW.to_status))
BEGIN SELECT RAISE(ABORT, 'valid_status_transition'); END;

CREATE TRIGGER consent_records_organization BEFORE INSERT ON consent_records
WHEN NOT EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND organization_id = NEW.organization_id AND recipient_user_id = NEW.member_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER assignment_status_logs_no_replace BEFORE INSERT ON assignment_status_logs
WHEN (EXISTS (SELECT 1 FROM assignment_status_logs WHERE rowid = NEW.rowid))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER assignment_status_logs_rowid AFTER INSERT ON assignment_status_logs
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER assignment_status_logs_no_update BEFORE UPDATE ON assignment_status_logs
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER assignment_status_logs_no_delete BEFORE DELETE ON assignment_status_logs
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER assignment_threshold_logs_no_replace BEFORE INSERT ON assignment_threshold_logs
WHEN (EXISTS (SELECT 1 FROM assignment_threshold_logs WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM assignment_threshold_logs WHERE assignment_id = NEW.assignment_id AND kind = NEW.kind))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER assignment_threshold_logs_rowid AFTER INSERT ON assignment_threshold_logs
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER assignment_threshold_logs_no_update BEFORE UPDATE ON assignment_threshold_logs
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER assignment_threshold_logs_no_delete BEFORE DELETE ON assignment_threshold_logs
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER consent_records_no_replace BEFORE INSERT ON consent_records
WHEN (EXISTS (SELECT 1 FROM consent_records WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM consent_records WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM consent_records WHERE assignment_id = NEW.assignment_id AND member_id = NEW.member_id))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER consent_records_rowid AFTER INSERT ON consent_records
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER consent_records_no_update BEFORE UPDATE ON consent_records
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER consent_records_no_delete BEFORE DELETE ON consent_records
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER organization_settings_no_replace BEFORE INSERT ON organization_settings
WHEN (EXISTS (SELECT 1 FROM organization_settings WHERE rowid = NEW.rowid))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER organization_settings_rowid AFTER INSERT ON organization_settings
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER organization_settings_no_update BEFORE UPDATE ON organization_settings
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER organization_settings_no_delete BEFORE DELETE ON organization_settings
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER notifications_organization BEFORE INSERT ON notifications
WHEN (NOT EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id AND organization_id = NEW.organization_id)
  OR NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.recipient_id AND organization_id = NEW.organization_id))
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER notifications_fixed BEFORE UPDATE ON notifications
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.id IS NOT OLD.id OR NEW.organization_id IS NOT OLD.organization_id OR NEW.assignment_id IS NOT OLD.assignment_id OR NEW.recipient_id IS NOT OLD.recipient_id OR NEW.kind IS NOT OLD.kind
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER notifications_sent_for_good BEFORE UPDATE OF status ON notifications
WHEN OLD.status = 'sent' AND NEW.status <> 'sent'
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER notification_channels_no_replace BEFORE INSERT ON notification_channels
WHEN (EXISTS (SELECT 1 FROM notification_channels WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM notification_channels WHERE id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER notification_channels_rowid AFTER INSERT ON notification_channels
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER notification_channels_no_update BEFORE UPDATE ON notification_channels
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER notification_channels_organization BEFORE INSERT ON notification_channels
WHEN NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.member_id AND organization_id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER sweep_runs_fixed BEFORE UPDATE ON sweep_runs
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.organization_id IS NOT OLD.organization_id
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER sweep_runs_organization BEFORE INSERT ON sweep_runs
WHEN NOT EXISTS (SELECT 1 FROM organizations WHERE id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER audit_log_sequence BEFORE INSERT ON audit_log
WHEN (NEW.sequence IS NOT 1 + coalesce((SELECT sequence FROM audit_log WHERE organization_id = NEW.organization_id ORDER BY sequence DESC LIMIT 1), 0)
  OR NOT EXISTS (SELECT 1 FROM log_nodes WHERE organization_id = NEW.organization_id AND level = 0 AND place = NEW.sequence - 1)
  OR length(CAST(NEW.signature AS BLOB)) <> 64
  OR (NEW.statement_hash IS NOT NULL AND NOT EXISTS (SELECT 1 FROM statements WHERE hash = NEW.statement_hash AND organization_id = NEW.organization_id)))
BEGIN SELECT RAISE(ABORT, 'audit_chain'); END;

CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
WHEN (EXISTS (SELECT 1 FROM audit_log WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM audit_log WHERE organization_id = NEW.organization_id AND sequence = NEW.sequence))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER audit_log_rowid AFTER INSERT ON audit_log
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER log_nodes_complete BEFORE INSERT ON log_nodes
WHEN (NEW.level < 0
  OR NEW.place < 0
  OR length(CAST(NEW.hash AS BLOB)) <> 32
  OR (NEW.place > 0 AND NOT EXISTS (SELECT 1 FROM log_nodes WHERE organization_id = NEW.organization_id AND level = NEW.level AND place = NEW.place - 1))
  OR (NEW.level > 0 AND NOT EXISTS (SELECT 1 FROM log_nodes WHERE organization_id = NEW.organization_id AND level = NEW.level - 1 AND place = 2 * NEW.place))
  OR (NEW.level > 0 AND NOT EXISTS (SELECT 1 FROM log_nodes WHERE organization_id = NEW.organization_id AND level = NEW.level - 1 AND place = 2 * NEW.place + 1)))
BEGIN SELECT RAISE(ABORT, 'audit_chain'); END;

CREATE TRIGGER log_nodes_no_replace BEFORE INSERT ON log_nodes
WHEN (EXISTS (SELECT 1 FROM log_nodes WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM log_nodes WHERE organization_id = NEW.organization_id AND level = NEW.level AND place = NEW.place))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER log_nodes_rowid AFTER INSERT ON log_nodes
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER log_nodes_no_update BEFORE UPDATE ON log_nodes
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER log_nodes_no_delete BEFORE DELETE ON log_nodes
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER statements_shape BEFORE INSERT ON statements
WHEN (length(CAST(NEW.hash AS BLOB)) <> 32
  OR length(CAST(NEW.signature AS BLOB)) <> 64)
BEGIN SELECT RAISE(ABORT, 'audit_chain'); END;

CREATE TRIGGER statements_no_replace BEFORE INSERT ON statements
WHEN (EXISTS (SELECT 1 FROM statements WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM statements WHERE hash = NEW.hash))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER statements_rowid AFTER INSERT ON statements
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER statements_no_update BEFORE UPDATE ON statements
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER statements_no_delete BEFORE DELETE ON statements
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER refused_statements_no_replace BEFORE INSERT ON refused_statements
WHEN (EXISTS (SELECT 1 FROM refused_statements WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM refused_statements WHERE hash = NEW.hash))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER refused_statements_rowid AFTER INSERT ON refused_statements
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER refused_statements_not_carried_out BEFORE INSERT ON refused_statements
WHEN EXISTS (SELECT 1 FROM statements WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'already_exists'); END;

CREATE TRIGGER refused_statements_fixed BEFORE UPDATE ON refused_statements
WHEN (NEW.rowid IS NOT OLD.rowid OR NEW.hash IS NOT OLD.hash OR NEW.organization_id IS NOT OLD.organization_id OR NEW.certificate_id IS NOT OLD.certificate_id OR NEW.act IS NOT OLD.act OR NEW.subject_id IS NOT OLD.subject_id OR NEW.code IS NOT OLD.code OR NEW.facts IS NOT OLD.facts OR NEW.at IS NOT OLD.at OR NEW.kept_until IS NOT OLD.kept_until OR NEW.sequence IS NOT OLD.sequence
  OR (NEW.body IS NOT NULL AND NEW.body IS NOT OLD.body)
  OR (NEW.signature IS NOT NULL AND NEW.signature IS NOT OLD.signature)
  OR (NEW.counted IS NOT NULL AND NEW.counted IS NOT OLD.counted AND NEW.counted IS NOT OLD.counted + 1))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER refused_statements_counting BEFORE DELETE ON refused_statements
WHEN OLD.counted IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER encryption_keys_no_replace BEFORE INSERT ON encryption_keys
WHEN (EXISTS (SELECT 1 FROM encryption_keys WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM encryption_keys WHERE id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER encryption_keys_rowid AFTER INSERT ON encryption_keys
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER encryption_keys_no_delete BEFORE DELETE ON encryption_keys
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER encryption_keys_organization BEFORE INSERT ON encryption_keys
WHEN NOT EXISTS (SELECT 1 FROM organizations WHERE id = NEW.organization_id)
BEGIN SELECT RAISE(ABORT, 'organization_scope_isolation'); END;

CREATE TRIGGER encryption_keys_written_once BEFORE UPDATE ON encryption_keys
WHEN (NEW.rowid IS NOT OLD.rowid OR NEW.id IS NOT OLD.id OR NEW.organization_id IS NOT OLD.organization_id OR NEW.assignment_id IS NOT OLD.assignment_id OR NEW.share_commitment IS NOT OLD.share_commitment OR NEW.created_at IS NOT OLD.created_at
  OR (OLD.retired_at IS NOT NULL AND NEW.retired_at IS NOT OLD.retired_at)
  OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NOT OLD.revoked_at)
  OR (OLD.shredded_at IS NOT NULL AND NEW.shredded_at IS NOT OLD.shredded_at)
  OR (NEW.retired_at IS NOT OLD.retired_at AND NOT coalesce(NEW.retired_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
  OR (NEW.revoked_at IS NOT OLD.revoked_at AND NOT coalesce(NEW.revoked_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
  OR (NEW.shredded_at IS NOT OLD.shredded_at AND NOT coalesce(NEW.shredded_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0))
  OR (NEW.revoked_at IS NULL AND NEW.shredded_at IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER certificates_no_replace BEFORE INSERT ON certificates
WHEN (EXISTS (SELECT 1 FROM certificates WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM certificates WHERE id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER certificates_rowid AFTER INSERT ON certificates
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER certificates_no_delete BEFORE DELETE ON certificates
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER certificates_revoked_once BEFORE UPDATE ON certificates
WHEN NEW.rowid IS NOT OLD.rowid OR NEW.id IS NOT OLD.id OR NEW.organization_id IS NOT OLD.organization_id OR NEW.member_id IS NOT OLD.member_id OR NEW.body IS NOT OLD.body OR NEW.signature IS NOT OLD.signature OR NEW.device IS NOT OLD.device OR NEW.device_salt IS NOT OLD.device_salt OR NEW.issued_at IS NOT OLD.issued_at OR OLD.revoked_at IS NOT NULL OR NOT coalesce(NEW.revoked_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z', 0)
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER archived_assignments_no_replace BEFORE INSERT ON archived_assignments
WHEN (EXISTS (SELECT 1 FROM archived_assignments WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM archived_assignments WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM archived_assignments WHERE organization_id = NEW.organization_id AND number = NEW.number)
  OR EXISTS (SELECT 1 FROM archived_assignments WHERE organization_id = NEW.organization_id AND import_key = NEW.import_key))
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER archived_assignments_rowid AFTER INSERT ON archived_assignments
WHEN NEW.rowid < 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER archived_assignments_no_update BEFORE UPDATE ON archived_assignments
WHEN 1
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

CREATE TRIGGER archived_assignments_ended BEFORE INSERT ON archived_assignments
WHEN NOT EXISTS (SELECT 1 FROM assignments WHERE id = NEW.id AND number = NEW.number AND organization_id = NEW.organization_id AND status = NEW.status AND import_key IS NEW.import_key AND import_digest IS NEW.import_digest AND status IN ('cancelled', 'completed', 'expired', 'recalled'))
BEGIN SELECT RAISE(ABORT, 'assignment_immutable_after_dispatch'); END;
