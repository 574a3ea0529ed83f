import { expect, test } from 'vitest'
import { aModel, aSeed, aSource, aTest } from '../../testing/nodes.ts'
import { buildGraph } from '../graph/index.ts'
import { selectNodes } from './select.ts'

/**
 * bronze.native ─┬─ silver.trades ── gold.ohlcv_5m ── gold.ohlcv_1h ── marts.dash.overview
 * seeds.rank ────┘        └───────── gold.vwap ─────────────────────────┘
 */
const graph = buildGraph({
  models: [
    aModel('silver.trades', {
      reads: ['bronze.native', 'seeds.rank'],
      tags: ['hourly', 'core'],
      written: { meta: { owner: 'desk', tier: 1 }, materialized: 'incremental' },
    }),
    aModel('gold.ohlcv_5m', { reads: ['silver.trades'], tags: ['hourly'] }),
    aModel('gold.ohlcv_1h', { reads: ['gold.ohlcv_5m'], tags: ['hourly'], isProtected: true }),
    aModel('gold.vwap', { reads: ['silver.trades'], materialized: 'view' }),
    aModel('marts.dash.overview', { reads: ['gold.ohlcv_1h', 'gold.vwap'], materialized: 'table' }),
  ],
  seeds: [aSeed('rank', { tags: ['static'] })],
  sources: [aSource('bronze.native', { tags: ['raw'] })],
  tests: [
    aTest('not_null_trades', ['silver.trades'], { testName: 'not_null' }),
    aTest('rank_of_trades', ['silver.trades', 'seeds.rank'], { testName: 'relationships' }),
    aTest('vwap_in_candle', ['gold.vwap', 'gold.ohlcv_5m'], { severity: 'warn' }),
  ],
})

/** Names of what is selected, sorted; tests left out. */
function ls(select: string, exclude = ''): string {
  const split = (text: string) => (text === '' ? [] : [text])
  const { ids } = selectNodes(graph, { select: split(select), exclude: split(exclude) })
  const names = [...ids].filter((id) => !id.startsWith('tests.')).map((id) => id.split('.')[1])
  return names.sort().join(' ')
}

test.each([
  // what a name is
  ['trades', 'trades', 'a leaf'],
  ['gold', 'ohlcv_1h ohlcv_5m vwap', 'a folder'],
  ['silver.trades', 'trades', 'folder and leaf'],
  ['marts.dash', 'overview', 'a deeper folder'],
  ['marts.overview', '', 'parts must be without a gap'],
  ['dash', '', 'parts must start at the top'],
  ['fqn:trades', 'trades', 'method fqn'],
  ['native', '', 'sources are not named by fqn'],
  ['rank', 'rank', 'a seed is'],
  ['Trades', '', 'case counts'],
  // wildcards
  ['*', 'ohlcv_1h ohlcv_5m overview rank trades vwap', 'everything but sources'],
  ['gold.*', 'ohlcv_1h ohlcv_5m vwap', 'from the first wildcard on, the rest'],
  ['*.ohlcv_??', 'ohlcv_1h ohlcv_5m', 'one character each'],
  ['ohlcv_*', 'ohlcv_1h ohlcv_5m', 'without a dot, the leaf too: the one deviation from dbt'],
  ['ohlcv_[15]?', 'ohlcv_1h ohlcv_5m', 'a set'],
  ['ohlcv_[!1]*', 'ohlcv_5m', 'outside a set'],
  ['*o*', 'ohlcv_1h ohlcv_5m overview vwap', 'over dots, as fnmatch does'],
  ['marts.*view', 'overview', 'a wildcard crosses folders'],
  // + and @
  ['trades+', 'ohlcv_1h ohlcv_5m overview trades vwap', 'all children'],
  ['trades+1', 'ohlcv_5m trades vwap', 'one arrow down'],
  ['+ohlcv_5m', 'native ohlcv_5m rank trades', 'all parents'],
  ['1+ohlcv_5m', 'ohlcv_5m trades', 'one arrow up'],
  ['2+ohlcv_1h+1', 'ohlcv_1h ohlcv_5m overview trades', 'both'],
  ['0+trades+0', 'trades', 'no arrow'],
  ['@ohlcv_5m', 'native ohlcv_1h ohlcv_5m overview rank trades vwap', 'children and what they need'],
  ['@vwap', 'native ohlcv_1h ohlcv_5m overview rank trades vwap', 'over the other branch'],
  ['+gold', 'native ohlcv_1h ohlcv_5m rank trades vwap', 'parents of a folder'],
  ['1+tag:core', 'native rank trades', 'with a method'],
  ['source:bronze.native+1', 'native trades', 'children of a source'],
  // union and intersection
  ['trades vwap', 'trades vwap', 'a space is a union'],
  ['gold,tag:hourly', 'ohlcv_1h ohlcv_5m', 'a comma is an intersection'],
  ['trades gold,tag:hourly', 'ohlcv_1h ohlcv_5m trades', 'the comma binds tighter'],
  ['+ohlcv_1h,trades+', 'ohlcv_1h ohlcv_5m trades', 'what lies between'],
  ['  trades   vwap ', 'trades vwap', 'many spaces are one'],
  ['gold,silver', '', 'nothing is in both'],
  // methods
  ['tag:hourly', 'ohlcv_1h ohlcv_5m trades', 'tag'],
  ['tag:h*y', 'ohlcv_1h ohlcv_5m trades', 'tag, wildcard'],
  ['tag:HOURLY', '', 'tag, case counts'],
  ['tag:static', 'rank', 'tag of a seed'],
  ['tag:raw', 'native', 'tag of a source'],
  ['path:models/gold', 'ohlcv_1h ohlcv_5m vwap', 'a folder'],
  ['path:./models/gold/', 'ohlcv_1h ohlcv_5m vwap', 'a folder, as shells complete it'],
  ['path:models/gold/vwap.sql', 'vwap', 'a file'],
  ['path:models/gold/vwap.yml', 'vwap', 'the YAML that describes it'],
  ['path:models/*/ohlcv_*', 'ohlcv_1h ohlcv_5m', 'a star stays in its folder'],
  ['path:models/*.sql', '', 'a star stays in its folder'],
  ['path:models/**/overview.sql', 'overview', 'two stars do not'],
  ['path:**/trades.sql', 'trades', 'from anywhere'],
  ['path:gold', '', 'from the project directory'],
  ['models/silver', 'trades', 'a slash makes it a path'],
  ['models/marts+', 'overview', 'a path with children'],
  ['file:trades', 'trades', 'file without ending'],
  ['file:ohlcv_*.sql', 'ohlcv_1h ohlcv_5m', 'file with ending'],
  ['trades.sql', 'trades', '.sql makes it a file'],
  ['rank.csv', 'rank', '.csv too'],
  ['config.materialized:view', 'vwap', 'config'],
  ['config.materialized:incremental', 'ohlcv_1h ohlcv_5m trades', 'config, defaults too'],
  ['config.protected:TRUE', 'ohlcv_1h', 'true in any case'],
  ['config.tags:core', 'trades', 'a list by what it holds'],
  ['config.meta:owner', 'trades', 'a map by its keys'],
  ['config.meta.owner:desk', 'trades', 'a nested key'],
  ['config.meta.tier:1', '', 'a number is not a text'],
  ['config.meta.gone.deep:1', '', 'a key that is not there'],
  ['config.materialized:v*', '', 'no wildcards'],
  ['source:bronze', 'native', 'a schema'],
  ['source:bronze.nat*', 'native', 'a wildcard'],
  ['source:*', 'native', 'all sources'],
  ['source:gold', '', 'models are no sources'],
  ['resource_type:seed', 'rank', 'resource type'],
  ['resource_type:source resource_type:seed', 'native rank', 'resource types'],
  ['resource_type:exposure', '', 'a type that dbt has'],
])('%s selects [%s]: %s', (select, names) => {
  expect(ls(select)).toBe(names)
})

