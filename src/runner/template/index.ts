export type { TemplateTarget } from './functions.ts'
export {
  type RenderedProject,
  type RenderedProject as Rendered,
  type RenderOptions,
  renderProject,
} from './render-project.ts'
export { meaningOf, type SqlToken, type SqlTokenKind, tokenizeSql } from './sql-tokens.ts'
