#!/usr/bin/env node
// Starts the bundle in dist/, or the TypeScript sources where there is none (npm ci --ignore-scripts).
import { existsSync } from 'node:fs'

const bundle = new URL('../dist/kx.mjs', import.meta.url)
if (existsSync(bundle)) {
  await import(bundle.href)
} else {
  const { register } = await import('tsx/esm/api')
  register()
  await import(new URL('../src/cli/main.ts', import.meta.url).href)
}
