// What needs yaml and zod, in one module: it is imported only when a file has changed since it was last read.
export { parseContract } from './parse-contract.ts'
export { parseProject } from './parse-project.ts'
export { parseUnitTests } from './parse-unit-tests.ts'
