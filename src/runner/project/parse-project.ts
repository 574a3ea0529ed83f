import * as z from 'zod/mini'
import { type Instrument, KxError, parseDuration, withPlace } from '../../base/index.ts'
import {
  checkConfig,
  isModelConfigKey,
  mergeConfig,
  type Project,
  parseTime,
  type TextFile,
} from '../model/index.ts'
import { checked, checkShape, keyed } from './check-shape.ts'
import { collectSettingsOf, collectShape } from './parse-collect.ts'
import { type Path, readYaml, type YamlFile } from './yaml-file.ts'

/** project.yml as it is kept in the cache: env_var() still unresolved, so that no secret is written anywhere. */
export interface ProjectYaml
  extends Pick<Project, 'name' | 'vars' | 'folderConfig' | 'instruments' | 'collect'> {
  readonly beginMs: number | null
  readonly settleMs: number
  readonly maxLagMs: number
  readonly target: string | null
  readonly targets: readonly WrittenTarget[]
  readonly exchangeAliases: Readonly<Record<string, string>>
}

export interface WrittenTarget {
  readonly name: string
  /** Keys as written; values may hold env_var(). */
  readonly keys: Readonly<Record<string, string>>
  readonly line: number
  readonly column: number
}

const DEFAULT_SETTLE_MS = 180_000
const DEFAULT_MAX_LAG_MS = 7_200_000

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const text = checked<string>(isText, 'Write a text.')
const symbol = checked<string>(
  (value) => typeof value === 'string' && /^[A-Z0-9]+-[A-Z0-9]+$/.test(value),
  'Write it canonically: BTC-USD.',
)
const exchange = checked<string>(
  (value) => typeof value === 'string' && /^[a-z][a-z0-9_]*$/.test(value),
  'Write it in lower snake case: binance_us.',
)
const time = checked<string>(
  (value) => parseTime(value) !== undefined,
  'Write a time: 2024-05-01, 2024-05-01T13 or 2024-05-01T13:30:00Z.',
)
const duration = checked<string>(
  (value) => typeof value === 'string' && parseDuration(value) !== undefined,
  'Write a duration: 90s, 3m, 2h or 1d.',
)
const positive = checked<number>((value) => typeof value === 'number' && value > 0, 'Write a number above 0.')
const mapping = z.nullable(z.record(z.string(), z.unknown()))
const word = checked<string | number>(
  (value) => typeof value === 'string' || typeof value === 'number',
  'Write a text.',
)

const TARGET_KEYS =
  'engine schema_prefix source_prefix url host hostaddr port user password passfile dbname sslmode sslrootcert sslcert sslkey sslpassword connect_timeout application_name options target_session_attrs data_directory'

const instrumentShape = keyed({
  exchange,
  native: z.optional(text),
  native_symbol: z.optional(text),
  symbol,
  quote_asset: text,
  multiplier: z.optional(positive),
  market_type: z.optional(text),
  listed_from: z.optional(time),
  listed_to: z.optional(time),
  renamed_from: z.optional(text),
  aliases: z.optional(z.array(text)),
})

const projectShape = keyed({
  name: text,
  begin: z.optional(time),
  settle: z.optional(duration),
  max_lag: z.optional(duration),
  vars: z.optional(mapping),
  models: z.optional(mapping),
  target: z.optional(text),
  default_target: z.optional(text),
  targets: z.optional(
    z.nullable(
      z.record(
        z.string(),
        keyed(Object.fromEntries(TARGET_KEYS.split(' ').map((key) => [key, z.optional(word)]))),
      ),
    ),
  ),
  instruments: z.optional(z.nullable(z.array(instrumentShape))),
  aliases: z.optional(z.nullable(z.record(z.string(), exchange))),
  collect: z.optional(z.nullable(collectShape)),
})

/** @throws {KxError} KX_PROJECT_INVALID, KX_CONFIG_INVALID at the place in project.yml. */
export function parseProject(file: TextFile): ProjectYaml {
  const yaml = readYaml(file, 'KX_PROJECT_INVALID')
  refuseRules(yaml)
  const written = checkShape(yaml, projectShape, 'KX_PROJECT_INVALID')
  return {
    name: written.name,
    beginMs: parseTime(written.begin) ?? null,
    settleMs: durationOr(written.settle, DEFAULT_SETTLE_MS),
    maxLagMs: durationOr(written.max_lag, DEFAULT_MAX_LAG_MS),
    vars: written.vars ?? {},
    folderConfig: folderConfigOf(yaml, written.models ?? {}, written.name),
    target: written.default_target ?? written.target ?? null,
    targets: Object.entries(written.targets ?? {}).map(([name, keys]) => writtenTarget(yaml, name, keys)),
    instruments: instrumentsOf(yaml, written.instruments ?? [], written.aliases ?? {}),
    exchangeAliases: written.aliases ?? {},
    collect: collectSettingsOf(written.collect ?? undefined, written.aliases ?? {}, yaml),
  }
}

function durationOr(written: string | undefined, otherwise: number): number {
  return written === undefined ? otherwise : (parseDuration(written) ?? otherwise)
}

