/** The ledger of loads: which bytes of which file are in which source, and who brought them. */
export const load = `
create sequence SCHEMA.load_id as bigint;

-- One row per transaction and file: the bytes [from_byte, to_byte) of the uncompressed content.
create table SCHEMA.load (
    load_id bigint not null,
    relation text collate "C" not null,
    landing_file text collate "C" not null,
    transaction_id xid8 not null,
    from_byte bigint not null,
    to_byte bigint not null,
    from_line bigint not null,
    to_line bigint not null,
    rows bigint not null,
    quiet_rows bigint not null,
    bad_lines bigint not null,
    -- sha256 of the uncompressed content up to to_byte
    checksum text collate "C" not null,
    first_start timestamptz,
    last_start timestamptz,
    loaded_at timestamptz not null,
    primary key (load_id, landing_file)
);
create index on SCHEMA.load (relation, landing_file, to_byte);

-- How far each file has been read, and what its next lines need to know of the ones before.
create table SCHEMA.load_file (
    relation text collate "C" not null,
    landing_file text collate "C" not null,
    -- hash of instrument and first line: finds a file under another name
    fingerprint bigint not null,
    format text collate "C" not null,
    from_byte bigint not null,
    to_byte bigint not null,
    to_line bigint not null,
    checksum text collate "C" not null,
    -- the last line read had no end: what follows must begin with one
    is_line_open boolean not null,
    carry jsonb,
    rows bigint not null,
    bad_lines bigint not null,
    loaded_at timestamptz not null,
    primary key (relation, landing_file)
);
create index on SCHEMA.load_file (relation, fingerprint);
`
