import fc from 'fast-check'
import { expect, test } from 'vitest'
import { meaningOf, tokenizeSql } from './sql-tokens.ts'

test.each([
  ["select 'it''s' -- x\n, 1", ['word select', "string 'it''s'", 'comment -- x', 'symbol ,', 'number 1']],
  ['a /* b /* c */ d */ e', ['word a', 'comment /* b /* c */ d */', 'word e']],
  [
    "e'a\\'b' E'' b'01' x'ff' u&'d' n'x'",
    ["string e'a\\'b'", "string E''", "string b'01'", "string x'ff'", "string u&'d'", "string n'x'"],
  ],
  ['$$a;b$$ $x$ $$ $x$ $1', ['string $$a;b$$', 'string $x$ $$ $x$', 'parameter $1']],
  ['"A b" "x""y" u&"q"', ['quoted "A b"', 'quoted "x""y"', 'quoted u&"q"']],
  [
    '1.5e-3 .5 1e9 0xFF 1_000 t.c a$b',
    [
      'number 1.5e-3',
      'number .5',
      'number 1e9',
      'number 0xFF',
      'number 1_000',
      'word t',
      'symbol .',
      'word c',
      'word a$b',
    ],
  ],
  [
    "x::text <= '\u00e9' preis_\u20ac",
    [
      'word x',
      'symbol :',
      'symbol :',
      'word text',
      'symbol <',
      'symbol =',
      "string '\u00e9'",
      'word preis_\u20ac',
    ],
  ],
  ["eb'x' end 'open", ['word eb', "string 'x'", 'word end', "string 'open"]],
  [
    'a[1:2] b[1..2]',
    [
      'word a',
      'symbol [',
      'number 1',
      'symbol :',
      'number 2',
      'symbol ]',
      'word b',
      'symbol [',
      'number 1',
      'symbol .',
      'number .2',
      'symbol ]',
    ],
  ],
])('%s is read as its tokens', (sql, tokens) => {
  expect(tokenizeSql(sql).map(({ kind, text }) => `${kind} ${text}`)).toEqual(tokens)
})

test('tokens and the white space between them are the whole text', () => {
  const piece = fc.constantFrom(
    ...`select 'a' "b" -- /* */ $$ $x$ $1 e' u&' .5 1e3 ' " \n ; ( é 😀 \u00a0`.split(' '),
    ' ',
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const sql = pieces.join('')
      let end = 0
      for (const { text, start } of tokenizeSql(sql)) {
        expect(sql.slice(end, start)).toMatch(/^\s*$/)
        expect(sql.slice(start, start + text.length)).toBe(text)
        expect(text).not.toBe('')
        end = start + text.length
      }
      expect(sql.slice(end)).toMatch(/^\s*$/)
    }),
  )
})

const meaning = (sql: string) => meaningOf(tokenizeSql(sql), (text) => text)

test.each([
  ['SELECT  a', 'select A -- c'],
  ['select a/* x */+1', 'select a + 1'],
  ["select 'A'", "SELECT\n'A'"],
])('%s means what %s means', (a, b) => {
  expect(meaning(a)).toBe(meaning(b))
})

test.each([
  ["select 'A'", "select 'a'"],
  ['select "A"', 'select a'],
  ['select ab', 'select a b'],
  ['select $$ a$$', 'select $$a$$'],
])('%s means something else than %s', (a, b) => {
  expect(meaning(a)).not.toBe(meaning(b))
})
