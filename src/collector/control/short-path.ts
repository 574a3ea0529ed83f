import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Bytes of a Unix socket's path: sun_path of Linux holds 108 with its end, macOS 104. */
const PATH_LIMIT = process.platform === 'darwin' ? 103 : 107
/** Of a socket's name below the directory, with its slash. */
const NAME_BYTES = 48

/** A path to a directory, short enough for a socket in it. */
export interface ShortPath extends AsyncDisposable {
  readonly path: string
}

/**
 * A path to `directory` that a Unix socket's name fits behind: the directory itself, or a link to it below the
 * system's temporary directory. The link is private and gone with the disposal; a socket bound through it stays.
 */
export async function shortPath(directory: string): Promise<ShortPath> {
  const path = resolve(directory)
  if (Buffer.byteLength(path) + NAME_BYTES <= PATH_LIMIT) {
    return { path, [Symbol.asyncDispose]: async () => undefined }
  }
  const parent = await mkdtemp(join(tmpdir(), 'kx-'))
  const link = join(parent, 's')
  await symlink(path, link)
  return { path: link, [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }) }
}
