// What collect-load.ts measures, in a process of its own: `backlog` loads what is there, `live` writes lines through
// a landing and follows them into bronze.
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/index.ts'
import { syncInstruments } from '../../src/collector/instruments/index.ts'
import { openLanding, type SyncedPart } from '../../src/collector/landing/index.ts'
import { openTail, type Tail } from '../../src/collector/load/tail.ts'
import { candleTable, instrumentTable, tickTable } from '../../src/testing/source-tables.ts'
import {
  ensureSourceTables,
  migrateLedger,
  openWarehouse,
  sourceLedgerSchema,
} from '../../src/warehouse/index.ts'
import { instruments, lineOf } from './data.ts'

const [mode = '', url = '', directory = '', partsFile = ''] = process.argv.slice(2)
const target = {
  name: 'bench',
  engine: 'server',
  schemaPrefix: '',
  sourcePrefix: '',
  connection: { url },
  projectDirectory: directory,
} as const
const tables = [candleTable, tickTable]
await using warehouse = await openWarehouse(target, { poolSize: 2, applicationName: 'kx collect' })
await migrateLedger(warehouse, sourceLedgerSchema(target))
await ensureSourceTables(warehouse, [...tables, instrumentTable])
await syncInstruments(warehouse, instrumentTable, instruments)
const tail = openTail({
  warehouse,
  tables,
  instruments,
  landingDirectory: directory,
  stateDirectory: join(directory, '.kx'),
  clock: systemClock,
})
console.log(JSON.stringify(mode === 'live' ? await follow() : await recover()))

/** Loads a backlog, then passes in which each part grew by a line. */
async function recover() {
  const parts: SyncedPart[] = JSON.parse(readFileSync(partsFile, 'utf8'))
  const startMs = performance.now()
  const { rows } = await tail.load(parts)
  const loadMs = performance.now() - startMs
  const peakMb = process.resourceUsage().maxRSS / 1024
  return { rows, loadMs, peakMb, passMs: await smallPasses(tail, parts) }
}

async function smallPasses(following: Tail, sealed: readonly SyncedPart[]): Promise<number[]> {
  const times: number[] = []
  let parts = sealed.map((part) => ({ ...part, isSealed: false }))
  for (let pass = 0; pass < 30; pass++) {
    parts = parts.map((part, i) => {
      const { text } = lineOf('candles', i, Date.UTC(2024, 4, 1, 13, 59))
      appendFileSync(join(directory, part.path), `${text}\n`)
      return { ...part, bytes: part.bytes + Buffer.byteLength(text) + 1 }
    })
    const startMs = performance.now()
    await following.load(parts)
    // The first ones meet the parts anew.
    if (pass >= 10) times.push(performance.now() - startMs)
  }
  return times
}

/** Lines of one part that were handed to the landing together. */
interface Batch {
  /** Where the part ends with them. */
  readonly bytes: number
  readonly atMs: number
  isSynced: boolean
}

function folderOf({ path }: Pick<SyncedPart, 'path'>): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** Writes 1,000 lines a second for 20 s; gives how long each batch of lines took until it was in bronze, s. */
async function follow() {
  const waiting = new Map<string, Batch[]>()
  const appended = new Map<string, number>()
  const behindS: number[] = []
  const syncedS: number[] = []
  let synced = new Map<string, SyncedPart>()
  let isWriting = true
  const landing = openLanding({
    directory,
    partPrefix: 'part-c1-b2-0',
    clock: systemClock,
    onSynced: (parts) => {
      for (const part of parts) {
        synced.set(part.path, part)
        const batches = waiting.get(folderOf(part)) ?? []
        const fresh = batches.filter(({ bytes, isSynced }) => !isSynced && bytes <= part.bytes)
        for (const batch of fresh) batch.isSynced = true
        syncedS.push(...fresh.map(({ atMs }) => (performance.now() - atMs) / 1000))
      }
    },
    onTrouble: (error) => {
      if (error) throw error
    },
  })
  const loading = load()
  for (let n = 0; n < 20_000; ) {
    const atMs = performance.now()
    const lines = Array.from({ length: 100 }, () => lineOf('candles', n++, Date.now()))
    landing.append(lines)
    for (const { folder, text } of lines) {
      const bytes = (appended.get(folder) ?? 0) + Buffer.byteLength(text) + 1
      appended.set(folder, bytes)
      waiting.set(folder, [...(waiting.get(folder) ?? []), { bytes, atMs, isSynced: false }])
    }
    await systemClock.sleep(100)
  }
  await landing[Symbol.asyncDispose]()
  isWriting = false
  await loading
  return { behindS, syncedS, left: [...waiting.values()].flat().length }

  async function load(): Promise<void> {
    while (isWriting || synced.size > 0) {
      const parts = [...synced.values()]
      synced = new Map()
      const result = await tail.load(parts)
      const nowMs = performance.now()
      for (const { path, loadedBytes } of result.parts) {
        const folder = folderOf({ path })
        const batches = waiting.get(folder) ?? []
        const done = batches.filter(({ bytes }) => bytes <= loadedBytes)
        waiting.set(folder, batches.slice(done.length))
        behindS.push(...done.map(({ atMs }) => (nowMs - atMs) / 1000))
      }
      // As the collector's own loop does.
      await systemClock.sleep(200)
    }
  }
}
