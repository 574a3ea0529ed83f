import { expect, test } from 'vitest'
import { judgeWorker, type Verdict, type WorkerSigns } from './judge-worker.ts'

const MIB = 1_048_576
const HOUR = 3_600_000

test.each<[string, Partial<WorkerSigns>, Verdict | undefined]>([
  ['all is well', {}, undefined],
  ['it said nothing for 31 s', { silentMs: 31_000, silentMachineMs: 31_000 }, 'silent'],
  ['a fast clock shows 31 s after half a second', { silentMs: 31_000, silentMachineMs: 500 }, undefined],
  ['it has 301 MiB', { residentBytes: 301 * MIB }, 'large'],
  ['it has 301 MiB with CCXT', { kind: 'ticks', residentBytes: 301 * MIB }, undefined],
  ['it has 513 MiB with CCXT', { kind: 'ticks', residentBytes: 513 * MIB }, 'large'],
  ['it was so large from the start', { residentBytes: 400 * MIB, ageMs: 60_000 }, undefined],
  ['it is a week and a minute old', { ageMs: 7 * 24 * HOUR + 60_000 }, 'old'],
  ['it is large, old and silent', { silentMs: 60_000, silentMachineMs: 60_000, ageMs: 999 * HOUR }, 'silent'],
])('%s', (_, signs, verdict) => {
  const usual: WorkerSigns = {
    kind: 'candles',
    ageMs: HOUR,
    silentMs: 1000,
    silentMachineMs: 1000,
    residentBytes: 80 * MIB,
  }

  expect(judgeWorker({ ...usual, ...signs })).toBe(verdict)
})
