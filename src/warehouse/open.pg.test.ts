import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { aDatabase, aWarehouse } from '../testing/database.ts'
import { serverTarget, toDatabase } from '../testing/postgres.ts'
import { openWarehouse, type Session } from './index.ts'

const options = { poolSize: 2, applicationName: 'kx test' }

test('numbers and booleans are values, everything else is what Postgres prints', async () => {
  const warehouse = await aWarehouse()

  const { rows } = await warehouse.query(
    `select 1::int2 as a, 2::int8 as b, 'NaN'::float8 as c, '-Infinity'::float4 as d, true as e,
        1.50::numeric as f, timestamptz '2024-05-01 13:00+02' as g, array[1, null, 3]::int8[] as h,
        null::int4 as i, '{{1,2},{3,4}}'::float8[] as j, array[true, false] as k, date '2024-05-01' as l,
        '{}'::int4[] as m`,
  )

  const j = [
    [1, 2],
    [3, 4],
  ]
  expect(rows).toEqual([
    {
      ...{ a: 1, b: 2, c: Number.NaN, d: Number.NEGATIVE_INFINITY, e: true, f: '1.50' },
      ...{
        g: '2024-05-01 11:00:00+00',
        h: [1, null, 3],
        i: null,
        j,
        k: [true, false],
        l: '2024-05-01',
        m: [],
      },
    },
  ])
})

test('rows as text keep their columns in order, two of one name too', async () => {
  const warehouse = await aWarehouse()
  await using session = await warehouse.session()

  const result = await session.queryText('select $1::int4 as n, null as n, true as t', [7])

  expect(result).toEqual({ columns: ['n', 'n', 't'], rows: [['7', null, 't']] })
})

test('every session has the settings of kx', async () => {
  const warehouse = await aWarehouse()

  const { rows } = await warehouse.query(
    `select current_setting('timezone') as zone, current_setting('datestyle') as dates,
        current_setting('search_path') as path, current_setting('work_mem') as memory,
        current_setting('application_name') as name`,
  )

  expect(rows).toMatchObject([{ zone: 'UTC', path: '', memory: '64MB', name: 'kx test' }])
  expect(rows[0]?.dates).toMatch(/^ISO/)
})

test('several statements in one text are one transaction, and the last result counts', async () => {
  const warehouse = await aWarehouse()
  await using session = await warehouse.session()

  const { rows } = await session.query(
    'create table public.t (n int); insert into public.t values (1); table public.t',
  )
  const failing = session.query('insert into public.t values (2); select 1 / 0')

  expect(rows).toEqual([{ n: 1 }])
  await expect(failing).rejects.toMatchObject({ name: 'SqlError', sqlstate: '22012' })
  expect((await session.query('table public.t')).rows).toEqual([{ n: 1 }])
})

test("a refused statement tells Postgres's words and the place in it", async () => {
  const warehouse = await aWarehouse()

  const failing = warehouse.query('select 1,\n  nothing')

  await expect(failing).rejects.toMatchObject({
    sqlstate: '42703',
    position: 13,
    message: 'column "nothing" does not exist',
  })
})

test('a session is given back as new: no transaction, table, setting or lock of its last user is left', async () => {
  const warehouse = await aWarehouse({ poolSize: 1 })
  {
    await using session = await warehouse.session()
    await session.query(
      `create temporary table t (n int); set timezone = 'Asia/Tokyo'; select pg_advisory_lock(1)`,
    )
  }
  {
    await using session = await warehouse.session()
    await session.query('begin; create table public.half (n int)')
  }

  const { rows } = await warehouse.query(
    `select current_setting('timezone') as zone, to_regclass('pg_temp.t') as t, to_regclass('public.half') as half,
        (select count(*) from pg_locks where locktype = 'advisory') as locks`,
  )

  expect(rows).toEqual([{ zone: 'UTC', t: null, half: null, locks: 0 }])
})

test('who finds all sessions taken waits for one', async () => {
  const warehouse = await aWarehouse({ poolSize: 1 })
  const first = await warehouse.session()
  const order: string[] = []
  const second = warehouse.query('select 1').then(() => order.push('second'))

  await first.query('select pg_sleep(0.05)')
  order.push('first')
  await first[Symbol.asyncDispose]()
  await second

  expect(order).toEqual(['first', 'second'])
})

