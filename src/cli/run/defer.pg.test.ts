import { expect, test } from 'vitest'
import { aRunner, HOURLY, type Runner } from '../../testing/a-run.ts'

const CHILD = `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select hour_start, name, value * 10 as value from {{ ref('hourly') }}`

/** A project with prod and, beside it in the same database, dev. */
async function twoTargets(): Promise<Runner> {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'models/gold/child.sql': CHILD })
  const { dbname = '', ...words } = kx.target.connection
  const url = kx.target.connection.url ?? `postgresql:///${dbname}?${new URLSearchParams(words)}`
  kx.write({
    'project.yml': `name: made_up
target: test
targets:
  test:
    url: ${JSON.stringify(url)}
  dev:
    url: ${JSON.stringify(url)}
    schema_prefix: dev_anna_
  far:
    url: postgresql:///elsewhere
`,
  })
  return kx
}

test('a prefixed target builds beside production and leaves all of it alone', async () => {
  const kx = await twoTargets()
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  const before = await kx.rows('select * from kx.partition order by model')
  kx.write({ 'models/silver/hourly.sql': HOURLY.replace('as value', '+ 1 as value') })

  const { code } = await kx.run({ target: 'dev' })

  expect(code).toBe(0)
  expect(await kx.rows('select value from dev_anna_gold.child')).toEqual(['20'])
  expect(await kx.rows('select value from gold.child')).toEqual(['10'])
  expect(await kx.rows('select * from kx.partition order by model')).toEqual(before)
  expect(await kx.rows('select count(*) from dev_anna_kx.partition')).toEqual(['2'])
  expect(await kx.rows('select count(*) from kx.run')).toEqual(['1'])
})

test('--defer reads what is not built here from the other target, and follows its versions', async () => {
  const kx = await twoTargets()
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 2],
  ])
  await kx.run({ select: ['hourly'] })
  const dev = { target: 'dev', defer: 'test', select: ['child'] }

  const first = await kx.run(dev)
  const second = await kx.run(dev)
  await kx.feed([[1, 'a', 5]])
  await kx.run({ select: ['hourly'] })
  const third = await kx.run(dev)

  expect([first.code, second.code, third.code]).toEqual([0, 0, 0])
  expect(second.out).toEqual(['nothing to do: 1 model current'])
  expect(third.out[0]).toMatch(/^built +gold\.child 2024-05-01T01 .* silver\.hourly changed$/)
  expect(await kx.rows('select value from dev_anna_gold.child order by hour_start')).toEqual(['10', '70'])
  expect(await kx.rows("select to_regclass('dev_anna_silver.hourly') is null")).toEqual(['t'])
})

test('an hour that the other target does not have blocks', async () => {
  const kx = await twoTargets()
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 2],
  ])
  await kx.run({ select: ['hourly'], partition: '2024-05-01T00' })

  const { code, out } = await kx.run({ target: 'dev', defer: 'test', select: ['child'] })

  expect(code).toBe(1)
  expect(out.join('\n')).toMatch(/blocked +gold\.child 2024-05-01T01 +silver\.hourly is missing or failed/)
})

test('what is built in the same run is read here, deferred or not', async () => {
  const kx = await twoTargets()
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  kx.write({ 'models/silver/hourly.sql': HOURLY.replace('as value', '+ 1 as value') })

  const { code } = await kx.run({ target: 'dev', defer: 'test' })

  expect(code).toBe(0)
  expect(await kx.rows('select value from dev_anna_gold.child')).toEqual(['20'])
})

test('a target in another database cannot be read from here', async () => {
  const kx = await twoTargets()

  await expect(kx.run({ target: 'dev', defer: 'far' })).rejects.toMatchObject({ code: 'KX_USAGE' })
})
