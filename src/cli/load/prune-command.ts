import { type PruneEvent, prune } from '../../collector/load/index.ts'
import type { SourceTable, Warehouse } from '../../warehouse/index.ts'
import { plural, rangeText } from '../shared/format.ts'
import { eventLine } from '../shared/json-event.ts'
import type { CommandIo } from './io.ts'

/** `kx prune`, its options read and its warehouse open. */
export interface PruneCommand {
  readonly warehouse: Warehouse
  readonly tables: readonly SourceTable[]
  /** Exclusive, ms since the epoch; hours that it cuts stay. */
  readonly beforeMs: number
  readonly logFormat: 'text' | 'json'
}

/** Retires old bronze and says what went; always exits 0. */
export async function pruneCommand({ logFormat, ...input }: PruneCommand, io: CommandIo): Promise<number> {
  let [hours, rows] = [0, 0]
  for await (const event of prune(input)) {
    hours += event.hours
    rows += event.rows
    if (logFormat === 'json') io.stdout.write(`${eventLine('prune.pruned', plain(event))}\n`)
    else
      io.stderr.write(
        `pruned   ${event.relation}  ${rangeText(event.fromMs, event.toMs)}  ${plural(event.rows, 'row')}\n`,
      )
  }
  if (logFormat === 'json') io.stdout.write(`${eventLine('prune.summary', { hours, rows })}\n`)
  else
    io.stdout.write(
      `${plural(rows, 'row')} of ${plural(hours, 'hour')} pruned; what is built from them stays\n`,
    )
  return 0
}

function plain({ relation, fromMs, toMs, hours, rows }: PruneEvent) {
  return { relation, range: rangeText(fromMs, toMs), hours, rows }
}
