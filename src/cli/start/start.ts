import { statSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { SERVICES, SHORT_COMMANDS } from './commands.ts'
import { loadWithCode } from './load-with-code.ts'

// The first program of the bundle: main.cjs lies beside it.
const program = join(__dirname, 'main.cjs')
const command = process.argv.find((argument) => SERVICES.has(argument) || SHORT_COMMANDS.has(argument))
if (SERVICES.has(command ?? '') || process.sourceMapsEnabled) require(program)
else loadWithCode(program, join(__dirname, 'code', nodeKey(), command ?? 'help'))

/**
 * Names this very Node and its flags: another build of the same version may take code that it cannot run, and ends
 * with SIGSEGV (https://github.com/nodejs/node/issues/62781).
 */
function nodeKey(): string {
  const { size, mtimeMs } = statSync(process.execPath)
  const build = [process.execPath, size, mtimeMs, process.env.NODE_OPTIONS, ...process.execArgv].join('\n')
  return `${process.version}-${process.arch}-${crc32(build).toString(16).padStart(8, '0')}`
}
