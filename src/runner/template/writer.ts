import type { At, Template } from './ast.ts'

/** A stretch of rendered text and what wrote it; it ends where the next one starts. */
export interface Chunk {
  /** Offset in the text of the template or macro that it belongs to. */
  readonly start: number
  readonly template: Template
  readonly at: At
  /** The literal text of the template, if it is one: places inside it are exact. */
  readonly literal: string | undefined
  /** What the macro that was called here wrote, counted from `start`. */
  readonly inner: readonly Chunk[] | undefined
}

/** Collects rendered text with what wrote it. */
export interface Writer {
  text: string
  readonly chunks: Chunk[]
}

export function newWriter(): Writer {
  return { text: '', chunks: [] }
}

/** Appends `text` and says where it comes from. */
export function write(
  writer: Writer,
  text: string,
  { template, at, literal, inner }: Omit<Chunk, 'start'>,
): void {
  if (text === '') return
  writer.chunks.push({ start: writer.text.length, template, at, literal, inner })
  writer.text += text
}
