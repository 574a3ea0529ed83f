import type { Contract, Project, TestUse } from '../runner/model/index.ts'
import { collectSettingsOf } from '../runner/project/parse-collect.ts'
import { type RenderedProject, renderProject } from '../runner/template/index.ts'

/** A contract that says nothing but what the test cares about. */
export function aContract(file: string, contract: Partial<Contract> = {}): Contract {
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
    ...contract,
  }
}

/** A use of a generic test, at line 7 of the contract. */
export function aTestUse(file: string, name: string, args: TestUse['args'] = {}): TestUse {
  return { name, args, at: { file, line: 7, column: 5 } }
}

/** What a test says of the project besides its files. */
export interface RenderingSketch extends Partial<Parameters<typeof renderProject>[1]> {
  readonly contracts?: readonly Contract[]
  readonly project?: Partial<Project>
}

/** The project that these files make, rendered. Files are by path; a source `bronze.native` is always there. */
export function aRendering(
  files: Readonly<Record<string, string>>,
  { contracts = [], project = {}, ...options }: RenderingSketch = {},
): RenderedProject {
  const under = (folder: string, ending: string, not?: string) =>
    Object.entries(files)
      .filter(([file]) => file.startsWith(folder) && file.endsWith(ending) && !(not && file.startsWith(not)))
      .map(([file, text]) => ({ file, text }))
  const all = [aContract('models/bronze/native.yml', { timeColumn: 'time' }), ...contracts]
  const rendered = renderProject(
    {
      name: 'made_up',
      directory: '/made/up',
      beginMs: undefined,
      settleMs: 180_000,
      maxLagMs: 7_200_000,
      vars: {},
      folderConfig: [],
      targets: [],
      defaultTarget: 'dev',
      instruments: [],
      collect: collectSettingsOf(undefined, {}),
      models: under('models/', '.sql'),
      contracts: new Map(all.map((contract) => [contract.file.replace(/\.yml$/, ''), contract])),
      macros: under('macros/', '.sql'),
      singularTests: under('tests/', '.sql', 'tests/generic/'),
      genericTests: under('tests/generic/', '.sql'),
      unitTests: [],
      seeds: under('seeds/', '.csv'),
      ...project,
    },
    { target: { name: 'dev', engine: 'embedded', schemaPrefix: '' }, ...options },
  )
  // SQL is read and tests are rendered when asked for: their mistakes count here too.
  const models = rendered.models.map((model) => ({ ...model }))
  return { ...rendered, models, tests: rendered.tests }
}

/** The SQL of one view that is `text`, with a model `trades` and the macros given beside it. */
export function renderedSql(
  text: string,
  { macros = '', ...sketch }: RenderingSketch & { macros?: string } = {},
): string {
  const files = {
    'models/silver/view.sql': text,
    'models/silver/trades.sql': 'select 1',
    'macros/m.sql': macros,
  }
  const { models } = aRendering(files, sketch)
  return models.find(({ name }) => name === 'view')?.rendered.sql ?? ''
}
