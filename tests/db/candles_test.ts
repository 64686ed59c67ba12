import assert from "node:assert/strict";
import {
  type CandleLoad,
  listCandles,
  listStoredIntervals,
  loadCandles,
  type LoadCounts,
} from "../../db/candles.ts";
import { type Database, openDatabase, type Sql } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";
import { listSeriesStates } from "../../db/series.ts";
import type { Candle } from "../../market/candle.ts";
import { forEachDatabase, testWithServer } from "../support/databases.ts";
import { candle, fetched, storeInstrument } from "../support/market.ts";

const LOADED_AT = new Date("2026-11-22T12:02:00Z");
const NOTHING = { inserted: 0, updated: 0, revised: 0, rejected: 0 };

type Loader = (
  instrumentId: number,
  values: Partial<CandleLoad>,
  options?: { dryRun?: boolean },
) => Promise<LoadCounts>;

function loaderOf(database: Database): Loader {
  return async (instrumentId, values, options) =>
    await loadCandles(database, {
      instrumentId,
      interval: "1h",
      candles: [],
      rejects: [],
      runId: 1,
      loadedAt: LOADED_AT,
      ...values,
    }, options);
}

/** Candles long after those of the tests: with them, a page goes the way of a large one. */
const FILLERS = hourly("2027-11-01T00:00:00Z", 500, { isFinal: false });

function hourly(from: string, count: number, values: Partial<Candle> = {}): Candle[] {
  return Array.from(
    { length: count },
    (_, hour) => candle(new Date(Date.parse(from) + hour * 3_600_000).toISOString(), "5", values),
  );
}

/**
 * Registers `fn` with a loader of pages as they are, and with one that adds to every page so many stored
 * candles that it is loaded the way of a large one, which must make no difference.
 */
function forEachPageSize(
  name: string,
  fn: (test: { database: Database; sql: Sql; load: Loader }) => Promise<void>,
): void {
  forEachDatabase(name, async ({ database, sql }) => {
    await fn({ database, sql, load: loaderOf(database) });
  });
  forEachDatabase(`${name} (large page)`, async ({ database, sql }) => {
    const small = loaderOf(database);
    const filled = new Set<number>();
    await fn({
      database,
      sql,
      load: async (instrumentId, values, options) => {
        if (!filled.has(instrumentId)) await insertFillers(sql, instrumentId);
        filled.add(instrumentId);
        const candles = [...values.candles ?? [], ...FILLERS];
        return await small(instrumentId, { ...values, candles }, options);
      },
    });
  });
}

/** Stored as final, so that a forming one of the same time changes neither them nor the watermark. */
async function insertFillers(sql: Sql, instrumentId: number): Promise<void> {
  await sql`
    insert into market.candles (
      instrument_id, candle_interval, opened_at, open, high, low, close, is_final, run_id, loaded_at
    )
    select ${instrumentId}, '1h', at, 5, 5, 5, 5, true, 1, ${LOADED_AT}
    from generate_series(
      ${FILLERS[0]!.openedAt}::timestamptz, ${FILLERS.at(-1)!.openedAt}, interval '1 hour'
    ) at
    on conflict do nothing`;
}

const newest = async (
  sql: Sql,
  instrumentId: number,
  limit: number,
) => [
  ...await listCandles(sql, instrumentId, "1h", {
    to: new Date("2027-01-01T00:00:00Z"),
    limit,
  }),
];

/** Physical row versions: they change whenever a row is written, even with the same values. */
async function rowVersions(sql: Sql) {
  return await sql`
    select 'candle' as what, xmin::text, ctid::text from market.candles
    union all select 'watermark', xmin::text, ctid::text from market.watermarks
    union all select 'reject', xmin::text, ctid::text from market.rejects
    order by 1, 3`;
}

