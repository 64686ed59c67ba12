import assert from "node:assert/strict";
import { listCandles, loadCandles } from "../../db/candles.ts";
import type { Database } from "../../db/connect.ts";
import {
  acceptReject,
  candleOfReject,
  countRejects,
  getReject,
  listRejectedInstruments,
  listRejects,
} from "../../db/rejects.ts";
import type { Candle } from "../../market/candle.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, fetched, storeInstrument } from "../support/market.ts";
import { ROW, storeReject } from "../support/rejects.ts";

const NOW = new Date("2026-11-20T18:20:00Z");
const OPENED = "2026-11-20T15:00:00Z";

/** A reject of an hourly series of a coin, whose market never closes. */
function reject(
  payload: unknown,
  openedAt: string | null = OPENED,
  numbers: Record<string, string> | null = null,
) {
  return {
    payload,
    numbers,
    openedAt: openedAt === null ? null : new Date(openedAt),
    candleInterval: "1h",
    kind: "crypto",
    exchangeTimezone: null,
  } as const;
}

Deno.test("candleOfReject() takes the exact values of a row as a final candle", () => {
  const values = { open: "98000.10", high: "98500", low: "97900.25", close: "98400" };
  const openedAt = new Date(OPENED);
  const expected = { candle: { openedAt, ...values, volume: null, isFinal: true } };
  for (const volume of [undefined, null, ""]) {
    assert.deepEqual(candleOfReject(reject({ ...ROW, volume }), NOW), expected);
  }
  const typed = { ...ROW, open: 98000.1, volume: 12 };
  const found = candleOfReject(
    reject(typed, OPENED, { open: "98000.1", volume: "12" }),
    NOW,
  ) as { candle: Candle };
  assert.deepEqual([found.candle.open, found.candle.volume], ["98000.1", "12"], "without quotes");
});

Deno.test("candleOfReject() says why a row cannot be a candle", () => {
  const { close: _, ...withoutClose } = ROW;
  const cases: [ReturnType<typeof reject>, RegExp][] = [
    [reject({ ...ROW, close: "NaN" }), /no close that is a plain decimal/],
    [reject({ ...ROW, open: NaN }), /no open that is a plain decimal/],
    [reject({ ...ROW, volume: "many" }), /no volume that is a plain decimal/],
    [reject(withoutClose), /no close that is/],
    [reject({ ...ROW, high: "97000" }), /^high must be at least low: 97000 < 97900.25$/],
    [reject({ ...ROW, low: "-1" }), /^prices must not be negative/],
    [reject({ ...ROW, open: "99000" }), /^high must be the highest/],
    [
      reject(ROW, OPENED, { open: "98000.123456789012345" }),
      /^its open must be text: as a number it may have been rounded$/,
    ],
    [reject(ROW, null), /no time that can be read/],
    [reject("<html>"), /not a row of named values/],
    [reject(null), /not a row of named values/],
    [reject(ROW, "2026-11-20T18:00:00Z"), /ends at 2026-11-20T19:00:00.000Z, which is to come/],
    [{ ...reject(ROW), candleInterval: "1day" } as never, /a day or longer opens at 00:00 UTC/],
  ];
  for (const [row, why] of cases) {
    const found = candleOfReject(row, NOW);
    assert.ok("why" in found, JSON.stringify(row));
    assert.match(found.why, why);
  }
});

forEachDatabase(
  "An accepted reject is the final candle of its time, with the run that met it",
  async ({ sql }) => {
    const { id: instrumentId } = await storeInstrument(sql);
    const id = await storeReject(sql, { instrumentId, runId: 42 });
    assert.deepEqual(await acceptReject(sql, "simulator", id, NOW), { outcome: "accepted" });
    const stored = await sql`
      select opened_at, open, high, low, close, volume, is_final, run_id, loaded_at
      from market.candles`;
    const { datetime: _, ...values } = ROW;
    assert.deepEqual([...stored], [{
      openedAt: new Date(OPENED),
      ...values,
      volume: null,
      isFinal: true,
      runId: 42,
      loadedAt: NOW,
    }]);
    const [watermark] = await sql`select newest_final_at, oldest_at from market.watermarks`;
    assert.deepEqual(watermark, { newestFinalAt: new Date(OPENED), oldestAt: new Date(OPENED) });
    const accepted = await getReject(sql, "simulator", id);
    assert.deepEqual(accepted?.acceptedAt, NOW);
    assert.deepEqual(accepted?.stored, { ...values, volume: null, isFinal: true });
  },
);

