import { CommanderError } from 'commander'
import { KxError } from '../base/index.ts'
import type { Run } from './commands/run.ts'
import { buildProgram } from './program.ts'
import { type Io, processIo } from './shared/io.ts'
import { reportError } from './shared/report-error.ts'
import { stoppingText } from './shared/stopping-text.ts'

/** Reads argv, runs the command and ends the process with its exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController()
  const io = processIo(logFormatOf(argv), interrupt.signal)
  onInterrupt(interrupt, io, argv)
  let code = 0
  const run: Run = (action) =>
    async function (...args) {
      const positional = args
        .slice(0, -2)
        .flat()
        .filter((arg): arg is string => typeof arg === 'string')
      code = await action(io, this.optsWithGlobals(), positional)
    }
  try {
    const program = buildProgram(run)
    prepare(program)
    await program.parseAsync([...argv])
    return code
  } catch (error) {
    if (error instanceof CommanderError) return usage(io, error)
    if (interrupt.signal.aborted) return 130
    return reportError(io, error)
  }
}

type Program = ReturnType<typeof buildProgram>

function prepare(command: Program): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, getOutHelpWidth: () => 100 })
  for (const child of command.commands) prepare(child)
}

function usage(io: Io, error: CommanderError): number {
  if (error.exitCode === 0) return 0
  const message = error.message.replace(/^error: /, '')
  if (error.code === 'commander.help') {
    return reportError(io, new KxError('KX_USAGE', 'no command was given', { hint: 'Run kx --help.' }))
  }
  return reportError(io, new KxError('KX_USAGE', message, { hint: 'Run kx --help, or kx COMMAND --help.' }))
}

function logFormatOf(argv: readonly string[]): 'text' | 'json' {
  const at = argv.findIndex((arg) => arg === '--log-format' || arg === '--log-format=json')
  return at >= 0 && (argv[at] === '--log-format=json' || argv[at + 1] === 'json') ? 'json' : 'text'
}

/** The first signal lets what is in flight end well; the second ends the process at once. */
function onInterrupt(interrupt: AbortController, io: Io, argv: readonly string[]): void {
  // A terminal and a service manager signal the whole group: workers end when their supervisor says so.
  const isWorker = argv.includes('collect-worker')
  const message = stoppingText(argv)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isWorker) return
      if (interrupt.signal.aborted) process.exit(130)
      io.err(message)
      interrupt.abort()
    })
  }
}

if (process.argv.includes('--no-color')) process.env.NO_COLOR = '1'
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
// Should what main waits for never come, Node would end with 0: that is a fault of kx, and no success.
process.exitCode = 70
void main(process.argv).then((code) => {
  process.exitCode = code
  // All that counts is on disk: a server that does not hang up keeps nobody from ending.
  if (process.argv.includes('collect')) setTimeout(() => process.exit(), 1_000).unref()
})