forEachPageSize(
  "loadCandles() keeps prices digit for digit and volume null apart from zero",
  async ({ sql, load }) => {
    const { id } = await storeInstrument(sql);
    const candles = [
      candle("2026-11-22T09:00:00Z", "0.000000012345678", { volume: "0" }),
      candle("2026-11-22T10:00:00Z", "12345678901234567890.50000", { volume: null }),
    ];
    assert.deepEqual(await load(id, { candles }), { ...NOTHING, inserted: 2 });
    assert.deepEqual(await newest(sql, id, 10), candles.map(fetched));
  },
);

forEachPageSize("loadCandles() writes no row when nothing changed", async ({ sql, load }) => {
  const { id } = await storeInstrument(sql);
  const candles = [
    candle("2026-11-22T10:00:00Z", "10", { volume: "5" }),
    candle("2026-11-22T11:00:00Z", "11.50"),
    candle("2026-11-22T12:00:00Z", "12", { isFinal: false }),
  ];
  const rejects = [{
    reason: "high must be at least low: 1 < 2",
    payload: { high: "1" },
    openedAt: null,
  }];
  assert.deepEqual(await load(id, { candles, rejects }), {
    ...NOTHING,
    inserted: 3,
    rejected: 1,
  });
  const before = await rowVersions(sql);
  const sameDigits = candles.with(1, candle("2026-11-22T11:00:00Z", "11.5"));
  const later = { runId: 2, loadedAt: new Date("2026-11-22T13:02:00Z") };
  assert.deepEqual(await load(id, { candles: sameDigits, rejects, ...later }), NOTHING);
  assert.deepEqual(await rowVersions(sql), before);
});

/** Where the only series stands; null when nothing of it was ever loaded. */
async function stateOf(sql: Sql, id: number) {
  const [state] = await listSeriesStates(sql, "simulator");
  if (!state) return null;
  assert.equal(state.instrumentId, id);
  const { newestFinalAt, rereadFrom } = state;
  return { newestFinalAt, rereadFrom };
}

forEachPageSize(
  "loadCandles() overwrites a forming candle and keeps no revision of it",
  async ({ sql, load }) => {
    const { id } = await storeInstrument(sql);
    const forming = candle("2026-11-22T12:00:00Z", "10", { isFinal: false });
    await load(id, { candles: [forming] });
    assert.deepEqual(await stateOf(sql, id), {
      newestFinalAt: null,
      rereadFrom: null,
    });
    const final = candle("2026-11-22T12:00:00Z", "11");
    assert.deepEqual(await load(id, { candles: [final], runId: 2 }), {
      ...NOTHING,
      updated: 1,
    });
    assert.deepEqual(await newest(sql, id, 1), [fetched(final)]);
    assert.deepEqual([...await sql`select 1 from market.candle_revisions`], []);
  },
);

forEachPageSize("loadCandles() never makes a final candle forming again", async ({ sql, load }) => {
  const { id } = await storeInstrument(sql);
  const final = candle("2026-11-22T12:00:00Z", "11");
  await load(id, { candles: [final] });
  const forming = candle("2026-11-22T12:00:00Z", "10", { isFinal: false });
  assert.deepEqual(await load(id, { candles: [forming] }), NOTHING);
  assert.deepEqual(await newest(sql, id, 1), [fetched(final)]);
});

