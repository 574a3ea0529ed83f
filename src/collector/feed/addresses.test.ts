import { expect, test } from 'vitest'
import { withAddresses } from './addresses.ts'

const kraken = {
  exchange: 'kraken',
  wsUrl: undefined,
  restUrl: undefined,
  hasCandles: true,
  ticks: undefined,
}

test('addresses of the environment stand in where project.yml names none', () => {
  const env = { KX_WS_KRAKEN: 'ws://127.0.0.1:1', KX_REST_KRAKEN: 'http://127.0.0.1:2' }

  expect(withAddresses({ ...kraken, restUrl: 'https://proxy' }, env)).toMatchObject({
    wsUrl: 'ws://127.0.0.1:1',
    restUrl: 'https://proxy',
  })
  expect(withAddresses(kraken, { KX_WS_KRAKEN: '' })).toEqual(kraken)
})

test.each([
  [{ KX_WS_KRAKEN: 'foo' }, "KX_WS_KRAKEN is no address: 'foo'", 'wss:// or ws://'],
  [{ KX_WS_KRAKEN: 'http://x' }, "KX_WS_KRAKEN is no address: 'http://x'", 'wss:// or ws://'],
  [{ KX_REST_KRAKEN: 'localhost:80' }, "KX_REST_KRAKEN is no address: 'localhost:80'", 'https:// or http://'],
])('%j is refused before anything is connected', (env, message, hint) => {
  const refused = { code: 'KX_USAGE', message, hint: `Write a URL that begins with ${hint}, or unset it.` }

  expect(() => withAddresses(kraken, env)).toThrow(expect.objectContaining(refused))
})
