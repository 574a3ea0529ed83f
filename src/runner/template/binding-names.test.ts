import { expect, test } from 'vitest'
import { aRendering } from '../../testing/a-rendering.ts'
import { formatWindow } from '../model/index.ts'

const config = "{{ config(materialized='incremental', time_column='t', unique_key='t') }}"

test.each([
  ["select * from {{ ref('fact') }}", 'select * from fact', ['fact ← silver.fact own'], 'the bare name'],
  [
    "select fact.a from {{ ref('fact') }} where exists (select 1 from {{ ref('fact') }} as f)",
    'select fact.a from fact where exists (select 1 from fact as f)',
    ['fact ← silver.fact own'],
    'one binding for one window',
  ],
  [
    "select * from {{ ref('fact') }} join {{ ref('fact', window='24h') }} as day on true",
    'select * from fact join fact_24h as day on true',
    ['fact ← silver.fact own', 'fact_24h ← silver.fact 24h'],
    'another window says so',
  ],
  [
    "select * from {{ ref('fact', window='1d..-1d') }} cross join {{ ref('fact', '24h..1h') }}",
    'select * from fact_1d_before_1d cross join fact_24h_1h',
    ['fact_1d_before_1d ← silver.fact 1d..-1d', 'fact_24h_1h ← silver.fact 24h..1h'],
    'both say so if neither is the own one',
  ],
  [
    "select * from {{ ref('fact', window='none') }}",
    'select * from fact',
    ['fact ← silver.fact none'],
    'one window needs no suffix',
  ],
  [
    "with fact as (select * from {{ ref('fact') }} where fact.a > 0) select * from fact join {{ ref('fact') }} f on true",
    'with fact as (select * from fact_2 as fact where fact.a > 0) select * from fact join fact_2 f on true',
    ['fact_2 ← silver.fact own'],
    'a CTE of that name, as dbt users write it',
  ],
  [
    "with fact(a) as materialized (select 1) select * from {{ ref('fact') }}",
    'with fact(a) as materialized (select 1) select * from fact_2 as fact',
    ['fact_2 ← silver.fact own'],
    'a CTE with columns',
  ],
  [
    "select * from {{ source('bronze', 'native') }} join {{ ref('native') }} using (a)",
    'select * from bronze_native join native using (a)',
    ['bronze_native ← bronze.native own', 'native ← gold.native own'],
    'a source and a model of one name',
  ],
  [
    "select * from {{ ref('order') }} o",
    'select * from "order" o',
    ['order ← silver.order own'],
    'a reserved word is quoted',
  ],
  [
    "select * from {{ previous('1h') }} as before, {{ source('bronze', 'native') }}",
    'select * from reader as before, native',
    ['reader ← silver.reader 1h', 'native ← bronze.native own'],
    'the own past has the own name',
  ],
  ["select 1 -- {{ ref('fact') }}", 'select 1', [], 'what a comment names is not read'],
  ["-- {{ ref('fact') }}\nselect 1", '-- fact\nselect 1', [], 'and a comment stays readable'],
])('%s becomes %s, which binds %j: %s', (template, sql, bindings) => {
  const { models } = aRendering({
    'models/silver/fact.sql': 'select 1',
    'models/silver/order.sql': 'select 1',
    'models/gold/native.sql': 'select 1',
    'models/silver/reader.sql': `${config}\n${template.replace("'24h..1h')", "window='24h..1h')")}`,
  })
  const rendered = models.find(({ name }) => name === 'reader')?.rendered

  expect(rendered?.sql).toBe(sql)
  expect(
    rendered?.bindings.map(({ name, edge }) => `${name} ← ${edge.parent} ${formatWindow(edge.window)}`),
  ).toEqual(bindings)
})

test('bounds are numbered as they are used, and once each', () => {
  const { models } = aRendering({
    'models/silver/x.sql': `${config} select {{ partition.end }}, {{ partition.start }}, {{ partition.end }} /* {{ partition.start }} */ , 1;`,
  })

  expect(models[0]?.rendered).toMatchObject({
    sql: 'select $1::timestamptz, $2::timestamptz, $1::timestamptz /* partition.start */ , 1',
    parameters: [
      { from: 'end', offsetMs: 0 },
      { from: 'start', offsetMs: 0 },
    ],
  })
})
