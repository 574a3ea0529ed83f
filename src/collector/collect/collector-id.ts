import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { KxError } from '../../base/index.ts'

const LENGTH = 8
const SIGNS = '0123456789abcdefghijklmnopqrstuvwxyz'
const ID = new RegExp(`^[0-9a-z]{${LENGTH}}$`)

/** A random id for file names and feed ids: lower-case letters and digits, so that `-` separates it. */
export function randomId(random: () => number): string {
  return Array.from({ length: LENGTH }, () => SIGNS[Math.floor(random() * SIGNS.length)]).join('')
}

/**
 * The id of this state directory's collector; made once, and on disk before it is used.
 *
 * @throws {KxError} KX_COLLECT_STATE if its file holds something else
 */
export async function readCollectorId(stateDirectory: string, random: () => number): Promise<string> {
  const path = join(stateDirectory, 'collector-id')
  const known = (await readFile(path, 'utf8').catch(nothingIfGone))?.trim()
  if (known !== undefined) {
    if (ID.test(known)) return known
    throw new KxError(
      'KX_COLLECT_STATE',
      `${path} holds no collector id: ${JSON.stringify(known.slice(0, 40))}`,
      {
        hint: 'Remove the file: the next start makes another id. What was landed stays.',
      },
    )
  }
  const id = randomId(random)
  await mkdir(stateDirectory, { recursive: true })
  await writeSynced(path, `${id}\n`)
  return id
}

/**
 * When this state directory's collector first began, ms: minutes from then on are its own to repair.
 *
 * @throws {KxError} KX_COLLECT_STATE if its file holds something else
 */
export async function readBeginning(stateDirectory: string, nowMs: number): Promise<number> {
  const path = join(stateDirectory, 'began')
  const known = (await readFile(path, 'utf8').catch(nothingIfGone))?.trim()
  if (known === undefined) {
    await writeSynced(path, `${new Date(nowMs).toISOString()}\n`)
    return nowMs
  }
  const beganMs = Date.parse(known)
  if (Number.isFinite(beganMs)) return beganMs
  throw new KxError('KX_COLLECT_STATE', `${path} holds no time: ${JSON.stringify(known.slice(0, 40))}`, {
    hint: 'Write the time from which minutes are repaired into it: 2024-05-01T00:00:00Z.',
  })
}

/** Writes a small file whole: it has its old content or its new one, whatever happens meanwhile. */
export async function writeSynced(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`
  {
    await using file = await open(temporary, 'w')
    await file.writeFile(text)
    await file.sync()
  }
  await rename(temporary, path)
  await using directory = await open(join(path, '..'), 'r')
  await directory.sync()
}

function nothingIfGone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
