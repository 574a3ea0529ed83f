import { identifier } from '../../base/index.ts'
import type { Session } from '../session.ts'
import { sourceLedgerSchema, type Target } from '../warehouse.ts'

/** Rows added to (or, negative, removed from) one hour of a source. */
export interface SourceMove {
  /** Start of the hour, ms since the epoch. */
  readonly hourMs: number
  readonly addedRows: number
  readonly isPruned?: boolean
}

/**
 * Moves the versions of a source's hours in the caller's transaction, in hour order so that two loaders
 * cannot lock each other, and writes down which load did it: once for each hour, however often a load that goes
 * on for long moves it.
 */
export async function moveSourceHours(
  session: Session,
  target: Target,
  {
    relation,
    moves,
    loadId,
    isSameLoad = false,
  }: {
    relation: string
    moves: readonly SourceMove[]
    loadId: number | null
    /** The load committed before and goes on. */
    isSameLoad?: boolean
  },
): Promise<void> {
  if (moves.length === 0) return
  const sorted = [...moves].sort((a, b) => a.hourMs - b.hourMs)
  const schema = identifier(sourceLedgerSchema(target))
  await session.query(
    `with move as (
        select to_timestamp(hour_ms / 1000) as hour, added, pruned
        from unnest($2::float8[], $3::bigint[], $4::boolean[]) as u(hour_ms, added, pruned)
    ),
    before as (
        delete from ${schema}.change
        using move
        where $6::boolean
            and change.relation = $1
            and change.hour = move.hour
            and change.load_id = $5
        returning change.hour, change.rows
    ),
    moved as (
        insert into ${schema}.source_partition (relation, hour, version, rows, loaded_at, is_pruned)
        select $1, hour, nextval('${schema}.version'), added, clock_timestamp(), pruned
        from move
        order by hour
        on conflict (relation, hour) do update set
            version = excluded.version,
            rows = source_partition.rows + excluded.rows,
            loaded_at = excluded.loaded_at,
            is_pruned = source_partition.is_pruned or excluded.is_pruned
        returning hour, version
    )
    insert into ${schema}.change (version, relation, hour, load_id, run_id, rows, changed_at)
    select
        moved.version, $1, hour, $5, null,
        abs(move.added) + coalesce((select sum(before.rows) from before where before.hour = moved.hour), 0),
        clock_timestamp()
    from moved
    inner join move using (hour)`,
    [
      relation,
      sorted.map((move) => move.hourMs),
      sorted.map((move) => move.addedRows),
      sorted.map((move) => move.isPruned ?? false),
      loadId,
      isSameLoad,
    ],
  )
}
