import { KxError, nearest, parseDuration, parseTimeRange } from '../../base/index.ts'
import type { Materialization, ModelConfig, OnSchemaChange, Strategy } from './model.ts'

/** Config as written: in project.yml, a contract or config(). */
export type WrittenConfig = Readonly<Record<string, unknown>>

type Check = (value: unknown) => string | undefined

const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value as string)
      ? undefined
      : `Use ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}.`
const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'Write a text.')
const truth: Check = (value) => (typeof value === 'boolean' ? undefined : 'Write true or false.')
const names: Check = (value) =>
  (typeof value === 'string' && value !== '') ||
  (Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name !== ''))
    ? undefined
    : "Write a name or a list of names: ['a', 'b']."
const nameList: Check = (value) => (Array.isArray(value) && value.length === 0 ? undefined : names(value))
const duration: Check = (value) =>
  typeof value === 'string' && parseDuration(value) !== undefined
    ? undefined
    : "Write a duration: '90s', '3m', '2h'."
const positive: Check = (value) =>
  Number.isInteger(value) && Number(value) > 0 ? undefined : 'Write a whole number above 0.'
const time: Check = (value) =>
  parseTime(value) === undefined ? 'Write a time: 2024-05-01 or 2024-05-01T13.' : undefined
const anything: Check = () => undefined

const SHARED_KEYS = { tags: nameList, enabled: truth, meta: anything, description: anything }

const MODEL_KEYS: Readonly<Record<string, Check>> = {
  ...SHARED_KEYS,
  materialized: oneOf('incremental', 'table', 'view', 'ephemeral'),
  strategy: oneOf('replace', 'upsert', 'append'),
  partition: oneOf('hour', 'day'),
  unique_key: names,
  time_column: text,
  update_when: text,
  on_schema_change: oneOf('append', 'fail', 'rebuild'),
  batch: positive,
  begin: time,
  settle: duration,
  protected: truth,
  renamed_from: text,
}

const TEST_KEYS: Readonly<Record<string, Check>> = {
  ...SHARED_KEYS,
  severity: oneOf('error', 'warn'),
  where: text,
  blocking: truth,
  name: text,
}

/** dbt's names for the same. */
const ALIASES: Readonly<Record<string, string>> = {
  event_time: 'time_column',
  incremental_strategy: 'strategy',
}

/** The key kx knows a written key by: dbt's `event_time` is `time_column`. */
function configKey(key: string): string {
  return ALIASES[key] ?? key
}

/** Whether `key` is one of a model's config keys. */
export function isModelConfigKey(key: string): boolean {
  return Object.hasOwn(MODEL_KEYS, configKey(key))
}

/**
 * The config with aliases resolved.
 *
 * @throws {KxError} KX_CONFIG_INVALID, without a place, for a key or value that kx does not know.
 */
export function checkConfig(kind: 'model' | 'test', written: WrittenConfig): WrittenConfig {
  const keys = kind === 'model' ? MODEL_KEYS : TEST_KEYS
  const checked: Record<string, unknown> = {}
  for (const [writtenKey, value] of Object.entries(written)) {
    const key = configKey(writtenKey)
    const check = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (check === undefined) throw unknownKey(kind, writtenKey, Object.keys(keys))
    const hint = check(value)
    if (hint !== undefined) {
      throw new KxError('KX_CONFIG_INVALID', `${writtenKey} cannot be ${JSON.stringify(value)}`, { hint })
    }
    checked[key] = value
  }
  return checked
}

function unknownKey(kind: string, key: string, known: readonly string[]): KxError {
  const suggestion = nearest(key, known)
  const hint = suggestion ? `Did you mean ${suggestion}?` : `Use ${known.join(', ')}.`
  return new KxError('KX_CONFIG_INVALID', `'${key}' is no config of a ${kind}`, { hint })
}

/** Layers of checked config, the later ones stronger; tags add up. */
export function mergeConfig(layers: readonly WrittenConfig[]): WrittenConfig {
  const merged = Object.assign({}, ...layers)
  const tags = new Set(layers.flatMap((layer) => listOf(layer.tags)))
  return tags.size === 0 ? merged : { ...merged, tags: [...tags].sort() }
}

/**
 * A model's config with its defaults, from checked layers that are merged.
 *
 * @throws {KxError} KX_CONFIG_INVALID, without a place, where keys do not fit together.
 */
export function modelConfig(
  written: WrittenConfig,
  project: { readonly beginMs: number | undefined; readonly settleMs: number },
): ModelConfig {
  const materialized = (written.materialized as Materialization | undefined) ?? 'view'
  const config: ModelConfig = {
    materialized,
    partition:
      materialized === 'incremental'
        ? ((written.partition as 'hour' | 'day' | undefined) ?? 'hour')
        : undefined,
    strategy: (written.strategy as Strategy | undefined) ?? 'replace',
    uniqueKey: listOf(written.unique_key),
    timeColumn: written.time_column as string | undefined,
    updateWhen: written.update_when as string | undefined,
    onSchemaChange: (written.on_schema_change as OnSchemaChange | undefined) ?? 'append',
    batch: written.batch as number | undefined,
    beginMs: parseTime(written.begin) ?? project.beginMs,
    settleMs: parseDuration(String(written.settle ?? '')) ?? project.settleMs,
    isProtected: written.protected === true,
    isEnabled: written.enabled !== false,
    renamedFrom: written.renamed_from as string | undefined,
    tags: listOf(written.tags),
    written,
  }
  if (materialized === 'incremental') checkIncremental(config)
  return config
}

function checkIncremental({ timeColumn, strategy, uniqueKey, updateWhen }: ModelConfig): void {
  if (timeColumn === undefined) {
    throw incomplete(
      'an incremental model needs a time_column',
      "Add time_column='…', the column that places a row.",
    )
  }
  if (updateWhen !== undefined && strategy !== 'upsert') {
    throw incomplete(
      `update_when does nothing with strategy '${strategy}'`,
      "Set strategy='upsert', or drop it.",
    )
  }
  if (strategy === 'append') return
  if (uniqueKey.length === 0) {
    throw incomplete(`strategy '${strategy}' needs a unique_key`, `Add unique_key=['${timeColumn}', …].`)
  }
  if (!uniqueKey.includes(timeColumn)) {
    throw incomplete(
      `unique_key does not hold the time_column '${timeColumn}'`,
      `Add '${timeColumn}' to unique_key.`,
    )
  }
}

function incomplete(message: string, hint: string): KxError {
  return new KxError('KX_CONFIG_INVALID', message, { hint })
}

function listOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value.map(String) : [String(value)]
}

/** ms since the epoch of `2024-05-01`, `2024-05-01T13` or `2024-05-01T13:30:00Z`; undefined if it is no time. */
export function parseTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(value)) {
    const ms = Date.parse(value)
    return Number.isNaN(ms) ? undefined : ms
  }
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2})?$/.test(value)) return undefined
  try {
    return parseTimeRange(value).startMs
  } catch {
    return undefined
  }
}
