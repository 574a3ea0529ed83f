import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { metrics } from './metrics.ts'

const root = new URL('../../..', import.meta.url).pathname
const read = (file: string) => readFileSync(join(root, file), 'utf8')

test('docs/collector.md lists every metric with its labels, and no other', () => {
  const page = read('docs/collector.md')
  const aboutMetrics = page.slice(page.indexOf('\n## Health and metrics\n'))
  const documented = [...aboutMetrics.matchAll(/^\| `(\w+)` \| ([\w, ]*) ?\|/gm)].map(([, name, labels]) =>
    `${name} ${labels?.trim()}`.trim(),
  )

  expect(documented).toEqual(metrics.map(({ name, labels }) => `${name} ${labels.join(', ')}`.trim()))
})

test('every alert asks for a metric that exists', () => {
  const { groups } = parse(read('deploy/alerts.yml')) as {
    groups: { rules: { alert: string; expr: string }[] }[]
  }
  const rules = groups.flatMap((group) => group.rules)
  const known = new Set(metrics.map(({ name }) => `kx_collect_${name}`))

  expect(rules.length).toBeGreaterThan(10)
  for (const { alert, expr } of rules) {
    const asked = expr.match(/\bkx_collect_\w+/g) ?? []
    expect(`${alert}: ${asked.filter((name) => !known.has(name))}`).toBe(`${alert}: `)
  }
})
