import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { forEachDatabase } from "../support/databases.ts";
import { candle, storeCandles, storeCloses, storeInstrument } from "../support/market.ts";

/** The day `count` days after 2026-01-01. */
function day(count: number): string {
  return new Date(Date.UTC(2026, 0, 1 + count)).toISOString().slice(0, 10);
}

/** Stores a coin with these daily closes from 2026-01-01 on. */
async function storeDays(sql: Sql, symbol: string, closes: (string | number)[]): Promise<number> {
  const { id } = await storeInstrument(sql, { symbol });
  await storeCloses(sql, id, Object.fromEntries(closes.map((close, at) => [day(at), `${close}`])));
  return id;
}

/** The buckets as `[lower, upper, count]`, ascending. */
async function distribution(sql: Sql, id: number, mostBuckets = 30, from: string | null = null) {
  const rows = await sql<{ lower: number; upper: number; count: number }[]>`
    select lower_percent as lower, upper_percent as upper, return_count as count
    from market.return_distribution(${id}, ${from}::text::timestamptz, null, ${mostBuckets})
    order by 1`;
  return rows.map(({ lower, upper, count }) => [lower, upper, count]);
}

forEachDatabase(
  "return_distribution() counts returns in buckets of one width, with 0 as an edge",
  async ({ sql }) => {
    // Returns of 10, -10, 10, 5, 0 and -1 %.
    const id = await storeDays(sql, "A", [
      100,
      110,
      99,
      "108.9",
      "114.345",
      "114.345",
      "113.20155",
    ]);
    // From -10 to 10 at most 30 buckets: 1 % takes 21 of them, 0.5 % would take 41.
    const buckets = await distribution(sql, id);
    assert.equal(buckets.length, 21);
    assert.deepEqual(buckets.filter(([, , count]) => count! > 0), [
      [-10, -9, 1],
      [-1, 0, 1],
      [0, 1, 1],
      [5, 6, 1],
      [10, 11, 2],
    ]);
    for (const [at, [lower, upper]] of buckets.entries()) {
      assert.deepEqual([lower, upper], [at - 10, at - 9], "none is left out");
    }
    // 5 % takes 5 of them, one more than 4: 10 % it is.
    assert.deepEqual(await distribution(sql, id, 5), [
      [-10, -5, 1],
      [-5, 0, 1],
      [0, 5, 1],
      [5, 10, 1],
      [10, 15, 2],
    ]);
    assert.deepEqual(await distribution(sql, id, 4), [[-10, 0, 2], [0, 10, 2], [10, 20, 2]]);
    assert.deepEqual(await distribution(sql, id, 2), [[-20, 0, 2], [0, 20, 4]]);
    assert.deepEqual(await distribution(sql, id, 0), [[-20, 0, 2], [0, 20, 4]], "never fewer");
    // The return on the first day of a window counts.
    assert.deepEqual(await distribution(sql, id, 30, "2026-01-06Z"), [
      ...Array.from({ length: 20 }, (_, at) => [
        Number((-1 + at * 0.05).toFixed(2)),
        Number((-0.95 + at * 0.05).toFixed(2)),
        at === 0 ? 1 : 0,
      ]),
      [0, 0.05, 1],
    ]);
    const [shares] = await sql`
      select sum(share_percent) as sum, max(share_percent) as max
      from market.return_distribution(${id}, null, null)`;
    assert.deepEqual([Math.round(shares!.sum * 1e9) / 1e9, shares!.max], [100, 200 / 6]);
  },
);

forEachDatabase(
  "return_distribution() of none, of one and of equal returns, and with an outlier",
  async ({ sql }) => {
    assert.deepEqual(await distribution(sql, await storeDays(sql, "NONE", [])), []);
    assert.deepEqual(await distribution(sql, await storeDays(sql, "ONE", [5])), []);
    const two = await storeDays(sql, "TWO", [100, "100.15"]);
    assert.deepEqual(await distribution(sql, two), [[0.15, 0.16, 1]], "the smallest width");
    const flat = await storeDays(sql, "FLAT", [7, 7, 7, 7]);
    assert.deepEqual(await distribution(sql, flat), [[0, 0.01, 3]]);
    const fall = await storeDays(sql, "FALL", [100, 50, 25]);
    assert.deepEqual(await distribution(sql, fall), [[-50, -49.99, 2]]);
    // Nothing is put into the last bucket that is beyond it: the others become wide instead.
    const outlier = await storeDays(sql, "OUT", [100, 99, 100, 99, 9999]);
    assert.deepEqual(
      (await distribution(sql, outlier)).filter(([, , count]) => count! > 0),
      [[-500, 0, 2], [0, 500, 1], [10000, 10500, 1]],
    );
    const zero = await storeDays(sql, "ZERO", [0, 5, 0, 10]);
    assert.deepEqual(await distribution(sql, zero), [[-100, -99.99, 1]], "none after a price of 0");
    const huge = await storeDays(sql, "HUGE", ["0.000000000001", "12345678901234567890"]);
    assert.equal((await distribution(sql, huge)).length, 1);
  },
);

