// N of the ratios: what a node process with pg and one query takes, and nothing else.
import pg from 'pg'

const client = new pg.Client()
await client.connect()
await client.query('select 1')
await client.end()
