import { expect, test } from 'vitest'
import { type CollectSettings, DAY_MS, type ExchangeSettings, type Instrument } from '../../base/index.ts'
import { anInstrument } from '../../testing/source-tables.ts'
import { mapperOf } from '../exchange/index.ts'
import { feedLoads, planOf } from './feed-loads.ts'
import { type FeedChoice, planFeeds } from './plan-feeds.ts'

const NOW = Date.UTC(2024, 4, 1)

const instruments: Instrument[] = [
  anInstrument({ exchange: 'kraken', nativeSymbol: 'BTC/USD', symbol: 'BTC-USD', quoteAsset: 'USD' }),
  anInstrument({ exchange: 'kraken', nativeSymbol: 'BTC/USDC', symbol: 'BTC-USD', quoteAsset: 'USDC' }),
  anInstrument({ exchange: 'kraken', nativeSymbol: 'ETH/USD', symbol: 'ETH-USD', quoteAsset: 'USD' }),
  anInstrument({ exchange: 'binance_us', nativeSymbol: 'ETHUSDT', symbol: 'ETH-USD', quoteAsset: 'USDT' }),
  anInstrument({ exchange: 'gemini', nativeSymbol: 'btcusd', symbol: 'BTC-USD', quoteAsset: 'USD' }),
]

const ticks = {
  ccxtId: 'okx',
  symbols: undefined,
  isSpotOnly: true,
  maxSymbols: undefined,
  maxStreams: undefined,
  keepsRaw: true,
}

function anExchange(exchange: string, settings: Partial<ExchangeSettings> = {}): ExchangeSettings {
  return { exchange, wsUrl: undefined, restUrl: undefined, hasCandles: true, ticks: undefined, ...settings }
}

function plan(choice: Partial<FeedChoice> = {}, exchanges: readonly ExchangeSettings[] = []) {
  const settings = { exchanges } as unknown as CollectSettings
  const all = { instruments, settings, exchanges: undefined, symbols: undefined, env: {}, nowMs: NOW }
  return planFeeds({ ...all, ...choice }, mapperOf)
}

function shown({ feeds, warnings }: ReturnType<typeof plan>): string[] {
  return [
    ...feeds.map(
      ({ exchange, kind, instruments: own, settings }) =>
        `${exchange} ${kind} ${own.map(({ nativeSymbol }) => nativeSymbol).join(' ')}${
          kind === 'ticks' ? `| ${settings.ticks?.symbols ?? 'all'}` : ''
        }`,
    ),
    ...warnings,
  ]
}

const noGemini = 'gemini is not collected: kx has no mapper for its candles, and no ticks are set'

test('all instruments of exchanges with a mapper are collected, and others are named', () => {
  expect(shown(plan())).toEqual([
    'kraken candles BTC/USD BTC/USDC ETH/USD',
    'binance_us candles ETHUSDT',
    noGemini,
  ])
})

test.each([
  ['btc-usd', ['kraken candles BTC/USD BTC/USDC', noGemini]],
  ['BTC/USDC', ['kraken candles BTC/USDC', noGemini]],
  ['ETH%', ['kraken candles ETH/USD', 'binance_us candles ETHUSDT', noGemini]],
  ['eth/usdt', ['binance_us candles ETHUSDT', noGemini]],
  [
    'ETHUSDT,DOGE%',
    [
      'binance_us candles ETHUSDT',
      noGemini,
      '--symbols DOGE% means no instrument of kraken, binance_us, gemini',
    ],
  ],
])('--symbols %s', (symbols, expected) => {
  expect(shown(plan({ symbols }))).toEqual(expected)
})

test('ticks are collected beside candles, of exchanges without instruments too', () => {
  const exchanges = [anExchange('kraken', { hasCandles: false, ticks }), anExchange('okx', { ticks })]

  expect(shown(plan({ exchanges: ['kraken', 'okx'] }, exchanges))).toEqual([
    'kraken ticks BTC/USD BTC/USDC ETH/USD| all',
    'okx ticks | all',
  ])
  expect(shown(plan({ exchanges: ['okx'], symbols: 'BTC%' }, exchanges))).toEqual(['okx ticks | BTC%'])
})

test('what is not listed now or within a day, or is no spot market, is left out', () => {
  const some = [
    anInstrument({ nativeSymbol: 'A/USD', listedToMs: NOW }),
    anInstrument({ nativeSymbol: 'B/USD', listedFromMs: NOW + DAY_MS + 1 }),
    anInstrument({ nativeSymbol: 'C/USD', marketType: 'swap' }),
    anInstrument({ nativeSymbol: 'D/USD', listedFromMs: NOW, listedToMs: NOW + 1 }),
    anInstrument({ nativeSymbol: 'E/USD', listedFromMs: NOW + DAY_MS }),
  ]

  expect(shown(plan({ instruments: some }))).toEqual([
    'kraken candles D/USD E/USD',
    'kraken B/USD is not collected: it is listed from 2024-05-02T00:00:00.001Z',
    'kraken C/USD is not collected: its market is swap',
  ])
})

test('a name in collect.exchanges that is near one with a mapper is asked about', () => {
  expect(plan({ instruments: instruments.slice(0, 1) }, [anExchange('krakn')]).warnings).toEqual([
    'krakn is not collected: kx has no mapper for its candles, and no ticks are set; did you mean kraken?',
  ])
})

test.each([
  [{ exchanges: ['krakn'] }, '--exchanges krakn: this project lists no such exchange'],
  [{ exchanges: ['gemini'] }, `there is nothing to collect\n${noGemini}`],
  [{ instruments: [] }, 'there is nothing to collect'],
])('%j is refused: %s', (choice, message) => {
  expect(() => plan(choice)).toThrow(expect.objectContaining({ code: 'KX_USAGE', message }))
})

test('an address of the environment stands in where project.yml has none', () => {
  const env = { KX_WS_KRAKEN: 'ws://127.0.0.1:1', KX_REST_KRAKEN: 'http://127.0.0.1:2' }
  const exchanges = [anExchange('kraken', { wsUrl: 'ws://127.0.0.1:3' })]

  expect(plan({ env }, exchanges).feeds[0]?.settings).toMatchObject({
    wsUrl: 'ws://127.0.0.1:3',
    restUrl: 'http://127.0.0.1:2',
  })
})

test('a worker gets the instruments of its shard alone', () => {
  const { feeds } = plan({ exchanges: ['kraken'] })
  const [load] = feedLoads(feeds, () => undefined)
  const shard = { exchange: 'kraken', kind: 'candles' as const, score: 1 }

  expect(load?.symbols).toEqual(['BTC/USD', 'BTC/USDC', 'ETH/USD'])
  expect(planOf(feeds, { ...shard, symbols: undefined })).toEqual(feeds[0])
  expect(planOf(feeds, { ...shard, symbols: ['ETH/USD'] }).instruments).toMatchObject([{ symbol: 'ETH-USD' }])
})

test('what was measured counts more than what is expected', () => {
  const { feeds } = plan({ exchanges: ['kraken'] })
  const rates = { bytesPerSecond: 5000, reconnectsPerMinute: 1 }

  expect(feedLoads(feeds, () => rates)[0]?.score).toBe(7000)
  expect(feedLoads(feeds, () => undefined)[0]?.score).toBeLessThan(1000)
})
