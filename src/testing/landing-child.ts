import { systemClock } from '../base/index.ts'
import { openLanding } from '../collector/landing/index.ts'
import { aFolder } from './a-landing.ts'

/** A test that forgets to kill it leaves it for no longer. */
const LONGEST_MS = 20_000

// A writer of its own process: lands numbered lines as fast as it may, says what is synced, and goes on until killed.
const [directory = '', partPrefix = ''] = process.argv.slice(2)
const folders = ['BTC-USD', 'ETH-USD', 'SOL-USD'].map((symbol) => aFolder(symbol))
const landing = openLanding({
  directory,
  partPrefix,
  clock: systemClock,
  onSynced: (parts) => process.stdout.write(`${JSON.stringify(parts)}\n`),
  onTrouble: (error) => process.stderr.write(`${error?.message}\n`),
})
for (let n = 0; performance.now() < LONGEST_MS; ) {
  const lines = folders.map((folder) => ({ folder, text: `{"n":${n++},"raw":"${'x'.repeat(500)}"}` }))
  landing.append(lines)
  if (landing.pendingBytes() > 1 << 20) await landing.commit()
  else if (n % 300 === 0) await new Promise((resolve) => setImmediate(resolve))
}
await landing[Symbol.asyncDispose]()
