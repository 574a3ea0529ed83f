import { expect, test } from 'vitest'
import { aProject } from '../../testing/a-project.ts'
import { anIo } from '../../testing/an-io.ts'
import { lsCommand } from '../ls/ls.ts'

const contract = (use: string) => `description: A model.\ntests:\n  - ${use}\n`
const generic = '{% test expression(model, expression) %}select 1{% endtest %}'

test.each([
  [
    'KX_CONTRACT_INVALID',
    'expression: { expresion: a }',
    '> 3 |   - expression: { expresion: a }\n    |     ^',
  ],
  [
    'KX_CONFIG_INVALID',
    'expression: { expression: a, severity: wrn }',
    '> 3 |   - expression: { expression: a, severity: wrn }\n    |     ^',
  ],
])('%s in the use of a test shows the line of the contract', async (code, use, frame) => {
  const { directory } = aProject({
    'models/silver/one.sql': "{{ config(materialized='table') }}\nselect 1 as a",
    'models/silver/one.yml': contract(use),
    'tests/generic/expression.sql': generic,
  })

  await expect(lsCommand(anIo({ cwd: directory }).io, {})).rejects.toMatchObject({
    code,
    at: { file: 'models/silver/one.yml', line: 3, column: 5, frame: expect.stringContaining(frame) },
  })
})
