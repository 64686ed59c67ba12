import assert from "node:assert/strict";
import {
  type CandleLoad,
  getSeriesState,
  listCandles,
  listStoredIntervals,
  loadCandles,
} from "../../db/candles.ts";
import type { Sql } from "../../db/connect.ts";
import { forEachDatabase } from "../support/databases.ts";
import { candle, storeInstrument } from "../support/market.ts";

const LOADED_AT = new Date("2026-11-22T12:02:00Z");
const NOTHING = { inserted: 0, updated: 0, revised: 0, rejected: 0 };

async function load(sql: Sql, instrumentId: number, values: Partial<CandleLoad>) {
  return await loadCandles(sql, {
    instrumentId,
    interval: "1h",
    candles: [],
    rejects: [],
    runId: 1,
    loadedAt: LOADED_AT,
    ...values,
  });
}

/** Physical row versions: they change whenever a row is written, even with the same values. */
async function rowVersions(sql: Sql) {
  return await sql`
    select 'candle' as what, xmin::text, ctid::text from market.candles
    union all select 'watermark', xmin::text, ctid::text from market.watermarks
    union all select 'reject', xmin::text, ctid::text from market.rejects
    order by 1, 3`;
}

forEachDatabase(
  "loadCandles() keeps prices digit for digit and volume null apart from zero",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    const candles = [
      candle("2026-11-22T09:00:00Z", "0.000000012345678", { volume: "0" }),
      candle("2026-11-22T10:00:00Z", "12345678901234567890.50000", { volume: null }),
    ];
    assert.deepEqual(await load(sql, id, { candles }), { ...NOTHING, inserted: 2 });
    assert.deepEqual([...await listCandles(sql, id, "1h", { limit: 10 })], candles);
  },
);

forEachDatabase("loadCandles() writes no row when nothing changed", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const candles = [
    candle("2026-11-22T10:00:00Z", "10", { volume: "5" }),
    candle("2026-11-22T11:00:00Z", "11.50"),
    candle("2026-11-22T12:00:00Z", "12", { isFinal: false }),
  ];
  const rejects = [{ reason: "high must be at least low: 1 < 2", payload: { high: "1" } }];
  assert.deepEqual(await load(sql, id, { candles, rejects }), {
    ...NOTHING,
    inserted: 3,
    rejected: 1,
  });
  const before = await rowVersions(sql);
  const sameDigits = candles.with(1, candle("2026-11-22T11:00:00Z", "11.5"));
  const later = { runId: 2, loadedAt: new Date("2026-11-22T13:02:00Z") };
  assert.deepEqual(await load(sql, id, { candles: sameDigits, rejects, ...later }), NOTHING);
  assert.deepEqual(await rowVersions(sql), before);
});

forEachDatabase(
  "loadCandles() overwrites a forming candle and keeps no revision of it",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    const forming = candle("2026-11-22T12:00:00Z", "10", { isFinal: false });
    await load(sql, id, { candles: [forming] });
    assert.deepEqual(await getSeriesState(sql, id, "1h"), {
      newestFinalAt: null,
      rereadFrom: null,
    });
    const final = candle("2026-11-22T12:00:00Z", "11");
    assert.deepEqual(await load(sql, id, { candles: [final], runId: 2 }), {
      ...NOTHING,
      updated: 1,
    });
    assert.deepEqual([...await listCandles(sql, id, "1h", { limit: 1 })], [final]);
    assert.deepEqual([...await sql`select 1 from market.candle_revisions`], []);
  },
);

forEachDatabase("loadCandles() never makes a final candle forming again", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const final = candle("2026-11-22T12:00:00Z", "11");
  await load(sql, id, { candles: [final] });
  const forming = candle("2026-11-22T12:00:00Z", "10", { isFinal: false });
  assert.deepEqual(await load(sql, id, { candles: [forming] }), NOTHING);
  assert.deepEqual([...await listCandles(sql, id, "1h", { limit: 1 })], [final]);
});

