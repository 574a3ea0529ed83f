import type { Warehouse } from '../../warehouse/index.ts'

/** Takes a warehouse back to before its first run. */
export async function forgetRuns(warehouse: Warehouse): Promise<void> {
  await warehouse.query(`drop schema if exists silver, gold, kx_audit cascade;
truncate kx.partition, kx.relation, kx.run, kx.run_step, kx.assertion_result;
delete from kx.change where run_id is not null`)
}

/** Takes a warehouse back to before its first load. */
export async function forgetLoads(warehouse: Warehouse): Promise<void> {
  await warehouse.query(`drop schema if exists bronze cascade;
truncate kx.load, kx.load_file, kx.source, kx.source_partition, kx.source_range, kx.change`)
}
