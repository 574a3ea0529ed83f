import type { Place } from './error.ts'

/** The place at `line` and `column` (from 1) of a file, with the line, its neighbours and a caret. */
export function placeIn(file: string, text: string, line: number, column: number): Place {
  return { file, line, column, frame: codeFrame(text, line, column) }
}

/** The lines around `line` with their numbers, and a caret under `column`; both count from 1. */
function codeFrame(text: string, line: number, column: number): string {
  const lines = text.split('\n')
  const first = Math.max(1, line - 1)
  const last = Math.min(lines.length, line + 1)
  const width = String(last).length
  const shown: string[] = []
  for (let number = first; number <= last; number++) {
    const content = (lines[number - 1] ?? '').replace(/\r$/, '')
    const mark = number === line ? '>' : ' '
    shown.push(`${mark} ${String(number).padStart(width)} | ${content}`.trimEnd())
    if (number === line) shown.push(`  ${' '.repeat(width)} | ${caretIndent(content, column)}^`)
  }
  return shown.join('\n')
}

/** Line and column, from 1, of the character at `offset`. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: offset - lineStart + 1 }
}

/** Tabs stay tabs, so that the caret stands under its character in every terminal. */
function caretIndent(content: string, column: number): string {
  return content
    .slice(0, column - 1)
    .replace(/[^\t]/g, ' ')
    .padEnd(column - 1)
}