interface Point {
  at: string;
  depth: number;
  first: string;
  last: string;
  count: number;
}

async function path(sql: Sql, id: number, mostPoints = 250, from: string | null = null) {
  return [
    ...await sql<Point[]>`
    select traded_on::text as at, depth_percent as depth, first_on::text as first,
      last_on::text as last, close_count as count
    from market.drawdown_path(${id}, ${from}::text::timestamptz, null, ${mostPoints}) order by 1`,
  ];
}

forEachDatabase(
  "drawdown_path() tells how far each close is below the highest so far",
  async ({ sql }) => {
    const id = await storeDays(sql, "A", [90, 100, 80, 90, 120, 60, 120, 108]);
    const depths = [0, 0, -20, -10, 0, -50, 0, -10];
    assert.deepEqual(
      await path(sql, id),
      depths.map((depth, at) => ({
        at: day(at),
        depth,
        first: day(at),
        last: day(at),
        count: 1,
      })),
    );
    // The close before the window is its first peak, as in market.drawdowns().
    assert.deepEqual(
      (await path(sql, id, 250, `${day(6)}Z`)).map(({ at, depth }) => [at, depth]),
      [[day(5), 0], [day(6), 0], [day(7), -10]],
    );
    const [deepest] = await sql`
      select min(depth_percent) as depth from market.drawdowns(${id}, null, null)`;
    assert.equal(Math.min(...depths), deepest!.depth);
  },
);

forEachDatabase(
  "drawdown_path() keeps the deepest close of each stretch when there are more than points",
  async ({ sql }) => {
    const id = await storeDays(sql, "A", [90, 100, 80, 90, 120, 60, 120, 108]);
    const point = (at: number, depth: number, first: number, last: number) => ({
      ...{ at: day(at), depth, first: day(first), last: day(last) },
      count: last - first + 1,
    });
    assert.deepEqual(await path(sql, id, 3), [
      point(2, -20, 0, 2),
      point(5, -50, 3, 5),
      point(7, -10, 6, 7),
    ]);
    assert.deepEqual(await path(sql, id, 1), [point(5, -50, 0, 7)]);
    assert.deepEqual(await path(sql, id, 0), [point(5, -50, 0, 7)], "never fewer");
    assert.deepEqual(await path(sql, await storeDays(sql, "NONE", [])), []);
    assert.deepEqual(await path(sql, await storeDays(sql, "ONE", [5])), [point(0, 0, 0, 0)]);
    const zero = await storeDays(sql, "ZERO", [0, 0, 5, 0]);
    assert.deepEqual((await path(sql, zero)).map(({ depth }) => depth), [0, 0, 0, -100]);
    const forming = candle(`${day(8)}T00:00:00Z`, "1", { isFinal: false });
    await storeCandles(sql, id, "1day", [forming]);
    assert.equal((await path(sql, id)).length, 8, "the forming day is none of them");
  },
);

forEachDatabase(
  "yearly_returns() are what the months of a year compound to, the first from its first close",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    await storeCloses(sql, id, {
      "2024-06-28": "80",
      "2024-12-31": "100",
      "2025-01-31": "110",
      "2025-12-31": "99",
      "2027-03-01": "198",
    });
    const years = async (from: string | null, to: string | null) => {
      const rows = await sql`
        select year, return_percent, first_on::text, last_on::text, return_count
        from market.yearly_returns(
          ${id}, ${from}::text::timestamptz, ${to}::text::timestamptz) order by year`;
      return rows.map((row) => Object.values(row));
    };
    const expected = [
      [2024, 25, "2024-06-28", "2024-12-31", 1],
      [2025, -1, "2024-12-31", "2025-12-31", 2],
      // After a year without a candle it spans that year too.
      [2027, 100, "2025-12-31", "2027-03-01", 1],
    ];
    assert.deepEqual(await years(null, null), expected);
    assert.deepEqual(await years("2025-01-01Z", "2026-01-01Z"), [expected[1]]);
    const [compounded] = await sql`
      select 100 * (exp(sum(ln(1 + return_percent / 100))) - 1) as percent
      from market.monthly_returns(${id}, '2025-01-01Z', '2026-01-01Z')`;
    assert.ok(Math.abs(compounded!.percent - -1) < 1e-9, `${compounded!.percent}`);
    const young = await storeDays(sql, "NEW", [5]);
    const [only] = await sql`
      select year, return_percent, return_count from market.yearly_returns(${young}, null, null)`;
    assert.deepEqual(only, { year: 2026, returnPercent: null, returnCount: 0 });
  },
);
