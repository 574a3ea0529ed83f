import { isKxError } from '../../base/index.ts'
import { type Session, SqlError, type Warehouse } from '../../warehouse/index.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { LedgerMovedError } from './chunk.ts'
import { asLoadError } from './load-files.ts'
import { runPass } from './tail-pass.ts'
import type { TailProblem } from './tail-result.ts'
import { noteProblem, type TailState, type TailTotals } from './tail-state.ts'

/** The first time, and again after what may be over by then. */
const ATTEMPTS = 3

/** What is to be loaded, and what was. */
interface Pass {
  readonly parts: readonly SyncedPart[]
  readonly totals: TailTotals
}

type Problems = Map<string, TailProblem>

/**
 * Brings parts that grew into bronze. A ledger that another process moved and a connection that was lost are taken
 * up again where the ledger now stands; a part that Postgres refuses does not hold up the others.
 *
 * @returns problems by path
 * @throws {KxError} KX_WAREHOUSE_UNREACHABLE, KX_LOAD_FAILED, KX_DISK_FULL
 */
export async function loadGrown(warehouse: Warehouse, state: TailState, pass: Pass): Promise<Problems> {
  if (pass.parts.length === 0) return new Map()
  for (let attempt = 1; ; attempt++) {
    const session = await warehouse.session()
    try {
      return await loadThrough(session, state, pass)
    } catch (error) {
      if (isRefused(error)) return await loadAlone(warehouse, state, { ...pass, error })
      if (attempt === ATTEMPTS || !isPassing(error)) throw asLoadError(error)
    }
  }
}

async function loadThrough(session: Session, state: TailState, { parts, totals }: Pass): Promise<Problems> {
  state.use(session)
  try {
    return await runPass(state, parts, totals)
  } catch (error) {
    // What was read may be in the ledger or not: it will say so.
    for (const { path } of parts) state.memory.forget(path)
    throw error
  } finally {
    await state.lane.chunk.rollback()
    state.lane.segments.length = 0
    state.use(undefined)
    await session[Symbol.asyncDispose]()
  }
}

/** Each part in a transaction of its own: the one that Postgres refuses is found, the others are loaded. */
async function loadAlone(
  warehouse: Warehouse,
  state: TailState,
  { parts, totals, error }: Pass & { readonly error: unknown },
): Promise<Problems> {
  const [only] = parts
  if (parts.length === 1 && only) {
    const problem = { kind: 'failed', error: asLoadError(error) } as const
    noteProblem(state, only.path, { problem, loadedBytes: 0 })
    return new Map([[only.path, problem]])
  }
  const problems: Problems = new Map()
  for (const part of parts)
    for (const [path, problem] of await loadGrown(warehouse, state, { parts: [part], totals }))
      problems.set(path, problem)
  return problems
}

/** A row that Postgres cannot hold: data exceptions, broken constraints, values longer than its limits. */
function isRefused(error: unknown): boolean {
  return error instanceof SqlError && /^(2[23]|54)/.test(error.sqlstate)
}

/** A ledger that moved, a lost connection, a deadlock. */
function isPassing(error: unknown): boolean {
  if (error instanceof LedgerMovedError || isKxError(error, 'KX_WAREHOUSE_UNREACHABLE')) return true
  return error instanceof SqlError && /^40/.test(error.sqlstate)
}
