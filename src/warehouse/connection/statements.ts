import type pg from 'pg'
import type { QueryResult, Session } from '../session.ts'
import type { Connection } from './connect.ts'
import { type Copy, createCopyIn, createCopyOut } from './copy.ts'
import { statementError } from './errors.ts'
import type { ConnectionSettings } from './settings.ts'
import { textParsers } from './types.ts'

/** What a Session does, apart from its end. */
export interface Statements extends Omit<Session, keyof AsyncDisposable> {
  /** Whether a statement or a copy is under way. */
  isBusy(): boolean
}

/** Statements on one connection, one after the other. */
export function statementsOn(
  { client }: Connection,
  { processId, settings }: { readonly processId: number; readonly settings: ConnectionSettings },
): Statements {
  const translate = (error: unknown) => statementError(error, settings)
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    waiting += 1
    const turn = last.then(work)
    last = turn.then(noop, noop).then(() => {
      waiting -= 1
    })
    return turn.catch((error) => Promise.reject(translate(error)))
  }
  const begin = <Stream extends NodeJS.EventEmitter>(copy: Copy<Stream>): Stream => {
    // A copy that fails says so on its stream, to whoever reads or writes it, even if nobody does yet.
    copy.stream.on('error', noop)
    inTurn(copy.run).catch(noop)
    return copy.stream
  }
  return {
    processId,
    isBusy: () => waiting > 0,
    query: <Row>(text: string, values: readonly unknown[] = []) =>
      inTurn(async (): Promise<QueryResult<Row>> => {
        const result = lastOf(await client.query({ text, values: [...values] }))
        return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 }
      }),
    queryText: (text, values = []) =>
      inTurn(async () => {
        const query = { text, values: [...values], rowMode: 'array' as const, types: textParsers }
        const result = lastOf(await client.query(query))
        return { columns: result.fields.map((field) => field.name), rows: result.rows }
      }),
    copyIn: (text) => begin(createCopyIn(client, text, translate)),
    copyOut: (text) => begin(createCopyOut(client, text, translate)),
  }
}

/** Several statements in one text have several results: the last counts. */
function lastOf<Result extends pg.QueryResult | pg.QueryArrayResult>(results: Result | Result[]): Result {
  const result = Array.isArray(results) ? results.at(-1) : results
  if (result === undefined) throw new Error('pg gave no result')
  return result
}

function noop(): void {}
