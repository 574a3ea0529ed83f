/** What each version of a model's code depended on, to say which var changed. `vars` is a JSON text. */
export const code = `
create table SCHEMA.code (
    model text collate "C" not null,
    code_hash bigint not null,
    vars text not null,
    seen_at timestamptz not null,
    primary key (model, code_hash)
);
`
