/** What the tests stand on: each begins with the schema as it was migrated, whatever the one before did. */
import assert from "node:assert/strict";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, storeInstrument } from "../support/market.ts";
import { PristineSchema } from "../support/pristine.ts";

forEachDatabase("The schema is restored, whatever was changed in it", async ({ sql }) => {
  const schema = new PristineSchema();
  await schema.restore(sql);
  const oidOf = async () => (await sql`select 'market.candles'::regclass::oid as oid`)[0]?.oid;
  const made = await oidOf();
  assert.equal((await storeInstrument(sql, AAPL)).id, 1);
  await schema.restore(sql);
  assert.equal(await oidOf(), made, "rows alone are removed without migrating again");
  assert.equal((await storeInstrument(sql, AAPL)).id, 1, "and counted anew");
  const [migrations] = await sql`select count(*) from market.schema_migrations`;
  assert.ok(migrations?.count > 10);

  for (
    const change of [
      "create table market.extra (id int)",
      "alter table market.candles alter column volume set not null",
      "alter table market.candles drop constraint candles_high_is_highest",
      "alter table market.instruments disable trigger all",
      "create function market.extra() returns int language sql return 1",
      "drop schema market cascade",
    ]
  ) {
    const before = await oidOf();
    await sql.unsafe(change).catch((error) => assert.fail(`${change}: ${error}`));
    await schema.restore(sql);
    assert.notEqual(await oidOf(), before, change);
  }
});
