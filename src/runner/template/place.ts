import { KxError, type KxErrorCode, type Place, placeIn } from '../../base/index.ts'
import type { At, Template } from './ast.ts'

/** The place of `at` in its template, with a code frame. */
export function placeOf(template: Template, at: At): Place {
  if (template.text === '') return { file: template.file, line: at.lineno + 1, column: at.colno + 1 }
  return placeIn(template.file, template.text, at.lineno + 1, at.colno + 1)
}

/** An error at a node of a template. */
export function errorAt(template: Template, at: At, { code, message, hint, cause }: TemplateFault): KxError {
  return new KxError(code, message, {
    at: placeOf(template, at),
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  })
}

export interface TemplateFault {
  readonly code: KxErrorCode
  readonly message: string
  readonly hint?: string
  readonly cause?: unknown
}

/** A template that cannot be parsed or rendered. */
export function failed(message: string, hint?: string): TemplateFault {
  return { code: 'KX_TEMPLATE_FAILED', message, ...(hint === undefined ? {} : { hint }) }
}

/** Jinja that kx does not render as Jinja does. */
export function notJinja(message: string, hint: string): TemplateFault {
  return { code: 'KX_TEMPLATE_JINJA', message, hint }
}
