import { mapperOf } from '../../../collector/exchange/index.ts'
import type { FrameRecord, LogRecord, SentLog } from '../../../collector/simulator/server/index.ts'
import type { FaultWindow } from '../machine-faults.ts'
import { linesOf } from './stored-lines.ts'

/** Whether what exchanges sent is there. */
export interface FramesCheck {
  readonly problems: readonly string[]
  /** Frames with candles that were sent; sound ones that had to come through; records in them. */
  readonly sent: number
  readonly due: number
  readonly records: number
  /** Frames that were sent between `graceMs` and `graceMs + machineMs` before a fault; of these, those that are not there. */
  readonly close: number
  readonly closeLost: number
}

export interface FramesInput {
  readonly log: SentLog
  /** Of landing and store together: parts by path. */
  readonly parts: ReadonlyMap<string, Buffer>
  /** Of the machine. */
  readonly windows: readonly FaultWindow[]
  /** A frame that was sent less than this before a fault may be lost, ms. */
  readonly graceMs: number
  /** What the machine may take to bring it from one process to the other's file, ms of the shared clock. */
  readonly machineMs: number
}

/**
 * Looks for every frame that was sent whole on a sound connection, more than `graceMs` before the connection or the
 * collector came to harm: each record of it must be among the lines, byte for byte.
 */
export async function checkSentFrames(input: FramesInput): Promise<FramesCheck> {
  const { log, parts, windows, graceMs, machineMs } = input
  const harm = await harmOf(log)
  const landed = rawsOf(parts)
  const lossy = windows.filter(({ isLossy }) => isLossy).map((window) => widened(window, windows))
  const problems: string[] = []
  let [sent, due, records, close, closeLost] = [0, 0, 0, 0, 0]
  for await (const record of log.read()) {
    if (record.type !== 'frame' || record.channel !== 'candle') continue
    sent++
    if (!record.isHealthy || isExcused(record, { harm, lossy, graceMs })) continue
    if (isExcused(record, { harm, lossy, graceMs: graceMs + machineMs })) {
      close++
      if (!rawsIn(record).every((raw) => landed.has(raw))) closeLost++
      continue
    }
    due++
    for (const raw of rawsIn(record)) {
      records++
      if (!landed.has(raw))
        problems.push(
          `${record.connection} #${record.sequence} at ${new Date(record.atMs).toISOString()}: ${raw.slice(0, 200)}`,
        )
    }
  }
  return { problems, sent, due, records, close, closeLost }
}

interface Harm {
  readonly harm: ReadonlyMap<string, readonly number[]>
  readonly lossy: readonly { readonly fromMs: number; readonly toMs: number }[]
  readonly graceMs: number
}

function isExcused({ connection, atMs }: FrameRecord, { harm, lossy, graceMs }: Harm): boolean {
  const isBefore = (fromMs: number, toMs: number) => atMs >= fromMs - graceMs && atMs <= toMs
  if (lossy.some(({ fromMs, toMs }) => isBefore(fromMs, toMs))) return true
  return (harm.get(connection) ?? []).some((harmMs) => isBefore(harmMs, harmMs))
}

/** When each connection came to harm: faults that struck it, and its end. */
async function harmOf(log: SentLog): Promise<Map<string, number[]>> {
  const harm = new Map<string, number[]>()
  for await (const record of log.read()) {
    const connection = harmedBy(record)
    if (connection === undefined) continue
    harm.set(connection, [...(harm.get(connection) ?? []), record.atMs])
  }
  return harm
}

function harmedBy(record: LogRecord): string | undefined {
  if (record.type === 'close') return record.connection
  return record.type === 'fault' ? record.connection : undefined
}

/** What a full disk kept in memory is lost as well when the process dies. */
function widened(window: FaultWindow, windows: readonly FaultWindow[]): { fromMs: number; toMs: number } {
  const full = windows.filter(
    ({ kind, fromMs, toMs }) => kind === 'disk-full' && fromMs <= window.toMs && toMs >= window.fromMs,
  )
  return { fromMs: Math.min(window.fromMs, ...full.map(({ fromMs }) => fromMs)), toMs: window.toMs }
}

function rawsIn({ exchange, text }: FrameRecord): string[] {
  const parsed = mapperOf(exchange)?.parse(text)
  if (parsed?.kind !== 'candles') throw new Error(`not a candle of ${exchange}: ${text.slice(0, 200)}`)
  return parsed.rows.map(({ raw }) => raw)
}

/** Every `raw` of the candle lines. */
function rawsOf(parts: ReadonlyMap<string, Buffer>): Set<string> {
  const raws = new Set<string>()
  for (const [path, content] of parts) {
    if (!path.includes('/interval_minutes=')) continue
    for (const line of linesOf(content)) {
      const at = line.lastIndexOf(',"raw":"')
      if (at >= 0) raws.add(JSON.parse(line.slice(at + ',"raw":'.length, -1)) as string)
    }
  }
  return raws
}
