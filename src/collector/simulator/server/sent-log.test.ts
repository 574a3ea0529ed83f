import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type ConnectionRecord, openSentLog } from './sent-log.ts'

const record = (connection: string): ConnectionRecord => ({
  type: 'open',
  atMs: 1,
  exchange: 'kraken',
  connection,
  port: 1,
})

test('what was written is read back in order, while more is written', async () => {
  using log = openSentLog(undefined)
  const written = Array.from({ length: 2000 }, (_, i) => record(`kraken-${i}`))
  for (const each of written) log.write(each)

  const read: unknown[] = []
  for await (const each of log.read()) read.push(each)

  expect(read).toEqual(written)
  expect([log.records, log.dropped]).toEqual([2000, 0])
})

test('a log at its limit counts what it leaves out; a temporary file goes with it', async () => {
  const log = openSentLog(undefined, 170)
  for (let i = 0; i < 5; i++) log.write(record('kraken-1'))

  expect([log.records, log.dropped]).toEqual([2, 3])
  expect(existsSync(log.file)).toBe(true)
  log[Symbol.dispose]()
  expect(existsSync(log.file)).toBe(false)
})
