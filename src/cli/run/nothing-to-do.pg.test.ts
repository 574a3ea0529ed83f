import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'
import { parseVars } from '../shared/workspace.ts'
import { rangeBetween } from './request.ts'

test('a run that has nothing to do says of which partitions', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([[0, 'a', 1]])
  const what = async (partition: string) => (await kx.run({ partition })).out

  expect(await what('failed')).toEqual(['nothing to do: no partition of 1 model is failed'])
  expect(await what('2030-01-01')).toEqual(['nothing to do: 1 model has no partition there'])
  await kx.run()
  expect((await kx.run()).out).toEqual(['nothing to do: 1 model current'])
})

test('its summary for machines has the keys of every summary', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([[0, 'a', 1]])
  const keys = async () => {
    const { out } = await kx.run({}, { logFormat: 'json' })
    return Object.keys(JSON.parse(out.at(-1) ?? '{}'))
  }

  const built = await keys()

  expect(await keys()).toEqual(built)
  expect(built).toContain('held')
})

test('--limit is read before anything is done', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })

  await expect(kx.run({ limit: 'x' })).rejects.toThrow('--limit x is not a whole number from 1 up')
})

test('--from and --to are one range, and it does not run backwards', () => {
  const hour = (text: string) => Date.parse(`${text}:00:00Z`)

  expect(rangeBetween('2024-05-01T13', '2024-05-01T13')).toEqual({
    startMs: hour('2024-05-01T13'),
    endMs: hour('2024-05-01T14'),
  })
  expect(rangeBetween('2024-05', undefined)?.endMs).toBe(Number.POSITIVE_INFINITY)
  expect(() => rangeBetween('2024-05-02', '2024-05-01')).toThrow(
    expect.objectContaining({
      code: 'KX_PARTITION_INVALID',
      message: "--from '2024-05-02' is after --to '2024-05-01'",
    }),
  )
})

test.each([
  ['a=1,b=x', { a: 1, b: 'x' }],
  ['a=true,b=false,c=True', { a: true, b: false, c: 'True' }],
  ['{"a": {"b": false}}', { a: { b: false } }],
  ['a=', { a: '' }],
  ['a=x=y', { a: 'x=y' }],
])('--vars %s', (text, vars) => {
  expect(parseVars(text)).toEqual(vars)
})
