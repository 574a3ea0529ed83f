/**
 * Every code there is, with the exit code it leads to when it ends a command. Codes are for ever: held to
 * docs/errors.md by a test, never reused, never renamed.
 *
 * 1: a model or assertion failed · 2: the command or the project is wrong · 3: the warehouse is out of reach.
 */
export const exitCodesByError = {
  // the command line
  KX_USAGE: 2, // an option or argument is wrong
  KX_PARTITION_INVALID: 2, // a partition key or range cannot be read
  KX_SELECT_INVALID: 2, // a selector cannot be read
  KX_SELECT_EMPTY: 2, // --strict, and nothing was selected
  KX_CONFIRM: 2, // the action needs --yes
  // the project
  KX_PROJECT_NOT_FOUND: 2, // no project.yml here or above
  KX_PROJECT_INVALID: 2, // project.yml says something kx does not know
  KX_CONTRACT_INVALID: 2, // a model's or source's .yml is wrong
  KX_UNIT_TEST_INVALID: 2, // a unit test's YAML is wrong
  KX_CONFIG_INVALID: 2, // config() in a model or test is wrong
  KX_NAME_TAKEN: 2, // two models, seeds or sources of one name
  KX_REF_UNKNOWN: 2, // ref() or source() names nothing
  KX_GRAPH_CYCLE: 2, // models refer to each other in a circle
  KX_WINDOW_INVALID: 2, // a window cannot be read, or does not fit the parent's grain
  KX_TEMPLATE_FAILED: 2, // a template cannot be parsed or rendered
  KX_TEMPLATE_JINJA: 2, // Jinja that Nunjucks would render differently
  KX_VAR_MISSING: 2, // var() or env_var() without value and default
  KX_SEED_INVALID: 2, // a seed's CSV cannot be read
  // the warehouse
  KX_TARGET_UNKNOWN: 2, // --target names no target
  KX_TARGET_INVALID: 2, // a target's connection cannot be read
  KX_WAREHOUSE_UNREACHABLE: 3, // no connection, or it was lost
  KX_WAREHOUSE_VERSION: 2, // the server or data directory is of a major kx cannot use
  KX_WAREHOUSE_START: 3, // the embedded server does not start
  KX_WAREHOUSE_BUSY: 3, // others are connected to the embedded warehouse
  KX_WAREHOUSE_POOLED: 2, // a transaction pooler stands between kx and the server
  KX_LEDGER_VERSION: 2, // the ledger was written by a newer kx
  // building
  KX_SQL_FAILED: 1, // Postgres refused a statement
  KX_KEY_DUPLICATE: 1, // two new rows with one unique_key
  KX_KEY_NULL: 1, // a unique_key column is null
  KX_ROW_OUTSIDE: 1, // a row lies outside the partition being built
  KX_PARTITION_EMPTIED: 1, // replace would empty a partition though no input changed
  KX_ASSERTION_FAILED: 1, // a blocking assertion found rows
  KX_COLUMNS_DIFFER: 1, // the table's columns are not the model's
  KX_RELATION_BLOCKED: 1, // a foreign object stands in the way of a schema change
  KX_RELATION_MISSING: 1, // a table or view to compare is not there
  KX_RELATION_FOREIGN: 1, // the relation exists and kx did not make it
  KX_SOURCE_SHRUNK: 1, // a source has fewer rows than its ledger says
  // loading
  KX_LOAD_NOT_FOUND: 2, // no file matches
  KX_LOAD_FORMAT: 2, // the format is not recognised
  KX_LOAD_CHANGED: 1, // a loaded file's old content changed
  KX_LOAD_FAILED: 1, // the file cannot be read to its end
  KX_STORE_UNREACHABLE: 3, // the bucket does not answer
  KX_STORE_REFUSED: 2, // the bucket does not let kx in
  KX_DEMO_FAILED: 1, // a step of kx demo did not end as it should
  KX_DISK_FULL: 1, // no space left
  // collecting
  KX_COLLECT_BUSY: 2, // another process uses the state directory
  KX_COLLECT_LOST: 1, // the collector ended before it had answered
  KX_COLLECT_STATE: 2, // the state directory cannot be used, or a file of it holds something else
  KX_COLLECT_PLAN: 2, // a plan file cannot be read or does not fit the project
  KX_EXCHANGE_UNKNOWN: 2, // no mapper and no CCXT exchange of that name
  KX_LANDING_FAILED: 1, // the landing cannot be written
} as const

export type KxErrorCode = keyof typeof exitCodesByError
