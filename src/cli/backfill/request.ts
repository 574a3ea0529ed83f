import { DAY_MS, HOUR_MS, type Instrument, KxError, parseTimeRange } from '../../base/index.ts'
import { mapperOf } from '../../collector/exchange/index.ts'
import { withAddresses } from '../../collector/feed/addresses.ts'
import type { RepairExchange } from '../../collector/repair/asker.ts'
import { chooseInstruments } from '../../collector/repair/choose-instruments.ts'
import type { MinuteRange } from '../../collector/repair/minute-ranges.ts'
import type { Project } from '../../runner/index.ts'
import { exchangesOf, symbolsOf } from '../shared/asked-lists.ts'
import { rangeText } from '../shared/format.ts'
import type { Io } from '../shared/io.ts'
import type { GlobalOptions } from '../shared/workspace.ts'

/** Options of `kx backfill`. */
export interface BackfillOptions extends GlobalOptions {
  readonly partition?: string
  readonly from?: string
  readonly to?: string
  readonly exchanges?: string
  readonly symbols?: string
}

/** What `kx backfill` was asked for, checked against the project. */
export interface BackfillRequest {
  readonly range: MinuteRange
  readonly exchanges: readonly string[] | undefined
  readonly symbols: string | undefined
  readonly instruments: readonly Instrument[]
  /** What of it means nothing, or cannot be had yet, in words. */
  readonly warnings: readonly string[]
}

/**
 * Reads the options.
 *
 * @throws {KxError} KX_USAGE, KX_PARTITION_INVALID
 */
export function readRequest(
  project: Project,
  io: Pick<Io, 'clock'>,
  options: BackfillOptions,
): BackfillRequest {
  const exchanges = exchangesOf(options.exchanges, project.exchangeAliases ?? {})
  const symbols = symbolsOf(options.symbols)
  const { instruments, warnings } = chooseInstruments(project.instruments, { exchanges, symbols })
  const nowMs = io.clock.now()
  const range = rangeOf(options, Math.floor((nowMs - project.settleMs) / HOUR_MS) * HOUR_MS)
  return { range, exchanges, symbols, instruments, warnings: [...warnings, ...notOver(range, nowMs)] }
}

/** Of a range that reaches beyond now: which hours are not over. One that begins there is refused. */
function notOver({ fromMs, toMs }: MinuteRange, nowMs: number): string[] {
  if (toMs <= nowMs) return []
  const hours = rangeText(Math.max(fromMs, Math.floor(nowMs / HOUR_MS) * HOUR_MS), toMs)
  if (fromMs < nowMs) return [`${hours} is not over yet: minutes to come are left out`]
  throw new KxError('KX_USAGE', `${hours} has not begun`, { hint: 'Ask for hours that are over.' })
}

function rangeOf({ partition, from, to }: BackfillOptions, settledMs: number): MinuteRange {
  if (partition !== undefined && (from !== undefined || to !== undefined)) {
    throw new KxError('KX_USAGE', '--partition and --from or --to say the same thing twice', {
      hint: 'Write either one.',
    })
  }
  if (partition !== undefined) {
    const { startMs, endMs } = parseTimeRange(partition)
    return { fromMs: startMs, toMs: endMs }
  }
  const toMs = to === undefined ? settledMs : parseTimeRange(to).endMs
  const fromMs = from === undefined ? toMs - DAY_MS : parseTimeRange(from).startMs
  if (fromMs < toMs) return { fromMs, toMs }
  throw new KxError('KX_USAGE', `--from ${from} is not before ${to === undefined ? 'now' : `--to ${to}`}`, {
    hint: 'Put the earlier hour first.',
  })
}

/** The exchanges of these instruments that kx can ask, with their addresses of settings and environment. */
export function askedExchanges(
  { collect }: Pick<Project, 'collect'>,
  io: Pick<Io, 'env'>,
  instruments: readonly Instrument[],
): (RepairExchange & { readonly wsUrl: string })[] {
  return [...new Set(instruments.map(({ exchange }) => exchange))].flatMap((exchange) => {
    const mapper = mapperOf(exchange)
    if (mapper === undefined) return []
    const defaults = { exchange, wsUrl: undefined, restUrl: undefined, hasCandles: true, ticks: undefined }
    const written = collect.exchanges.find((one) => one.exchange === exchange) ?? defaults
    const { wsUrl = mapper.wsUrl, restUrl = mapper.restUrl } = withAddresses(written, io.env)
    return [{ mapper, wsUrl, restUrl }]
  })
}
