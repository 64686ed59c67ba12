/** The committed snapshot of the schema is what the migrations make, on every database. */
import assert from "node:assert/strict";
import { describeSchema } from "../../db/schema_text.ts";
import { forEachDatabase } from "../support/databases.ts";

const SNAPSHOT = new URL("../../db/schema.sql", import.meta.url);

forEachDatabase("db/schema.sql is what the migrations make", async ({ sql, database }) => {
  const normalize = database.kind === "embedded" ? String : withoutQualifiers;
  const isSame =
    normalize(await Deno.readTextFile(SNAPSHOT)) === normalize(await describeSchema(sql));
  assert.ok(isSame, "db/schema.sql has drifted from db/migrations: run `deno task db:schema`");
});

/** PostgreSQL before 16 writes `c.close` in a view of one table, where newer ones write `close`. */
function withoutQualifiers(text: string): string {
  return text.replaceAll(/\b(?!market\.|pg_catalog\.)[a-z_][a-z0-9_]*\.(?=[a-z_"])/g, "");
}

forEachDatabase("describeSchema() shows a changed table, view, comment and constraint", async (
  { sql },
) => {
  const changes = [
    "create table market.extra (id int)",
    "create view market.more as select 1 as one",
    "comment on table market.extra is 'new'",
    "alter table market.extra add constraint extra_is_small check (id < 9)",
    "create index extra_by_id on market.extra (id desc)",
  ];
  let before = await describeSchema(sql);
  for (const change of changes) {
    await sql.unsafe(change);
    const after = await describeSchema(sql);
    assert.notEqual(after, before, change);
    before = after;
  }
});

forEachDatabase("every table, view, column and function of schema market has a comment", async (
  { sql },
) => {
  const bare = await sql`
    select r.relname || coalesce('.' || a.attname, '') as name
    from pg_class r
    left join lateral (
      select 0 as attnum, null as attname
      union all
      select attnum, attname from pg_attribute
      where attrelid = r.oid and attnum > 0 and not attisdropped
    ) a on true
    where r.relnamespace = 'market'::regnamespace and r.relkind in ('r', 'p', 'v', 'm')
      and r.relname <> 'schema_migrations'
      and case a.attnum when 0 then obj_description(r.oid, 'pg_class')
        else col_description(r.oid, a.attnum) end is null
    union all
    select p.proname || '()' from pg_proc p
    where p.pronamespace = 'market'::regnamespace and obj_description(p.oid, 'pg_proc') is null`;
  assert.deepEqual(bare.map(({ name }) => name), []);
});
