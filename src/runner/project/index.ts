export { findProjectDirectory } from './find-project.ts'
export { readProject } from './read-project.ts'
