import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { isRunning } from '../../base/index.ts'
import { anEmbeddedTarget } from '../../testing/an-embedded-target.ts'
import { openWarehouse, pinEngine, readEngineStatus, stopEngine, type Target } from '../index.ts'
import { findHome } from './home.ts'
import { readPostmaster } from './postmaster.ts'
import { lockFile, startServer } from './start.ts'

const env = process.env
const isRoot = userInfo().uid === 0

const opening = (target: Target, more = env) =>
  openWarehouse(target, { poolSize: 2, applicationName: 'kx test', env: more })
const homeOf = (target: Target) => findHome(target.projectDirectory, env)
const serverOf = (target: Target) => readPostmaster(homeOf(target).dataDirectory)?.processId
const query = async (target: Target, sql: string) => {
  await using warehouse = await opening(target)
  return (await warehouse.query(sql)).rows
}

/** Another kx process that has the warehouse open; gives it and the first line it says. */
async function aChild(target: Target, { as = {}, sql = 'select 1 as n', more = {} } = {}) {
  const script = join(import.meta.dirname, '../../testing/embedded-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, target.projectDirectory, sql], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...env, ...more },
    ...as,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  return { child: child as ChildProcess, said: JSON.parse(String(line)) }
}

test('the first kx starts the server, the last one stops it, and the rows stay', async () => {
  const target = await anEmbeddedTarget({ isNew: true })
  const first = await opening(target)
  const second = await opening(target)
  await first.query('create table public.t as select 1 as n')

  await first[Symbol.asyncDispose]()
  expect(serverOf(target)).toBeDefined()
  await second[Symbol.asyncDispose]()

  expect(serverOf(target)).toBeUndefined()
  expect(await query(target, 'table public.t')).toEqual([{ n: 1 }])
})

test('many that open a new warehouse at once share one server, and none is left when all have gone', async () => {
  const target = await anEmbeddedTarget({ isNew: true })

  const [child, ...warehouses] = await Promise.all([
    aChild(target),
    ...[1, 2, 3, 4].map(() => opening(target)),
  ])
  const starts = await Promise.all(
    warehouses.map(
      async (warehouse) => (await warehouse.query('select pg_postmaster_start_time() as at')).rows,
    ),
  )
  child.child.stdin?.end()
  await Promise.all([
    once(child.child, 'exit'),
    ...warehouses.map((warehouse) => warehouse[Symbol.asyncDispose]()),
  ])

  expect(new Set(starts.map((rows) => JSON.stringify(rows))).size).toBe(1)
  expect(serverOf(target)).toBeUndefined()
})

test('opening while another stops it always works', async () => {
  const target = await anEmbeddedTarget()
  await query(target, 'create table public.t (n int)')

  const users = Array.from({ length: 4 }, async (_, user) => {
    for (let i = 0; i < 6; i++) await query(target, `insert into public.t values (${user})`)
  })
  await Promise.all(users)

  expect(await query(target, 'select count(*) as n from public.t')).toEqual([{ n: 24 }])
  expect(serverOf(target)).toBeUndefined()
})

test('a server killed with -9 is started again with everything that was committed', async () => {
  const target = await anEmbeddedTarget()
  const warehouse = await opening(target)
  await warehouse.query('create table public.t as select generate_series(1, 1000) as n')
  process.kill(serverOf(target) ?? 0, 'SIGKILL')

  await expect(warehouse.query('select pg_sleep(5)')).rejects.toMatchObject({
    code: 'KX_WAREHOUSE_UNREACHABLE',
  })
  await warehouse[Symbol.asyncDispose]()

  expect(await query(target, 'select count(*) as n from public.t')).toEqual([{ n: 1000 }])
  expect(serverOf(target)).toBeUndefined()
})

test('a kx killed with -9 leaves the server, and the next kx stops it', async () => {
  const target = await anEmbeddedTarget()
  const { child } = await aChild(target)
  const server = serverOf(target)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await sleep(50)
  expect(isRunning(server ?? 0)).toBe(true)

  const warehouse = await opening(target)
  expect(serverOf(target)).toBe(server)
  await warehouse[Symbol.asyncDispose]()

  expect(serverOf(target)).toBeUndefined()
})

test('a pinned server runs until it is stopped', async () => {
  const target = await anEmbeddedTarget()
  await pinEngine(target, env)
  await query(target, 'select 1')
  expect(await readEngineStatus(target, env)).toMatchObject({
    isPinned: true,
    processId: serverOf(target),
    clients: [],
  })

  const warehouse = await opening(target)
  expect(await stopEngine(target, env)).toBe('busy')
  await warehouse[Symbol.asyncDispose]()

  expect(serverOf(target)).toBeUndefined()
  expect(await stopEngine(target, env)).toBe('not running')
  expect(await readEngineStatus(target, env)).toMatchObject({
    isPinned: false,
    processId: undefined,
    exists: true,
  })
})

test('while psql or BI is connected the server stays; the next kx stops it', async () => {
  const target = await anEmbeddedTarget()
  const warehouse = await opening(target)
  const { url } = await readEngineStatus(target, env)
  const psql = await openWarehouse(
    { ...target, engine: 'server', connection: { url } },
    { poolSize: 1, applicationName: 'psql', env: {} },
  )

  await warehouse[Symbol.asyncDispose]()
  expect((await psql.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  await psql[Symbol.asyncDispose]()
  await query(target, 'select 1')

  expect(serverOf(target)).toBeUndefined()
})

test('a pid file that names another process is nobody', async () => {
  const target = await anEmbeddedTarget()
  await query(target, 'create table public.t as select 1 as n')
  const { dataDirectory } = homeOf(target)
  writeFileSync(join(dataDirectory, 'postmaster.pid'), `${process.pid}\n${dataDirectory}\n0\n5432\n`)

  expect(await query(target, 'table public.t')).toEqual([{ n: 1 }])
})

test.runIf(existsSync('/usr/bin/flock'))(
  'a pid file of a server in another container is left to it, whatever process has its number here',
  async () => {
    const target = await anEmbeddedTarget()
    await query(target, 'select 1')
    const home = homeOf(target)
    const pidFile = join(home.dataDirectory, 'postmaster.pid')
    const theirs = `${process.pid}\n${home.dataDirectory}\n0\n5432\n`
    writeFileSync(pidFile, theirs)
    const holder = spawn('/usr/bin/flock', [lockFile(home), 'sh', '-c', 'echo held; cat'])
    await once(holder.stdout, 'data')

    await startServer(home)

    expect(readFileSync(pidFile, 'utf8')).toBe(theirs)
    holder.stdin.end()
    await once(holder, 'exit')
    expect(await query(target, 'select 1 as n')).toEqual([{ n: 1 }])
  },
)

test('a data directory of another major is refused with what to do', async () => {
  const target = await anEmbeddedTarget({ isNew: true })
  const { dataDirectory } = homeOf(target)
  mkdirSync(dataDirectory, { recursive: true })
  writeFileSync(join(dataDirectory, 'PG_VERSION'), '16\n')

  await expect(opening(target)).rejects.toMatchObject({
    code: 'KX_WAREHOUSE_VERSION',
    message: expect.stringContaining('was written by PostgreSQL 16; this kx brings 17'),
    hint: expect.stringContaining('kx warehouse export'),
  })
})

test('a server that does not start says why and where its log is', async () => {
  const target = await anEmbeddedTarget()
  await query(target, 'select 1')
  const { dataDirectory } = homeOf(target)
  writeFileSync(join(dataDirectory, 'postgresql.conf'), 'no_such_setting = 1\n')

  await expect(opening(target)).rejects.toMatchObject({
    code: 'KX_WAREHOUSE_START',
    message: expect.stringContaining('no_such_setting'),
    hint: expect.stringContaining(join(dataDirectory, 'kx-server.log')),
  })
})

test("a socket directory of somebody else's making is not trusted", async () => {
  const target = await anEmbeddedTarget()
  const { socketDirectory } = homeOf(target)
  mkdirSync(socketDirectory)
  chmodSync(socketDirectory, 0o777)

  await expect(opening(target)).rejects.toMatchObject({
    code: 'KX_WAREHOUSE_START',
    hint: `Remove it: rm -r ${socketDirectory}`,
  })
})

test('only the owner may read the data and enter the socket directory', async () => {
  const target = await anEmbeddedTarget()
  await using _ = await opening(target)
  const { dataDirectory, socketDirectory, owner } = homeOf(target)

  for (const directory of [dataDirectory, socketDirectory]) {
    expect(statSync(directory)).toMatchObject({ uid: owner.uid, mode: 0o40700 })
  }
  expect(owner.uid).not.toBe(0)
  expect(dataDirectory).toBe(join(target.projectDirectory, '.kx', 'warehouse'))
})

test.runIf(isRoot)(
  'for a project below a 0700 home, root keeps the data in the state directory',
  async () => {
    const target = await anEmbeddedTarget({ mode: 0o700, isNew: true })

    expect(await query(target, 'select 1 as n')).toEqual([{ n: 1 }])

    const { dataDirectory, stateDirectory } = homeOf(target)
    expect(dirname(dataDirectory)).toBe(join(stateDirectory, 'warehouses'))
    expect(await readEngineStatus(target, env)).toMatchObject({ dataDirectory, exists: true })
  },
)

test.runIf(isRoot)('an ordinary user runs the server as themselves, and root may join', async () => {
  const state = mkdtempSync(join('/tmp', 'kx-state-'))
  onTestFinished(() => rmSync(state, { recursive: true, force: true }))
  const target = await anEmbeddedTarget({ mode: 0o777, isNew: true })
  chmodSync(state, 0o777)

  const { child, said } = await aChild(target, {
    as: { uid: 65_534, gid: 65_534 },
    sql: 'create table public.t as select 1 as n; table public.t',
    more: { KX_STATE_HOME: state, HOME: state },
  })
  const { dataDirectory } = homeOf(target)
  expect(said).toEqual([{ n: 1 }])
  expect(statSync(`/proc/${serverOf(target)}`).uid).toBe(65_534)
  expect(statSync(dataDirectory).uid).toBe(65_534)
  expect(existsSync(join(state, 'pg'))).toBe(true)

  expect(await query(target, 'table public.t')).toEqual([{ n: 1 }])
  child.stdin?.end()
  await once(child, 'exit')
  expect(serverOf(target)).toBeUndefined()
  // Root starts it as its owner.
  expect(await query(target, 'table public.t')).toEqual([{ n: 1 }])
})
