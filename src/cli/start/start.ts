import { join } from 'node:path'
import { SERVICES, SHORT_COMMANDS } from './commands.ts'
import { loadWithCode } from './load-with-code.ts'

// The first program of the bundle: main.cjs lies beside it.
const program = join(__dirname, 'main.cjs')
const command = process.argv.find((argument) => SERVICES.has(argument) || SHORT_COMMANDS.has(argument))
if (SERVICES.has(command ?? '') || process.sourceMapsEnabled) require(program)
else loadWithCode(program, join(__dirname, 'code', `${process.version}-${process.arch}`, command ?? 'help'))
