import { expect, test } from 'vitest'
import type { Target } from '../warehouse.ts'
import { describeServer } from './describe.ts'
import { redact } from './errors.ts'
import { findPassword } from './passfile.ts'
import { formatAddress, readConnectionSettings } from './settings.ts'
import { tlsAttempts } from './tls.ts'

const target = (connection: Target['connection']): Target => ({
  name: 'prod',
  engine: 'server',
  schemaPrefix: '',
  sourcePrefix: '',
  connection,
  projectDirectory: '/',
})

const shown = (connection: Target['connection'], env = {}) => {
  const { user, password, database, connectTimeoutMs, tls, ...place } = readConnectionSettings(
    target(connection),
    env,
  )
  return `${user}:${password ?? ''}@${formatAddress(place)}/${database} ${tls.mode} ${connectTimeoutMs / 1000}s`
}

test.each([
  [
    { url: 'postgresql://anna:s%40crt@db.example:6000/market' },
    'anna:s@crt@db.example:6000/market prefer 10s',
  ],
  [{ url: 'postgres://anna@[::1]/market?sslmode=disable' }, 'anna:@[::1]:5432/market disable 10s'],
  [{ url: 'postgresql:///market?host=/run/pg&user=anna' }, 'anna:@/run/pg/.s.PGSQL.5432/market prefer 10s'],
  [{ url: 'postgresql://anna@%2Frun%2Fpg/market' }, 'anna:@/run/pg/.s.PGSQL.5432/market prefer 10s'],
  [{ url: 'postgresql://anna@/market?host=/run/pg' }, 'anna:@/run/pg/.s.PGSQL.5432/market prefer 10s'],
  [{ host: 'db', user: 'anna', connect_timeout: '3' }, 'anna:@db:5432/anna prefer 3s'],
  [{ host: 'db', user: 'anna', sslmode: 'verify-full' }, 'anna:@db:5432/anna verify-full 10s'],
])('%j is read as libpq would', (connection, expected) => {
  expect(shown(connection)).toBe(expected)
})

test("what the target does not say comes from libpq's variables", () => {
  const env = { PGHOST: 'db', PGPORT: '6000', PGUSER: 'anna', PGPASSWORD: 'secret', PGDATABASE: 'market' }

  expect(shown({ dbname: 'other' }, env)).toBe('anna:secret@db:6000/other prefer 10s')
})

test.each([
  [{ url: 'postgresql://anna:secret@host:port/market' }, 'the url'],
  [{ url: 'https://anna:secret@host/market' }, 'the url'],
  [{ host: 'db', port: '99999' }, "port '99999'"],
  [{ host: 'db', sslmode: 'yes' }, "sslmode 'yes'"],
])('%j is refused without its secrets', (connection, named) => {
  const reading = () => readConnectionSettings(target(connection), {})

  expect(reading).toThrow(expect.objectContaining({ code: 'KX_TARGET_INVALID' }))
  expect(reading).toThrow(named)
  expect(reading).not.toThrow('secret')
})

test.each([
  ['db:5432:market:anna:one', 'one'],
  ['*:*:*:anna:o:n:e', 'o:n:e'],
  ['db:5432:market:bob:no\ndb:5432:*:anna:two', 'two'],
  ['# db:5432:market:anna:no\ndb:*:market:*:a\\:b\\\\c', 'a:b\\c'],
  ['other:5432:market:anna:no', undefined],
  ['db:5432:market:anna', undefined],
])('the password file %j gives %j', (text, password) => {
  expect(findPassword(text, { host: 'db', port: 5432, database: 'market', user: 'anna' })).toBe(password)
})

test.each([
  ['disable', [false]],
  ['allow', [false, { rejectUnauthorized: false }]],
  ['prefer', [{ rejectUnauthorized: false }, false]],
  ['require', [{ rejectUnauthorized: false }]],
])('sslmode %s tries %j', (sslmode, attempts) => {
  const settings = readConnectionSettings(target({ host: 'db', sslmode }), {})

  expect(tlsAttempts(settings)).toEqual(attempts)
})

test('verification without a root certificate is refused, a socket needs none', () => {
  const settings = (host: string) => readConnectionSettings(target({ host, sslmode: 'verify-full' }), {})

  expect(() => tlsAttempts(settings('db'))).toThrow('needs a root certificate')
  expect(tlsAttempts(settings('/run/pg'))).toEqual([false])
})

test.each([
  ['cannot reach postgresql://anna:s3cret@db/market', 'cannot reach postgresql://anna:***@db/market'],
  ["host=db password='s3 cret' user=anna", 'host=db password=*** user=anna'],
  ['nothing to hide at db:5432', 'nothing to hide at db:5432'],
])('%j is shown as %j', (text, expected) => {
  expect(redact(text)).toBe(expected)
})

test('the url for psql has no password', () => {
  const { url } = describeServer(target({ url: 'postgresql://anna:secret@db:6000/market' }), {})

  expect(url).toBe('postgresql:///market?host=db&port=6000&user=anna&sslmode=prefer')
})
