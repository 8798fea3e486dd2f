--liquibase formatted sql

--changeset audit:search
-- What people look for in the trail, newest first.
CREATE INDEX audit_entry_actor ON audit_entry (actor_id, seq DESC);
CREATE INDEX audit_entry_action ON audit_entry (action text_pattern_ops, seq DESC);
CREATE INDEX audit_entry_target ON audit_entry (target, seq DESC);
CREATE INDEX audit_entry_address ON audit_entry (address, seq DESC) WHERE address IS NOT NULL;
CREATE INDEX audit_entry_refused ON audit_entry (outcome, seq DESC) WHERE outcome <> 'permitted';
