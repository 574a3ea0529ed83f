import { expect, test } from 'vitest'
import type { Direction } from '../cut-proxy.ts'
import { killPoints } from './cut-points.ts'
import { disturb, inTime } from './disturb.ts'
import { forgetLoads, forgetRuns } from './forget.ts'
import { aKxChild, type KxChild } from './kx-child.ts'
import { aSmallMarket, CHUNK_ROWS, type SmallMarket } from './small-market.ts'

const SAMPLE = 5
const ALL_MS = 900_000

const start: Record<'load' | 'run', (market: SmallMarket) => Promise<KxChild>> = {
  load: ({ directory }) => aKxChild('load-child', ['proxied', String(CHUNK_ROWS), 'candles'], directory),
  run: ({ directory }) =>
    aKxChild('kx', ['run', '--target', 'proxied', '--threads', '1', '--batch', '2'], directory),
}

/** Ends the process as the kernel would: nothing of it runs on. */
function killing(market: SmallMarket, command: 'load' | 'run', direction: Direction) {
  return async (before: number) => {
    let child: KxChild | undefined
    market.proxy.arm({ direction, before, onCut: () => child?.kill('SIGKILL') })
    child = await start[command](market)
    const { code, lines } = await inTime(child.ended)
    return code === -1 && lines.every((line) => !line.startsWith('no end')) ? [] : [`exit ${code}: ${lines}`]
  }
}

test.each(['toServer', 'toClient'] as const)(
  'a load killed %s leaves data and ledger agreeing, and the next one finishes',
  async (direction) => {
    const market = await aSmallMarket()

    const faults = await disturb({
      market,
      command: 'load',
      forget: forgetLoads,
      direction,
      points: () => killPoints(market.proxy, direction, SAMPLE),
      strike: killing(market, 'load', direction),
    })

    expect(faults).toEqual([])
  },
  ALL_MS,
)

test.each(['toServer', 'toClient'] as const)(
  'a run killed %s leaves data and ledger agreeing, and the next one finishes',
  async (direction) => {
    const market = await aSmallMarket()
    await market.load('direct')

    const faults = await disturb({
      market,
      command: 'run',
      forget: forgetRuns,
      direction,
      points: () => killPoints(market.proxy, direction, SAMPLE),
      strike: killing(market, 'run', direction),
    })

    expect(faults).toEqual([])
  },
  ALL_MS,
)
