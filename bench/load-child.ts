// One `kx load` in a process of its own, without the command line: prints what it took.
import { syncInstruments } from '../src/collector/instruments/index.ts'
import { loadFiles } from '../src/collector/load/index.ts'
import {
  ensureSourceTables,
  migrateLedger,
  openWarehouse,
  sourceLedgerSchema,
  type Target,
} from '../src/warehouse/index.ts'
import { benchInstruments, candleTable, instrumentTable } from './load-tables.ts'

const [url = '', directory = '', symbols = '0'] = process.argv.slice(2)
const target: Target = {
  name: 'bench',
  engine: 'server',
  schemaPrefix: '',
  sourcePrefix: '',
  connection: { url },
  projectDirectory: directory,
}
await using warehouse = await openWarehouse(target, { poolSize: 2, applicationName: 'kx load' })
await migrateLedger(warehouse, sourceLedgerSchema(target))
await ensureSourceTables(warehouse, [candleTable, instrumentTable])
const instruments = benchInstruments(Number(symbols))
await syncInstruments(warehouse, instrumentTable, instruments)
const options = { directory, stateDirectory: `${directory}/.kx`, nowMs: Date.now() }
const startMs = performance.now()
let rows = 0
for await (const event of loadFiles({
  warehouse,
  tables: [candleTable],
  instruments,
  paths: [directory],
  options,
})) {
  if (event.type === 'summary') rows = event.summary.rows
  if (event.type === 'file-failed') throw event.error
}
console.log(
  JSON.stringify({
    rows,
    loadMs: performance.now() - startMs,
    peakMb: process.resourceUsage().maxRSS / 1024,
  }),
)
