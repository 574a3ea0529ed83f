import { hashText, type Place } from '../../base/index.ts'
import type { Assertion, WrittenConfig } from '../model/index.ts'
import type { Rendered } from './render-sql.ts'

/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63

export interface AssertionParts extends Pick<Assertion, 'name' | 'file' | 'testType' | 'testName' | 'model'> {
  readonly fqn: readonly string[]
  readonly at: Place
  readonly config: WrittenConfig
}

/** A rendered test as the rest of kx sees it. */
export function assertionOf({ rendered, asked, meaning }: Rendered, parts: AssertionParts): Assertion {
  const { config, fqn, name, ...rest } = parts
  const tags = Array.isArray(config.tags) ? config.tags : config.tags === undefined ? [] : [config.tags]
  return {
    kind: 'test',
    id: `tests.${name}`,
    name,
    fqn: [...fqn, name],
    rendered,
    parents: [...new Set(asked.map(({ edge }) => edge.parent))],
    severity: config.severity === 'warn' ? 'warn' : 'error',
    isBlocking: config.blocking === true,
    tags: tags.map(String),
    config,
    codeHash: hashText(meaning),
    ...rest,
  }
}

/** `wanted`, numbered if it is taken, and short enough for PostgreSQL; taken from now on. */
export function nameOfTest(wanted: unknown, taken: Set<string>): string {
  const text = String(wanted)
  const short =
    text.length <= LONGEST_NAME - 4
      ? text
      : `${text.slice(0, LONGEST_NAME - 16)}_${hashText(text).toString(36)}`
  let name = short
  for (let number = 2; taken.has(name); number++) name = `${short}_${number}`
  taken.add(name)
  return name
}
