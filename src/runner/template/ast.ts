/**
 * The syntax tree of a template: Nunjucks' own nodes, and the few that kx's parser adds.
 *
 * @see https://github.com/mozilla/nunjucks/blob/v3.2.4/nunjucks/src/nodes.js
 */
export interface At {
  /** From 0, as Nunjucks counts. */
  readonly lineno: number
  /** From 0. */
  readonly colno: number
}

export interface NodeList extends At {
  readonly typename: 'NodeList'
  readonly children: readonly Expression[]
}

export interface Pair extends At {
  readonly typename: 'Pair'
  readonly key: Expression
  readonly value: Expression
}

export interface Literal extends At {
  readonly typename: 'Literal'
  readonly value: unknown
}

export interface Name extends At {
  readonly typename: 'Symbol'
  readonly value: string
}

export interface Sequence extends At {
  readonly typename: 'Group' | 'Array'
  readonly children: readonly Expression[]
  /** `(1, 2)`, `(1,)` and `()`, but not `(1)`. */
  readonly isTuple?: boolean
}

export interface Dict extends At {
  readonly typename: 'Dict' | 'KeywordArgs'
  readonly children: readonly Pair[]
}

export interface Lookup extends At {
  readonly typename: 'LookupVal'
  readonly target: Expression
  readonly val: Expression
}

export interface Slice extends At {
  readonly typename: 'Slice'
  readonly target: Expression
  readonly start: Expression | undefined
  readonly stop: Expression | undefined
}

export interface Call extends At {
  readonly typename: 'FunCall'
  readonly name: Expression
  readonly args: NodeList
}

export interface Filter extends At {
  readonly typename: 'Filter'
  readonly name: Name
  readonly args: NodeList
}

export interface InlineIf extends At {
  readonly typename: 'InlineIf'
  readonly cond: Expression
  readonly body: Expression
  readonly else_: Expression | null
}

export type BinaryName =
  | 'In'
  | 'Is'
  | 'Or'
  | 'And'
  | 'Add'
  | 'Concat'
  | 'Sub'
  | 'Mul'
  | 'Div'
  | 'FloorDiv'
  | 'Mod'
  | 'Pow'

export interface Binary extends At {
  readonly typename: BinaryName
  readonly left: Expression
  readonly right: Expression
}

export interface Unary extends At {
  readonly typename: 'Not' | 'Neg' | 'Pos'
  readonly target: Expression
}

export interface Compare extends At {
  readonly typename: 'Compare'
  readonly expr: Expression
  readonly ops: readonly { readonly type: string; readonly expr: Expression }[]
}

/** The body of `{% call %}`, given to the macro as `caller`. */
export interface Caller extends At {
  readonly typename: 'Caller'
  readonly args: NodeList
  readonly body: Body
}

export interface Capture extends At {
  readonly typename: 'Capture'
  readonly body: Body
}

export type Expression =
  | Literal
  | Name
  | Sequence
  | Dict
  | Pair
  | Lookup
  | Slice
  | Call
  | Filter
  | InlineIf
  | Binary
  | Unary
  | Compare
  | Caller
  | Capture

export interface TextNode extends At {
  readonly typename: 'TemplateData'
  readonly value: string
}

export interface Output extends At {
  readonly typename: 'Output'
  readonly children: readonly (TextNode | Expression)[]
}

export interface If extends At {
  readonly typename: 'If'
  readonly cond: Expression
  readonly body: Body
  readonly else_: If | Body | null
}

export interface For extends At {
  readonly typename: 'For'
  readonly name: Name | Sequence
  readonly arr: Expression
  readonly body: Body
  readonly else_?: Body | null
}

export interface SetNode extends At {
  readonly typename: 'Set'
  readonly targets: readonly Expression[]
  readonly value: Expression | null
  readonly body?: Capture
}

/** `{% macro %}`, or `{% test %}`, which is a macro that contracts call. */
export interface MacroNode extends At {
  readonly typename: 'Macro' | 'Test'
  readonly name: Name
  readonly args: NodeList
  readonly body: Body
}

/** `{% do expression %}`: evaluated, not printed. */
export interface Do extends At {
  readonly typename: 'Do'
  readonly expr: Expression
}

export type Statement = Output | If | For | SetNode | MacroNode | Do

export interface Body extends At {
  readonly typename: 'NodeList'
  readonly children: readonly Statement[]
}

export interface Root extends At {
  readonly typename: 'Root'
  readonly children: readonly Statement[]
}

/** A template's file and text: what places are counted in. */
export interface Template {
  /** Relative to the project directory. */
  readonly file: string
  readonly text: string
}
