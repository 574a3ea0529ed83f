import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

/** A file of the bundle that this process runs. */
export interface Part {
  readonly script: Script
  readonly sourceSum: number
  readonly codeFile: string
  /** How much code of it was kept; 0 if V8 had to compile it. */
  readonly keptBytes: number
}

const SUMS_BYTES = 8
/** How often kept code is made anew, with the functions that were called since. It takes 10 ms. */
const RENEWED_MS = 600_000

/** V8 looks at a source's length only and trusts the code: a torn one ends the process. So both have a checksum. */
export function readCode(codeFile: string, sourceSum: number): Buffer | undefined {
  try {
    const file = readFileSync(codeFile)
    const code = file.subarray(SUMS_BYTES)
    return file.subarray(0, SUMS_BYTES).equals(sums(sourceSum, code)) ? code : undefined
  } catch {
    return undefined
  }
}

/**
 * Writes down the code of parts that had none, or an old one. Only who owns the bundle may: V8 runs what it is given,
 * and what root left in a user's directory would be in that user's way.
 */
export function keepCode(parts: readonly Part[], program: string): void {
  try {
    if (statSync(program).uid !== process.getuid?.()) return
    for (const part of parts.filter(isDue)) keepPart(part)
  } catch {
    // A full disk, a read-only one, or a bundle that is gone: the next start compiles again.
  }
}

function isDue({ keptBytes, codeFile }: Part): boolean {
  return keptBytes === 0 || Date.now() - statSync(codeFile).mtimeMs > RENEWED_MS
}

function keepPart({ script, sourceSum, codeFile, keptBytes }: Part): void {
  const code = script.createCachedData()
  // V8 drops code that was not called for long: a process that ran for an hour has less than it was given.
  if (code.length > keptBytes) writeWhole(codeFile, Buffer.concat([sums(sourceSum, code), code]))
  else utimesSync(codeFile, new Date(), new Date())
}

function writeWhole(file: string, bytes: Buffer): void {
  const temporary = `${file}.${process.pid}`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 })
    writeFileSync(temporary, bytes, { mode: 0o644 })
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function sums(sourceSum: number, code: Buffer): Buffer {
  const bytes = Buffer.alloc(SUMS_BYTES)
  bytes.writeUInt32LE(sourceSum, 0)
  bytes.writeUInt32LE(crc32(code), 4)
  return bytes
}
