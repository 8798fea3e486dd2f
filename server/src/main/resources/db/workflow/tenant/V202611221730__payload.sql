--liquibase formatted sql

--changeset workflow:payloads
-- Values that are too large to travel with a run, each content once, under its hash (ADR 020).
CREATE TABLE workflow_payloads (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    bytes bigint NOT NULL,
    stored_bytes bigint NOT NULL,
    -- SHA-256 of each piece; the hash is taken over these.
    chunk_hashes bytea NOT NULL,
    content uuid NOT NULL UNIQUE,
    touched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, hash)
);
-- Pieces of a megabyte, each compressed with zstd. They may come before their content has a hash: what got none within a day goes.
CREATE TABLE workflow_payload_chunks (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    content uuid NOT NULL,
    number int NOT NULL,
    data bytea NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (content, number)
);
ALTER TABLE workflow_payload_chunks ALTER COLUMN data SET STORAGE EXTERNAL;
-- Which runs refer to a content. A run's row is written at the end of the transaction in which it begins.
CREATE TABLE workflow_payload_uses (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid NOT NULL REFERENCES workflow_instances (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    hash bytea NOT NULL,
    PRIMARY KEY (run_id, hash)
);
CREATE INDEX workflow_payload_uses_hash ON workflow_payload_uses (hash);
