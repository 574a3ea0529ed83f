import type { Instrument } from '../../base/index.ts'
import type { Mapper, ParsedFrame } from '../exchange/mapper.ts'
import type { DeliveryRules } from '../finality/index.ts'
import type { CandleRow, LandingLine, Origin } from '../record/index.ts'
import type { Delivery } from './delivery.ts'
import { instrumentFinder } from './find-instrument.ts'
import { hearRow } from './heard.ts'
import { knownSymbols } from './known-symbols.ts'
import { candleLine, deadLetterLine } from './lines.ts'
import { flatAfter } from './quiet.ts'

/** What a connection is about. */
export interface DeliveryOptions {
  readonly mapper: Mapper
  /** Those of project.yml; of others the names are worked out. */
  readonly instruments: readonly Instrument[]
}

type Candles = Extract<ParsedFrame, { kind: 'candles' }>

/** A new connection: nothing is known, and nothing from before it is closed by it. */
export function openDelivery({ mapper, instruments }: DeliveryOptions): Delivery {
  const find = instrumentFinder(mapper.exchange, instruments)
  const rules: DeliveryRules<CandleRow> = { ...mapper.rules, flat: flatAfter }
  const known = knownSymbols()
  const { channel } = mapper

  function land({ rows, isSnapshot = false }: Candles, origin: Origin): LandingLine[] {
    if (isSnapshot) for (const { nativeSymbol } of rows) known.forget(nativeSymbol)
    const lines: LandingLine[] = []
    for (const row of rows) {
      const before = known.recall(row.nativeSymbol)
      // A name never heard may be a known one gone wrong: then that one has lost a row.
      if (before === undefined && !isSnapshot) known.breakAll()
      const { landed, heard } = hearRow(before, row, rules)
      known.keep(row.nativeSymbol, heard)
      const instrument = find(row.nativeSymbol)
      for (const { row: candle, isFinal, proof } of landed) {
        const row = lines.length
        lines.push(candleLine({ origin, row, channel, source: 'ws', candle, isFinal, proof, instrument }))
      }
    }
    return lines
  }

  return {
    take(frame, origin) {
      const parsed = mapper.parse(frame)
      if (parsed.kind === 'candles') return { parsed, lines: land(parsed, origin) }
      if (parsed.kind !== 'malformed') return { parsed, lines: [] }
      known.breakOne(parsed.nativeSymbol)
      const { reason } = parsed
      return { parsed, lines: [deadLetterLine({ origin, channel: mapper.channel, reason, frame })] }
    },
    doubt: known.doubt,
    held(symbol) {
      const last = known.peek(symbol)?.settling.last
      if (last === undefined) return undefined
      const { volume, tradeCount } = last.prices
      return { startMs: last.startMs, volume, tradeCount }
    },
  }
}
