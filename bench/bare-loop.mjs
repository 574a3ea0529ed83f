// What it takes to read and render a project's models with Nunjucks, and nothing else: node bare-loop.mjs DIRECTORY
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import nunjucks from 'nunjucks'

const [directory = '.'] = process.argv.slice(2)
const environment = new nunjucks.Environment(null, { autoescape: false, throwOnUndefined: true })

for (const name of readdirSync(join(directory, 'macros'))) {
  const text = readFileSync(join(directory, 'macros', name), 'utf8')
  new nunjucks.Template(text, environment, name).getExported((error, macros) => {
    if (error) throw error
    for (const [macro, call] of Object.entries(macros)) environment.addGlobal(macro, call)
  })
}

const context = {
  config: () => '',
  ref: (name) => `"${name}"`,
  source: (schema, name) => `"${schema}"."${name}"`,
  var: (_name, otherwise) => otherwise,
  partition: { start: '$1', end: '$2' },
}
let rendered = 0
for (const entry of readdirSync(join(directory, 'models'), { recursive: true, withFileTypes: true })) {
  if (!entry.name.endsWith('.sql')) continue
  const text = readFileSync(join(entry.parentPath, entry.name), 'utf8')
  if (new nunjucks.Template(text, environment, entry.name).render(context).length > 0) rendered++
}
console.log(rendered)
