import { openWarehouse } from '../warehouse/index.ts'

// A kx of its own process: opens the embedded warehouse of a project, says so, and stays until its stdin ends.
const [projectDirectory = '.', sql = 'select 1'] = process.argv.slice(2)
const warehouse = await openWarehouse(
  { name: 'dev', engine: 'embedded', schemaPrefix: '', sourcePrefix: '', connection: {}, projectDirectory },
  { poolSize: 1, applicationName: 'kx child' },
)
const { rows } = await warehouse.query(sql)
process.stdout.write(`${JSON.stringify(rows)}\n`)
for await (const _ of process.stdin);
await warehouse[Symbol.asyncDispose]()
