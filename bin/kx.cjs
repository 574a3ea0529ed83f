#!/usr/bin/env node
// Starts the bundle in dist/, or the TypeScript sources where there is none (npm ci --ignore-scripts).
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const bundle = join(__dirname, '../dist/kx.cjs')
if (existsSync(bundle)) {
  require(bundle)
} else {
  import('tsx/esm/api').then(({ register }) => {
    register()
    return import('../src/cli/main.ts')
  })
}
