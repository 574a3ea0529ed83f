import { type Clock, KxError, parseTimeRange, scaledClock, systemClock } from '../../base/index.ts'
import {
  type ControlServer,
  checkFault,
  openControlServer,
  openMarket,
  openSimulator,
  type Simulator,
  simulatedExchanges,
  truthLines,
} from '../../collector/simulator/server/index.ts'
import { every } from '../shared/every.ts'
import { count, plural } from '../shared/format.ts'
import { type Io, paint } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { marketOf } from './market-of.ts'
import { readOptions, type SimulateOptions, type SimulateRequest } from './options.ts'
import { environmentFor, exportLines } from './pointers.ts'

const STATUS_MS = 1000
/** Of the machine. */
const LIVE_EVERY_MS = 500
const FOREVER_MS = 3_600_000

/** `kx simulate`: exchanges on loopback ports until a signal or --duration; with --truth their candles, and no server. */
export async function simulateCommand(io: Io, options: SimulateOptions): Promise<number> {
  const request = readOptions(options, io.env)
  const market = await marketOf(io, options)
  if (market.instruments.length === 0)
    throw new KxError('KX_USAGE', 'no instrument of a simulated exchange is left', {
      hint: `Simulated are: ${simulatedExchanges.join(', ')}.`,
    })
  if (options.truth !== undefined) return printTruth(io, options, { ...market, seed: request.seed })
  const { clock, clockText } = clockOf(io, request.speed)
  await using simulator = await openSimulator({
    ...market,
    clock,
    seed: request.seed,
    skewMs: request.skewMs,
    isLimited: options.limits !== false,
    port: request.port === 0 ? 0 : request.port + 1,
    ...(request.faultsSeed !== undefined && { faultsSeed: request.faultsSeed }),
    ...(options.log !== undefined && { logFile: options.log }),
  })
  await using control = await openControlServer(simulator, request.port)
  startFaults(io, simulator, request)
  printPointers(io, { simulator, control, options, clockText })
  await runUntilEnd(io, { simulator, clock, durationMs: request.durationMs })
  printEnd(io, simulator)
  return 0
}

/** The clock that simulator and collector share, and how the collector is told of it. */
function clockOf(io: Io, speed: number | undefined): { clock: Clock; clockText: string | undefined } {
  if (speed === undefined) return { clock: io.clock, clockText: io.env.KX_CLOCK || undefined }
  const nowMs = io.clock.now()
  const scale = { factor: speed, realMs: nowMs, atMs: nowMs }
  return { clock: scaledClock(() => scale), clockText: JSON.stringify(scale) }
}

function printTruth(
  io: Io,
  { truth = '', format = 'csv' }: SimulateOptions,
  options: Parameters<typeof openMarket>[0],
): number {
  if (format !== 'csv' && format !== 'json')
    throw new KxError('KX_USAGE', `--format ${format} is not known`, { hint: 'Write --format csv or json.' })
  const { startMs, endMs } = parseTimeRange(truth)
  const market = openMarket(options)
  const candles = function* () {
    for (const listing of market.listings) yield* market.truth(listing, startMs, endMs)
  }
  for (const line of truthLines(candles(), format)) io.out(line)
  return 0
}

function startFaults(io: Io, simulator: Simulator, { faults, faultsPerMinute }: SimulateRequest): void {
  for (const { fault } of faults) checkFault(fault, simulator.instruments)
  for (const { fault, perMinute } of faults) {
    if (perMinute === undefined) void simulator.inject(fault)
    else simulator.injectOften(fault, perMinute)
  }
  if (faultsPerMinute === undefined) return
  const onFault = (fault: { readonly kind: string }) => io.err(`fault ${JSON.stringify(fault)}`)
  simulator.startChaos({ perMinute: faultsPerMinute, onFault })
}

interface Listening {
  readonly simulator: Simulator
  readonly control: ControlServer
  readonly options: SimulateOptions
  readonly clockText: string | undefined
}

function printPointers(io: Io, { simulator, control, options, clockText }: Listening): void {
  const environment = environmentFor(simulator, clockText)
  const { seed = '7', faultsSeed = seed } = options
  if (options.printEnv) for (const line of exportLines(environment)) io.out(line)
  else if (io.logFormat === 'json')
    io.out(eventLine('simulate.listening', { control: control.url, seed, faultsSeed, environment }))
  else {
    const instruments = plural(simulator.instruments.length, 'instrument')
    io.out(paint(io, 'bold', `a market of ${instruments}, seed ${seed}, faults seed ${faultsSeed}`))
    io.out(`controls: ${control.url}`)
    io.out('\nPoint a collector at it:\n')
    for (const line of exportLines(environment)) io.out(`  ${line}`)
    io.out('  kx collect\n')
  }
}

async function runUntilEnd(
  io: Io,
  options: { readonly simulator: Simulator; readonly clock: Clock; readonly durationMs: number | undefined },
): Promise<void> {
  const { simulator, clock, durationMs = Number.POSITIVE_INFINITY } = options
  const endMs = clock.monotonicMs() + durationMs
  const stepMs = io.status ? STATUS_MS : FOREVER_MS
  const isDue = every(systemClock, LIVE_EVERY_MS)
  while (!io.signal.aborted && clock.monotonicMs() < endMs) {
    if (isDue()) io.status?.(statusLine(simulator))
    await clock.sleep(Math.min(stepMs, endMs - clock.monotonicMs()), io.signal)
  }
}

function statusLine(simulator: Simulator): string {
  const time = new Date(simulator.now()).toISOString().slice(11, 19)
  const faults = Object.values(simulator.counts()).reduce((sum, each) => sum + each, 0)
  const connections = plural(simulator.connections().length, 'connection')
  return `${time}  ${connections}  ${count(simulator.log.records)} frames  ${plural(faults, 'fault')}`
}

function printEnd(io: Io, simulator: Simulator): void {
  const faults = Object.entries(simulator.counts()).filter(([, times]) => times > 0)
  if (io.logFormat === 'json') io.out(eventLine('simulate.ended', { faults: simulator.counts() }))
  else for (const [kind, times] of faults) io.err(`${kind} ${times}`)
}
