import { KxError } from '../../base/index.ts'
import type { TextFile } from '../model/index.ts'
import type { Body, Expression, MacroNode, Root } from './ast.ts'
import { signatureOf } from './macro.ts'
import { parseTemplate } from './parse.ts'
import { placeOf } from './place.ts'

/** A test that contracts use by name: `{% test name(model, …) %}`, or a whole file whose name it has. */
export interface GenericTest {
  readonly name: string
  readonly template: TextFile
  readonly root: Root
  readonly body: Body | Root
  /** Undefined for a whole file: it takes any argument. */
  readonly parameters: readonly string[] | undefined
  readonly defaults: ReadonlyMap<string, Expression>
}

/** @throws {KxError} KX_NAME_TAKEN if two tests have one name, and what parseTemplate throws. */
export function readGenericTests(files: readonly TextFile[]): ReadonlyMap<string, GenericTest> {
  const tests = new Map<string, GenericTest>()
  for (const template of files) {
    for (const test of testsIn(template)) {
      const other = tests.get(test.name)
      if (other !== undefined) {
        throw new KxError('KX_NAME_TAKEN', `the test ${test.name} is already in ${other.template.file}`, {
          hint: 'Rename one of them.',
          at: placeOf(template, test.body),
        })
      }
      tests.set(test.name, test)
    }
  }
  return tests
}

function testsIn(template: TextFile): GenericTest[] {
  const root = parseTemplate(template)
  const nodes = root.children.filter((node): node is MacroNode => node.typename === 'Test')
  if (nodes.length === 0) {
    const name = template.file.slice(template.file.lastIndexOf('/') + 1).replace(/\.sql$/, '')
    return [{ name, template, root, body: root, parameters: undefined, defaults: new Map() }]
  }
  const helpers: Root = { ...root, children: root.children.filter((node) => node.typename !== 'Test') }
  return nodes.map((node) => ({
    name: node.name.value,
    template,
    root: helpers,
    body: node.body,
    ...signatureOf(node.args.children, template),
  }))
}
