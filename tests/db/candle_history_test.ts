import assert from "node:assert/strict";
import { loadCandles } from "../../db/candles.ts";
import type { Database, Sql } from "../../db/connect.ts";
import type { Candle } from "../../market/candle.ts";
import { forEachDatabase } from "../support/databases.ts";
import { candle, storeInstrument } from "../support/market.ts";

const OPENED_AT = "2026-11-22T10:00:00Z";

async function load(database: Database, instrumentId: number, at: string, candles: Candle[]) {
  const loadedAt = new Date(`2026-11-${at}Z`);
  const page = { instrumentId, interval: "1h" as const, candles, rejects: [], loadedAt };
  await loadCandles(database, { ...page, runId: loadedAt.getUTCDate() });
}

async function closesAsOf(sql: Sql, at: string): Promise<string[]> {
  const rows = await sql<{ close: string }[]>`
    select close from market.candles_as_of(${new Date(`2026-11-${at}Z`)}) order by opened_at`;
  return rows.map(({ close }) => close);
}

forEachDatabase(
  "candles_as_of() gives each candle as it was known, from the instant it was loaded",
  async ({ database, sql }) => {
    const { id } = await storeInstrument(sql);
    await load(database, id, "22T11:02:00", [candle(OPENED_AT, "10")]);
    await load(database, id, "23T11:02:00", [candle(OPENED_AT, "10.5")]);
    await load(database, id, "24T11:02:00", [
      candle(OPENED_AT, "10"),
      candle("2026-11-24T10:00:00Z", "12"),
    ]);
    assert.deepEqual(await closesAsOf(sql, "22T11:01:59"), []);
    assert.deepEqual(await closesAsOf(sql, "22T11:02:00"), ["10"]);
    assert.deepEqual(await closesAsOf(sql, "23T11:01:59"), ["10"]);
    assert.deepEqual(await closesAsOf(sql, "23T11:02:00"), ["10.5"]);
    assert.deepEqual(await closesAsOf(sql, "24T11:02:00"), ["10", "12"]);
    assert.deepEqual(await closesAsOf(sql, "30T00:00:00"), ["10", "12"]);
  },
);

forEachDatabase(
  "candles_as_of() has the columns of market.candles, and now it is market.candles",
  async ({ database, sql }) => {
    const { id } = await storeInstrument(sql);
    await load(database, id, "22T11:02:00", [
      candle(OPENED_AT, "10", { volume: "7" }),
      candle("2026-11-22T11:00:00Z", "11", { isFinal: false }),
    ]);
    await load(database, id, "23T11:02:00", [candle(OPENED_AT, "10.5")]);
    const now = await sql`select * from market.candles_as_of('infinity') order by opened_at`;
    const candles = await sql`select * from market.candles order by opened_at`;
    assert.deepEqual([...now], [...candles]);
    assert.deepEqual(now.columns.map(({ name }) => name), candles.columns.map(({ name }) => name));
  },
);

forEachDatabase(
  "candles_as_of() knows nothing of a forming candle that was overwritten",
  async ({ database, sql }) => {
    const { id } = await storeInstrument(sql);
    await load(database, id, "22T10:30:00", [candle(OPENED_AT, "9", { isFinal: false })]);
    assert.deepEqual(await closesAsOf(sql, "22T10:30:00"), ["9"]);
    await load(database, id, "22T11:02:00", [candle(OPENED_AT, "10")]);
    assert.deepEqual(await closesAsOf(sql, "22T10:30:00"), []);
  },
);

forEachDatabase(
  "candles_as_of() of one series reads the index of that series alone",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    const other = await storeInstrument(sql, { symbol: "ETH/USD" });
    for (const instrumentId of [id, other.id]) {
      await sql`
        insert into market.candles (
          instrument_id, candle_interval, opened_at, open, high, low, close, is_final, run_id,
          loaded_at
        )
        select ${instrumentId}, '1h', at, 5, 5, 5, 5, true, 1, '2026-11-22'
        from generate_series(timestamptz '2025-01-01', '2025-12-31', interval '1 hour') at`;
    }
    await sql`
      insert into market.candle_revisions
      select instrument_id, candle_interval, opened_at, '2026-11-23', open, high, low, close, volume,
        run_id, loaded_at, 2
      from market.candles`;
    await sql`analyze market.candles, market.candle_revisions`;
    const plan = await sql<{ "QUERY PLAN": string }[]>`
      explain select * from market.candles_as_of('2026-11-22')
      where instrument_id = ${id} and candle_interval = '1h' and opened_at >= '2025-12-30'`;
    const text = plan.map((row) => Object.values(row).join()).join("\n");
    assert.doesNotMatch(text, /Function Scan/);
    for (const index of ["candles_pkey", "candle_revisions_pkey"]) {
      assert.match(text, new RegExp(`Index Scan.* (on|using) ${index}`));
    }
    assert.equal(text.match(/Index Cond: .*instrument_id = .*opened_at >=/g)?.length, 2, text);
  },
);
