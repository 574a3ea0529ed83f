import { expect, test } from 'vitest'
import { aWarehouse } from '../testing/database.ts'

test('numbers and booleans are values, everything else is what Postgres prints', async () => {
  const warehouse = await aWarehouse()

  const { rows } = await warehouse.query(
    `select 1::int2 as a, 2::int8 as b, 'NaN'::float8 as c, '-Infinity'::float4 as d, true as e, 1.50::numeric as f,
        timestamptz '2024-05-01 13:00+02' as g, array[1, null, 3]::int8[] as h, null::int4 as i, '{{1,2},{3,4}}'::float8[] as j,
        array[true, false] as k, date '2024-05-01' as l, '{}'::int4[] as m`,
  )

  expect(rows).toEqual([
    {
      a: 1,
      b: 2,
      c: Number.NaN,
      d: Number.NEGATIVE_INFINITY,
      e: true,
      f: '1.50',
      g: '2024-05-01 11:00:00+00',
      h: [1, null, 3],
      i: null,
      j: [
        [1, 2],
        [3, 4],
      ],
      k: [true, false],
      l: '2024-05-01',
      m: [],
    },
  ])
})
