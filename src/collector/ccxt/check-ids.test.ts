import { expect, test } from 'vitest'
import { parseProject } from '../../runner/project/parse-project.ts'
import type { FeedPlan } from '../feed/feed.ts'
import { ccxtIds, checkTickExchanges } from './check-ids.ts'

/** The tick feeds of a project.yml. */
function feedsOf(exchanges: string): FeedPlan[] {
  const text = `name: x\ncollect:\n  exchanges:\n${exchanges}`
  const { collect } = parseProject({ file: 'project.yml', text })
  return collect.exchanges.map((settings) => ({
    ...{ exchange: settings.exchange, kind: 'ticks', instruments: [], tickSymbols: undefined },
    settings,
  }))
}

test('the names of the files are the names CCXT has', async () => {
  const { default: ccxt } = await import('ccxt')

  const names = Object.keys(ccxt.pro).filter((name) => !['exchanges', 'Exchange'].includes(name))
  expect(ccxtIds().sort()).toEqual(names.sort())
})

test.each([
  ['    krakn: { ticks: true }\n', 4, 5, 'Did you mean ticks.ccxt_id: kraken?'],
  ['    okx:\n      ticks:\n        ccxt_id: okxx\n', 6, 9, 'Did you mean ticks.ccxt_id: okx?'],
])(
  'an exchange that CCXT does not know is refused where it is written: %s',
  (written, line, column, hint) => {
    expect(() => checkTickExchanges(feedsOf(written))).toThrow(
      expect.objectContaining({
        code: 'KX_EXCHANGE_UNKNOWN',
        hint,
        at: expect.objectContaining({ file: 'project.yml', line, column }),
      }),
    )
  },
)

test('those it knows are fine, by another name too', () => {
  expect(() => checkTickExchanges(feedsOf('    binance_us: { ticks: true }\n'))).not.toThrow()
})
