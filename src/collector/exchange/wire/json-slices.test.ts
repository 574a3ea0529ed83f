import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elementSlices, memberSlices } from './json-slices.ts'

test('members are found whatever stands between and in them', () => {
  const json = ' {\n "a" : 1.50 , "b\\u0062":{"}":"]\\"{"},"a":[1,[2,"\\\\"]],"":-0e1}'

  const members = [...memberSlices(json, 0)].map(([name, { start, end }]) => [name, json.slice(start, end)])
  expect(members).toEqual([
    ['a', '[1,[2,"\\\\"]]'],
    ['bb', '{"}":"]\\"{"}'],
    ['', '-0e1'],
  ])
})

test('any JSON is cut into the parts that it has', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const list = JSON.stringify([value, value], null, indent)
      const object = JSON.stringify({ 'a"\\': value, b: value }, null, indent)

      const elements = elementSlices(list, 0).map(({ start, end }) => JSON.parse(list.slice(start, end)))
      const members = [...memberSlices(object, 0)].map(([name, { start, end }]) => [
        name,
        JSON.parse(object.slice(start, end)),
      ])

      expect(elements).toEqual(JSON.parse(list))
      expect(Object.fromEntries(members)).toEqual(JSON.parse(object))
    }),
  )
})

test('a million brackets are only counted', () => {
  const deep = `[${'['.repeat(1e6)}${']'.repeat(1e6)},7]`

  expect(elementSlices(deep, 0).map(({ start, end }) => end - start)).toEqual([2e6, 1])
})
