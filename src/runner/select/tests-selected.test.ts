import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aModel, aSeed, aSource, aTest } from '../../testing/nodes.ts'
import { buildGraph } from '../graph/index.ts'
import { fnmatch } from './fnmatch.ts'
import type { TestMode } from './picked.ts'
import { selectNodes } from './select.ts'

/** a ─ b ─ c, and d alone; `x_y` is a test of x and y, `raw_b` one of the source and b. */
const graph = buildGraph({
  models: [
    aModel('s.a', { reads: ['bronze.raw'] }),
    aModel('s.b', { reads: ['s.a'] }),
    aModel('s.c', { reads: ['s.b'] }),
    aModel('s.d'),
  ],
  seeds: [aSeed('rank')],
  sources: [aSource('bronze.raw'), aSource('bronze.other')],
  tests: [
    aTest('b', ['s.b'], { testName: 'not_null', tags: ['slow'] }),
    aTest('a_b', ['s.a', 's.b'], { testName: 'relationships' }),
    aTest('b_d', ['s.b', 's.d'], { testName: 'relationships' }),
    aTest('b_c', ['s.b', 's.c']),
    aTest('other_b', ['bronze.other', 's.b']),
    aTest('nothing', []),
  ],
})

/** The tests that come with a selection. */
function tests(select: string, mode?: TestMode, exclude = ''): string {
  const { ids } = selectNodes(graph, {
    select: select === '' ? [] : [select],
    exclude: exclude === '' ? [] : [exclude],
    ...(mode === undefined ? {} : { mode }),
  })
  const names = [...ids].filter((id) => id.startsWith('tests.')).map((id) => id.slice(6))
  return names.sort().join(' ')
}

test.each<[string, TestMode, string]>([
  ['s.b', 'eager', 'a_b b b_c b_d other_b'],
  ['s.b', 'cautious', 'b'],
  ['s.b', 'buildable', 'a_b b other_b'],
  ['s.b', 'empty', ''],
  ['s.a s.b', 'cautious', 'a_b b'],
  ['s.b+', 'cautious', 'b b_c'],
  ['s.b+', 'buildable', 'a_b b b_c other_b'],
  ['s.b+', 'empty', ''],
  ['s.b source:bronze.other', 'cautious', 'b other_b'],
  ['s.b,test_name:not_null', 'buildable', 'b'],
  ['s.b,test_type:generic', 'eager', 'a_b b b_d'],
  ['s.b+,s.a+', 'cautious', 'b b_c'],
  ['test_type:singular', 'empty', 'b_c nothing other_b'],
  ['test_type:data', 'buildable', 'a_b b b_c b_d nothing other_b'],
  ['test_name:rel*', 'buildable', 'a_b b_d'],
  ['tag:slow', 'buildable', 'b'],
  ['resource_type:test', 'buildable', 'a_b b b_c b_d nothing other_b'],
  ['b_d', 'cautious', 'b_d'],
  ['', 'buildable', 'a_b b b_c b_d nothing other_b'],
  ['', 'empty', ''],
])('%j with %s brings the tests [%s]', (select, mode, names) => {
  expect(tests(select, mode)).toBe(names)
})

test('buildable is what happens unless told', () => {
  expect(tests('s.b')).toBe(tests('s.b', 'buildable'))
})

test.each([
  ['', 's.b', 'b_c b_d nothing', 'a model takes along the tests it would bring'],
  ['', 's.d', 'a_b b b_c nothing other_b', 'and those that miss it now'],
  ['s.b', 'test_name:relationships', 'b other_b', 'tests by name'],
  ['s.b', 'tests.b', 'a_b other_b', 'one test by name'],
  ['s.a s.b s.c', 's.c', 'a_b b other_b', 'a test whose parent is gone goes too'],
])('select [%s] exclude [%s] leaves the tests [%s]: %s', (select, exclude, names) => {
  expect(tests(select, 'buildable', exclude)).toBe(names)
})

