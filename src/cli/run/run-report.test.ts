import { expect, test } from 'vitest'
import { KxError } from '../../base/index.ts'
import type { RunEvent } from '../../runner/index.ts'
import { anIo } from '../../testing/an-io.ts'
import { openReport } from './run-report.ts'

const HOURS = { startMs: Date.parse('2024-05-01T00:00:00Z'), endMs: Date.parse('2024-05-01T02:00:00Z') }

const ONCE = { startMs: Number.NaN, endMs: Number.NaN, partitions: 1 }

const STEP = {
  type: 'step',
  model: 'silver.hourly',
  ...HOURS,
  partitions: 2,
  rows: 3,
  written: 2,
  deleted: 1,
  durationMs: 5,
} as const

const error = new KxError('KX_SQL_FAILED', 'no such column', {
  hint: 'Right it.',
  at: { file: 'models/silver/hourly.sql', line: 2, column: 1, frame: '> 2 | a' },
})

const ERROR =
  '"error":{"code":"KX_SQL_FAILED","message":"no such column","hint":"Right it.",' +
  '"at":{"file":"models/silver/hourly.sql","line":2,"column":1,"frame":"> 2 | a"}}'

test.each<[string, RunEvent, string]>([
  [
    'step that is built',
    { ...STEP, status: 'built', reason: { kind: 'input', parent: 'bronze.tick' } },
    '{"type":"step","model":"silver.hourly","range":"2024-05-01T00..2024-05-01T01","partitions":2,' +
      '"status":"built","reason":"bronze.tick changed","rows":3,"written":2,"deleted":1,"duration_ms":5}',
  ],
  [
    'step that fails',
    { ...STEP, status: 'failed', reason: { kind: 'missing' }, error },
    '{"type":"step","model":"silver.hourly","range":"2024-05-01T00..2024-05-01T01","partitions":2,' +
      `"status":"failed","reason":"missing","rows":3,"written":2,"deleted":1,"duration_ms":5,${ERROR}}`,
  ],
  [
    'step that is blocked, of what is built once',
    { ...STEP, ...ONCE, status: 'blocked', reason: { kind: 'missing' }, by: 'silver.a' },
    '{"type":"step","model":"silver.hourly","range":"once","partitions":1,' +
      '"status":"blocked","reason":"missing","rows":3,"written":2,"deleted":1,"duration_ms":5,"by":"silver.a"}',
  ],
  [
    'step that another kx builds',
    { type: 'claimed', model: 'silver.hourly', ...HOURS },
    '{"type":"claimed","model":"silver.hourly","range":"2024-05-01T00..2024-05-01T01"}',
  ],
  [
    'table that is made',
    { type: 'relation', model: 'silver.hourly', action: 'created', detail: 'table with 3 columns' },
    '{"type":"relation","model":"silver.hourly","action":"created","detail":"table with 3 columns"}',
  ],
  [
    'table that cannot be made',
    { type: 'relation', model: 'silver.hourly', action: 'failed', detail: 'no such column', error },
    `{"type":"relation","model":"silver.hourly","action":"failed","detail":"no such column",${ERROR}}`,
  ],
])('a %s is one line for machines', (_, event, line) => {
  const { io, out } = anIo({ logFormat: 'json' })

  openReport(io, { planned: 2, width: 0 }).add(event)

  expect(out).toEqual([line])
})

test('the last line for machines counts the partitions by what became of them', () => {
  const { io, out } = anIo({ logFormat: 'json' })
  const report = openReport(io, { planned: 4, width: 0, held: 1 })
  report.add({ ...STEP, status: 'built', reason: { kind: 'missing' } })

  const code = report.close({ isInterrupted: true, left: 2, durationMs: 7 })

  expect(code).toBe(130)
  expect(out.at(-1)).toBe(
    '{"type":"summary","built":2,"unchanged":0,"current":0,"failed":0,"blocked":0,"frozen":0,"rows":3,' +
      '"held":1,"left":2,"duration_ms":7,"interrupted":true}',
  )
})
