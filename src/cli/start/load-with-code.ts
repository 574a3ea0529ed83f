import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'
import { keepCode, type Part, readCode } from './kept-code.ts'

type Require = (id: string) => unknown
type Body = (exports: object, require: Require, module: { exports: object }, ...place: string[]) => void

const HEAD = '(function(exports,require,module,__filename,__dirname){'

/**
 * Runs a CommonJS program and the files that it requires by `./name` with the code that V8 made of them before, as far
 * as `directory` holds it; what had to be compiled is written there as the process exits. Half of a short command's
 * time is compiling. A directory that cannot be written, or code that is torn, of other flags or of another source,
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
    const require = (id: string) => (id.startsWith('./') ? load(join(dirname(file), id)) : requireOthers(id))
    const body = compile(file)
    modules.set(file, module)
    try {
      body.call(module.exports, module.exports, require, module, file, dirname(file))
    } catch (error) {
      // Half a module must not look like a whole one to whoever asks next.
      modules.delete(file)
      throw error
    }
    return module.exports
  }

  function compile(file: string): Body {
    const source = readFileSync(file)
    const sourceSum = crc32(source)
    const codeFile = join(directory, `${basename(file)}.code`)
    const cachedData = readCode(codeFile, sourceSum)
    // The bundle is ASCII, as its build makes sure: V8 holds it in a byte a character.
    const script = new Script(`${HEAD}${source.toString('latin1')}\n})`, {
      filename: file,
      columnOffset: -HEAD.length,
      ...(cachedData === undefined ? {} : { cachedData }),
    })
    const keptBytes = script.cachedDataRejected === false ? (cachedData?.length ?? 0) : 0
    parts.push({ script, sourceSum, codeFile, keptBytes })
    return script.runInThisContext() as Body
  }

  // Only now does the code hold the functions that this command called.
  process.once('exit', () => keepCode(parts, program))
  load(program)
}
