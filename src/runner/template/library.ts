import { KxError } from '../../base/index.ts'
import type { TextFile } from '../model/index.ts'
import type { Root } from './ast.ts'
import { FUNCTION_NAMES } from './functions.ts'
import { parseTemplate } from './parse.ts'
import { placeOf } from './place.ts'
import { newRendering, render } from './render.ts'
import type { Globals, Rendering, Scope } from './scope.ts'
import type { Value } from './value.ts'
import { newWriter } from './writer.ts'

/** The macros of a project: parsed once, in scope everywhere. */
export interface MacroLibrary {
  /** The file that defines a macro, by the macro's name. */
  readonly filesByMacro: ReadonlyMap<string, MacroFile>
}

interface MacroFile {
  readonly template: TextFile
  readonly root: Root
}

/** @throws {KxError} KX_NAME_TAKEN if two macros have one name, and what parseTemplate throws. */
export function readMacros(files: readonly TextFile[]): MacroLibrary {
  const filesByMacro = new Map<string, MacroFile>()
  for (const template of files) {
    const file = { template, root: parseTemplate(template) }
    for (const node of file.root.children) {
      if (node.typename !== 'Macro') continue
      const name = node.name.value
      const other = FUNCTION_NAMES.has(name) ? 'kx itself' : filesByMacro.get(name)?.template.file
      if (other !== undefined) {
        throw new KxError('KX_NAME_TAKEN', `the macro ${name} is already in ${other}`, {
          at: placeOf(template, node.name),
          hint: 'Rename one of them.',
        })
      }
      filesByMacro.set(name, file)
    }
  }
  return { filesByMacro }
}

/** A rendering in which functions and macros are in scope. A macro file is run when one of its macros is used. */
export function beginRendering(
  { filesByMacro }: MacroLibrary,
  functions: ReadonlyMap<string, Value>,
): Rendering {
  const scopesByFile = new Map<MacroFile, Scope>()
  const globals: Globals = {
    get(name) {
      const own = functions.get(name)
      if (own !== undefined) return own
      const file = filesByMacro.get(name)
      return file === undefined ? undefined : scopeOf(file).values.get(name)
    },
    keys: () => [...functions.keys(), ...filesByMacro.keys()],
  }
  const rendering = newRendering(globals)
  const scopeOf = (file: MacroFile): Scope => {
    const known = scopesByFile.get(file)
    if (known !== undefined) return known
    const scope: Scope = { rendering, template: file.template, values: new Map(), parent: undefined }
    scopesByFile.set(file, scope)
    render(file.root, scope, newWriter())
    return scope
  }
  return rendering
}
