import { KxError, withPlace } from '../../base/index.ts'
import { type Assertion, checkConfig, mergeConfig, type TextFile } from '../model/index.ts'
import { assertionOf, nameOfTest } from './assertion.ts'
import { parseTemplate } from './parse.ts'
import { placeOf } from './place.ts'
import { type RenderContext, type Rendered, renderSql } from './render-sql.ts'

/**
 * A test of tests/*.sql: it returns the rows that are wrong.
 *
 * @throws {KxError} KX_CONFIG_INVALID, KX_NAME_TAKEN, and what renderSql throws.
 */
export function renderSingularTest(
  file: TextFile,
  takenNames: Set<string>,
  context: RenderContext,
): Rendered & { assertion: Assertion } {
  const root = parseTemplate(file)
  const rendered = renderSql({
    ...context,
    template: file,
    root,
    self: undefined,
    isIncremental: () => false,
  })
  const calls = rendered.usage.configCalls.map(({ values, site }) => {
    try {
      return checkConfig('test', values)
    } catch (error) {
      throw withPlace(error, placeOf(site.template, site.at))
    }
  })
  const config = mergeConfig(calls)
  if (config.where !== undefined) {
    throw new KxError('KX_CONFIG_INVALID', 'where is for the tests of a contract', {
      hint: 'Write the condition in the SQL.',
      at: { file: file.file },
    })
  }
  const path = file.file
    .replace(/^tests\//, '')
    .replace(/\.sql$/, '')
    .split('/')
  const name = String(config.name ?? path.at(-1))
  if (takenNames.has(name)) {
    throw new KxError('KX_NAME_TAKEN', `two tests are named ${name}`, {
      hint: 'Rename one of them.',
      at: { file: file.file },
    })
  }
  const read = [...new Set(rendered.asked.map(({ edge }) => edge.parent))]
  const assertion = assertionOf(rendered, {
    name: nameOfTest(name, takenNames),
    fqn: path.slice(0, -1),
    file: file.file,
    at: { file: file.file, line: 1, column: 1 },
    testType: 'singular',
    testName: undefined,
    model: read.length === 1 ? read[0] : undefined,
    config,
  })
  return { ...rendered, assertion }
}
