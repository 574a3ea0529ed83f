import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../lib/bench.ts'
import { peakMbOf, run, timeOf } from '../lib/process.ts'
import { kxCommand, projectOf } from '../lib/project.ts'
import { peakResult, type Result, ratioResult } from '../lib/result.ts'
import { takeTurns } from '../lib/rounds.ts'

const MODELS = 1000
const SHIPPED = [
  'silver/fact_ohlcv',
  ...['5m', '15m', '30m', '1h', '1d'].map((width) => `gold/ohlcv_${width}`),
]
const LOOP = fileURLToPath(new URL('../bare-loop.mjs', import.meta.url))

/** `kx ls` on 1,000 models that it never saw, against a loop that only reads and renders them. */
export async function measureList({ kx, rounds, directoryFor }: Bench): Promise<Result[]> {
  const project = projectOf(directoryFor('list'), families(MODELS))
  const list = kxCommand(kx, project, ['ls', '--resource-type', 'model'])
  const loop = { argv: ['node', LOOP, project] }
  const forget = () => rmSync(join(project, '.kx'), { recursive: true, force: true })
  for (const count of [run(list).trim().split('\n').length, Number(run(loop))]) {
    if (count !== MODELS) throw new Error(`${count} of ${MODELS} models were rendered`)
  }
  const times = takeTurns(
    [
      { name: 'loop', measure: () => timeOf(loop) },
      { name: 'cold', prepare: forget, measure: () => timeOf(list) },
      { name: 'warm', measure: () => timeOf(list) },
    ] as const,
    { rounds },
  )
  forget()
  return [
    ratioResult(times, {
      id: 'list',
      title: 'kx ls on 1,000 models without a cache, to a bare Nunjucks loop',
      limit: { atMost: 1.3 },
      of: 'cold',
      to: 'loop',
    }),
    ratioResult(times, {
      id: 'list-warm',
      title: 'the same with its cache',
      limit: undefined,
      of: 'warm',
      to: 'loop',
    }),
    peakResult('list-peak', 'kx ls on 1,000 models', [peakMbOf(list)]),
  ]
}

/** The shipped silver and gold models over and over, each family under names of its own. */
function families(count: number): Map<string, string> {
  const texts = SHIPPED.map((path) => ({
    path,
    text: readFileSync(new URL(`../../models/${path}.sql`, import.meta.url), 'utf8'),
  }))
  const models = new Map<string, string>()
  for (let family = 0; models.size < count; family++) {
    const suffix = `_${String(family).padStart(3, '0')}`
    for (const { path, text } of texts.slice(0, count - models.size)) {
      models.set(`${path}${suffix}.sql`, text.replace(/ref\('(\w+)'\)/g, `ref('$1${suffix}')`))
    }
  }
  return models
}
