import { expect, test } from 'vitest'
import { KxError } from '../../base/index.ts'
import type { LoadEvent } from '../../collector/load/index.ts'
import { jsonReport, textReport } from './load-report.ts'
import { renderProgress } from './progress-bar.ts'
import { formatSeconds } from './text.ts'

const summary = {
  files: 2,
  rows: 1_234_567,
  rowsByRelation: { 'bronze.ohlcv_native': 1_234_567 },
  quietRows: 322,
  duplicateRows: 10,
  duplicateFiles: 1,
  skippedFiles: 1,
  failedFiles: 1,
  badLines: 3,
  deadLetterFiles: ['.kx/dead-letters/a.csv.jsonl'],
  unlisted: [
    {
      exchange: 'kraken',
      nativeSymbol: 'XDGEUR',
      symbol: 'DOGE-EUR',
      quoteAsset: 'EUR',
      multiplier: 1,
      marketType: 'spot',
      listedFromMs: undefined,
      listedToMs: undefined,
      renamedFrom: undefined,
      aliases: [],
    },
  ],
}
const events: LoadEvent[] = [
  { type: 'found', files: 3, bytes: 1000 },
  {
    type: 'file-loaded',
    file: 'a.csv',
    landingFile: 'a.csv',
    format: 'kraken',
    kind: 'candles',
    rows: 1,
    quietRows: 0,
    badLines: 3,
    leftBytes: 0,
  },
  { type: 'progress', file: 'dir/b.zip', doneBytes: 430, rows: 800_000 },
  {
    type: 'file-failed',
    file: 'c.csv',
    error: new KxError('KX_LOAD_CHANGED', 'c.csv changed', { hint: 'Use --again.' }),
  },
  { type: 'summary', summary },
]

function show(isTty: boolean): { stdout: string; stderr: string } {
  const written = { stdout: '', stderr: '' }
  const stdout = { write: (text: string) => (written.stdout += text) }
  const stderr = { write: (text: string) => (written.stderr += text) }
  let nowMs = -6000
  const tick = () => {
    nowMs += 6000
    return nowMs
  }
  const report = textReport({ stdout, stderr, isTty, columns: 80 }, tick)
  for (const event of events) report.show(event)
  return written
}

test('in a pipe there are plain lines', () => {
  const { stdout, stderr } = show(false)

  expect(stderr).toBe(
    [
      'loaded   a.csv  1 row, 3 bad lines',
      '43 %  800,000 rows  133,333 rows/s  8.0 s left',
      'failed   c.csv',
      '  KX_LOAD_CHANGED: c.csv changed',
      '  Use --again.',
      '',
    ].join('\n'),
  )
  expect(stdout).toBe(
    [
      '1,234,567 rows from 2 files in 12 s (102,881 rows/s)',
      '322 quiet minutes proven by silence',
      '10 rows left out: loaded before (1 whole file)',
      '1 file skipped, see above',
      '1 file failed',
      '3 bad lines, see .kx/dead-letters/a.csv.jsonl',
      '1 instrument not in project.yml, not expected: kraken XDGEUR (DOGE-EUR in EUR)',
      '',
    ].join('\n'),
  )
})

test('on a terminal the bar is drawn over and taken away for lines', () => {
  expect(show(true).stderr).toContain('\r\u001b[K[==========              ]  43 %  800,000 rows')
})

test('a bar fits its terminal', () => {
  const progress = { doneBytes: 1, totalBytes: 2, rows: 5, elapsedMs: 1000, file: 'a/very-long-name.csv' }

  expect(renderProgress(progress, 60)).toHaveLength(59)
})

test('for machines each event is a line of JSON, errors with code and hint', () => {
  let out = ''
  const report = jsonReport({ stdout: { write: (text: string) => (out += text) } })

  for (const event of events) report.show(event)

  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ type }) => type)).toEqual([
    'load.found',
    'load.file_loaded',
    'load.file_failed',
    'load.summary',
  ])
  expect(lines[2]).toMatchObject({
    error: { code: 'KX_LOAD_CHANGED', message: 'c.csv changed', hint: 'Use --again.' },
  })
})

test.each([
  [0.44, '0.4 s'],
  [12, '12 s'],
  [59.6, '1 m 00 s'],
  [185, '3 m 05 s'],
  [7800, '2 h 10 m'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text)
})
