import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Block, readBlocks } from './blocks.ts'

async function blocksOf(chunks: readonly Uint8Array[]): Promise<Block[]> {
  const blocks: Block[] = []
  const source = async function* () {
    yield* chunks
  }
  for await (const block of readBlocks(source())) blocks.push(block)
  return blocks
}

test('however a file is cut into reads, the blocks are its bytes, cut at line ends', async () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', '\n', ',') }), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(texts, async (pieces) => {
      const blocks = await blocksOf(pieces.map((piece) => Buffer.from(piece)))

      expect(Buffer.concat(blocks.map(({ bytes }) => bytes)).toString()).toBe(pieces.join(''))
      for (const { bytes, kind } of blocks) expect(bytes.at(-1) === 10).toBe(kind === 'lines')
    }),
  )
})

test('a line too long to hold goes by in parts', async () => {
  const long = Buffer.alloc(700_000, 'x')

  const blocks = await blocksOf([Buffer.from('a\n'), long, long, Buffer.from('x\nb\nc')])

  expect(blocks.map(({ kind, bytes }) => `${kind} ${bytes.length}`)).toEqual([
    'lines 2',
    'long 1400000',
    'long-end 2',
    'lines 2',
    'tail 1',
  ])
})
