import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aRunner, HOURLY, type Runner } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { cleanCommand } from './clean.ts'

const VIEW = "{{ config(materialized='view') }} select * from {{ ref('a') }}"

async function aRunWithoutItsModels(): Promise<Runner> {
  const kx = await aRunner({
    'models/silver/a.sql': HOURLY,
    'models/silver/b.sql': VIEW,
    'models/silver/c.sql': VIEW.replace("'a'", "'b'"),
    'models/silver/kept.sql': HOURLY,
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  for (const name of ['a', 'b', 'c']) rmSync(join(kx.directory, 'models', 'silver', `${name}.sql`))
  return kx
}

const TABLES = "select table_name from information_schema.tables where table_schema = 'silver' order by 1"

test('the views on an orphaned table go before it', async () => {
  const kx = await aRunWithoutItsModels()
  const { io, out } = anIo({ cwd: kx.directory })

  const code = await cleanCommand(io, { relations: true, yes: true })

  expect([code, out]).toEqual([
    0,
    ['dropped view silver.c', 'dropped view silver.b', 'dropped table silver.a'].map((line) =>
      expect.stringMatching(line),
    ),
  ])
  expect(await kx.rows(TABLES)).toEqual(['kept'])
})

test("somebody else's view in the way is named", async () => {
  const kx = await aRunWithoutItsModels()
  await kx.rows('create view public.theirs as select * from silver.a')
  const { io } = anIo({ cwd: kx.directory })

  await expect(cleanCommand(io, { relations: true, yes: true })).rejects.toMatchObject({
    code: 'KX_RELATION_BLOCKED',
    message: expect.stringContaining('view public.theirs depends on table silver.a'),
  })
  expect(await kx.rows(TABLES)).toEqual(['a', 'kept'])
})
