--liquibase formatted sql

--changeset audit:checkpoint
-- Keys that sign checkpoints and exports. Both halves lie sealed under the root key: who can only write this table cannot
-- put a key of his own here. Old keys stay, as what they signed stays.
CREATE TABLE platform.audit_key (
    id text PRIMARY KEY,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);
CREATE UNIQUE INDEX audit_key_in_use ON platform.audit_key ((true)) WHERE retired_at IS NULL;
GRANT SELECT, INSERT, UPDATE (retired_at) ON platform.audit_key TO ${role.platform};

-- Where a chain stood, signed: whoever rewrites it or cuts it off cannot sign what it should have been.
CREATE TABLE platform.audit_checkpoint (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    seq bigint NOT NULL CHECK (seq > 0),
    hash bytea NOT NULL,
    at timestamptz NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);
COMMENT ON TABLE platform.audit_checkpoint IS 'append-only: no role may change or delete a row';
CALL platform.guard('platform.audit_checkpoint'::regclass);
GRANT SELECT, INSERT ON platform.audit_checkpoint TO ${role.tenants};
