import type { Model, Node } from '../model/index.ts'

/** What a node's config says at `path`, defaults filled in; undefined where it says nothing. */
export function configValue(node: Node, path: readonly string[]): unknown {
  let found: unknown = configOf(node)
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as Readonly<Record<string, unknown>>)[key]
  }
  return found
}

function configOf(node: Node): Readonly<Record<string, unknown>> {
  switch (node.kind) {
    case 'model':
      return { ...node.config.written, ...effective(node) }
    case 'test':
      return { ...node.config, severity: node.severity, blocking: node.isBlocking, tags: node.tags }
    case 'seed':
      return { ...node.contract?.config, materialized: 'seed', tags: node.tags }
    case 'source':
      return { ...node.contract.config, tags: node.tags }
  }
}

/** The names config() uses, with the values it ends up with. */
function effective({ config }: Model): Readonly<Record<string, unknown>> {
  return {
    materialized: config.materialized,
    partition: config.partition,
    strategy: config.strategy,
    unique_key: config.uniqueKey,
    time_column: config.timeColumn,
    event_time: config.timeColumn,
    update_when: config.updateWhen,
    on_schema_change: config.onSchemaChange,
    protected: config.isProtected,
    enabled: config.isEnabled,
    renamed_from: config.renamedFrom,
    tags: config.tags,
  }
}
