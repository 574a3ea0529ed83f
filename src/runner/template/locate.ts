import { lineAndColumn, type Place, placeIn } from '../../base/index.ts'
import type { Replacement } from './finish.ts'
import { placeOf } from './place.ts'
import type { Chunk } from './writer.ts'

/** How a rendered SQL text came about: enough to lead from any of its characters to what the user wrote. */
export interface Trace {
  readonly chunks: readonly Chunk[]
  readonly replacements: readonly Replacement[]
  /** Where the SQL begins in the raw text; negative if kx put something in front. */
  readonly rawStart: number
  /** Where to point if nothing of the template is there. */
  readonly fallback: Place
}

/**
 * The place in a template or macro that wrote the character at `offset` (from 0) of a rendered SQL. In a macro, the
 * frame ends with the place that called it.
 */
export function locateIn(trace: Trace, offset: number): Place {
  const raw = rawOffset(trace, offset)
  const chunk = raw < 0 ? undefined : chunkAt(trace.chunks, raw)
  if (chunk === undefined) return trace.fallback
  return placeInChunk(chunk, raw - chunk.start)
}

function rawOffset({ replacements, rawStart }: Trace, offset: number): number {
  let raw = offset + rawStart
  for (const { start, end, text } of replacements) {
    if (start < rawStart || raw < start) continue
    if (raw < start + text.length) return start
    raw += end - start - text.length
  }
  return raw
}

function chunkAt(chunks: readonly Chunk[], offset: number): Chunk | undefined {
  return chunks.findLast(({ start }) => start <= offset)
}

function placeInChunk(chunk: Chunk, offset: number): Place {
  const { template, at, literal, inner } = chunk
  const called = inner === undefined ? undefined : chunkAt(inner, offset)
  if (called !== undefined) {
    const place = placeInChunk(called, offset - called.start)
    if (called.template.file === template.file) return place
    const from = `called from ${template.file}:${at.lineno + 1}:${at.colno + 1}`
    return { ...place, frame: `${place.frame ?? ''}\n${from}` }
  }
  if (literal === undefined) return placeOf(template, at)
  // Nunjucks counts a text from its tag's end, before white space was trimmed.
  const tokenStart = offsetOf(template.text, at.lineno, at.colno)
  const { line, column } = lineAndColumn(template.text, template.text.indexOf(literal, tokenStart) + offset)
  return placeIn(template.file, template.text, line, column)
}

function offsetOf(text: string, lineno: number, colno: number): number {
  let start = 0
  for (let line = 0; line < lineno; line++) start = text.indexOf('\n', start) + 1
  return start + colno
}
