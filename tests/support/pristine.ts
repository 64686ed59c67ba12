/** Makes schema `market` as it was right after its migrations, faster than they do. */
import type { Sql } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";

/** Removes all rows, or makes the schema anew where a test has changed more than rows. */
export class PristineSchema {
  /** Of the schema as the migrations made it; null before that. */
  #definitions: string | null = null;

  async restore(sql: Sql): Promise<void> {
    if (this.#definitions !== null && await readDefinitions(sql) === this.#definitions) {
      return await removeRows(sql);
    }
    await dropSchema(sql);
    await migrate(sql);
    this.#definitions = await readDefinitions(sql);
  }
}

export async function dropSchema(sql: Sql): Promise<void> {
  await sql`drop schema if exists market cascade`;
}

/** The migrations put no row anywhere but in their own table. */
async function removeRows(sql: Sql): Promise<void> {
  const [row] = await sql<[{ tables: string }]>`
    select string_agg(format('market.%I', tablename), ', ') as tables
    from pg_tables where schemaname = 'market' and tablename <> 'schema_migrations'`;
  await sql.unsafe(`truncate ${row.tables} restart identity`);
}

/**
 * A digest of everything that is defined in the schema: a row of a catalog that was written since has
 * another xmin. That of a table itself is written by `truncate` too.
 */
async function readDefinitions(sql: Sql): Promise<string | null> {
  const [row] = await sql<[{ digest: string | null }]>`
    with relations as (
      select c.* from pg_class c where c.relnamespace = to_regnamespace('market')
    ), definitions (catalog, id, version) as (
      select 'class', c.oid::text, concat_ws(' ', c.relname, c.relkind, c.relowner, c.reloptions,
        c.relacl, c.relchecks, c.relhasrules, c.relrowsecurity, c.relpersistence)
      from relations c
      union all select 'attribute', attrelid || ' ' || attnum, xmin::text from pg_attribute
        where attrelid in (select oid from relations)
      union all select 'default', oid::text, xmin::text from pg_attrdef
        where adrelid in (select oid from relations)
      union all select 'constraint', oid::text, xmin::text from pg_constraint
        where connamespace = to_regnamespace('market')
      union all select 'trigger', oid::text, xmin::text from pg_trigger
        where tgrelid in (select oid from relations)
      union all select 'rule', oid::text, xmin::text from pg_rewrite
        where ev_class in (select oid from relations)
      union all select 'function', oid::text, xmin::text from pg_proc
        where pronamespace = to_regnamespace('market')
      union all select 'type', oid::text, xmin::text from pg_type
        where typnamespace = to_regnamespace('market')
      union all select 'schema', oid::text, xmin::text from pg_namespace where nspname = 'market'
    )
    select md5(string_agg(concat_ws(' ', catalog, id, version), ',' order by catalog, id)) as digest
    from definitions`;
  return row.digest;
}
