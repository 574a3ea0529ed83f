import { KxError } from '../../base/index.ts'

/**
 * Exchanges of `--exchanges`, by their ids; undefined: all.
 *
 * @throws {KxError} KX_USAGE if it names none: an empty variable of a shell is not everything
 */
export function exchangesOf(
  list: string | undefined,
  aliases: Readonly<Record<string, string>>,
): string[] | undefined {
  const names = namesOf('--exchanges', list)?.map((name) => name.toLowerCase())
  return names && [...new Set(names.map((name) => aliases[name] ?? name))]
}

/**
 * The patterns of `--symbols` as they were written; undefined: all.
 *
 * @throws {KxError} KX_USAGE if there are none
 */
export function symbolsOf(list: string | undefined): string | undefined {
  return namesOf('--symbols', list)?.join(',')
}

function namesOf(option: string, list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined
  const names = list.split(',').map((name) => name.trim())
  const written = names.filter((name) => name !== '')
  if (written.length > 0) return written
  throw new KxError('KX_USAGE', `${option} '${list}' names nothing`, { hint: 'Leave it out to have all.' })
}
