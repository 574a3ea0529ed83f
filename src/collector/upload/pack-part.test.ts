import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packPart } from './pack-part.ts'

const MEBIBYTE = 1_048_576
const line = `${JSON.stringify({ v: 1, raw: 'x'.repeat(100) })}\n`
/** Three and a half times what is read at once. */
const text = line.repeat(Math.ceil((3.5 * MEBIBYTE) / line.length))
let directory = ''

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kx-pack-'))
  writeFileSync(join(directory, 'part.jsonl'), text)
})

afterAll(() => rmSync(directory, { recursive: true }))

test.each([1, 100, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE, text.length])(
  'of a part just its first %i bytes, as they were synced, are packed',
  async (bytes) => {
    const { content, body } = await packPart(join(directory, 'part.jsonl'), bytes)

    const synced = text.slice(0, bytes)
    expect(gunzipSync(body).toString() === synced).toBe(true)
    expect(content).toEqual({ sha256: createHash('sha256').update(synced).digest('hex'), bytes })
  },
)

test.each([text.length + 1, text.length + 2 * MEBIBYTE])(
  'a part that has not the %i bytes that were synced is not packed',
  async (bytes) => {
    await expect(packPart(join(directory, 'part.jsonl'), bytes)).rejects.toThrow(
      `has ${text.length} bytes, ${bytes} were synced`,
    )
  },
)
