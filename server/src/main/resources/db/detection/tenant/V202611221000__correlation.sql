--liquibase formatted sql

--changeset detection:rule-kind
-- Correlations and filters are rules too: with files, states and hits of their own.
ALTER TABLE rule ADD COLUMN kind text NOT NULL DEFAULT 'rule' CHECK (kind IN ('rule', 'correlation', 'filter'));

--changeset detection:correlation-finding
-- A correlation finds in many events; two groups of one rule may end with the same event.
ALTER TABLE finding ADD COLUMN about text NOT NULL DEFAULT '', ADD COLUMN correlation jsonb;
ALTER TABLE finding DROP CONSTRAINT finding_event_id_rule_id_key;
ALTER TABLE finding ADD CONSTRAINT finding_once UNIQUE (event_id, rule_id, about);
CREATE TABLE finding_event (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    finding_id uuid NOT NULL,
    place integer NOT NULL,
    event_id uuid NOT NULL,
    PRIMARY KEY (finding_id, place)
);
CREATE INDEX finding_event_event ON finding_event (event_id);

--changeset detection:correlation-state
-- Hits on their way to the correlator, then the journal since its checkpoint: 'taken' is their number on the line.
CREATE TABLE correlation_feed (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    line text NOT NULL,
    fed_at timestamptz NOT NULL,
    occurrences integer NOT NULL,
    hits text NOT NULL,
    taken bigint
);
CREATE INDEX correlation_feed_waiting ON correlation_feed (id) WHERE taken IS NULL;
CREATE INDEX correlation_feed_journal ON correlation_feed (line, taken) WHERE taken IS NOT NULL;

-- A line of time: 'live', or one upload's or source's history. The checkpoint covers the journal up to 'covered'.
CREATE TABLE correlation_line (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    line text PRIMARY KEY,
    taken bigint NOT NULL,
    covered bigint NOT NULL,
    newest_covered bigint NOT NULL,
    rules jsonb NOT NULL,
    checkpoint bytea NOT NULL,
    touched_at timestamptz NOT NULL
);

-- What became of hits that correlations wanted: nothing is dropped without a counter.
CREATE TABLE correlation_tally (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    since timestamptz NOT NULL,
    taken bigint NOT NULL DEFAULT 0,
    late bigint NOT NULL DEFAULT 0,
    ungrouped bigint NOT NULL DEFAULT 0,
    evicted bigint NOT NULL DEFAULT 0,
    overflowed bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    restarts bigint NOT NULL DEFAULT 0,
    forgotten bigint NOT NULL DEFAULT 0,
    findings bigint NOT NULL DEFAULT 0
);

--changeset detection:quarantine
ALTER TABLE rule ADD COLUMN quarantined_at timestamptz, ADD COLUMN quarantine text;

--changeset detection:rule-cost
-- What rules cost in batches that were measured; a sample, so that measuring costs next to nothing.
CREATE TABLE rule_cost (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    rule_id text PRIMARY KEY,
    runs bigint NOT NULL,
    steps bigint NOT NULL,
    cut_off bigint NOT NULL,
    since timestamptz NOT NULL,
    measured_at timestamptz NOT NULL
);

--changeset detection:seen
-- Which kinds of event came and which fields they had; never values.
CREATE TABLE seen_source (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    source text PRIMARY KEY,
    product text,
    category text,
    service text,
    channel text,
    event_id text,
    fields text[] NOT NULL,
    events bigint NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL
);
CREATE TABLE seen_since (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    since timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    overflowed bigint NOT NULL DEFAULT 0
);
