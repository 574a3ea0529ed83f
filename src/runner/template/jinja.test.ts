import { expect, test } from 'vitest'
import { isKxError } from '../../base/index.ts'
import { renderedSql } from '../../testing/a-rendering.ts'

test.each([
  ['{% for x in [1, 2, 3] if x > 1 %}{{ x }} {% endfor %}', '2 3', 'a loop with a condition'],
  [
    '{% for x in [1, 2] if x > 1 %}{{ loop.index }}{{ loop.last }}{% endfor %}',
    '1True',
    'which loop counts after',
  ],
  ["{% for k in {'b': 1, 'a': 2} %}{{ k }}{% endfor %}", 'ba', 'a loop over a mapping has its keys'],
  ["{% for k, v in {'b': 1}.items() %}{{ k }}{{ v }}{% endfor %}", 'b1', 'pairs are unpacked'],
  ['{% for a, b in [[1, 2]] %}{{ a }}{{ b }}{% endfor %}', '12', 'so are lists'],
  ['{% for x in [] %}x{% else %}none{% endfor %}', 'none', 'else of an empty loop'],
  ['{% set x = 1 %}{% for i in [1, 2] %}{% set x = i %}{% endfor %}{{ x }}', '1', 'set stays in its loop'],
  ['{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}', '2', 'set leaves an if'],
  [
    '{% set n = namespace(x=1) %}{% for i in [5] %}{% set n.x = i %}{% endfor %}{{ n.x }}',
    '5',
    'a namespace leaves a loop',
  ],
  ['{% set a, b = 1, 2 %}{{ a + b }}', '3', 'set unpacks'],
  ['{% set x %}a{{ 1 }}{% endset %}{{ x }}', 'a1', 'set takes a block'],
  ["{{ (1, 2) | join('-') }}", '1-2', 'tuples are lists'],
  ["{{ (1,) | join('-') }}{{ (3) }}", '13', 'a tuple of one'],
  ['{{ [1, 2, 3][-1] }}', '3', 'positions from the end'],
  ["{{ 'abcdef'[1:3] }}{{ 'abc'[:-1] }}{{ [1, 2, 3][1:] | join }}", 'bcab23', 'slices'],
  ["{{ [{'n': 1}, {'n': 2}] | join(', ', attribute='n') }}", '1, 2', 'join by attribute'],
  ["{{ [{'n': 1}] | map(attribute='n') | join }}", '1', 'map by attribute'],
  ['{{ True }} {{ False }} {{ None is none }} {{ true }}', 'True False True True', "Python's constants"],
  ["{{ [1, 2,] | join(',',) }}", '1,2', 'trailing commas'],
  ['{{ 7 * 3 // 2 }} {{ 7 // 2 * 3 }} {{ 9 - 3 + 1 }}', '10 9 7', 'operators of one rank from the left'],
  ['{{ -7 % 3 }} {{ -7 // 2 }} {{ 2 ** 3 }} {{ 1 / 4 }}', '2 -4 8 0.25', "Python's arithmetic"],
  ["{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 1 == '1' }} {{ [1] == [1] }}", 'True False False True', 'comparisons'],
  [
    "{{ 'a' if false else 'b' if false else 'c' }}{{ 'x' if false }}",
    'c',
    'conditions in a row, and without else',
  ],
  ["{% if [] or {} or '' or 0 %}yes{% else %}no{% endif %}", 'no', 'empty things are false'],
  ["{{ 'a\\d' }}", 'a\\d', 'an unknown escape keeps its backslash'],
  [
    "{{ 'a.b.a'.replace('a', 'c') }} {{ 'A b'.lower().split(' ') | join('_') }}",
    'c.b.c a_b',
    "texts have Python's methods",
  ],
  [
    "{{ nope | default('d') }}{{ nope is defined }}{{ nope is not defined }}",
    'dFalseTrue',
    'what is missing can be asked for',
  ],
  ["{% set xs = [] %}{% do xs.append('a') %}{{ xs | join }}", 'a', 'do'],
  [
    "{{ 'a' in 'abc' }} {{ 2 in [1] }} {{ 'k' in {'k': 1} }} {{ 2 not in [1] }}",
    'True False True True',
    'in',
  ],
  ["{{ ['b', 'A'] | sort | join }}{{ 2.5 | round | int }}{{ '7' | int + 1 }}", 'Ab28', 'filters'],
  ['{% raw %}{{ x }}{% endraw %}', '{{ x }}', 'raw'],
  ["{{ {'a': {'b': 2}}['a']['b'] }}", '2', 'braces in braces'],
  ["{{ {'a': {'b': [{'c': 3}]}}.a.b[0].c }}{% if {'a': {}}%}y{% endif %}", '3y', 'deeper ones'],
  ["{{ '\\x41\\u00e9' }}", 'Aé', 'characters by number'],
  ["{{ ['b', 'A', 'a', 'B'] | unique | join }}", 'bA', 'unique looks past case'],
  ["{{ ['B', 'a'] | min }}{{ ['b', 'C', 'c'] | max }}", 'aC', 'so do min and max'],
  ["{{ [{'n': 2}, {'n': 1}] | min(attribute='n') | tojson }}", '{"n": 1}', 'min by attribute'],
  ['{{ 2.675 | round(2) }} {{ 0.125 | round(2) }} {{ 1250 | round(-2) }}', '2.67 0.12 1200', 'rounding'],
  ["{% set d = {} %}{% do d.update(b=2) %}{{ d.b }}{{ namespace({'x': 1}).x }}", '21', 'names as a mapping'],
  ["{{ 'abc'.startswith(('x', 'a')) }}{{ 'abc'.endswith('b') }}", 'TrueFalse', 'one of several starts'],
  [
    "{{ 6 is divisibleby 3 }} {{ 'a' is in ['a', 'b'] }} {{ 'a' is not in ['a'] }} {{ 1 is ne 2 and true }}",
    'True True False True',
    'tests take an argument without brackets',
  ],
  ["{{ 'y' if x is defined else 'n' }}{{ 'y' if 1 is odd or x else 'n' }}", 'ny', 'words end a test'],
  ['{{ 3 is odd }}{{ (1 + 1) is odd }}{{ 3 | abs is odd }}{{ not 3 is even }}', 'TrueFalseTrueTrue', 'tests'],
  ["{{ 'a' ~ 'b' + 'c' }}{{ 2 * 3 ~ 'x' }}", 'abc6x', '~ before +'],
  [
    '{{ 4 / 2 }} {{ 2.0 }} {{ 2.5 + 0.5 }} {{ 2.5 | round }} {{ 2.5 | round | int }} {{ -1.0 }}',
    '2.0 2.0 3.0 2.0 2 -1.0',
    'floats stay floats',
  ],
  [
    "{{ [] | first | default('none') }}{{ ('x' if false) | default('d') }}",
    'noned',
    'what filters do not find',
  ],
  ['{{ range(3) | join }} {{ range(1, 6, 2) | join }}', '012 135', 'range'],
  ['{% filter upper %}a{% endfilter %}', 'A', 'filter blocks'],
  [
    '{% macro f(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(b=4, a=3) }}',
    '1234',
    'macros of the file',
  ],
  ['{% macro f() %}({{ caller() }}){% endmacro %}{% call f() %}x{% endcall %}', '(x)', 'call'],
  ['{% set n = 5 %}{% macro f() %}{{ n }}{% endmacro %}{{ f() }}', '5', 'macros see the names of their file'],
])('%s renders to %j: %s', (template, sql) => {
  expect(renderedSql(template)).toBe(sql)
})