forEachDatabase("loadCandles() keeps what a restated candle said before", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const openedAt = "2026-11-22T10:00:00Z";
  await load(sql, id, { candles: [candle(openedAt, "10", { volume: "7" })], runId: 1 });
  const restatedAt = new Date("2026-11-22T13:02:00Z");
  assert.deepEqual(
    await load(sql, id, { candles: [candle(openedAt, "10.01")], runId: 2, loadedAt: restatedAt }),
    { ...NOTHING, revised: 1 },
  );
  const revisions = await sql`
    select opened_at, close, volume, run_id, loaded_at, valid_until, replaced_by_run_id
    from market.candle_revisions`;
  assert.deepEqual([...revisions], [{
    openedAt: new Date(openedAt),
    close: "10",
    volume: "7",
    runId: 1,
    loadedAt: LOADED_AT,
    validUntil: restatedAt,
    replacedByRunId: 2,
  }]);
});

forEachDatabase(
  "loadCandles() moves the watermark with the candles, never backwards",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    const at = (hour: string) => `2026-11-22T${hour}:00:00Z`;
    await load(sql, id, {
      candles: [
        candle(at("09"), "1"),
        candle(at("10"), "1"),
        candle(at("11"), "1", { isFinal: false }),
      ],
    });
    const expected = { newestFinalAt: new Date(at("10")), rereadFrom: new Date(at("09")) };
    assert.deepEqual(await getSeriesState(sql, id, "1h"), expected);
    await load(sql, id, { candles: [candle(at("05"), "1")] });
    assert.deepEqual(await getSeriesState(sql, id, "1h"), expected, "older history was added");
    const [{ oldestAt }] = await sql<[{ oldestAt: Date }]>`select oldest_at from market.watermarks`;
    assert.deepEqual(oldestAt, new Date(at("05")));
  },
);

forEachDatabase("loadCandles() stores all of a page or nothing", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const broken = candle("2026-11-22T11:00:00Z", "10", { high: "9" });
  const candles = [candle("2026-11-22T10:00:00Z", "10"), broken];
  await assert.rejects(load(sql, id, { candles }), /candles_high_is_highest/);
  assert.deepEqual([...await listCandles(sql, id, "1h", { limit: 10 })], []);
  assert.equal(await getSeriesState(sql, id, "1h"), null);
});

forEachDatabase("loadCandles() keeps any payload, and each reject once", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const rejects = [
    { reason: "a NUL \0 inside", payload: { text: "\0", half: "\ud800" } },
    { reason: "huge", payload: "x".repeat(100_000) },
    { reason: "null", payload: null },
  ];
  assert.equal((await load(sql, id, { rejects })).rejected, 3);
  assert.equal((await load(sql, id, { rejects })).rejected, 0);
});

forEachDatabase("Ten loads of one series at once end as one after the other", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const candles = Array.from(
    { length: 50 },
    (_, hour) =>
      candle(new Date(Date.parse("2026-11-01T00:00:00Z") + hour * 3_600_000).toISOString(), "5"),
  );
  const counts = await Promise.all(
    Array.from({ length: 10 }, () => load(sql, id, { candles })),
  );
  assert.equal(counts.reduce((sum, count) => sum + count.inserted, 0), 50);
  assert.equal((await listCandles(sql, id, "1h", { limit: 100 })).length, 50);
});

forEachDatabase(
  "listCandles() gives the newest of a half-open window, ascending",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    const candles = ["08", "09", "10", "11"].map((hour) =>
      candle(`2026-11-22T${hour}:00:00Z`, `${Number(hour)}`)
    );
    await load(sql, id, { candles });
    await load(sql, id, { interval: "1day", candles: [candle("2026-11-21T00:00:00Z", "1")] });
    const closes = async (window: { from?: string; to?: string; limit: number }) =>
      (await listCandles(sql, id, "1h", {
        limit: window.limit,
        ...(window.from && { from: new Date(`2026-11-22T${window.from}:00:00Z`) }),
        ...(window.to && { to: new Date(`2026-11-22T${window.to}:00:00Z`) }),
      })).map((c) => c.close);
    assert.deepEqual(await closes({ limit: 2 }), ["10", "11"]);
    assert.deepEqual(await closes({ from: "09", to: "11", limit: 9 }), ["9", "10"]);
    assert.deepEqual(await closes({ to: "11", limit: 1 }), ["10"]);
    assert.deepEqual(await listStoredIntervals(sql, id), ["1h", "1day"]);
  },
);
