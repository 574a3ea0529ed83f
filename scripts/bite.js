// Breaks each wall on purpose, in a copy of src/, and sees dependency-cruiser name its rule: npm run bite
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import rooms from './rooms.cjs'

const { runnerRooms, collectorRooms } = rooms

/** Rule → a file that breaks it, and what it says. */
const bites = {
  'no-circles': ['src/base/bite.ts', "import './bite-too.ts'", 'src/base/bite-too.ts', "import './bite.ts'"],
  'base-imports-nothing': ['src/base/bite.ts', "import '../warehouse/index.ts'"],
  'warehouse-knows-only-base': ['src/warehouse/bite.ts', "import '../runner/index.ts'"],
  'runner-and-collector-are-strangers': [
    'src/runner/execute/bite.ts',
    "import '../../collector/load/index.ts'",
  ],
  'collector-and-runner-are-strangers': ['src/collector/load/bite.ts', "import '../../runner/index.ts'"],
  'nobody-imports-cli': ['src/runner/execute/bite.ts', "import '../../cli/shared/io.ts'"],
  'testing-is-for-tests': ['src/cli/run/bite.ts', "import '../../testing/an-io.ts'"],
  'only-warehouse-knows-pg': ['src/runner/execute/bite.ts', "import 'pg'"],
  'rooms-are-entered-by-the-door': ['src/runner/execute/bite.ts', "import '../../warehouse/open.ts'"],
  'what-decides-cannot-act': [
    'src/runner/plan/bite.ts',
    "import './bite-too.ts'",
    'src/runner/plan/bite-too.ts',
    "import 'node:fs'",
  ],
  resolvable: ['src/base/bite.ts', "import './nowhere.ts'"],
  'no-dev-dependency-in-product': ['src/cli/run/bite.ts', "import 'vitest'"],
  'ccxt-in-one-room': ['src/collector/feed/bite.ts', "import 'ccxt'"],
  'aws-in-one-room': ['src/collector/feed/bite.ts', "import '@aws-sdk/client-s3'"],
  'not-in-package-json': ['src/cli/run/bite.ts', "import 'picomatch'"],
}
for (const [half, rooms] of Object.entries({ runner: runnerRooms, collector: collectorRooms })) {
  rooms.slice(0, -1).forEach((room, i) => {
    bites[`${half}-${room}-looks-left-only`] = [
      `src/${half}/${room}/bite.ts`,
      `import '../${rooms[i + 1]}/bite-too.ts'`,
      `src/${half}/${rooms[i + 1]}/bite-too.ts`,
      'export {}',
    ]
  })
}

const directory = mkdtempSync(join(tmpdir(), 'kx-bite-'))
try {
  for (const name of ['src', 'scripts', 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    cpSync(name, join(directory, name), { recursive: true })
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(directory, 'node_modules'))
  const toothless = Object.entries(bites).filter(([rule, files]) => !isBitten(rule, files))
  for (const [rule] of toothless) console.error(`does not bite: ${rule}`)
  console.log(`${Object.keys(bites).length - toothless.length} of ${Object.keys(bites).length} rules bite`)
  process.exitCode = toothless.length === 0 ? 0 : 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

function isBitten(rule, files) {
  const written = []
  for (let i = 0; i < files.length; i += 2) {
    const file = join(directory, files[i])
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${files[i + 1]}\n`)
    written.push(file)
  }
  const report = cruise()
  for (const file of written) rmSync(file)
  return report.includes(`error ${rule}:`)
}

function cruise() {
  const command = join(process.cwd(), 'node_modules/.bin/depcruise')
  try {
    return execFileSync(command, ['src', '--config', '.dependency-cruiser.cjs'], {
      cwd: directory,
      encoding: 'utf8',
    })
  } catch (error) {
    return String(error.stdout)
  }
}
