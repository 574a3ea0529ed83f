import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isKxError, placedAt, placeIn } from '../../base/index.ts'

/**
 * What `act` gives; an error that knows its line but not the text of it gets a code frame from the file.
 *
 * @param directory of the project, absolute
 */
export async function withFrame<Result>(
  directory: string,
  act: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    throw framed(directory, error)
  }
}

function framed(directory: string, error: unknown): unknown {
  if (!isKxError(error)) return error
  const { at } = error
  if (at?.line === undefined || at.frame !== undefined) return error
  const text = textOf(join(directory, at.file))
  if (text === undefined) return error
  return placedAt(error, placeIn(at.file, text, at.line, at.column ?? 1))
}

/** A frame is a help: a file that is gone by now is not what the user must hear of. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
