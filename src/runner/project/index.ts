export { findProjectDirectory } from './find-project.ts'
export { type ReadOptions, readProject } from './read-project.ts'