test.each([
  ["{{ '%s' % 1 }}", 1, 4, "Python's formatting"],
  ["{{ '{}'.format(1) }}", 1, 4, 'format'],
  ['{{ [1, 2] }}', 1, 4, 'a printed list'],
  ["{{ {'a': 1} }}", 1, 4, 'a printed mapping'],
  ['{{ {a: 1} }}', 1, 5, 'a key without quotes'],
  ['{{ 90071992547409931 }}', 1, 4, 'a number a double cannot hold'],
  ['{% for a, b in [1] %}{% endfor %}', 1, 16, 'a number cannot be unpacked'],
  ["{% for k, v in {'ab': 1} %}{% endfor %}", 1, 16, 'nor a mapping without items()'],
  ['{% set a, b = [1] %}', 1, 4, 'too few values'],
  ["{% include 'x' %}", 1, 4, 'include'],
  ["{% from 'x' import y %}", 1, 4, 'import'],
  ["{% extends 'x' %}", 1, 4, 'extends'],
  ['{{ r/a/g }}', 1, 4, 'a regular expression'],
  ["{{ 'a' | urlize }}", 1, 10, 'a filter that is not there'],
  ["{{ 'a'.zfill(3) }}", 1, 4, 'a method that is not there'],
  ['{{ 1 + 1 is odd }}', 1, 4, 'is after an operator'],
  ['{{ 2 > 1 is defined }}', 1, 4, 'is after a comparison'],
  ['{{ [1, 2, 3][::2] }}', 1, 13, 'a slice with a step'],
  ["{{ 'a\\1' }}", 1, 4, 'a control character by number'],
  ["{{\n 'ab' ~ '\\bx' }}", 2, 9, 'a control character by letter'],
  ["{{ 'a,b,c'.split(',', 1) | join }}", 1, 4, 'a method with more than it takes here'],
  ["{{ 'a,b'.split(sep=',') | join }}", 1, 4, 'a method with names'],
  ['{% macro f(a) %}{% endmacro %}{{ f(*[1]) }}', 1, 36, 'a list as arguments'],
  ["{% macro f(a) %}{% endmacro %}{{ f(**{'a': 1}) }}", 1, 36, 'a mapping as arguments'],
  ['{{ 1e3 }}', 1, 4, 'an exponent'],
  ['{{ 1.5e3 }}', 1, 4, 'an exponent after a point'],
  ['{{ 1_000 }}', 1, 4, 'a number with a line in it'],
])('%s is refused at %i:%i: %s', (template, line, column) => {
  expect(errorOf(template)).toEqual({
    code: 'KX_TEMPLATE_JINJA',
    at: `models/silver/view.sql:${line}:${column}`,
  })
})

