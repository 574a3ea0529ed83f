import { KxError, partitionKey, type TimeRange } from '../../base/index.ts'
import type { Session } from '../../warehouse/index.ts'
import type { Assertion } from '../model/index.ts'
import { boundValues } from '../sql/index.ts'
import { auditTable, KEPT_ROWS, keepFailures } from './audit.ts'
import type { RunContext } from './context.ts'
import { describeFailure } from './failure.ts'
import type { BlockingAssertions, PreparedModel } from './prepare.ts'

/**
 * Runs a model's blocking assertions inside its transaction: what they find wrong never becomes visible. The
 * failing rows are copied to kx_audit through a connection of their own. Those that look at each row by itself are
 * left out if the count of new rows has asked them and found none wrong.
 *
 * @throws {KxError} KX_ASSERTION_FAILED
 */
export async function checkBlocking(
  session: Session,
  context: RunContext,
  { blocking, plan }: PreparedModel,
  { range, isRowCheckPassed }: { range: TimeRange; isRowCheckPassed: boolean },
): Promise<void> {
  if (blocking === undefined) return
  const asked = isRowCheckPassed && blocking.wrong !== undefined ? blocking.rest : blocking
  if (asked === undefined) return
  const failed = await countFailures(session, context, { blocking, asked, range })
  if (failed.length === 0) return
  const [first] = failed
  if (first === undefined) return
  for (const { assertion, n } of failed) await keepRows(session, context, { blocking, n, assertion, range })
  const others = failed.length === 1 ? '' : ` and ${failed.length - 1} more`
  throw new KxError(
    'KX_ASSERTION_FAILED',
    `${first.assertion.name}${others}: ${first.failures} wrong rows in ${plan.id} ${partitionKey(range.startMs)}`,
    { hint: `Look at them: select * from ${auditTable(context, first.assertion)};`, at: first.assertion.at },
  )
}

type Asked = Pick<BlockingAssertions, 'text' | 'bounds'>

interface Failed {
  readonly assertion: Assertion
  readonly n: number
  readonly failures: number
}

async function countFailures(
  session: Session,
  context: RunContext,
  { blocking, asked, range }: { blocking: BlockingAssertions; asked: Asked; range: TimeRange },
): Promise<Failed[]> {
  try {
    const { rows } = await session.query<{ n: number; failures: number }>(
      asked.text,
      boundValues(asked.bounds, range),
    )
    return rows.flatMap(({ n, failures }) => {
      const assertion = blocking.assertions[n]
      return assertion === undefined || failures === 0 || assertion.severity === 'warn'
        ? []
        : [{ assertion, n, failures }]
    })
  } catch (error) {
    const [node] = blocking.assertions
    throw node === undefined ? error : describeFailure(error, { context, node, bodyAt: undefined })
  }
}

/** Reads the rows before the rollback takes them away, and writes them where it does not reach. */
async function keepRows(
  session: Session,
  context: RunContext,
  {
    blocking,
    n,
    assertion,
    range,
  }: { blocking: BlockingAssertions; n: number; assertion: Assertion; range: TimeRange },
): Promise<void> {
  const compiled = blocking.texts[n]
  if (compiled === undefined) return
  const { rows } = await session.query<{ row: string }>(
    `select to_json(kx_failures)::text as row from (\n${compiled.text}\n) as kx_failures limit ${KEPT_ROWS}`,
    boundValues(compiled.bounds, range),
  )
  await keepFailures(context, assertion, { range, rows: rows.map(({ row }) => row) })
}