forEachDatabase(
  "A price that came as a number is read digit by digit, and refused when they may be rounded",
  async ({ sql }) => {
    const { id: instrumentId } = await storeInstrument(sql);
    const store = async (open: string) => {
      const id = await storeReject(sql, { instrumentId });
      await sql`
        update market.rejects
        set payload = payload || ${`{"open": ${open}, "low": 1e-9}`}::text::jsonb
        where id = ${id}`;
      return id;
    };
    const accept = async (open: string) =>
      await acceptReject(sql, "simulator", await store(open), NOW);
    for (const open of ["98000.1234567890123", "12345678901234567890"]) {
      const found = await accept(open);
      assert.ok(found.outcome === "refused");
      assert.match(found.why, /^its open must be text/);
    }
    assert.deepEqual(await accept("98000.12345678"), { outcome: "accepted" });
    const [stored] = await listCandles(sql, instrumentId, "1h", { limit: 1 });
    assert.deepEqual([stored?.open, stored?.low], ["98000.12345678", "0.000000001"]);
    const text = await storeReject(sql, { instrumentId, payload: "<html>" });
    assert.equal((await getReject(sql, "simulator", text))?.numbers, null);
  },
);

forEachDatabase("Accepting twice changes nothing", async ({ database, sql }) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const id = await storeReject(sql, { instrumentId });
  await acceptReject(sql, "simulator", id, NOW);
  // The provider restates the candle after it was accepted.
  const restated = candle(OPENED, "98300");
  const later = new Date("2026-11-20T19:20:00Z");
  await storeCandle(database, instrumentId, restated, later);
  const again = await acceptReject(sql, "simulator", id, later);
  assert.deepEqual(again, { outcome: "accepted_before" });
  assert.deepEqual([...await listCandles(sql, instrumentId, "1h", { limit: 9 })], [
    fetched(restated),
  ]);
  assert.deepEqual((await getReject(sql, "simulator", id))?.acceptedAt, NOW);
});

forEachDatabase("Of many who accept the same reject at once one does", async ({ sql }) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const id = await storeReject(sql, { instrumentId });
  const found = await Promise.all(
    Array.from({ length: 6 }, () => acceptReject(sql, "simulator", id, NOW)),
  );
  const outcomes = found.map(({ outcome }) => outcome).sort();
  assert.deepEqual(outcomes, ["accepted", ...Array(5).fill("accepted_before")]);
});

forEachDatabase(
  "A final candle that an accepted reject replaces becomes a revision, a forming one does not",
  async ({ database, sql }) => {
    const { id: instrumentId } = await storeInstrument(sql);
    await storeCandle(database, instrumentId, candle(OPENED, "98000"));
    const formingAt = "2026-11-20T16:00:00Z";
    await storeCandle(database, instrumentId, candle(formingAt, "98000", { isFinal: false }));
    for (const openedAt of [OPENED, formingAt]) {
      const id = await storeReject(sql, { instrumentId, openedAt, runId: 8, reason: openedAt });
      assert.equal((await acceptReject(sql, "simulator", id, NOW)).outcome, "accepted");
    }
    const candles = await listCandles(sql, instrumentId, "1h", { limit: 9 });
    assert.deepEqual(candles.map(({ close, isFinal }) => [close, isFinal]), [
      ["98400", true],
      ["98400", true],
    ]);
    const revisions = await sql`
      select opened_at, close, valid_until, replaced_by_run_id from market.candle_revisions`;
    assert.deepEqual([...revisions], [
      { openedAt: new Date(OPENED), close: "98000", validUntil: NOW, replacedByRunId: 8 },
    ]);
  },
);