test('a lost connection is an error of its own, and is never used again', async () => {
  const warehouse = await aWarehouse({ poolSize: 2 })
  await using other = await warehouse.session()
  const session = await warehouse.session()
  await other.query('select pg_terminate_backend($1, 5000)', [session.processId])

  const failing = session.query('select 1')

  await expect(failing).rejects.toMatchObject({ code: 'KX_WAREHOUSE_UNREACHABLE' })
  await session[Symbol.asyncDispose]()
  await using fresh = await warehouse.session()
  expect(fresh.processId).not.toBe(session.processId)
  expect((await fresh.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test('a connection lost in the middle of a statement or of a copy says so too', async () => {
  const warehouse = await aWarehouse({ poolSize: 2 })
  await using other = await warehouse.session()
  const kill = (session: Session) =>
    setTimeout(() => void other.query('select pg_terminate_backend($1)', [session.processId]), 30)
  await warehouse.query('create table public.t (n int)')

  {
    await using session = await warehouse.session()
    kill(session)
    await expect(session.query('select pg_sleep(9)')).rejects.toMatchObject({
      code: 'KX_WAREHOUSE_UNREACHABLE',
    })
  }
  {
    await using session = await warehouse.session()
    const copy = session.copyIn('copy public.t from stdin')
    copy.write('1\n')
    kill(session)
    const [error] = await once(copy, 'error')
    expect(error).toMatchObject({ code: 'KX_WAREHOUSE_UNREACHABLE' })
  }
  expect((await warehouse.query('table public.t')).rows).toEqual([])
})

test('a warehouse that is closed in the middle of a statement ends it on the server', async () => {
  const target = await aDatabase()
  await using watching = await openWarehouse(target, options)
  const warehouse = await openWarehouse(target, options)
  const session = await warehouse.session()
  const running = session.query('select pg_sleep(20)').catch((error) => error)

  await warehouse[Symbol.asyncDispose]()

  expect(await running).toMatchObject({ code: 'KX_WAREHOUSE_UNREACHABLE' })
  const { rows } = await watching.query(`select 1 from pg_stat_activity where query like 'select pg_sleep%'`)
  expect(rows).toEqual([])
})

test('rows go in and out by copy', async () => {
  const warehouse = await aWarehouse()
  await using session = await warehouse.session()
  await session.query('create table public.t (n int, s text)')
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i}\trow ${i}\n`)

  await pipeline(Readable.from(lines), session.copyIn('copy public.t from stdin'))
  const chunks: Buffer[] = []
  for await (const chunk of session.copyOut('copy (table public.t) to stdout')) chunks.push(chunk)

  expect(Buffer.concat(chunks).toString()).toBe(lines.join(''))
})

test('a bad row stops the copy with its place, and the session goes on', async () => {
  const warehouse = await aWarehouse()
  await using session = await warehouse.session()
  await session.query('create table public.t (n int)')
  const lines = Array.from({ length: 50_000 }, (_, i) => (i === 3 ? 'three\n' : `${i}\n`))

  const copying = pipeline(Readable.from(lines), session.copyIn('copy public.t from stdin'))

  await expect(copying).rejects.toMatchObject({ sqlstate: '22P02' })
  expect((await session.query('select count(*) as n from public.t')).rows).toEqual([{ n: 0 }])
})

test('a copy whose source fails leaves nothing behind', async () => {
  const warehouse = await aWarehouse()
  await using session = await warehouse.session()
  await session.query('create table public.t (n int)')
  const source = async function* () {
    yield '1\n'
    throw new Error('disk on fire')
  }

  const copying = pipeline(Readable.from(source()), session.copyIn('copy public.t from stdin'))

  await expect(copying).rejects.toThrow('disk on fire')
  expect((await session.query('select count(*) as n from public.t')).rows).toEqual([{ n: 0 }])
})

test('a copy that cannot begin says why, in and out', async () => {
  const warehouse = await aWarehouse()
  await using session = await warehouse.session()
  const reading = async () => {
    for await (const _ of session.copyOut('copy public.nothing to stdout'));
  }

  await expect(
    pipeline(Readable.from(['1\n']), session.copyIn('copy public.nothing from stdin')),
  ).rejects.toMatchObject({
    sqlstate: '42P01',
  })
  await expect(reading()).rejects.toMatchObject({ sqlstate: '42P01' })
  expect((await session.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test('who stops reading a copy early costs the connection, not the warehouse', async () => {
  const warehouse = await aWarehouse({ poolSize: 1 })
  {
    await using session = await warehouse.session()
    for await (const _ of session.copyOut('copy (select generate_series(1, 1000000)) to stdout')) break
  }

  expect((await warehouse.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test.each([
  ['words', { host: '127.0.0.1', port: '1', user: 'anna', password: 's3cret', dbname: 'market' }],
  ['a url', { url: 'postgresql://anna:s3cret@127.0.0.1:1/market' }],
])('a refused connection by %s names the place and hides the password', async (_, connection) => {
  const error = await openWarehouse(serverTarget(connection), options).catch((reason) => reason)

  expect(error).toMatchObject({
    code: 'KX_WAREHOUSE_UNREACHABLE',
    message: expect.stringContaining('no connection to 127.0.0.1:1 (database market, user anna)'),
    hint: "Start the server at 127.0.0.1:1, or correct the connection of target 'test'.",
  })
  expect(`${error.stack} ${JSON.stringify(error)} ${error.cause?.stack}`).not.toContain('s3cret')
})

test('a database that does not exist is named with what creates it', async () => {
  const target = await aDatabase()
  const missing = toDatabase(target.connection, 'nope')

  await expect(openWarehouse({ ...target, connection: missing }, options)).rejects.toMatchObject({
    code: 'KX_WAREHOUSE_UNREACHABLE',
    hint: 'Create the database: createdb nope',
  })
})
