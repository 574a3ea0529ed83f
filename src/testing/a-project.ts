import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Target } from '../warehouse/index.ts'

/** A project on disk that a test can change as it goes. */
export interface ProjectDirectory {
  readonly directory: string
  /** Writes or overwrites files; names are relative to the directory. */
  write(files: Readonly<Record<string, string>>): void
}

/** What project.yml says if the test does not care. */
export interface ProjectSketch {
  /** By name, the first one is the default. Without any the project has the embedded engine. */
  readonly targets?: Readonly<Record<string, Target>>
  /** More lines of project.yml. */
  readonly settings?: string
}

/**
 * A made-up project in a directory of its own, removed when the test is over:
 * `aProject({ 'models/silver/trades.sql': '…' }, { targets: { test: await aDatabase() } })`.
 */
export function aProject(
  files: Readonly<Record<string, string>>,
  { targets = {}, settings = '' }: ProjectSketch = {},
): ProjectDirectory {
  const directory = mkdtempSync(join(tmpdir(), 'kx-project-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const write = (written: Readonly<Record<string, string>>) => {
    for (const [file, text] of Object.entries(written)) {
      mkdirSync(dirname(join(directory, file)), { recursive: true })
      writeFileSync(join(directory, file), text)
    }
  }
  write({ 'project.yml': projectYml(targets, settings), ...files })
  return { directory, write }
}

function projectYml(targets: Readonly<Record<string, Target>>, settings: string): string {
  const names = Object.keys(targets)
  const lines = ['name: made_up', settings]
  if (names.length > 0) lines.push(`target: ${names[0]}`, 'targets:')
  for (const [name, target] of Object.entries(targets)) {
    lines.push(`  ${name}:`, `    url: ${JSON.stringify(urlOf(target.connection))}`)
    if (target.schemaPrefix !== '') lines.push(`    schema_prefix: ${target.schemaPrefix}`)
    if (target.sourcePrefix !== '') lines.push(`    source_prefix: ${target.sourcePrefix}`)
  }
  return `${lines.join('\n')}\n`
}

/** A url that may lead to a Unix socket: host and user are parameters of it. */
function urlOf({ url, dbname = '', ...words }: Target['connection']): string {
  return url ?? `postgresql:///${dbname}?${new URLSearchParams(words)}`
}
