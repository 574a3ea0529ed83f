export { type RenderedProject, renderProject } from './render-project.ts'
