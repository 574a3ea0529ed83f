import type { Graph } from '../graph/index.ts'
import type { Assertion, UnitTest } from '../model/index.ts'
import { modelOf } from './unit-case.ts'

/**
 * Unit tests as nodes of a graph, for selectors alone: each hangs below its model and comes with it.
 *
 * @throws {KxError} KX_UNIT_TEST_INVALID for a test of a model that is not there
 */
export function unitTestNodes(graph: Graph, tests: readonly UnitTest[]): ReadonlyMap<Assertion, UnitTest> {
  return new Map(tests.map((test, i) => [nodeOf(test, i, modelOf(graph, test)), test]))
}

function nodeOf(test: UnitTest, i: number, { id, name, config }: ReturnType<typeof modelOf>): Assertion {
  const { file, at } = test
  return {
    kind: 'test',
    id: `unit_tests.${i}.${name}.${test.name}`,
    name: test.name,
    fqn: ['tests', 'unit', name, test.name],
    file,
    at,
    testType: 'unit',
    testName: undefined,
    rendered: { sql: '', bindings: [], parameters: [], vars: {}, file },
    parents: [id],
    model: id,
    severity: 'error',
    isBlocking: false,
    tags: config.tags,
    config: {},
    codeHash: 0,
  }
}
