/** The ledger of models: what each table holds, what was tried, what moved. `SCHEMA` is the ledger's schema. */
export const ledger = `
create sequence SCHEMA.version as bigint;

-- What a table holds (status … built_at) and, apart from it, the last attempt that failed.
-- What is built once has partition_start '-infinity'. inputs holds one hash per edge, joined by ':'.
create table SCHEMA.partition (
    model text collate "C" not null,
    partition_start timestamptz not null,
    status text collate "C" check (status in ('built', 'partial')),
    code_hash bigint,
    version bigint,
    inputs text collate "C",
    rows bigint,
    run_id text collate "C",
    built_at timestamptz,
    attempt_error text,
    attempt_code text collate "C",
    attempt_run_id text collate "C",
    attempt_at timestamptz,
    primary key (model, partition_start)
);

-- The few partitions that are not plainly built are asked for by every plan.
create index on SCHEMA.partition (model) where status = 'partial' or attempt_code is not null;

-- Rows of sources by hour, moved by whoever adds or removes some, in the same transaction.
create table SCHEMA.source_partition (
    relation text collate "C" not null,
    hour timestamptz not null,
    version bigint not null,
    rows bigint not null,
    loaded_at timestamptz not null,
    is_pruned boolean not null default false,
    primary key (relation, hour)
);

-- Changes to sources of facts (validRange): an hour's version is the newest range that covers it.
create table SCHEMA.source_range (
    relation text collate "C" not null,
    version bigint not null,
    valid_from timestamptz not null,
    valid_to timestamptz not null,
    note text not null,
    changed_at timestamptz not null,
    primary key (relation, version)
);

-- One row per source table: hashes of its contract and of what it was made from, and what it looked like when
-- its rows were last counted (a hint, not a proof).
create table SCHEMA.source (
    relation text collate "C" primary key,
    content_hash text collate "C",
    contract_hash bigint,
    file_node bigint,
    deleted_rows bigint,
    counted_at timestamptz
);

-- Every move of a version, by a load or by a run.
create table SCHEMA.change (
    version bigint not null,
    relation text collate "C" not null,
    hour timestamptz not null,
    load_id bigint,
    run_id text collate "C",
    rows bigint not null,
    changed_at timestamptz not null
);
create index on SCHEMA.change (relation, hour, version);

-- The tables and views that kx made, with their columns as [[name, type], …].
create table SCHEMA.relation (
    model text collate "C" primary key,
    kind text collate "C" not null check (kind in ('table', 'view')),
    schema_name text collate "C" not null,
    relation_name text collate "C" not null,
    definition_hash bigint not null,
    columns text not null,
    made_at timestamptz not null
);

create table SCHEMA.run (
    run_id text collate "C" primary key,
    command text not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    status text collate "C",
    kx_version text not null
);

create table SCHEMA.run_step (
    run_id text collate "C" not null,
    model text collate "C" not null,
    partition_start timestamptz not null,
    hours integer not null,
    status text collate "C" not null,
    reason text not null,
    rows_written bigint,
    rows_deleted bigint,
    duration_ms double precision not null,
    error_code text collate "C",
    error text,
    ended_at timestamptz not null
);
create index on SCHEMA.run_step (run_id);
create index on SCHEMA.run_step (model, ended_at);

create table SCHEMA.assertion_result (
    assertion text collate "C" not null,
    partition_start timestamptz not null,
    status text collate "C" not null check (status in ('pass', 'fail', 'warn', 'error')),
    failures bigint not null,
    code_hash bigint not null,
    inputs text collate "C" not null,
    run_id text collate "C" not null,
    tested_at timestamptz not null,
    primary key (assertion, partition_start)
);
`
