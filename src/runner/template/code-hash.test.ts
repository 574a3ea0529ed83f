import { expect, test } from 'vitest'
import { aRendering, type RenderingSketch } from '../../testing/a-rendering.ts'

const incremental = "{{ config(materialized='incremental', time_column='t', unique_key=['t', 'k']) }}"

test.each([
  [`${incremental} select 1`, `-- c\n${incremental}\n\nSELECT 1 -- x`, 'layout and comments'],
  [
    `${incremental} select 1`,
    `{{ config(materialized='incremental', time_column='t', unique_key=['t', 'k'], batch=4, settle='5m', tags='a') }} select 1`,
    'batch, settle and tags',
  ],
  ["select {{ 'a' }}", 'select a', 'how the text came about'],
  ["select * from {{ ref('fact') }}", "select * from {{ ref('silver.fact') }}", 'how a parent is named'],
])('%s has the hash of %s: %s do not count', (a, b) => {
  expect(hashOf(a)).toBe(hashOf(b))
})

test.each([
  ['select 1', 'select 2', 'the text'],
  ['select 1', "{{ config(materialized='table') }} select 1", 'the materialization'],
  [
    `${incremental} select 1`,
    `{{ config(materialized='incremental', time_column='t', unique_key=['t']) }} select 1`,
    'the key',
  ],
  [
    `${incremental} select 1`,
    `{{ config(materialized='incremental', time_column='t', unique_key=['t', 'k'], partition='day') }} select 1`,
    'the partition',
  ],
  ["select * from {{ ref('fact') }}", "select * from {{ ref('fact', window='1h') }}", 'the window'],
  ["select * from {{ ref('fact') }}", "select * from {{ source('bronze', 'native') }}", 'the parent'],
])('%s has another hash than %s: %s counts', (a, b) => {
  expect(hashOf(a)).not.toBe(hashOf(b))
})

test('a schema prefix changes no hash, though it shows in this', () => {
  const target = { name: 'anna', engine: 'server', schemaPrefix: 'dev_anna_' }
  const sql = "select '{{ this }}' as me"

  expect(hashOf(sql, { target })).toBe(hashOf(sql))
  expect(aRendering({ 'models/silver/x.sql': sql }, { target }).models[0]?.rendered.sql).toContain(
    '"dev_anna_silver"."x"',
  )
})

function hashOf(sql: string, sketch: RenderingSketch = {}): number | undefined {
  const files = { 'models/silver/fact.sql': 'select 1', 'models/silver/x.sql': sql }
  return aRendering(files, sketch).models.find(({ name }) => name === 'x')?.codeHash
}
