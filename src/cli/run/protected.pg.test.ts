import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'

const PROTECTED = HOURLY.replace('materialized=', 'protected=true, materialized=')

test('new code alone does not rebuild a month of a protected model; the rest of the run goes on', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': PROTECTED, 'models/silver/other.sql': HOURLY })
  await kx.feed([
    [0, 'a', 1],
    [720, 'a', 2],
  ])
  await kx.run()
  const edited = (model: string) => model.replace('as value', '+ 1 as value')
  kx.write({ 'models/silver/hourly.sql': edited(PROTECTED), 'models/silver/other.sql': edited(HOURLY) })

  const held = await kx.run()
  const nothing = await kx.run()
  const selected = await kx.run({ select: ['hourly'] })

  expect([held.code, nothing.code, selected.code]).toEqual([2, 2, 0])
  expect(held.err).toContain(
    'warning: silver.hourly is protected: 721 partitions changed by code alone wait for --yes or --select',
  )
  expect(held.out.at(-1)).toMatch(/^done {2}25 partitions built, 696 unchanged/)
  expect(nothing.out).toEqual(['nothing done: 721 partitions held back'])
  expect(await kx.rows('select value from silver.hourly order by 1')).toEqual(['2', '3'])
})

test('a full refresh of a protected model wants --yes, and changes no equal row', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': PROTECTED })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  const before = await kx.rows('select ctid from silver.hourly')

  const refused = kx.run({ fullRefresh: true, select: ['hourly'] })

  await expect(refused).rejects.toMatchObject({
    code: 'KX_CONFIRM',
    message: expect.stringContaining('silver.hourly'),
  })
  const { code, out } = await kx.run({ fullRefresh: true, select: ['hourly'], yes: true })
  expect([code, out[0]]).toEqual([0, expect.stringMatching(/^unchanged .* full refresh$/)])
  expect(await kx.rows('select ctid from silver.hourly')).toEqual(before)
})

test('--from and --to take both hours they name', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed(Array.from({ length: 6 }, (_, hour) => [hour, 'a', hour] as const))

  await kx.run({ from: '2024-05-01T01', to: '2024-05-01T03' })

  expect(await kx.rows('select value from silver.hourly order by 1')).toEqual(['1', '2', '3'])
})

test('nothing selected is a warning, or exit 2 with --strict', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })

  expect(await kx.run({ select: ['nobody'] })).toEqual({
    code: 0,
    out: [],
    err: ["warning: 'nobody' matches nothing in this project", 'warning: no model is selected'],
  })
  await expect(kx.run({ select: ['nobody'], strict: true })).rejects.toMatchObject({
    code: 'KX_SELECT_EMPTY',
  })
})
