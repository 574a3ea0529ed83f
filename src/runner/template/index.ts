export { type RenderedProject as Rendered, renderProject } from './render-project.ts'
