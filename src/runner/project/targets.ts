import { KxError, nearest, type Place } from '../../base/index.ts'
import type { TargetConfig } from '../model/index.ts'
import type { ProjectYaml, WrittenTarget } from './parse-project.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** Names of schemas, by the prefix that a target puts before them. */
export type PrefixedSchemas = Readonly<Record<'schema_prefix' | 'source_prefix', readonly string[]>>

export interface TargetsInput {
  readonly env: Env
  readonly file: string
  readonly schemas: PrefixedSchemas
}

/** The target there is without `targets:` in project.yml: kx's own PostgreSQL. */
const IMPLICIT_TARGET = 'dev'
/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63
const SERVER_KEYS = ['url', 'host', 'hostaddr', 'dbname']

/**
 * The targets of project.yml. `dev`, on the embedded engine, is there even if nothing is written. A target with a
 * url, host or dbname is a server, any other embedded. env_var() is resolved when a target's prefix or connection is
 * asked for, so that one without its password stands in nobody's way.
 */
export function targetsOf({ targets }: ProjectYaml, { env, file, schemas }: TargetsInput): TargetConfig[] {
  const written = targets.some(({ name }) => name === IMPLICIT_TARGET)
    ? targets
    : [{ name: IMPLICIT_TARGET, keys: {}, line: 1, column: 1 }, ...targets]
  return written.map((target) => {
    const at = { file, line: target.line, column: target.column }
    return targetOf(target, { env, at, schemas })
  })
}

/**
 * The name of the target to use: `wanted`, the project's, or else its only target, or `dev`.
 *
 * @throws {KxError} KX_TARGET_UNKNOWN
 */
export function defaultTargetOf(
  { target, targets: written }: ProjectYaml,
  targets: readonly TargetConfig[],
  wanted: string | undefined,
): string {
  const [only] = written
  const name = wanted ?? target ?? (written.length === 1 && only !== undefined ? only.name : IMPLICIT_TARGET)
  const names = targets.map((candidate) => candidate.name)
  if (names.includes(name)) return name
  const suggestion = nearest(name, names)
  throw new KxError('KX_TARGET_UNKNOWN', `there is no target '${name}'`, {
    hint: suggestion ? `Did you mean ${suggestion}?` : `Use ${names.join(' or ')}.`,
    at: { file: 'project.yml' },
  })
}

interface OneTarget {
  readonly env: Env
  readonly at: Place
  readonly schemas: PrefixedSchemas
}

function targetOf({ name, keys }: WrittenTarget, { env, at, schemas }: OneTarget): TargetConfig {
  const { engine, schema_prefix = '', source_prefix = '', ...connection } = keys
  const isServer = SERVER_KEYS.some((key) => key in connection)
  if (engine !== undefined && engine !== 'embedded' && engine !== 'server') {
    throw new KxError('KX_PROJECT_INVALID', `the target ${name} has the engine '${engine}'`, {
      hint: 'Use embedded or server.',
      at,
    })
  }
  return {
    name,
    engine: engine ?? (isServer ? 'server' : 'embedded'),
    get schemaPrefix() {
      return prefixOf(resolveEnv(schema_prefix, env, at), { key: 'schema_prefix', at, schemas })
    },
    get sourcePrefix() {
      return prefixOf(resolveEnv(source_prefix, env, at), { key: 'source_prefix', at, schemas })
    },
    get connection() {
      return Object.fromEntries(
        Object.entries(connection).map(([key, value]) => [key, resolveEnv(value, env, at)]),
      )
    },
  }
}

interface PrefixKey {
  readonly key: keyof PrefixedSchemas
  readonly at: Place
  readonly schemas: PrefixedSchemas
}

function prefixOf(prefix: string, { key, at, schemas }: PrefixKey): string {
  const long = schemas[key].find((schema) => prefix.length + schema.length > LONGEST_NAME)
  if (long !== undefined) {
    throw new KxError(
      'KX_PROJECT_INVALID',
      `${key} and '${long}' are longer than ${LONGEST_NAME} characters`,
      {
        hint: 'Shorten the prefix: PostgreSQL would cut the name of the schema.',
        at,
      },
    )
  }
  if (/^([a-z_][a-z0-9_]*)?$/.test(prefix)) return prefix
  throw new KxError('KX_PROJECT_INVALID', `${key} cannot be '${prefix}'`, {
    hint: 'Use lower-case letters, digits and underscores: dev_anna_.',
    at,
  })
}

const EXPRESSION = /\{\{(.*?)\}\}/g
const ENV_VAR = /^\s*env_var\(\s*(['"])(.+?)\1\s*(?:,\s*(['"])(.*?)\3\s*)?\)\s*$/

/**
 * `text` with its `{{ env_var('NAME', 'default') }}` resolved.
 *
 * @throws {KxError} KX_VAR_MISSING, KX_PROJECT_INVALID
 */
function resolveEnv(text: string, env: Env, at: Place): string {
  return text.replace(EXPRESSION, (whole, inner: string) => {
    const match = ENV_VAR.exec(inner)
    if (!match) {
      throw new KxError('KX_PROJECT_INVALID', `${whole} is more than project.yml can hold`, {
        hint: "Write {{ env_var('NAME') }} or {{ env_var('NAME', 'default') }}.",
        at,
      })
    }
    const [, , name = '', , fallback] = match
    const value = env[name] ?? fallback
    if (value !== undefined) return value
    throw new KxError('KX_VAR_MISSING', `the environment has no ${name}`, {
      hint: `Set ${name}, or give a default: env_var('${name}', '…').`,
      at,
    })
  })
}