test.each([
  ['{{ nope }}', 1, 4, 'an unknown name'],
  ['a\n  {{ a.b }}', 2, 6, 'an unknown name with an attribute'],
  ["{{ {'a': 1}.b }}", 1, 4, 'an attribute that is not there'],
  ['{% if nope %}{% endif %}', 1, 7, 'an unknown name in a condition'],
  ['{{ none }}', 1, 4, 'none'],
  ['{{ [] | max }}', 1, 9, 'what a filter does not find'],
  ['{{ var }}', 1, 4, 'a function without brackets'],
  ['{{ 1() }}', 1, 4, 'a number that is called'],
  ['{{ 1 + "a" }}', 1, 4, 'adding a text to a number'],
  ['{{ 1 // 0 }}', 1, 4, 'division by zero'],
  ['{{ "a" < 1 }}', 1, 4, 'comparing a text with a number'],
  ['{{ "a" is sting }}', 1, 11, 'an unknown test'],
  ['select {{ 1', 1, 8, 'an expression without end'],
  ["select {{ ref('trades) }}", 1, 15, 'a text without end'],
  ['a\n{% if true %}b', 2, 4, 'an if without end'],
  ['a\n {% for x in [1] %}b', 2, 5, 'a loop without end'],
  ['a {# b', 1, 3, 'a comment without end'],
  ['{{ f(1 }}', 1, 5, 'a call without end'],
  ['a\n\n{% endif %}', 3, 4, 'an end without begin'],
  ['{% wat %}', 1, 4, 'an unknown tag'],
  ['{{ 1 2 }}', 1, 6, 'two values'],
  ['{{ *[1] }}', 1, 4, 'an operator without its left'],
  ['{% macro f(a) %}{{ a }}{% endmacro %}{{ f() }}', 1, 20, 'an argument that was not given'],
  ['{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}', 1, 34, 'too many arguments'],
  ['{% macro f(a) %}{% endmacro %}{{ f(b=2) }}', 1, 34, 'an unknown argument'],
  ['{% macro f(a) %}{% endmacro %}{{ f(1, a=2) }}', 1, 34, 'an argument given twice'],
  ['{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', 1, 19, 'a macro that calls itself without end'],
])('%s fails at %i:%i: %s', (template, line, column) => {
  expect(errorOf(template)).toEqual({
    code: 'KX_TEMPLATE_FAILED',
    at: `models/silver/view.sql:${line}:${column}`,
  })
})

