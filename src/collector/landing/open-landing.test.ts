import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import type { SyncedPart } from './landing.ts'
import { openLanding } from './open-landing.ts'

const FOLDER = 'exchange=kraken/symbol=BTC-USD/interval_minutes=1/year=2099/month=05/day=01/hour=13'

test('lines are in their folder, in order, and told of, when commit resolves', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kx-landing-'))
  const synced: SyncedPart[] = []
  const landing = openLanding({
    directory,
    partPrefix: 'part-c-b-0',
    clock: systemClock,
    onSynced: (parts) => synced.push(...parts),
    onTrouble: () => undefined,
  })
  landing.append([
    { folder: FOLDER, text: '{"n":1}' },
    { folder: FOLDER, text: '{"n":"é"}' },
  ])
  expect(landing.pendingBytes()).toBe(19)
  await landing.commit()
  expect(landing.pendingBytes()).toBe(0)
  expect(await readFile(join(directory, FOLDER, 'part-c-b-0-0.jsonl'), 'utf8')).toBe('{"n":1}\n{"n":"é"}\n')
  await landing[Symbol.asyncDispose]()
  expect(synced).toEqual([
    { path: `${FOLDER}/part-c-b-0-0.jsonl`, bytes: 19, isSealed: false },
    { path: `${FOLDER}/part-c-b-0-0.jsonl`, bytes: 19, isSealed: true },
  ])
})
