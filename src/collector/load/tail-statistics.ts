import { identifier } from '../../base/index.ts'
import { refreshStatistics, type Warehouse } from '../../warehouse/index.ts'

/** Sees to it that tables which a tail fills from empty are analyzed while they grow. */
export interface TailStatistics {
  /** Counts rows, by relation; analyzes what has become ten times what it was. Never fails. */
  add(rowsByRelation: Readonly<Record<string, number>>): Promise<void>
}

const FIRST_ROWS = 5000
const FACTOR = 10

/** Nothing counted yet. */
export function createTailStatistics(warehouse: Warehouse): TailStatistics {
  const counts = new Map<string, { rows: number; nextRows: number }>()
  return {
    async add(rowsByRelation) {
      const grown = new Map<string, number>()
      for (const [relation, rows] of Object.entries(rowsByRelation)) {
        const count = counts.get(relation) ?? { rows: 0, nextRows: FIRST_ROWS }
        counts.set(relation, count)
        count.rows += rows
        if (count.rows < count.nextRows) continue
        grown.set(quotedName(warehouse, relation), count.rows)
        count.nextRows = count.rows * FACTOR
      }
      // Statistics are a courtesy: what was loaded is loaded, and autovacuum comes round too.
      await refreshStatistics(warehouse, grown).catch(() => undefined)
    },
  }
}

function quotedName({ target }: Warehouse, relation: string): string {
  const [schema = '', name = ''] = relation.split('.')
  return identifier(`${target.sourcePrefix}${schema}`, name)
}
