import { expect, test } from 'vitest'
import { aProject } from '../../testing/a-project.ts'
import { aRunner, HOURLY, type Runner, TICK_CONTRACT } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { planCommand } from '../plan/plan.ts'
import { statusCommand } from '../status/status.ts'
import { whyCommand } from '../why/why.ts'

const RENAMED = HOURLY.replace('materialized=', "renamed_from='hourly', materialized=")

/** The same warehouse under another project, where silver.hourly is called `id`. */
async function renamed(id: string, model: string): Promise<{ before: Runner; after: Runner }> {
  const before = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await before.feed([
    [0, 'a', 1],
    [1, 'b', 2],
  ])
  await before.run()
  const { directory, write } = aProject(
    { [`models/${id.replace('.', '/')}.sql`]: model },
    { targets: { test: before.target } },
  )
  write({ 'models/bronze/tick.yml': TICK_CONTRACT })
  const run: Runner['run'] = (options, io) => before.run(options, { cwd: directory, ...io })
  return { before, after: { ...before, directory, write, run } }
}

test.each([
  ['silver.ticks_hourly', RENAMED],
  ['gold.ticks_hourly', RENAMED.replace("'hourly'", "'silver.hourly'")],
])('%s takes table and ledger of its old name over, and builds nothing again', async (id, model) => {
  const { before, after: kx } = await renamed(id, model)
  const ctids = await before.rows('select ctid from silver.hourly order by 1')
  const looked = anIo({ cwd: kx.directory })
  await planCommand(looked.io, {})
  await statusCommand(looked.io, {})

  const first = await kx.run()
  const second = await kx.run()

  expect(looked.out[0]).toBe('nothing to do')
  expect(looked.out.join('\n')).not.toContain('orphaned')
  expect([first.code, first.out]).toEqual([
    0,
    [`renamed   ${id} from silver.hourly`, 'nothing to do: 1 model current'],
  ])
  expect(second.out).toEqual(['nothing to do: 1 model current'])
  expect(await kx.rows(`select ctid from ${id} order by 1`)).toEqual(ctids)
  expect(await kx.rows("select to_regclass('silver.hourly') is null, count(*) from kx.partition")).toEqual([
    't 2',
  ])
  const why = anIo({ cwd: kx.directory })
  await whyCommand(why.io, 'ticks_hourly', '2024-05-01T00', {})
  expect(why.out[0]).toContain('current')
})

test('late data reaches a renamed model, and its key still holds', async () => {
  const { after: kx } = await renamed('silver.ticks_hourly', RENAMED)
  await kx.run()
  await kx.feed([[1, 'b', 5]])

  const { code } = await kx.run()

  expect(code).toBe(0)
  expect(await kx.rows('select value from silver.ticks_hourly order by 1')).toEqual(['1', '7'])
})

test('a foreign table under the new name is left alone', async () => {
  const { after: kx } = await renamed('silver.ticks_hourly', RENAMED)
  await kx.rows('create table silver.ticks_hourly (mine int)')

  await expect(kx.run()).rejects.toMatchObject({ code: 'KX_RELATION_FOREIGN' })
  expect(await kx.rows('select count(*) from silver.hourly')).toEqual(['2'])
})
