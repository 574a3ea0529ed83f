import { describe, expect, test } from 'vitest'
import { aFastClock, aSimulator, aSocket } from '../../../testing/a-simulator.ts'
import type { Mapper, RestRequest } from '../../exchange/index.ts'
import { mapperOf, type ParsedFrame } from '../../exchange/index.ts'
import { type Settling, settleRow } from '../../finality/index.ts'
import type { CandleRow } from '../../record/index.ts'
import { simulatedInstruments } from '../index.ts'
import type { Simulator, TrueCandle } from './index.ts'

const MINUTE_MS = 60_000
const exchanges = ['binance_us', 'kraken'] as const
type Exchange = (typeof exchanges)[number]

function mapped(exchange: Exchange): Mapper {
  const mapper = mapperOf(exchange)
  if (mapper === undefined) throw new Error(exchange)
  return mapper
}

const symbolsOf = (exchange: Exchange) =>
  simulatedInstruments.filter((one) => one.exchange === exchange).map(({ nativeSymbol }) => nativeSymbol)

const shownRow = ({ startMs, prices }: CandleRow) =>
  `${startMs} ${[prices.open, prices.high, prices.low, prices.close, prices.volume, prices.tradeCount].map(Number).join(' ')}`
const shownTruth = ({ startMs, open, high, low, close, volume, tradeCount }: TrueCandle) =>
  `${startMs} ${[open, high, low, close, volume, tradeCount].map(Number).join(' ')}`

/** What a well-behaved client calls final, by symbol; quiet minutes by silence where that proves them. */
function finalsOf(mapper: Mapper, frames: readonly ParsedFrame[]): Map<string, string[]> {
  const flat = (last: CandleRow, startMs: number): CandleRow => {
    const { close } = last.prices
    const prices = { ...last.prices, open: close, high: close, low: close, volume: '0', tradeCount: '0' }
    return { ...last, startMs, prices }
  }
  const settling = new Map<string, Settling<CandleRow>>()
  const finals = new Map<string, string[]>()
  for (const row of frames.flatMap((frame) => (frame.kind === 'candles' ? frame.rows : []))) {
    const step = settleRow(settling.get(row.nativeSymbol), row, { ...mapper.rules, flat })
    settling.set(row.nativeSymbol, step.settling)
    const said = finals.get(row.nativeSymbol) ?? []
    finals.set(row.nativeSymbol, said)
    said.push(...step.landed.filter(({ isFinal }) => isFinal).map((settled) => shownRow(settled.row)))
  }
  return finals
}

test.each(exchanges)(
  'every frame of %s is understood, and what it proves final is the truth',
  async (exchange) => {
    const simulator = await aSimulator({ clock: aFastClock(400) })
    const mapper = mapped(exchange)
    const socket = await aSocket(mapper.connectUrl(simulator.urls[exchange].ws))
    for (const request of mapper.subscribe(symbolsOf(exchange), 1)) socket.send(request)
    await simulator.clock.sleep(5 * MINUTE_MS)

    const parsed = socket.frames.map((frame) => mapper.parse(frame))

    expect(
      parsed.filter(({ kind }) => !['candles', 'heartbeat', 'acknowledged', 'status'].includes(kind)),
    ).toEqual([])
    const finals = finalsOf(mapper, parsed)
    expect([...finals.keys()].sort()).toEqual(symbolsOf(exchange).toSorted())
    for (const [nativeSymbol, said] of finals) {
      const [first = '', last = ''] = [said[0], said.at(-1)].map((line) => line?.split(' ')[0])
      const truth = simulator.truthOf({ exchange, nativeSymbol }, Number(first), Number(last) + 1)
      expect(said).toEqual(truth.map(shownTruth))
      expect(said.length).toBeGreaterThan(2)
    }
  },
)

describe.each(exchanges)('REST of %s', (exchange) => {
  const ask = async (simulator: Simulator, { path }: RestRequest) =>
    (await fetch(simulator.urls[exchange].rest + path)).text()
  const symbol = symbolsOf(exchange)[4] ?? ''

  test('gives the candles that were asked for', async () => {
    const simulator = await aSimulator({ clock: aFastClock(1) })
    const { rest } = mapped(exchange)
    const toMs = Math.floor(simulator.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS
    const range = { nativeSymbol: symbol, fromMs: toMs - 3_600_000, toMs }

    const answer = rest.parseCandles(await ask(simulator, rest.candles(range)), range)

    if (!answer.ok) throw new Error(answer.reason)
    const inside = answer.value.filter(({ startMs }) => startMs >= range.fromMs && startMs < toMs)
    const truth = simulator.truthOf({ exchange, nativeSymbol: symbol }, range.fromMs, toMs)
    expect(inside.map(shownRow)).toEqual(truth.map(shownTruth))
  })

  test('lists the symbols, and its time', async () => {
    const simulator = await aSimulator({ clock: aFastClock(1) })
    const { rest } = mapped(exchange)

    const listed = rest.parseSymbols(await ask(simulator, rest.symbols()))

    if (!listed.ok) throw new Error(listed.reason)
    expect(listed.value.map(({ nativeSymbol }) => nativeSymbol).sort()).toEqual(
      symbolsOf(exchange).toSorted(),
    )
    expect(listed.value.every(({ isTrading }) => isTrading)).toBe(true)
    if (rest.time === undefined) return
    const time = rest.parseTime?.(await ask(simulator, rest.time()))
    expect(time?.ok && Math.abs(time.value - simulator.now())).toBeLessThan(2000)
  })

  test('refuses an unknown symbol as one', async () => {
    const simulator = await aSimulator()
    const { rest } = mapped(exchange)
    const range = { nativeSymbol: 'NO/SUCH', fromMs: simulator.now() - 600_000, toMs: simulator.now() }

    const answer = rest.parseCandles(await ask(simulator, rest.candles(range)), range)

    expect(answer).toMatchObject({ ok: false, fault: 'unknown_symbol' })
  })
})