forEachDatabase("What cannot be a candle is refused and writes nothing", async ({ sql }) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const payloads = [{ ...ROW, close: "NaN" }, { ...ROW, high: "1" }, "no row"];
  for (const payload of payloads) {
    const id = await storeReject(sql, { instrumentId, payload });
    const { outcome } = await acceptReject(sql, "simulator", id, NOW);
    assert.equal(outcome, "refused");
    assert.equal((await getReject(sql, "simulator", id))?.acceptedAt, null);
  }
  const timeless = await storeReject(sql, { instrumentId, openedAt: null });
  assert.equal((await acceptReject(sql, "simulator", timeless, NOW)).outcome, "refused");
  const [count] = await sql`
    select (select count(*) from market.candles) + (select count(*) from market.watermarks) as rows`;
  assert.equal(count?.rows, 0);
});

forEachDatabase("A reject of another source, or of none, is unknown", async ({ sql }) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const id = await storeReject(sql, { instrumentId });
  assert.deepEqual(await acceptReject(sql, "twelve_data", id, NOW), { outcome: "unknown" });
  assert.deepEqual(await acceptReject(sql, "simulator", id + 1, NOW), { outcome: "unknown" });
  assert.deepEqual(await listRejects(sql, "twelve_data", { limit: 5 }), []);
  assert.deepEqual([...await listRejectedInstruments(sql, "twelve_data")], []);
});

forEachDatabase(
  "Rejects are listed newest first, page by page, all or of one instrument",
  async ({ sql }) => {
    const bitcoin = await storeInstrument(sql);
    const apple = await storeInstrument(sql, AAPL);
    await storeInstrument(sql, { symbol: "ETH/USD" });
    const ids: number[] = [];
    for (let n = 0; n < 6; n++) {
      const instrumentId = n % 3 === 0 ? apple.id : bitcoin.id;
      ids.push(await storeReject(sql, { instrumentId, reason: `rule ${n}` }));
    }
    const list = async (page: { slug?: string; before?: number }) =>
      (await listRejects(sql, "simulator", { limit: 4, ...page })).map(({ id }) => id);
    const newest = ids.toReversed();
    assert.deepEqual(await list({}), newest.slice(0, 4));
    assert.deepEqual(await list({ before: newest[3]! }), newest.slice(4));
    assert.deepEqual(await list({ slug: "AAPL" }), [ids[3], ids[0]]);
    assert.deepEqual(await list({ slug: "AAPL", before: ids[3]! }), [ids[0]]);
    assert.deepEqual(await list({ slug: "NOPE" }), []);
    const instruments = await listRejectedInstruments(sql, "simulator");
    assert.deepEqual(instruments.map(({ slug }) => slug), ["AAPL", "BTC-USD"]);
  },
);

forEachDatabase("Rejects that nobody accepted are counted, recent ones apart", async ({ sql }) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const store = (day: string) =>
    storeReject(sql, { instrumentId, reason: day, rejectedAt: new Date(day) });
  await store("2026-11-01");
  await store("2026-11-18");
  const accepted = await store("2026-11-19");
  await acceptReject(sql, "simulator", accepted, NOW);
  const since = new Date("2026-11-13");
  assert.deepEqual(await countRejects(sql, "simulator", since), { all: 2, recent: 1 });
  assert.deepEqual(await countRejects(sql, "twelve_data", since), { all: 0, recent: 0 });
});

async function storeCandle(
  database: Database,
  instrumentId: number,
  stored: Candle,
  loadedAt = new Date("2026-11-20T16:02:00Z"),
) {
  await loadCandles(database, {
    instrumentId,
    interval: "1h",
    candles: [stored],
    rejects: [],
    runId: 1,
    loadedAt,
  });
}
