import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatPlace } from '../../base/index.ts'
import { aRendering } from '../../testing/a-rendering.ts'

const files = {
  'macros/time.sql':
    '{# header #}\n{% macro bucket(time) -%}\n    date_bin({{ width() }}, {{ time }})\n{%- endmacro %}\n{% macro width() %}5 min{% endmacro %}',
  'models/silver/fact.sql': 'select 1',
  'models/gold/x.sql': `{{ config(tags='a') }}
{# a note #}
with fact as (select * from {{ ref('fact') }})
select
    {% for n in [1, 2] -%}
    {{ bucket('t') }} as b{{ n }},
    {% endfor %}
    wrong
from fact {{ 'x' if true }} {{- ' y' }}`,
}

test.each([
  ['with fact', 'models/gold/x.sql:3:1', 'plain text'],
  ['fact_2', 'models/gold/x.sql:3:32', 'a ref, however long its name is'],
  ['select\n', 'models/gold/x.sql:4:1', 'text behind a ref'],
  ['date_bin', 'macros/time.sql:3:5', 'text of a macro'],
  ['5 min', 'macros/time.sql:5:20', 'text of a macro that a macro called'],
  ['t) as b2', 'macros/time.sql:3:32', 'what a macro was given'],
  [' as b2', 'models/gold/x.sql:6:22', 'text in a loop'],
  ['wrong', 'models/gold/x.sql:8:5', 'text behind a loop'],
  ['x y', 'models/gold/x.sql:9:14', 'an expression'],
  [' y', 'models/gold/x.sql:9:33', 'an expression that trims'],
])('%j leads to %s: %s', (needle, place) => {
  const { models, locate } = aRendering(files)
  const model = models[0]
  if (model === undefined) throw new Error('no model')

  expect(formatPlace(locate(model, model.rendered.sql.indexOf(needle)))).toBe(place)
})

test('the frame shows the line, its neighbours and a caret, and who called the macro', () => {
  const { models, locate } = aRendering(files)
  const model = models[0]
  if (model === undefined) throw new Error('no model')

  expect(locate(model, model.rendered.sql.indexOf('date_bin')).frame).toBe(
    `  2 | {% macro bucket(time) -%}
> 3 |     date_bin({{ width() }}, {{ time }})
    |     ^
  4 | {%- endmacro %}
called from models/gold/x.sql:6:8`,
  )
})

test('every character that a template wrote leads back to itself', () => {
  const piece = fc.constantFrom(
    'a',
    ' ',
    '\n',
    "{{ ref('fact') }}",
    '{# c #}',
    '{%- if true %}',
    '{% endif -%}',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = `select 1 as b${pieces.join('')} c`
      let rendering: ReturnType<typeof aRendering>
      try {
        rendering = aRendering({ 'models/silver/fact.sql': 'select 1', 'models/silver/x.sql': text })
      } catch {
        return
      }
      const model = rendering.models.find(({ name }) => name === 'x')
      if (model === undefined) throw new Error('no model')
      const lines = text.split('\n')
      for (const [offset, character] of [...model.rendered.sql].entries()) {
        const { line = 0, column = 0 } = rendering.locate(model, offset)
        const written = lines[line - 1]?.slice(column - 1) ?? ''
        if (!written.startsWith('ref(')) expect(`${written}\n`.startsWith(character)).toBe(true)
      }
    }),
  )
})
