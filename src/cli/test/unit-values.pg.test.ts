import { expect, test } from 'vitest'
import { aRunner } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { testCommand } from './test.ts'

const PLAIN = "{{ config(materialized='table') }}\nselect name, value from {{ source('bronze', 'tick') }}"

async function unitTest(model: string, rows: { given: string; expect: string }) {
  const kx = await aRunner({
    'models/silver/plain.sql': model,
    'tests/unit/plain.yml': `unit_tests:
  - name: plain
    model: plain
    given:
      - input: source('bronze', 'tick')
        rows: ${rows.given}
    expect: ${rows.expect}
`,
  })
  const { io, out, err } = anIo({ cwd: kx.directory })
  return { code: await testCommand(io, { select: ['test_type:unit'] }), said: [...out, ...err].join('\n') }
}

test('a number with leading zeros is a text in a column of text, and a number in others', async () => {
  const { code, said } = await unitTest(PLAIN, {
    given: '[{ name: 007, value: 08 }]',
    expect: "[{ name: '007', value: 8 }]",
  })

  expect(said).toContain('1 test passed')
  expect(code).toBe(0)
})

test.each([
  ['given', { given: '[{ value: 1 }, { value: abc }]', expect: '[]' }, "row 2 of source('bronze', 'tick')"],
  ['expected', { given: '[{ value: 1 }]', expect: '[{ value: 1 }, { value: abc }]' }, 'row 2 of expect'],
])('a %s value that does not fit is named by row and column', async (_, rows, where) => {
  const { said } = await unitTest(PLAIN, rows)

  expect(said).toContain(
    `unit test plain: ${where}, column value: invalid input syntax for type double precision: "abc"`,
  )
})

test('a list that is expected of an untyped array column says how to write it', async () => {
  const model = PLAIN.replace('name, value', 'array_agg(name order by name) as names')
  const given = '[{ name: a }, { name: b }]'

  const listed = await unitTest(model, { given, expect: '[{ names: [a, b] }]' })
  const written = await unitTest(model, { given, expect: "[{ names: '{a,b}' }]" })

  expect(listed.said).toContain('row 1 of expect, column names: malformed array literal')
  expect(listed.said).toContain("→ Name the column's type in a contract of silver.plain, or write the list")
  expect(written.code).toBe(0)
})