test.each([
  ['', 'gold', 'native overview rank trades', 'alone, from everything'],
  ['trades+', 'vwap+', 'ohlcv_1h ohlcv_5m trades', 'with select'],
  ['gold', 'gold,tag:hourly', 'vwap', 'an intersection'],
  ['gold', 'silver vwap', 'ohlcv_1h ohlcv_5m', 'a union'],
  ['gold', '*', '', 'everything'],
])('select [%s] exclude [%s] leaves [%s]: %s', (select, exclude, names) => {
  expect(ls(select, exclude)).toBe(names)
})

test('several options are a union, like words in one', () => {
  const many = selectNodes(graph, { select: ['trades', 'vwap rank'], exclude: [] })

  expect(many).toEqual(selectNodes(graph, { select: ['trades vwap rank'], exclude: [] }))
})

test('what names nothing is told, whole terms of --select only', () => {
  const select = ['trades gone', 'gold,silver', 'tag:gone+']

  expect(selectNodes(graph, { select, exclude: ['also_gone'] }).unmatched).toEqual([
    'gone',
    'gold,silver',
    'tag:gone+',
  ])
})

test.each([
  ['@trades+', "the selector '@trades+' has @ before and + after", 'Write @trades alone'],
  ['foo:bar', "'foo' is not a valid method name (in the selector 'foo:bar')", 'fqn, tag, path'],
  ['trades:', "the selector 'trades:' names nothing", 'Write a name'],
  ['toString:x', "'toString' is not a valid method name", 'fqn, tag'],
  ['config:view', 'config needs a key', 'config.materialized:view'],
  ['resource_type:table', "'table' is not a resource type", 'model, seed'],
  ['test_type:fast', "'fast' is not a test type", 'generic'],
  ['source:a.b.c', "'a.b.c' is not a source", 'source:bronze'],
  ['', 'a selector is empty', 'leave the option out'],
  ['+', "the selector '+' names nothing", 'Write a name'],
  ['trades,', "the selector '' names nothing", 'Write a name'],
])('%j is refused', (select, message, hint) => {
  expect(() => selectNodes(graph, { select: [select], exclude: [] })).toThrow(
    expect.objectContaining({
      code: 'KX_SELECT_INVALID',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    }),
  )
})