forEachPageSize("loadCandles() keeps what a restated candle said before", async ({ sql, load }) => {
  const { id } = await storeInstrument(sql);
  const openedAt = "2026-11-22T10:00:00Z";
  await load(id, { candles: [candle(openedAt, "10", { volume: "7" })], runId: 1 });
  const restatedAt = new Date("2026-11-22T13:02:00Z");
  assert.deepEqual(
    await load(id, { candles: [candle(openedAt, "10.01")], runId: 2, loadedAt: restatedAt }),
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

forEachPageSize(
  "loadCandles() moves the watermark with the candles, never backwards",
  async ({ sql, load }) => {
    const { id } = await storeInstrument(sql);
    const at = (hour: string) => `2026-11-22T${hour}:00:00Z`;
    await load(id, {
      candles: [
        candle(at("09"), "1"),
        candle(at("10"), "1"),
        candle(at("11"), "1", { isFinal: false }),
      ],
    });
    const expected = { newestFinalAt: new Date(at("10")), rereadFrom: new Date(at("09")) };
    assert.deepEqual(await stateOf(sql, id), expected);
    await load(id, { candles: [candle(at("05"), "1")] });
    assert.deepEqual(await stateOf(sql, id), expected, "older history was added");
    const [{ oldestAt }] = await sql<[{ oldestAt: Date }]>`select oldest_at from market.watermarks`;
    assert.deepEqual(oldestAt, new Date(at("05")));
  },
);

forEachPageSize("loadCandles() stores all of a page or nothing", async ({ sql, load }) => {
  const { id } = await storeInstrument(sql);
  const broken = candle("2026-11-22T11:00:00Z", "10", { high: "9" });
  const candles = [candle("2026-11-22T10:00:00Z", "10"), broken];
  await assert.rejects(load(id, { candles }), /candles_high_is_highest/);
  assert.deepEqual(await newest(sql, id, 10), []);
  assert.equal(await stateOf(sql, id), null);
});

forEachPageSize("loadCandles() keeps any payload, and each reject once", async ({ sql, load }) => {
  const { id } = await storeInstrument(sql);
  const rejects = [
    { reason: "a NUL \0 inside", payload: { text: "\0", half: "\ud800" }, openedAt: null },
    { reason: "huge", payload: "x".repeat(100_000), openedAt: null },
    { reason: "null", payload: null, openedAt: null },
  ];
  assert.equal((await load(id, { rejects })).rejected, 3);
  assert.equal((await load(id, { rejects })).rejected, 0);
});

forEachPageSize(
  "Ten loads of one series at once end as one after the other",
  async ({ sql, load }) => {
    const { id } = await storeInstrument(sql);
    const candles = Array.from(
      { length: 50 },
      (_, hour) =>
        candle(new Date(Date.parse("2026-11-01T00:00:00Z") + hour * 3_600_000).toISOString(), "5"),
    );
    const counts = await Promise.all(
      Array.from({ length: 10 }, () => load(id, { candles })),
    );
    assert.equal(counts.reduce((sum, count) => sum + count.inserted, 0), 50);
    assert.equal((await newest(sql, id, 100)).length, 50);
  },
);

forEachPageSize(
  "loadCandles() takes a window as answered although all of its rows were rejected",
  async ({ sql, load }) => {
    const { id } = await storeInstrument(sql);
    const openedAt = new Date("2026-11-22T09:00:00Z");
    const rejects = [{ reason: "bad", payload: {}, openedAt }];
    const forming = candle("2026-11-22T12:00:00Z", "5", { isFinal: false });
    await load(id, { candles: [forming], rejects, coveredFrom: openedAt });
    const [watermark] = await sql`
      select newest_final_at, oldest_at, is_history_exhausted from market.watermarks`;
    assert.deepEqual(watermark, {
      newestFinalAt: null,
      oldestAt: openedAt,
      isHistoryExhausted: false,
    });
    const [reject] = await sql`select opened_at, accepted_at from market.rejects`;
    assert.deepEqual(reject, { openedAt, acceptedAt: null });
  },
);

forEachDatabase(
  "loadCandles() remembers where an answer without a candle begins, and that history ends",
  async ({ database, sql }) => {
    const load = loaderOf(database);
    const watermarks = () =>
      sql`select newest_final_at, oldest_at, is_history_exhausted from market.watermarks`;
    const { id } = await storeInstrument(sql);
    await load(id, { isHistoryExhausted: true });
    assert.deepEqual([...await watermarks()], [], "a series that never began has no end");
    const oldestAt = new Date("2026-11-22T09:00:00Z");
    await load(id, { coveredFrom: oldestAt });
    const expected = { newestFinalAt: null, oldestAt, isHistoryExhausted: false };
    assert.deepEqual([...await watermarks()], [expected]);
    await load(id, { isHistoryExhausted: true });
    assert.deepEqual([...await watermarks()], [{ ...expected, isHistoryExhausted: true }]);
    await load(id, { candles: [candle("2026-11-22T08:00:00Z", "1")] });
    const [{ isHistoryExhausted }] = await watermarks() as unknown as [
      { isHistoryExhausted: boolean },
    ];
    assert.ok(isHistoryExhausted, "what was learned stays");
  },
);

forEachPageSize(
  "loadCandles() commits what is alongside with the page, or neither",
  async ({ sql, load }) => {
    const { id } = await storeInstrument(sql);
    const candles = [candle("2026-11-22T10:00:00Z", "10")];
    const failing = load(id, {
      candles,
      alongside: async (tx) => {
        await tx`update market.instruments set name = 'renamed'`;
        throw new Error("not now");
      },
    });
    await assert.rejects(failing, /not now/);
    assert.deepEqual(await newest(sql, id, 10), []);
    await load(id, {
      candles,
      alongside: async (tx) => {
        await tx`update market.instruments set name = 'renamed'`;
      },
    });
    const [{ name }] = await sql<[{ name: string }]>`select name from market.instruments`;
    assert.equal(name, "renamed");
  },
);

forEachPageSize(
  "loadCandles() counts in a dry run what it would change, and changes nothing",
  async ({ sql, load }) => {
    const { id } = await storeInstrument(sql);
    await load(id, {
      candles: [
        candle("2026-11-22T10:00:00Z", "10"),
        candle("2026-11-22T11:00:00Z", "10", { isFinal: false }),
      ],
    });
    const before = await rowVersions(sql);
    const page = {
      candles: [
        candle("2026-11-22T10:00:00Z", "10.5"),
        candle("2026-11-22T11:00:00Z", "11"),
        candle("2026-11-22T12:00:00Z", "12"),
      ],
      rejects: [{ reason: "bad", payload: {}, openedAt: null }],
      loadedAt: new Date("2026-11-22T13:02:00Z"),
    };
    const counts = { inserted: 1, updated: 1, revised: 1, rejected: 1 };
    assert.deepEqual(await load(id, page, { dryRun: true }), counts);
    assert.deepEqual(await rowVersions(sql), before);
    assert.deepEqual([...await sql`select 1 from market.candle_revisions`], []);
    assert.deepEqual(await load(id, page), counts, "what it said comes true");
  },
);

forEachDatabase("loadCandles() inserts a large page digit for digit", async ({ database, sql }) => {
  const { id } = await storeInstrument(sql);
  const candles = hourly("2020-01-01T00:00:00Z", 5000, { volume: "7.000", high: "5.10" });
  const load = loaderOf(database);
  assert.deepEqual(await load(id, { candles }), { ...NOTHING, inserted: 5000 });
  assert.deepEqual([...await listCandles(sql, id, "1h", { limit: 9999 })], candles.map(fetched));
  const restated = candles.map((c) => ({ ...c, close: "5.01", volume: null }));
  const loadedAt = new Date("2026-11-23T12:02:00Z");
  assert.deepEqual(await load(id, { candles: restated, loadedAt }), { ...NOTHING, revised: 5000 });
  assert.deepEqual([...await listCandles(sql, id, "1h", { limit: 9999 })], restated.map(fetched));
});

testWithServer(
  "loadCandles() copies a large page, straight into the table where nothing is stored",
  async (server) => {
    const databaseUrl = await server.createDatabase("copies");
    const database = await openDatabase({ databaseUrl, dataDir: "unused" });
    try {
      await migrate(database.sql);
      const { id } = await storeInstrument(database.sql);
      const load = loaderOf(database);
      // Where the server fails it says what it was doing.
      const doing = async (candles: Candle[]) => {
        const bad = { ...candles.at(-1)!, open: "bad" };
        const error = await load(id, { candles: candles.with(-1, bad) }).catch((error) => error);
        return error.where.replace(/, line.*/s, "");
      };
      const candles = hourly("2020-01-01T00:00:00Z", 1000);
      assert.match(await doing(candles.slice(0, 50)), /^unnamed portal parameter/);
      assert.equal(await doing(candles), "COPY candles");
      await load(id, { candles: candles.slice(500, 501) });
      assert.equal(await doing(candles), "COPY incoming_candles");
      assert.deepEqual(await load(id, { candles }), { ...NOTHING, inserted: 999 });
    } finally {
      await database.close();
    }
  },
);

testWithServer(
  "loadCandles() gives up a copy at once with the error of the server, or when it is gone",
  async (server) => {
    const databaseUrl = await server.createDatabase("broken_copies");
    const database = await openDatabase({ databaseUrl, dataDir: "unused" });
    try {
      const { sql } = database;
      await migrate(sql);
      const { id } = await storeInstrument(sql);
      const load = loaderOf(database);
      const candles = hourly("2020-01-01T00:00:00Z", 5000);
      const notANumber = candles.with(4000, candle("2019-01-01T00:00:00Z", "a\tb\\N"));
      await assert.rejects(
        load(id, { candles: notANumber }),
        /invalid input syntax for type numeric/,
      );
      const cut = load(id, {
        candles,
        alongside: async (tx) => {
          await tx`select pg_terminate_backend(pg_backend_pid())`;
        },
      });
      await assert.rejects(cut);
      assert.deepEqual([...await listCandles(sql, id, "1h", { limit: 9 })], []);
      assert.equal((await load(id, { candles })).inserted, 5000, "the next load is none the worse");
    } finally {
      await database.close();
    }
  },
);

forEachDatabase(
  "listCandles() gives the newest of a half-open window, ascending",
  async ({ database, sql }) => {
    const { id } = await storeInstrument(sql);
    const candles = ["08", "09", "10", "11"].map((hour) =>
      candle(`2026-11-22T${hour}:00:00Z`, `${Number(hour)}`)
    );
    const load = loaderOf(database);
    await load(id, { candles });
    await load(id, { interval: "1day", candles: [candle("2026-11-21T00:00:00Z", "1")] });
    const closes = async (window: { from?: string; to?: string; limit: number }) =>
      (await listCandles(sql, id, "1h", {
        limit: window.limit,
        ...(window.from && { from: new Date(`2026-11-22T${window.from}:00:00Z`) }),
        ...(window.to && { to: new Date(`2026-11-22T${window.to}:00:00Z`) }),
      })).map((c) => c.close);
    assert.deepEqual(await closes({ limit: 2 }), ["10", "11"]);
    assert.deepEqual(await closes({ from: "09", to: "11", limit: 9 }), ["9", "10"]);
    assert.deepEqual(await closes({ to: "11", limit: 1 }), ["10"]);
  },
);

forEachDatabase(
  "listStoredIntervals() has what was fetched and what is rolled up from it, shortest first",
  async ({ sql, database }) => {
    const load = loaderOf(database);
    const { id } = await storeInstrument(sql);
    assert.deepEqual(await listStoredIntervals(sql, id), []);
    await load(id, { interval: "1day", candles: [candle("2026-11-22T00:00:00Z", "10")] });
    assert.deepEqual(await listStoredIntervals(sql, id), ["1day", "1week", "1month"]);
    await load(id, { interval: "2h", candles: [candle("2026-11-22T08:00:00Z", "10")] });
    assert.deepEqual(
      await listStoredIntervals(sql, id),
      ["2h", "4h", "8h", "1day", "1week", "1month"],
    );
  },
);
