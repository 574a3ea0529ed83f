import type { Warehouse } from '../../warehouse/index.ts'

/** Takes a warehouse back to before its first run. */
export async function forgetRuns(warehouse: Warehouse): Promise<void> {
  await warehouse.query(`drop schema if exists silver, gold, kx_audit cascade;
truncate kx.partition, kx.relation, kx.run, kx.run_step, kx.assertion_result;
delete from kx.change where run_id is not null`)
}

/** Makes every hour stale, with rows in silver that are wrong and others that should not be there. */
export async function spoilRuns(warehouse: Warehouse): Promise<void> {
  await warehouse.query(`update silver.minute set volume = volume + 1 where symbol = 'BTC-USD';
update silver.minute set quote_asset = 'OLD' where date_part('minute', interval_start) = 7;
update kx.partition set inputs = regexp_replace(inputs, '[0-9]+', '0', 'g')`)
}

/** Takes a warehouse back to before its first load. */
export async function forgetLoads(warehouse: Warehouse): Promise<void> {
  await warehouse.query(`drop schema if exists bronze cascade;
truncate kx.load, kx.load_file, kx.source, kx.source_partition, kx.source_range, kx.change`)
}
