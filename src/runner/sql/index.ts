export { type BulkSql, bulkSql, type WrongRows } from './bulk.ts'
export {
  type Bound,
  boundValues,
  type CompiledSql,
  compileSql,
  type Deferred,
  inlinedAt,
  literalSql,
  type Naming,
  type Relation,
  type Resolve,
  relationName,
  relationOf,
} from './compile.ts'
export { COUNTED, type CountedSource, type LookEdge, type LookRow, lookSql } from './look.ts'
export { seedSql } from './seed.ts'
export { differenceSql, duplicateKeysSql, insertSql, type WriteSql, type WriteTarget } from './write.ts'
