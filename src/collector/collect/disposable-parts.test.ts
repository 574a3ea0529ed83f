import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Uploader } from '../upload/uploader.ts'
import { disposableParts, type Keeping } from './disposable-parts.ts'
import type { Loader } from './load-loop.ts'

const nowMs = Date.UTC(2024, 4, 10)
const DAY_MS = 86_400_000

const pathOf = (day: number, name: string) =>
  `exchange=kraken/channel=ticks/year=2024/month=05/day=${String(day).padStart(2, '0')}/hour=00/part-${name}.jsonl`

/** Parts named for what they are: `3 bronze store`, `4 open`; the number is their day. */
async function disposed(
  texts: readonly string[],
  {
    which = 'when-full' as 'when-full' | 'expired',
    ...keeping
  }: Partial<Keeping> & { which?: 'when-full' | 'expired' } = {},
): Promise<number[]> {
  const landingDirectory = mkdtempSync(join(tmpdir(), 'kx-disposable-'))
  onTestFinished(() => rmSync(landingDirectory, { recursive: true, force: true }))
  const said = new Map<string, string>()
  for (const text of texts) {
    const day = Number.parseInt(text, 10)
    const path = `${text.includes('dead') ? 'dead-letters/' : ''}${pathOf(day, `c-b-0-${day}`)}`
    said.set(path, text)
    mkdirSync(dirname(join(landingDirectory, path)), { recursive: true })
    writeFileSync(join(landingDirectory, path), 'x\n')
    if (!text.includes('open')) chmodSync(join(landingDirectory, path), 0o444)
  }
  const has = (path: string, word: string) => said.get(path)?.includes(word) === true
  const loader: Pick<Loader, 'loaded'> = {
    loaded: async (parts) => new Set(parts.map(({ path }) => path).filter((path) => has(path, 'bronze'))),
  }
  const uploader: Pick<Uploader, 'isUploaded'> = { isUploaded: (path) => has(path, 'store') }
  const all: Keeping = {
    ...{ landingDirectory, nowMs, retainMs: undefined },
    ...{ loader: loader as Loader, uploader: uploader as Uploader, ...keeping },
  }
  const days: number[] = []
  for await (const { path } of disposableParts(all, which)) days.push(Number(/day=(\d+)/.exec(path)?.[1]))
  return days
}

test('when space is short, what is loaded and uploaded goes, oldest first; nothing else ever', async () => {
  const parts = ['5 bronze store', '3 bronze store', '2 bronze', '1 store', '4 open', '6 dead bronze store']

  expect(await disposed(parts)).toEqual([3, 5])
})

test('without a store only what is older than an explicit retention goes', async () => {
  const parts = ['1 bronze', '8 bronze']

  expect(await disposed(parts, { uploader: undefined })).toEqual([])
  expect(await disposed(parts, { uploader: undefined, retainMs: 5 * DAY_MS })).toEqual([1])
})

test('retention takes what is older, and only where it is asked for', async () => {
  const parts = ['1 bronze store', '8 bronze store', '2 bronze']

  expect(await disposed(parts, { which: 'expired', retainMs: 5 * DAY_MS })).toEqual([1])
  expect(await disposed(parts, { which: 'expired' })).toEqual([])
})

test('without a loader nothing is known to be in bronze', async () => {
  expect(await disposed(['1 bronze store'], { loader: undefined })).toEqual([])
})
