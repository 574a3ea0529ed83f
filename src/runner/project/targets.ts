import { KxError, nearest, type Place } from '../../base/index.ts'
import type { TargetConfig } from '../model/index.ts'
import type { ProjectYaml, WrittenTarget } from './parse-project.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** The target there is without `targets:` in project.yml: kx's own PostgreSQL. */
const IMPLICIT_TARGET = 'dev'
const SERVER_KEYS = ['url', 'host', 'hostaddr', 'dbname']

/**
 * The targets of project.yml. `dev`, on the embedded engine, is there even if nothing is written. A target with a
 * url, host or dbname is a server, any other embedded. env_var() is resolved when a target's prefix or connection is
 * asked for, so that one without its password stands in nobody's way.
 */
export function targetsOf({ targets }: ProjectYaml, env: Env, file: string): TargetConfig[] {
  const written = targets.some(({ name }) => name === IMPLICIT_TARGET)
    ? targets
    : [{ name: IMPLICIT_TARGET, keys: {}, line: 1, column: 1 }, ...targets]
  return written.map((target) => targetOf(target, env, { file, line: target.line, column: target.column }))
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

function targetOf({ name, keys }: WrittenTarget, env: Env, at: Place): TargetConfig {
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
      return prefixOf('schema_prefix', resolveEnv(schema_prefix, env, at), at)
    },
    get sourcePrefix() {
      return prefixOf('source_prefix', resolveEnv(source_prefix, env, at), at)
    },
    get connection() {
      return Object.fromEntries(
        Object.entries(connection).map(([key, value]) => [key, resolveEnv(value, env, at)]),
      )
    },
  }
}

function prefixOf(key: string, prefix: string, at: Place): string {
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
