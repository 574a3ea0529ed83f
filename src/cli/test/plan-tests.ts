import { KxError, type TimeRange } from '../../base/index.ts'
import {
  type PlannedAssertion,
  type PlannedUnitTest,
  planAssertions,
  planUnitTests,
  unitTestNodes,
} from '../../runner/check/index.ts'
import {
  type Assertion,
  buildGraph,
  planModels,
  renderProject,
  selectNodes,
  type UnitTest,
} from '../../runner/index.ts'
import { readLedger, readPasses } from '../../warehouse/index.ts'
import type { Io } from '../shared/io.ts'
import { type GlobalOptions, type OpenWorkspace, parseVars, type Workspace } from '../shared/workspace.ts'

/** Options that choose tests. */
export interface TestSelection extends GlobalOptions {
  readonly select?: string[]
  readonly exclude?: string[]
  readonly strict?: boolean
  readonly unit?: boolean
  readonly data?: boolean
}

/** The tests of a selection. */
export interface SelectedTests {
  readonly assertions: readonly Assertion[]
  readonly unitTests: readonly UnitTest[]
}

/**
 * The assertions and unit tests that the options name, or that come with the models they name.
 *
 * @throws {KxError} KX_SELECT_EMPTY with --strict
 */
export function selectTests(workspace: Workspace, io: Io, options: TestSelection): SelectedTests {
  const { project, rendered, graph } = workspace
  const nodes = unitTestNodes(graph, project.unitTests)
  const whole = buildGraph({ ...rendered, tests: [...rendered.tests, ...nodes.keys()] })
  const { select = [], exclude = [] } = options
  const { ids, unmatched } = selectNodes(whole, { select, exclude })
  for (const term of unmatched) io.err(`warning: '${term}' matches nothing in this project`)
  const isAny = options.unit === options.data
  const selected = {
    assertions: isAny || options.data ? rendered.tests.filter(({ id }) => ids.has(id)) : [],
    unitTests:
      isAny || options.unit ? [...nodes].filter(([{ id }]) => ids.has(id)).map(([, test]) => test) : [],
  }
  if (selected.assertions.length + selected.unitTests.length > 0) return selected
  if (options.strict) {
    throw new KxError('KX_SELECT_EMPTY', 'no test is selected', {
      hint: 'Run kx ls --resource-type test to see the names.',
    })
  }
  io.err('warning: no test is selected')
  return selected
}

/**
 * Checks unit tests against the project, rendered with the vars of each.
 *
 * @throws {KxError} KX_UNIT_TEST_INVALID
 */
export function planSelectedUnitTests(
  workspace: Workspace,
  io: Pick<Io, 'env'>,
  { tests, vars }: { tests: readonly UnitTest[]; vars: string | undefined },
): PlannedUnitTest[] {
  const { project, rendered, graph, seedSql, target } = workspace
  return planUnitTests(tests, (own) => {
    if (Object.keys(own).length === 0) return { graph, seedSql, locate: rendered.locate }
    const { name, schemaPrefix, engine } = target
    const variant = renderProject(project, {
      vars: { ...parseVars(vars), ...own },
      target: { name, schemaPrefix, engine },
      env: io.env,
    })
    return { graph: buildGraph(variant), seedSql, locate: variant.locate }
  })
}

/** Which hours of the assertions to test, by what the ledger says now. */
export async function planSelectedAssertions(
  { graph, project, warehouse }: OpenWorkspace,
  assertions: readonly Assertion[],
  hours: { nowMs: number; range: TimeRange | undefined; within: TimeRange | undefined },
): Promise<PlannedAssertion[]> {
  const read = graph.ancestors(assertions.map(({ id }) => id))
  const models = planModels(graph, { beginMs: project.beginMs }).filter(({ id }) => read.has(id))
  const sources = [...read].filter((id) => graph.nodes.get(id)?.kind === 'source')
  const [ledger, passes] = await Promise.all([
    readLedger(warehouse, { models: models.map(({ id }) => id), sources }),
    readPasses(
      warehouse,
      assertions.map(({ id }) => id),
    ),
  ])
  return planAssertions({ graph, assertions, models, ledger, passes, ...hours })
}
