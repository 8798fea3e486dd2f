--liquibase formatted sql

--changeset access:openid
-- What an ID token says of the yes behind it: when the person had signed in, and the program's own word against replay (ADR 039).
-- Null for what was granted before.
ALTER TABLE platform.oauth_grant
    ADD COLUMN authenticated_at timestamptz,
    ADD COLUMN nonce text CHECK (length(nonce) <= 500);
