import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

type Require = (id: string) => unknown
type Body = (exports: object, require: Require, module: { exports: object }, ...place: string[]) => void

/** A file of the bundle that this process runs. */
interface Part {
  readonly script: Script
  readonly source: Buffer
  readonly codeFile: string
  /** How much code of it was kept; 0 if V8 had to compile it. */
  readonly keptBytes: number
}

const HEAD = '(function(exports,require,module,__filename,__dirname){'
const SUMS_BYTES = 8
/** How often kept code is made anew, with the functions that were called since. It takes 10 ms. */
const RENEWED_MS = 600_000

/**
 * Runs a CommonJS program and the files that it requires by `./name` with the code that V8 made of them before, as far
 * as `directory` holds it; what had to be compiled is written there as the process exits. Half of a short command's
 * time is compiling. A directory that cannot be written, or code that is torn, of another V8 or of another source,
 * costs that time and nothing else.
 */
export function loadWithCode(program: string, directory: string): void {
  const modules = new Map<string, { exports: object }>()
  const parts: Part[] = []
  const requireOthers = createRequire(program)

  function load(file: string): object {
    const known = modules.get(file)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    modules.set(file, module)
    const require = (id: string) => (id.startsWith('./') ? load(join(dirname(file), id)) : requireOthers(id))
    compile(file).call(module.exports, module.exports, require, module, file, dirname(file))
    return module.exports
  }

  function compile(file: string): Body {
    const source = readFileSync(file)
    const codeFile = join(directory, `${basename(file)}.code`)
    const cachedData = readCode(codeFile, source)
    // The bundle is ASCII: V8 holds it in a byte a character.
    const text = `${HEAD}${source.toString('latin1')}\n})`
    const script = new Script(text, {
      filename: file,
      columnOffset: -HEAD.length,
      ...(cachedData === undefined ? {} : { cachedData }),
    })
    const keptBytes = script.cachedDataRejected === false ? (cachedData?.length ?? 0) : 0
    parts.push({ script, source, codeFile, keptBytes })
    return script.runInThisContext() as Body
  }

  // Only now does the code hold the functions that this command called.
  process.once('exit', () => keepCode(parts, directory))
  load(program)
}

/** V8 looks at a source's length only and trusts the code: a torn one ends the process. So both have a checksum. */
function readCode(codeFile: string, source: Buffer): Buffer | undefined {
  try {
    const file = readFileSync(codeFile)
    const code = file.subarray(SUMS_BYTES)
    return file.subarray(0, SUMS_BYTES).equals(sums(source, code)) ? code : undefined
  } catch {
    return undefined
  }
}

function keepCode(parts: readonly Part[], directory: string): void {
  try {
    mkdirSync(directory, { recursive: true })
    for (const { script, source, codeFile, keptBytes } of parts.filter(isDue)) {
      const code = script.createCachedData()
      // V8 drops code that was not called for long: a process that ran for an hour has less than it was given.
      if (code.length > keptBytes) writeWhole(codeFile, [sums(source, code), code])
      else utimesSync(codeFile, new Date(), new Date())
    }
  } catch {
    // Somebody else's directory, or a full disk: the next start compiles again.
  }
}

function isDue({ keptBytes, codeFile }: Part): boolean {
  return keptBytes === 0 || Date.now() - statSync(codeFile).mtimeMs > RENEWED_MS
}

function writeWhole(file: string, parts: readonly Buffer[]): void {
  const temporary = `${file}.${process.pid}`
  try {
    writeFileSync(temporary, Buffer.concat(parts))
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function sums(source: Buffer, code: Buffer): Buffer {
  const bytes = Buffer.alloc(SUMS_BYTES)
  bytes.writeUInt32LE(crc32(source), 0)
  bytes.writeUInt32LE(crc32(code), 4)
  return bytes
}
