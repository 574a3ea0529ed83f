import type { Session } from '../session.ts'
import type { Target } from '../warehouse.ts'

/**
 * Claims a model's partitions for this session, in the order given, without waiting: the ones it could lock.
 * Holds the model's schema lock shared, so that no schema change comes between.
 */
export async function claimPartitions(
  session: Session,
  target: Target,
  { model, startsMs }: { model: string; startsMs: readonly number[] },
): Promise<number[]> {
  const { rows } = await session.query<{ start_ms: number; is_mine: boolean }>(
    `select start_ms, pg_try_advisory_lock(hashtextextended($1 || start_ms::text, 0)) as is_mine
from (select pg_advisory_lock_shared(hashtextextended($1, 1))) as schema_lock, unnest($2::float8[]) as u (start_ms)`,
    [lockKey(target, model), startsMs.map(sqlStart)],
  )
  return startsMs.filter((_, i) => rows[i]?.is_mine)
}

/** Gives back what claimPartitions locked. */
export async function releasePartitions(
  session: Session,
  target: Target,
  { model, startsMs }: { model: string; startsMs: readonly number[] },
): Promise<void> {
  await session.query(
    `select pg_advisory_unlock_shared(hashtextextended($1, 1)), (
    select count(pg_advisory_unlock(hashtextextended($1 || start_ms::text, 0))) from unnest($2::float8[]) as u (start_ms)
)`,
    [lockKey(target, model), startsMs.map(sqlStart)],
  )
}

/** Takes a model's schema lock alone, until the transaction ends: no step of it is running anywhere. */
export async function lockSchema(session: Session, target: Target, model: string): Promise<void> {
  await session.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [lockKey(target, model)])
}

function lockKey(target: Target, model: string): string {
  return `kx:${target.schemaPrefix}:${model}:`
}

/** What is built once has one lock, at 0 − 1 h: no partition starts there. */
function sqlStart(startMs: number): number {
  return Number.isNaN(startMs) ? -3_600_000 : startMs
}
