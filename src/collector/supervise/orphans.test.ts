import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { endOrphans, noteWorkers } from './orphans.ts'

function aStateDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kx-orphans-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A process that lives for `ms`, whatever it is told. */
async function aProcess(command: string, ms: number): Promise<ChildProcess> {
  const script = `console.log('up'); setTimeout(() => {}, ${ms})`
  const child = spawn(process.execPath, ['-e', script, command], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.stdout) await once(child.stdout, 'data')
  return child
}

test('a worker of a supervisor that is gone is waited for', async () => {
  const state = aStateDirectory()
  const worker = await aProcess('collect-worker', 700)
  noteWorkers(state, [worker.pid ?? 0])

  expect(await endOrphans(state)).toBe(1)

  if (worker.exitCode === null) await once(worker, 'exit')
  expect(worker.signalCode).toBeNull()
})

test('one that does not end by itself is killed', async () => {
  const state = aStateDirectory()
  const worker = await aProcess('collect-worker', 60_000)
  noteWorkers(state, [worker.pid ?? 0])

  expect(await endOrphans(state)).toBe(1)

  if (worker.signalCode === null) await once(worker, 'exit')
  expect(worker.signalCode).toBe('SIGKILL')
}, 30_000)

test('a process that got the number of a worker since is left alone', async () => {
  const state = aStateDirectory()
  const other = await aProcess('something-else', 60_000)
  noteWorkers(state, [other.pid ?? 0, 4_000_000])

  expect(await endOrphans(state)).toBe(0)

  expect(other.signalCode).toBeNull()
})

test.each([
  ['no file', undefined],
  ['a torn file', '[12, '],
  ['something else', '{"a":1}'],
])('with %s there are none', async (_, text) => {
  const state = aStateDirectory()
  if (text !== undefined) writeFileSync(join(state, 'workers.json'), text)

  expect(await endOrphans(state)).toBe(0)
})