test('an unknown name suggests the nearest', () => {
  expect(() => renderedSql('{% set lookback = 3 %}{{ lookbak }}')).toThrow(
    expect.objectContaining({ message: "'lookbak' is not defined", hint: 'Did you mean lookback?' }),
  )
})

test.each([
  [
    '{% macro f(width) %}{{ width }}{% endmacro %}{{ f() }}',
    "'width' was not given",
    'Pass it where the macro',
  ],
  ["{{ log('x') }}", "'log' is not defined", 'dbt has it, kx does not'],
  ['{{ run_started_at }}', "'run_started_at' is not defined", 'dbt has it, kx does not'],
  ["{{ dbt_utils.star('x') }}", "'dbt_utils' is not defined", 'Write the macro in macros/'],
  ["{{ quite_new('x') }}", "'quite_new' is not defined", 'Write the macro in macros/, or'],
  ['{{ quite_new }}', "'quite_new' is not defined", "var('quite_new')"],
])('%s says what to do', (template, message, hint) => {
  expect(() => renderedSql(template)).toThrow(
    expect.objectContaining({ message, hint: expect.stringContaining(hint) }),
  )
})

test('macros of macros/ are in scope everywhere, in each other too', () => {
  const macros =
    '{% macro twice(x) %}{{ once(x) }}{{ once(x) }}{% endmacro %}{% macro once(x) %}<{{ x }}>{% endmacro %}'

  expect(renderedSql('{{ twice(1) }}', { macros })).toBe('<1><1>')
})

test("an error in a macro blames the macro's file, and says who called", () => {
  const macros = '{% macro f(x) -%}\n  {{ x.y }}\n{%- endmacro %}'

  expect(() => renderedSql('select\n  {{ f({}) }}', { macros })).toThrow(
    expect.objectContaining({
      message: 'x.y is not there (called from models/silver/view.sql:2:6)',
      at: expect.objectContaining({ file: 'macros/m.sql', line: 2, column: 6 }),
    }),
  )
})

function errorOf(template: string): { code: string; at: string } | string {
  try {
    return renderedSql(template)
  } catch (error) {
    if (!isKxError(error)) throw error
    const { file, line, column } = error.at ?? { file: '' }
    return { code: error.code, at: `${file}:${line}:${column}` }
  }
}

test.each([
  ["'a\\'b'", "a'b"],
  ["'a\\\\nb'", 'a\\nb'],
  ["'a\\nb'", 'a\nb'],
  ['"\\w+\\."', '\\w+\\.'],
  ["'a\nb' ~ 1", 'a\nb1'],
])('the text %s is %j', (written, value) => {
  expect(renderedSql(`select {{ ${written} }}, 1`)).toBe(`select ${value}, 1`)
})