test('a walk goes through tests: @ reaches what a shared test reads', () => {
  const { ids } = selectNodes(graph, { select: ['@s.d'], exclude: [] })

  expect([...ids].sort()).toEqual([
    'bronze.raw',
    's.a',
    's.b',
    's.d',
    'tests.a_b',
    'tests.b',
    'tests.b_d',
    'tests.other_b',
  ])
})

/** A graph of up to 8 models, each reading some before it, and tests between them. */
const graphs = fc.array(fc.array(fc.nat(7), { maxLength: 3 }), { minLength: 1, maxLength: 8 }).map((reads) =>
  buildGraph({
    models: reads.map((parents, i) =>
      aModel(`s.m${i}`, { reads: parents.filter((p) => p < i).map((p) => `s.m${p}`) }),
    ),
    seeds: [],
    sources: [],
    tests: reads.map((parents, i) =>
      aTest(
        `t${i}`,
        [i, ...parents.filter((p) => p < reads.length)].map((p) => `s.m${p}`),
      ),
    ),
  }),
)
const terms = fc
  .tuple(
    fc.constantFrom('', '+', '1+', '2+', '@'),
    fc.constantFrom('m0', 'm1', 'm2', 'm3', 's', 'm*', 't1'),
    fc.constantFrom('', '+', '+1'),
  )
  .filter(([before, , after]) => before !== '@' || after === '')
  .map((parts) => parts.join(''))
const modes = fc.constantFrom<TestMode>('eager', 'cautious', 'buildable', 'empty')
const sorted = (ids: Iterable<string>) => [...ids].sort()

test('x+ and +x hold x, and @x holds both', () => {
  fc.assert(
    fc.property(graphs, fc.constantFrom('m0', 'm2', 's'), modes, (some, name, mode) => {
      const of = (select: string) => selectNodes(some, { select: [select], exclude: [], mode }).ids

      expect([...of(`${name}+`)]).toEqual(expect.arrayContaining([...of(name)]))
      expect([...of(`+${name}`)]).toEqual(expect.arrayContaining([...of(name)]))
      expect([...of(`@${name}`)]).toEqual(expect.arrayContaining([...of(`+${name}+`)]))
    }),
  )
})

test('union and intersection do not depend on order, and a term joins itself', () => {
  fc.assert(
    fc.property(graphs, terms, terms, modes, (some, a, b, mode) => {
      const of = (select: string) => sorted(selectNodes(some, { select: [select], exclude: [], mode }).ids)

      expect(of(`${a} ${b}`)).toEqual(of(`${b} ${a}`))
      expect(of(`${a},${b}`)).toEqual(of(`${b},${a}`))
      expect(of(`${a} ${a}`)).toEqual(of(a))
      expect(of(`${a},${a}`)).toEqual(of(a))
    }),
  )
})

test('nothing excluded is left, and no test of buildable reads what is neither selected nor above', () => {
  fc.assert(
    fc.property(graphs, terms, terms, (some, a, b) => {
      const models = (ids: Iterable<string>) => [...ids].filter((id) => id.startsWith('s.'))
      const left = selectNodes(some, { select: [a], exclude: [b] }).ids
      const gone = selectNodes(some, { select: [b], exclude: [] }).ids
      const near = new Set([...models(left), ...some.ancestors(models(left))])
      const brought = [...left].filter((id) => id.startsWith('tests.') && !a.includes('t1'))

      expect([...left].filter((id) => gone.has(id))).toEqual([])
      for (const id of brought) expect(some.parents(id).filter((p) => !near.has(p))).toEqual([])
    }),
  )
})

test.each([
  ['a[', 'a[', true],
  ['[]]', ']', true],
  ['[!]]', ']', false],
  ['[z-a]', 'b', false],
  ['[a-c]x', 'bx', true],
  ['a.c', 'abc', false],
  ['a*c', 'a\nc', true],
  ['[^a]', '^', true],
  ['a-[-x]', 'a--', true],
  ['?', '', false],
])('pattern %j on %j is %s', (pattern, text, isMatch) => {
  expect(fnmatch(pattern)(text)).toBe(isMatch)
})
