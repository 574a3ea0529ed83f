import { readFileSync, statSync } from 'node:fs'
import { type Clock, type ClockScale, KxError, scaledClock, systemClock } from '../../base/index.ts'

/**
 * The machine's clock; or the one that KX_CLOCK describes, so that a simulated exchange, a collector and a run
 * share a time that goes faster: JSON as `ClockScale`, or the path of a file with it, looked at again when it
 * changes.
 *
 * @throws {KxError} KX_USAGE if KX_CLOCK cannot be read
 */
export function clockOf(env: Readonly<Record<string, string | undefined>>): Clock {
  const text = env.KX_CLOCK
  if (text === undefined || text === '') return systemClock
  if (text.trimStart().startsWith('{')) {
    const scale = parseScale(text)
    return scaledClock(() => scale)
  }
  return scaledClock(followed(text))
}

/** How often a file is looked at, real ms. */
const LOOK_EVERY_MS = 20

function followed(file: string): () => ClockScale {
  let scale = parseScale(readFirst(file))
  let lookedMs = performance.now()
  let changedMs = statSync(file).mtimeMs
  return () => {
    if (performance.now() - lookedMs < LOOK_EVERY_MS) return scale
    lookedMs = performance.now()
    const mtimeMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs
    if (mtimeMs === undefined || mtimeMs === changedMs) return scale
    changedMs = mtimeMs
    scale = parseScale(readFileSync(file, 'utf8'))
    return scale
  }
}

function readFirst(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw wrongClock(`${file}: ${(cause as Error).message}`)
  }
}

function parseScale(text: string): ClockScale {
  try {
    const scale = JSON.parse(text) as ClockScale
    const isRight = [scale.factor, scale.realMs, scale.atMs].every(Number.isFinite) && scale.factor > 0
    if (isRight) return scale
  } catch {
    // Said below.
  }
  throw wrongClock(text)
}

function wrongClock(text: string): KxError {
  return new KxError('KX_USAGE', `KX_CLOCK is not a clock: ${text.trim().slice(0, 120)}`, {
    hint: 'Write {"factor": 60, "realMs": …, "atMs": …} or a file with it, or unset it.',
  })
}
