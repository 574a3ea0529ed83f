import { takeLock } from '../collector/control/lock.ts'

// A process of its own that takes a lock, says so, and keeps it until it is killed.
const [stateDirectory = ''] = process.argv.slice(2)
const outcome = await takeLock(stateDirectory, { command: 'collect', nowMs: Date.UTC(2024, 4, 1) }).then(
  () => 'taken',
  (error: Error) => `refused: ${error.message}`,
)
process.stdout.write(`${outcome}\n`)
if (outcome === 'taken') process.stdin.resume()
