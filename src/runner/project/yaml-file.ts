import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { KxError, type KxErrorCode, type Place, placeIn } from '../../base/index.ts'
import type { TextFile } from '../model/index.ts'
import { exactNumber } from './exact-number.ts'

export type Path = readonly (string | number)[]

/** A YAML file as values, with the place of each. */
export interface YamlFile {
  readonly file: string
  /** Mappings as objects, numbers as texts where a double would lose digits. */
  readonly value: unknown
  /** The place of what is at `path`, or of the nearest thing around it; without a code frame. */
  readonly at: (path: Path) => Place
  /** The place of a key of the mapping at `path`, with a code frame. */
  readonly atKey: (path: Path, key: string) => Place
  /** As atKey, without a code frame: for places that are kept. */
  readonly atPlain: (path: Path, key: string) => Place
  /** A number at `path` as it was written: `007`. */
  readonly digitsAt: (path: Path) => string | undefined
  readonly fail: (path: Path, message: string, hint: string) => never
}

/** @throws {KxError} `code` at the place where the text is no YAML. */
export function readYaml({ file, text }: TextFile, code: KxErrorCode): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return placeIn(file, text, line, col)
  }
  const [error] = document.errors
  if (error !== undefined) {
    const isMany = error.code === 'MULTIPLE_DOCS'
    const message = isMany ? 'the file holds several documents' : `this is not YAML: ${error.message}`
    const hint = isMany ? 'Keep one, without --- after it.' : 'Correct it here.'
    throw new KxError(code, message, { hint, at: placeAt(error.pos[0]), cause: error })
  }
  const plainAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  return {
    file,
    value: valueAt(document, document.contents),
    at: (path) => plainAt(offsetOf(document, path)),
    atKey: (path, key) => placeAt(offsetOfKey(document, path, key)),
    atPlain: (path, key) => plainAt(offsetOfKey(document, path, key)),
    digitsAt(path) {
      const node = nodeAt(document, path)
      return isScalar(node) && typeof node.value === 'number' ? node.source : undefined
    },
    fail(path, message, hint) {
      throw new KxError(code, message, { hint, at: placeAt(offsetOf(document, path)) })
    },
  }
}

function offsetOf(document: Document, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = nodeAt(document, path.slice(0, depth))
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined
    if (range) return range[0]
  }
  return 0
}

function offsetOfKey(document: Document, path: Path, key: string): number {
  const map = path.length === 0 ? document.contents : nodeAt(document, path)
  if (!isMap(map)) return offsetOf(document, path)
  const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
  return isPair(pair) && isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : offsetOf(document, path)
}

function nodeAt(document: Document, path: Path): unknown {
  let node: unknown = document.contents
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (!isMap(node) && !isSeq(node)) return undefined
    node = node.get(key, true)
  }
  return node
}

function valueAt(document: Document, node: unknown): unknown {
  if (isAlias(node)) return valueAt(document, node.resolve(document))
  if (isSeq(node)) return node.items.map((element) => valueAt(document, element))
  if (isScalar(node))
    return typeof node.value === 'number' ? exactNumber(node.value, node.source) : node.value
  if (!isMap(node)) return node ?? null
  const entries = node.items.map(({ key, value }): [string, unknown] => [
    String(isScalar(key) ? key.value : key),
    valueAt(document, value),
  ])
  const merged = entries.flatMap(([key, value]) => (key === MERGE ? [value].flat().reverse() : []))
  const written = entries.filter(([key]) => key !== MERGE)
  return Object.fromEntries([...merged.flatMap((one) => Object.entries(one ?? {})), ...written])
}

/** `<<: *anchor` brings the keys of a mapping, or of several: the first one wins, and what is written beside it. */
const MERGE = '<<'
