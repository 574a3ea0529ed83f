import type {
  Assertion,
  Contract,
  Edge,
  Model,
  ModelConfig,
  RenderedSql,
  Seed,
  Source,
} from '../runner/model/index.ts'
import { parseWindow } from '../runner/model/index.ts'

/** What a test says of a model; the rest is filled in. */
export interface ModelSketch extends Partial<Omit<ModelConfig, 'written'>> {
  /** What it reads: `silver.trades`, `silver.trades 24h`, `bronze.ticks none`, `previous 1h`. */
  readonly reads?: readonly string[]
  readonly written?: Readonly<Record<string, unknown>>
  readonly usesPartition?: boolean
  readonly contract?: Contract
}

/** A model under models/, its path from the id: `gold.dash.overview` is models/gold/dash/overview.sql. */
export function aModel(id: string, sketch: ModelSketch = {}): Model {
  const { reads = [], written = {}, usesPartition = false, contract, ...config } = sketch
  const fqn = id.split('.')
  const file = `models/${fqn.join('/')}.sql`
  const own = `${fqn[0]}.${fqn.at(-1)}`
  const sql = rendered(file, own, reads, usesPartition)
  return {
    kind: 'model',
    id: own,
    schema: fqn[0] ?? '',
    name: fqn.at(-1) ?? '',
    fqn,
    file,
    contractFile: file.replace('.sql', '.yml'),
    config: aConfig({ ...config, written }),
    edges: sql.bindings.map(({ edge }) => edge),
    rendered: sql,
    codeHash: 1,
    contract,
  }
}

function aConfig(sketch: Partial<ModelConfig>): ModelConfig {
  const materialized = sketch.materialized ?? 'incremental'
  return {
    materialized,
    partition: materialized === 'incremental' ? 'hour' : undefined,
    strategy: 'replace',
    uniqueKey: ['at'],
    timeColumn: 'at',
    updateWhen: undefined,
    onSchemaChange: 'append',
    batch: undefined,
    beginMs: undefined,
    settleMs: 180_000,
    isProtected: false,
    isEnabled: true,
    renamedFrom: undefined,
    tags: [],
    written: {},
    ...sketch,
  }
}

/** A source of rows, declared by models/bronze/<name>.yml. */
export function aSource(
  id: string,
  { tags = [], contract = {} }: { tags?: string[]; contract?: Partial<Contract> } = {},
): Source {
  const [schema = '', name = ''] = id.split('.')
  const file = `models/${schema}/${name}.yml`
  const whole = { ...aContract(file), timeColumn: 'at', ...contract }
  return { kind: 'source', id, schema, name, fqn: [schema, name], file, contract: whole, tags }
}

/** A CSV under seeds/. */
export function aSeed(name: string, { tags = [] }: { tags?: string[] } = {}): Seed {
  return {
    kind: 'seed',
    id: `seeds.${name}`,
    schema: 'seeds',
    name,
    fqn: ['seeds', name],
    file: `seeds/${name}.csv`,
    contract: undefined,
    contractFile: undefined,
    tags,
    contentHash: 1,
  }
}

/** A test that reads `parents`; generic when it is given a test's name. */
export function aTest(
  name: string,
  parents: readonly string[],
  { testName, tags = [], ...rest }: Partial<Pick<Assertion, 'testName' | 'tags' | 'severity' | 'file'>> = {},
): Assertion {
  const file = rest.file ?? (testName === undefined ? `tests/${name}.sql` : 'models/silver/trades.yml')
  return {
    kind: 'test',
    id: `tests.${name}`,
    name,
    fqn: ['tests', name],
    file,
    at: { file },
    testType: testName === undefined ? 'singular' : 'generic',
    testName,
    rendered: rendered(file, name, parents, false),
    parents,
    model: parents[0],
    severity: rest.severity ?? 'error',
    isBlocking: false,
    tags,
    config: {},
    codeHash: 1,
  }
}

function aContract(file: string): Contract {
  return {
    description: '',
    columns: [],
    tests: [],
    config: {},
    tags: [],
    timeColumn: undefined,
    validRange: undefined,
    keyOrder: [],
    file,
  }
}

function rendered(file: string, own: string, reads: readonly string[], usesPartition: boolean): RenderedSql {
  return {
    sql: 'select 1',
    bindings: reads.map((text, i) => ({ name: `input_${i}`, edge: anEdge(text, own) })),
    parameters: usesPartition ? [{ from: 'start', offsetMs: 0 }] : [],
    vars: {},
    file,
  }
}

function anEdge(text: string, own: string): Edge {
  const [parent = '', window] = text.split(' ')
  if (parent === 'previous') return { kind: 'previous', parent: own, window: parseWindow(window ?? '1h') }
  return {
    kind: parent.startsWith('bronze.') ? 'source' : 'ref',
    parent,
    window: window === undefined ? 'own' : parseWindow(window),
  }
}
