import { KxError } from '../../base/index.ts'
import type { Session } from '../session.ts'
import type { Connection, Connector } from './connect.ts'
import { type Statements, statementsOn } from './statements.ts'

/** A few sessions on one server, opened when first needed. */
export interface Pool extends AsyncDisposable {
  /** A session of one's own; waits for one if all are taken. Dispose it to give it back. */
  session(): Promise<Session>
  /** Runs `work` on a free session that is not cleaned afterwards. */
  use<T>(work: (statements: Statements) => Promise<T>): Promise<T>
}

export interface PoolOptions {
  readonly connector: Connector
  /** Most connections at a time. */
  readonly size: number
  /** Opened and prepared already, with its process id. */
  readonly first?: { readonly connection: Connection; readonly processId: number }
  /** Run on every connection that the pool opens; gives the process id of the server. */
  readonly prepare: (connection: Connection) => Promise<number>
}

/** One connection of the pool with its statements. */
interface Member {
  readonly connection: Connection
  readonly statements: Statements
}

interface Waiter {
  readonly resolve: (member: Member) => void
  readonly reject: (error: unknown) => void
}

/** Makes a pool. A connection that broke, or whose transaction was left open, is never used again. */
export function createPool({ connector, size, first, prepare }: PoolOptions): Pool {
  const memberOf = (connection: Connection, processId: number): Member => ({
    connection,
    statements: statementsOn(connection, { processId, settings: connector.settings }),
  })
  const open = new Set<Member>(first && [memberOf(first.connection, first.processId)])
  const idle: Member[] = [...open]
  const waiters: Waiter[] = []
  let opening = 0
  let isClosed = false

  const grow = async (): Promise<Member> => {
    opening += 1
    try {
      const connection = await connector.connect()
      const member = memberOf(connection, await prepareOrClose(connection, prepare))
      if (isClosed) {
        await connection.close()
        throw closedError()
      }
      open.add(member)
      return member
    } finally {
      opening -= 1
    }
  }

  /** Opens connections for those who wait, as far as there is room. */
  const serve = (): void => {
    while (!isClosed && waiters.length > 0 && open.size + opening < size) {
      const waiter = waiters.shift()
      grow().then(waiter?.resolve, waiter?.reject).finally(serve)
    }
  }

  const drop = async (member: Member): Promise<void> => {
    open.delete(member)
    serve()
    await close(member, connector)
  }

  const acquire = (): Promise<Member> => {
    if (isClosed) throw closedError()
    for (let member = idle.pop(); member; member = idle.pop()) {
      if (!member.connection.isBroken()) return Promise.resolve(member)
      open.delete(member)
    }
    return new Promise((resolve, reject) => {
      waiters.push({ resolve, reject })
      serve()
    })
  }

  const giveBack = async (member: Member): Promise<void> => {
    if (isClosed || !isIdle(member)) return drop(member)
    const waiter = waiters.shift()
    if (waiter) waiter.resolve(member)
    else idle.push(member)
  }

  return {
    session: async () => {
      const member = await acquire()
      return sessionOf(member, async () => {
        const isClean = await clean(member, prepare)
        await (isClean ? giveBack(member) : drop(member))
      })
    },
    use: async (work) => {
      const member = await acquire()
      try {
        return await work(member.statements)
      } finally {
        await giveBack(member)
      }
    },
    [Symbol.asyncDispose]: async () => {
      isClosed = true
      for (const waiter of waiters.splice(0)) waiter.reject(closedError())
      await Promise.all([...open].map(drop))
    },
  }
}

async function prepareOrClose(connection: Connection, prepare: PoolOptions['prepare']): Promise<number> {
  try {
    return await prepare(connection)
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** Whether the connection is fit for the next user: whole, and in no transaction. */
function isIdle({ connection }: Member): boolean {
  return !connection.isBroken() && connection.client.getTransactionStatus() === 'I'
}

/** The session of `member`, which refuses work once it was given back. */
function sessionOf({ statements }: Member, giveBack: () => Promise<void>): Session {
  let end: Promise<void> | undefined
  const live = (): Statements => {
    if (end) throw new Error('this session was given back')
    return statements
  }
  return {
    processId: statements.processId,
    query: async (text, values) => live().query(text, values),
    queryText: async (text, values) => live().queryText(text, values),
    copyIn: (text) => live().copyIn(text),
    copyOut: (text) => live().copyOut(text),
    [Symbol.asyncDispose]: () => {
      end ??= giveBack()
      return end
    },
  }
}

/**
 * Whether the connection is as new: no transaction, temporary table, setting or lock of its last user is left.
 * In an open transaction `discard all` is refused, and that is the answer.
 */
async function clean({ connection, statements }: Member, prepare: PoolOptions['prepare']): Promise<boolean> {
  if (connection.isBroken() || statements.isBusy()) return false
  try {
    await statements.query('discard all')
    await prepare(connection)
    return true
  } catch {
    return false
  }
}

/** Closes a connection; what still runs on it is ended on the server too, or it would go on holding its locks. */
async function close({ connection, statements }: Member, connector: Connector): Promise<void> {
  const isRunning = statements.isBusy() && !connection.isBroken()
  const closed = connection.close()
  if (isRunning) await terminate(statements.processId, connector)
  await closed
}

async function terminate(processId: number, connector: Connector): Promise<void> {
  try {
    const { client, close } = await connector.connect()
    await client.query('select pg_catalog.pg_terminate_backend($1)', [processId]).catch(() => {})
    await close()
  } catch {
    // Without a connection there is nobody to tell; the server ends it when it next writes to the client.
  }
}

function closedError(): KxError {
  return new KxError('KX_WAREHOUSE_UNREACHABLE', 'the warehouse was closed while work was waiting for it', {
    hint: 'Run the command again.',
  })
}
