import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DAY_MS, KxError, partitionKey } from '../../base/index.ts'
import { outages, simulatedInstruments, writeLanding } from '../../collector/simulator/index.ts'
import { loadCommand } from '../load/load.ts'
import { planCommand } from '../plan/plan.ts'
import { runCommand } from '../run/run.ts'
import { duration, plural } from '../shared/format.ts'
import { type Io, paint } from '../shared/io.ts'
import { statusCommand } from '../status/status.ts'
import { testCommand } from '../test/test.ts'
import { warehouseCommand } from '../warehouse/warehouse.ts'
import { whyCommand } from '../why/why.ts'
import { demoProjectYml } from './project-yml.ts'

/** Options of `kx demo`. */
export interface DemoOptions {
  readonly projectDir?: string
  readonly seed?: string
}

/** An hour is due three minutes after its end: the demo's day is the last one that is due whole. */
const SETTLE_MS = 180_000

/**
 * `kx demo`: a simulated day of two exchanges on the embedded warehouse, from landing files to completeness,
 * with a gap that is named, then repaired by late files.
 */
export async function demoCommand(io: Io, options: DemoOptions): Promise<number> {
  const seed = Number(options.seed ?? '7')
  if (!Number.isInteger(seed))
    throw new KxError('KX_USAGE', `--seed ${options.seed} is not a whole number`, { hint: 'Write --seed 7.' })
  const startedMs = io.clock.now()
  const dayStartMs = Math.floor((startedMs - SETTLE_MS) / DAY_MS) * DAY_MS - DAY_MS
  const directory = await makeProject(io, resolve(io.cwd, options.projectDir ?? '.'))
  const demo: Io = {
    ...io,
    cwd: directory,
    env: { ...io.env, DATABASE_URL: undefined, KX_TARGET: undefined },
  }
  const title = (text: string) => io.out(`\n${paint(io, 'bold', text)}`)

  title(
    `1. A day of market, ${partitionKey(dayStartMs, 'day')}, seed ${seed}: what a collector would have landed`,
  )
  const landing = await writeLanding(join(directory, 'landing'), { seed, dayStartMs })
  io.out(
    `${plural(simulatedInstruments.length, 'instrument')} on 2 exchanges, ${plural(landing.first.files, 'file')}, ${plural(landing.first.lines, 'line')}`,
  )

  title('2. kx load landing/first')
  await expectCode(0, loadCommand(demo, [landing.first.directory], {}))
  title('3. kx run')
  await expectCode(0, runCommand(demo, {}))
  title('4. kx test: every assertion; what is not complete is named')
  await expectCode(1, testCommand(demo, { data: true }))
  title('5. kx status')
  await expectCode(0, statusCommand(demo, {}))

  title(`6. kx load landing/late: the next morning REST fills the gap, ${plural(landing.late.lines, 'line')}`)
  await expectCode(0, loadCommand(demo, [landing.late.directory], {}))
  title('7. kx plan: exactly the hours that became stale, and why')
  await expectCode(0, planCommand(demo, {}))
  const gapHour = partitionKey(dayStartMs + outages.gap.fromMinute * 60_000)
  title(`8. kx why fact_ohlcv ${gapHour}`)
  await expectCode(0, whyCommand(demo, 'fact_ohlcv', gapHour, {}))
  title('9. kx run: repairs them and nothing else')
  await expectCode(0, runCommand(demo, {}))
  title('10. kx test: complete')
  await expectCode(0, testCommand(demo, { data: true }))

  io.out(
    `\n${paint(io, 'green', 'demo done')} in ${duration(io.clock.now() - startedMs)}. Look around: kx --project-dir ${directory} status`,
  )
  return 0
}

/** The shipped models with the simulated instruments, in a fresh directory with a fresh warehouse. */
async function makeProject(io: Io, start: string): Promise<string> {
  const directory = join(start, '.kx', 'demo')
  if (existsSync(join(directory, 'project.yml'))) {
    const quiet: Io = {
      ...io,
      out: () => undefined,
      err: () => undefined,
      cwd: directory,
      env: { ...io.env, DATABASE_URL: undefined, KX_TARGET: undefined },
    }
    await warehouseCommand(quiet, 'drop', { options: { yes: true }, args: [] })
  }
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const shipped = packageDirectory(dirname(fileURLToPath(import.meta.url)))
  for (const folder of ['models', 'macros', 'tests'])
    cpSync(join(shipped, folder), join(directory, folder), { recursive: true })
  writeFileSync(join(directory, 'project.yml'), demoProjectYml(simulatedInstruments))
  return directory
}

/** Where kx itself is installed: the nearest directory above with its models. */
function packageDirectory(from: string): string {
  for (let at = from; at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, 'package.json')) && existsSync(join(at, 'models'))) return at
  }
  throw new KxError('KX_PROJECT_NOT_FOUND', 'the models that kx ships are not beside it', {
    hint: 'Install kx again.',
  })
}

async function expectCode(wanted: number, command: Promise<number>): Promise<void> {
  const code = await command
  if (code === wanted) return
  throw new KxError('KX_DEMO_FAILED', `this step of the demo ended with exit code ${code}, not ${wanted}`, {
    hint: 'Please report it with the lines above.',
  })
}
