import { createHash } from 'node:crypto'
import type { Instrument } from '../../base/index.ts'
import type { SourceTable, Warehouse } from '../../warehouse/index.ts'
import {
  appendRanges,
  deleteInstruments,
  type InstrumentRow,
  insertExpected,
  instrumentRelation,
  lockInstruments,
  readContentHash,
  readExpected,
  rowOf,
  writeContentHash,
} from './instrument-ledger.ts'

/** How bronze.instrument changed. */
export interface InstrumentChanges {
  /** `kraken BTC/USD`. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/**
 * Makes bronze.instrument equal to project.yml's list and moves exactly the hours in which an instrument is
 * newly, or no longer, expected. One small query when nothing changed.
 *
 * @param table bronze.instrument
 * @param knownHash what the ledger has as its content hash, where that was read already
 */
export async function syncInstruments(
  warehouse: Warehouse,
  table: SourceTable,
  instruments: readonly Instrument[],
  knownHash?: string,
): Promise<InstrumentChanges> {
  const { target } = warehouse
  const listed = instruments.map(rowOf).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const hash = createHash('sha256').update(JSON.stringify(listed)).digest('hex').slice(0, 32)
  const relation = instrumentRelation(table)
  if ((knownHash ?? (await readContentHash(warehouse, target, relation))) === hash)
    return { added: [], removed: [] }
  await using session = await warehouse.session()
  await session.query('begin')
  try {
    await lockInstruments(session, target, table)
    const { added, removed } = difference(await readExpected(session, target, table), listed)
    await deleteInstruments(session, target, { table, rows: removed })
    await insertExpected(session, target, { table, rows: added })
    await appendRanges(session, target, { relation, changes: [...removed.map(gone), ...added.map(come)] })
    await writeContentHash(session, target, relation, hash)
    await session.query('commit')
    return { added: added.map(nameOf), removed: removed.map(nameOf) }
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    throw error
  }
}

function difference(
  before: readonly InstrumentRow[],
  after: readonly InstrumentRow[],
): { added: InstrumentRow[]; removed: InstrumentRow[] } {
  const [old, now] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))]
  return {
    added: after.filter((row) => !old.has(keyOf(row))),
    removed: before.filter((row) => !now.has(keyOf(row))),
  }
}

/** All of a row, in a fixed order. */
function keyOf(row: InstrumentRow): string {
  const { exchange, native_symbol, symbol, quote_asset, multiplier, market_type } = row
  return JSON.stringify([
    exchange,
    native_symbol,
    symbol,
    quote_asset,
    multiplier,
    market_type,
    row.listed_from,
    row.listed_to,
    row.renamed_from,
  ])
}

function nameOf({ exchange, native_symbol }: InstrumentRow): string {
  return `${exchange} ${native_symbol}`
}

function gone(row: InstrumentRow) {
  return { fromS: row.listed_from, toS: row.listed_to, note: `${nameOf(row)} is no longer listed so` }
}

function come(row: InstrumentRow) {
  return { fromS: row.listed_from, toS: row.listed_to, note: `${nameOf(row)} is listed` }
}
