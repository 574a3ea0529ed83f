import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { planCommand } from '../plan/plan.ts'

const INNER =
  "{{ config(materialized='ephemeral') }}\nselect * from {{ source('bronze', 'tick') }} where value < {{ var('most') }}"
const MODEL = HOURLY.replace("{{ source('bronze', 'tick') }}", "{{ ref('inner') }}").replace(
  'sum(value order by at, value)',
  "sum(value order by at, value) * {{ var('lookback') }}",
)

const settings = (lookback: number) => `vars:\n  lookback: ${lookback}\n  most: 100\n  unused: 1`

test('a var that changes the text makes hours stale, and plan says which and how', async () => {
  const kx = await aRunner(
    { 'models/silver/hourly.sql': MODEL, 'models/silver/inner.sql': INNER },
    settings(3),
  )
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 2],
  ])
  await kx.run()
  const changed = { vars: 'lookback=5', partition: '2024-05-01T01' }
  const looked = anIo({ cwd: kx.directory })
  await planCommand(looked.io, { vars: 'lookback=5,most=50', fullRefresh: true })

  const { out } = await kx.run(changed)

  expect(looked.out[0]).toContain('var lookback: 3 → 5, most: 100 → 50')
  expect(out.some((line) => line.includes('var lookback: 3 → 5'))).toBe(true)
  expect(await kx.rows('select value from silver.hourly order by 1')).toEqual(['3', '10'])
  const back = await kx.run()
  expect(back.out.some((line) => line.includes('var lookback: 5 → 3'))).toBe(true)
  expect((await kx.run({ vars: 'unused=7', partition: 'stale' })).out).toEqual([
    'nothing to do: no partition of 1 model is stale',
  ])
})

test('--vars on the command line wants to know for which hours', async () => {
  const kx = await aRunner(
    { 'models/silver/hourly.sql': MODEL, 'models/silver/inner.sql': INNER },
    settings(3),
  )

  await expect(kx.run({ vars: 'lookback=5' })).rejects.toMatchObject({ code: 'KX_USAGE' })
})
