import { expect, test } from 'vitest'
import type { Cells } from './compare-rows.ts'
import { compareStreams } from './compare-streams.ts'

test.each([
  ['a,1 b,2', 'a,1 b,2', '2 same'],
  ['a,1 c,3', 'a,1 b,2 c,4', '1 same, 0 left, 1 right, 1 different'],
  ['', 'a,1', '0 same, 0 left, 1 right, 0 different'],
  ['a,1 b,2', '', '0 same, 2 left, 0 right, 0 different'],
  ['a,1 a,2', 'a,1', '1 same, 1 left, 0 right, 0 different'],
  ['Z,1 a,1', 'a,1', '1 same, 1 left, 0 right, 0 different'],
  ['\uffee,1 😀,1', '😀,1', '1 same, 1 left, 0 right, 0 different'],
  ['a,1 null,1', 'a,1 null,2', '1 same, 0 left, 0 right, 1 different'],
])('[%s] against [%s]: %s', async (left, right, told) => {
  const options = { columns: ['key', 'value'], keyLength: 1, limit: 5 }

  const difference = await compareStreams(stream(left), stream(right), options)

  const { same, onlyLeft, onlyRight, different } = difference
  expect(`${same} same, ${onlyLeft} left, ${onlyRight} right, ${different} different`).toMatch(told)
})

test('differing cells are counted by column, and a few rows are kept', async () => {
  const options = { columns: ['key', 'open', 'close'], keyLength: 1, limit: 1 }

  const { byColumn, samples } = await compareStreams(stream('a,1,1 b,1,1'), stream('a,1,2 b,2,2'), options)

  expect([...byColumn]).toEqual([
    ['close', 2],
    ['open', 1],
  ])
  expect(samples.different).toEqual([{ left: ['a', '1', '1'], right: ['a', '1', '2'] }])
})

async function* stream(text: string): AsyncGenerator<Cells, void> {
  for (const row of text.split(' ').filter(Boolean)) {
    yield row.split(',').map((cell) => (cell === 'null' ? null : cell))
  }
}