function refuseRules(yaml: YamlFile): void {
  const { instruments } = (yaml.value ?? {}) as { instruments?: unknown }
  const isRules = typeof instruments === 'object' && instruments !== null && 'rules' in instruments
  const i = Array.isArray(instruments)
    ? instruments.findIndex((one) => one !== null && typeof one === 'object' && 'rules' in one)
    : -1
  if (!isRules && i === -1) return
  yaml.fail(
    i === -1 ? ['instruments', 'rules'] : ['instruments', i, 'rules'],
    'rules for instruments are not known yet',
    'List each instrument.',
  )
}

function writtenTarget(
  yaml: YamlFile,
  name: string,
  keys: Readonly<Record<string, string | number | undefined>>,
): WrittenTarget {
  const { line = 1, column = 1 } = yaml.atKey(['targets'], name)
  const texts = Object.entries(keys).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)] as const],
  )
  return { name, keys: Object.fromEntries(texts), line, column }
}

type FolderConfig = Project['folderConfig'][number]

/** `models:` as dbt has it: folders inside folders, config with + or by its name. */
function folderConfigOf(
  yaml: YamlFile,
  models: Readonly<Record<string, unknown>>,
  projectName: string,
): FolderConfig[] {
  const found: FolderConfig[] = []
  collectFolders(yaml, { path: ['models'], folder: [], keys: models, projectName }, found)
  return found
}

interface FolderNode {
  readonly path: Path
  readonly folder: readonly string[]
  readonly keys: Readonly<Record<string, unknown>>
  readonly projectName: string
}

function collectFolders(
  yaml: YamlFile,
  { path, folder, keys, projectName }: FolderNode,
  found: FolderConfig[],
): void {
  const layers: Record<string, unknown>[] = []
  for (const [key, value] of Object.entries(keys)) {
    const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (key.startsWith('+') || (isModelConfigKey(key) && !isMapping)) {
      layers.push(configAt(yaml, [...path, key], key.replace(/^\+/, ''), value))
    } else if (isMapping) {
      // dbt writes the project's name above the folders.
      const inner = path.length === 1 && key === projectName ? folder : [...folder, key]
      const node = {
        path: [...path, key],
        folder: inner,
        keys: value as Record<string, unknown>,
        projectName,
      }
      collectFolders(yaml, node, found)
    } else {
      layers.push(configAt(yaml, [...path, key], key, value))
    }
  }
  if (layers.length > 0) found.push({ folder, config: mergeConfig(layers) })
}

function configAt(yaml: YamlFile, path: Path, key: string, value: unknown): Record<string, unknown> {
  try {
    return { ...checkConfig('model', { [key]: value }) }
  } catch (error) {
    throw withPlace(error, yaml.atKey(path.slice(0, -1), String(path.at(-1))))
  }
}

type WrittenInstrument = z.infer<typeof instrumentShape>

function instrumentsOf(
  yaml: YamlFile,
  written: readonly WrittenInstrument[],
  aliases: Readonly<Record<string, string>>,
): Instrument[] {
  const instruments: Instrument[] = []
  for (const [i, one] of written.entries()) {
    const nativeSymbol = one.native_symbol ?? one.native
    if (nativeSymbol === undefined)
      return yaml.fail(['instruments', i], 'native_symbol is missing', 'Add native_symbol.')
    const instrument: Instrument = {
      exchange: aliases[one.exchange] ?? one.exchange,
      nativeSymbol,
      symbol: one.symbol,
      quoteAsset: one.quote_asset,
      multiplier: one.multiplier ?? 1,
      marketType: one.market_type ?? 'spot',
      listedFromMs: parseTime(one.listed_from),
      listedToMs: parseTime(one.listed_to),
      renamedFrom: one.renamed_from,
      aliases: one.aliases ?? [],
    }
    checkListing(yaml, ['instruments', i], instrument, instruments)
    instruments.push(instrument)
  }
  return instruments
}

function checkListing(
  yaml: YamlFile,
  path: Path,
  instrument: Instrument,
  others: readonly Instrument[],
): void {
  const { exchange, nativeSymbol, listedFromMs = -Infinity, listedToMs = Infinity } = instrument
  if (listedToMs <= listedFromMs) {
    yaml.fail(
      [...path, 'listed_to'],
      'listed_to is not after listed_from',
      'Put the later time in listed_to.',
    )
  }
  const twin = others.find(
    (other) =>
      other.exchange === exchange &&
      (other.nativeSymbol === nativeSymbol || isSamePair(other, instrument)) &&
      (other.listedFromMs ?? -Infinity) < listedToMs &&
      listedFromMs < (other.listedToMs ?? Infinity),
  )
  if (twin === undefined) return
  const message = `${exchange} ${nativeSymbol} is listed twice at one time`
  throw new KxError('KX_NAME_TAKEN', message, {
    hint: 'Drop one of them, or end it with listed_to.',
    at: yaml.at(path),
  })
}

function isSamePair(a: Instrument, b: Instrument): boolean {
  return a.symbol === b.symbol && a.quoteAsset === b.quoteAsset && a.marketType === b.marketType
}
