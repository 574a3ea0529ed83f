import { join } from 'node:path'
import type { Instrument } from '../../base/index.ts'
import { environmentFor } from '../../cli/simulate/pointers.ts'
import { openMarket, openSimulator, type Simulator } from '../../collector/simulator/server/index.ts'
import type { KxProcess } from './collector-child.ts'
import type { SharedTime } from './shared-time.ts'
import { until } from './wait.ts'

/** The simulated exchanges of a rig, wherever they run. */
export interface Exchanges extends AsyncDisposable {
  /** What points a collector at them. */
  readonly environment: Readonly<Record<string, string>>
  /** Their time, ms since the epoch. */
  readonly now: Simulator['now']
  readonly truthOf: Simulator['truthOf']
}

/** What they are made of. */
export interface ExchangesInput {
  readonly seed: number
  readonly instruments: readonly Instrument[]
  readonly time: SharedTime
  /** For their log. */
  readonly directory: string
  /** Starts a command of kx in the project. */
  readonly kx: (args: readonly string[], env: Readonly<Record<string, string>>) => KxProcess
}

/** In this process, where faults can be injected and what was sent can be read. */
export async function simulateHere(input: ExchangesInput): Promise<Exchanges & Simulator> {
  const { seed, instruments, time, directory } = input
  const simulator = await openSimulator({
    ...{ seed, instruments, clock: time.clock },
    logFile: join(directory, 'sent.jsonl'),
  })
  return { ...simulator, environment: environmentFor(simulator, undefined) }
}

const START_WITHIN_MS = 30_000

/** `kx simulate` in a process of its own. */
export async function simulateInProcess(input: ExchangesInput): Promise<Exchanges> {
  const { seed, instruments, time } = input
  const process = input.kx(['simulate', '--seed', String(seed)], { KX_CLOCK: time.file })
  const listening = () => /^\{"type":"simulate\.listening".*\}$/m.exec(process.log())?.[0]
  await until('kx simulate to listen', START_WITHIN_MS, () => listening() !== undefined || process.hasEnded())
  const said = listening()
  if (said === undefined) throw new Error(`kx simulate did not start: ${process.log()}`)
  const { KX_CLOCK: _, ...environment } = (JSON.parse(said) as { environment: Record<string, string> })
    .environment
  const market = openMarket({ seed, instruments })
  return {
    environment,
    now: () => time.clock.now(),
    truthOf({ exchange, nativeSymbol }, fromMs, toMs) {
      const listing = market.find(exchange, nativeSymbol)
      return listing === undefined ? [] : market.truth(listing, fromMs, toMs)
    },
    async [Symbol.asyncDispose]() {
      process.signal('SIGTERM')
      await process.ended
    },
  }
}
