import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('the unit leaves time to seal, load and upload, and is started again for ever', () => {
  const unit = readFileSync(new URL('../../../deploy/kx-collect.service', import.meta.url), 'utf8')

  expect(unit).toMatch(/^TimeoutStopSec=30$/m)
  expect(unit).toMatch(/^Restart=always$/m)
  expect(unit).toMatch(/^KillMode=mixed$/m)
  expect(unit).toMatch(/^LimitNOFILE=\d+$/m)
  expect(unit).toMatch(/^LoadCredential=/m)
})
