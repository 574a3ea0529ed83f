import { ledger } from './0001-ledger.ts'
import { load } from './0002-load.ts'
import { code } from './0003-code.ts'

/** Every migration of the ledger, in order; a number is for ever. `SCHEMA` stands for the quoted schema. */
export const migrations: readonly { readonly number: number; readonly name: string; readonly sql: string }[] =
  [
    { number: 1, name: 'ledger', sql: ledger },
    { number: 2, name: 'load', sql: load },
    { number: 3, name: 'code', sql: code },
  ]
