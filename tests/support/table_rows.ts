/** The rows of schema `market` as text, to be stored in another database of the same version. */
import type { Sql } from "../../db/connect.ts";

/** All rows of one table. */
export interface TableRows {
  table: string;
  /** A JSON array of objects, as PostgreSQL writes it: numerics keep every digit. */
  json: string;
}

export async function readRows(sql: Sql): Promise<TableRows[]> {
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables
    where schemaname = 'market' and tablename <> 'schema_migrations' order by 1`;
  const rows: TableRows[] = [];
  for (const { name: table } of tables) {
    const [row] = await sql<[{ json: string | null }]>`
      select json_agg(t)::text as json from ${sql(`market.${table}`)} t`;
    if (row.json !== null) rows.push({ table, json: row.json });
  }
  return rows;
}

/** Stores the rows as they were, without triggers or checks of references; the next ids follow theirs. */
export async function writeRows(sql: Sql, rows: TableRows[]): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    for (const { table, json } of rows) {
      const name = `market.${table}`;
      const columns = await tx<{ name: string; sequence: string | null }[]>`
        select attname as name, pg_get_serial_sequence(${name}, attname) as sequence
        from pg_attribute
        where attrelid = ${name}::regclass and attnum > 0 and not attisdropped
          and attgenerated = ''`;
      const list = tx(columns.map((column) => column.name));
      await tx`
        insert into ${tx(name)} (${list}) overriding system value
        select ${list} from json_populate_recordset(null::${tx(name)}, ${json}::text::json)`;
      for (const { name: column, sequence } of columns) {
        if (sequence === null) continue;
        await tx`select setval(${sequence}, (select max(${tx(column)}) from ${tx(name)}))`;
      }
    }
  });
}
