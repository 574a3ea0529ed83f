import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { aDisk } from '../../testing/a-disk.ts'
import { aFolder, linesOf } from '../../testing/a-landing.ts'
import type { SyncedPart } from './landing.ts'
import { listParts } from './list-parts.ts'
import { recoverLanding } from './recover-landing.ts'

const PART = `${aFolder()}/part-c1-b1-0-0.jsonl`

function write(directory: string, path: string, content: string | Buffer, isSealed = false): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true })
  writeFileSync(join(directory, path), content)
  if (isSealed) chmodSync(join(directory, path), 0o444)
}

async function recover(directory: string, isLive = (_: string) => false): Promise<SyncedPart[]> {
  const parts: SyncedPart[] = []
  for await (const part of recoverLanding({ directory, isLive })) parts.push(part)
  return parts
}

const long = `{"raw":"${'x'.repeat(200_000)}"}`

test.each([
  ['a part that is whole', '{"n":1}\n{"n":2}\n', '{"n":1}\n{"n":2}\n'],
  ['a line without its end', '{"n":1}\n{"n":2}', '{"n":1}\n'],
  ['half a line', '{"n":1}\n{"n', '{"n":1}\n'],
  ['a hole that the file system left', `{"n":1}\n${'\0'.repeat(9000)}`, '{"n":1}\n'],
  ['a hole and the end of a line behind it', `{"n":1}\n{"n${'\0'.repeat(70_000)}2}\n`, '{"n":1}\n'],
  ['a line that ends and is no JSON', '{"n":1}\n{"n":}\n', '{"n":1}\n'],
  ['JSON that is no record', '{"n":1}\n[1]\n7\n{}\n\n\n', '{"n":1}\n'],
  [
    'bytes that are no UTF-8',
    Buffer.from([...Buffer.from('{"n":1}\n{"n":"'), 0xff, ...Buffer.from('"}\n')]),
    '{"n":1}\n',
  ],
  ['many short lines of garbage', `{"n":1}\n${'}\n{\n'.repeat(20_000)}`, '{"n":1}\n'],
  [
    'a line longer than what is read at once',
    `{"n":1}\n${long}\n${long.slice(0, 150_000)}`,
    `{"n":1}\n${long}\n`,
  ],
])('%s is left with its whole lines', async (_, content, whole) => {
  const { directory } = await aDisk()
  write(directory, PART, content)

  const parts = await recover(directory)

  expect(readFileSync(join(directory, PART), 'utf8')).toBe(whole)
  expect(parts).toEqual([{ path: PART, bytes: whole.length, isSealed: true }])
  expect(statSync(join(directory, PART)).mode & 0o777).toBe(0o444)
  expect(await recover(directory)).toEqual([])
})

test.each([
  ['nothing in it', ''],
  ['only a torn line in it', '{"n":1'],
  ['only a hole in it', '\0'.repeat(70_000)],
])('a part with %s is removed', async (_, content) => {
  const { directory } = await aDisk()
  write(directory, PART, content)

  expect(await recover(directory)).toEqual([])
  expect((await linesOf(directory)).size).toBe(0)
})

test('parts of a living writer and sealed parts are left alone, and so is what is no part', async () => {
  const { directory } = await aDisk()
  const live = PART.replace('-b1-', '-b2-')
  write(directory, live, '{"n":1}\n{"n"')
  write(directory, PART, '{"n":1}\n{"torn', true)
  write(directory, `${aFolder()}/notes.txt`, 'torn')
  write(directory, `.replay-b3/${PART}`, 'torn')

  expect(await recover(directory, (path) => path.includes('-b2-'))).toEqual([])

  expect(readFileSync(join(directory, live), 'utf8')).toBe('{"n":1}\n{"n"')
  const listed: string[] = []
  for await (const { path, bytes, isSealed } of listParts(directory))
    listed.push(`${path} ${bytes} ${isSealed}`)
  expect(listed.sort()).toEqual([`${PART} 14 true`, `${live} 12 false`])
})

test('a landing that is not there yet has no parts', async () => {
  expect(await recover('/nowhere/landing')).toEqual([])
})

test('a part that cannot be recovered is named after all others are, and stays for the next time', async () => {
  const { directory, files } = await aDisk()
  write(directory, PART, '{"n":1}\n')
  const broken = PART.replace('-0.jsonl', '-1.jsonl')
  write(directory, broken, '{"n":2}\n{"n')
  const parts: SyncedPart[] = []
  const options = { directory, isLive: () => false, files: { ...files, open: openOnly(PART) } }

  const recovering = (async () => {
    for await (const part of recoverLanding(options)) parts.push(part)
  })()

  await expect(recovering).rejects.toMatchObject({
    code: 'KX_LANDING_FAILED',
    message: expect.stringContaining(broken),
  })
  expect(parts.map(({ path }) => path)).toEqual([PART])
  expect((await recover(directory)).map(({ path }) => path)).toEqual([broken])

  function openOnly(good: string): typeof files.open {
    return async (path) => {
      if (path.endsWith(good)) return await files.open(path)
      throw Object.assign(new Error('EIO: a fault of the test'), { code: 'EIO' })
    }
  }
})

test('a writer that is killed in the middle of its work loses and doubles nothing that it said was synced', async () => {
  const { directory } = await aDisk()
  const script = join(import.meta.dirname, '../../testing/landing-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, directory, 'part-c1-b1-0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const synced = new Map<string, SyncedPart>()
  let told = 0
  for await (const line of createInterface({ input: child.stdout })) {
    for (const part of JSON.parse(line) as SyncedPart[]) synced.set(part.path, part)
    told += 1
    if (told === 12) break
  }
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  const promised = [...synced.values()].flatMap(({ path, bytes }) => numbersIn(join(directory, path), bytes))
  appendFileSync(join(directory, [...synced.keys()][0] ?? ''), '{"n":-1,"raw":"x')

  const parts = await recover(directory)

  const found = parts.flatMap(({ path }) => numbersIn(join(directory, path)))
  const times = new Map<number, number>()
  for (const n of found) times.set(n, (times.get(n) ?? 0) + 1)
  expect(promised.length).toBeGreaterThan(1000)
  expect([...times.values()].every((count) => count === 1)).toBe(true)
  expect(promised.filter((n) => !times.has(n))).toEqual([])
}, 30_000)

function numbersIn(file: string, bytes?: number): number[] {
  const text = readFileSync(file).subarray(0, bytes).toString()
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { n: number }).n)
}
